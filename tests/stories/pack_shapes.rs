//! Twelve packs of the shapes that people publish live from install to remove, driven by StackStorm's own client.

mod code;
mod configured;
mod heard;
mod killed;
mod run;
mod watching;
mod world;
