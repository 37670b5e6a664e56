//! Runs, in the shapes of StackStorm's own fixtures.

mod ends;
mod pauses;
mod restores;
mod values;

/// Three tasks in a row, and one for whatever goes wrong.
const THREE: &str = "
chain:
  - {name: c1, ref: wolfpack.a1, params: {p1: v1}, on-success: c2, on-failure: c4}
  - {name: c2, ref: wolfpack.a2, params: {p1: v1}, on-success: c3, on-failure: c4}
  - {name: c3, ref: wolfpack.a3, on-failure: c4}
  - {name: c4, ref: wolfpack.a1}
default: c1
";
