//! Replays recorded cases.

fn main() {}
