//! Whole-product benches.
fn main() {}
