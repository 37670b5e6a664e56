//! Operators of numbers, texts, collections, moments and lengths of time.
//!
//! Comparisons are in `common.rs`, `and`, `or`, `not` in `boolean.rs`, the dots and the arrow in `system.rs`.

mod collections;
mod numbers;
mod time;

use crate::function::Function;

/// A table for each file.
pub(crate) const TABLES: &[&[Function]] =
    &[collections::FUNCTIONS, numbers::FUNCTIONS, time::FUNCTIONS];
