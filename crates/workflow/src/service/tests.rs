//! The role on a real store and bus.
