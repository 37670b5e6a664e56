//! Workflows: claimed, conducted step by step, taken over.

mod begun;
mod claiming;
mod racing;
mod reading;
mod status;
mod steps;
mod sweeping;
