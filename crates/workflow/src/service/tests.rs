//! The role on a real store and bus; what runs its tasks is moved by hand.

mod again;
mod losing;
mod running;
mod secrecy;
mod steering;
