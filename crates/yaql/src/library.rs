//! The standard library: a table of functions for each subject.

#![expect(
    clippy::unnecessary_wraps,
    reason = "all bodies have one type, also those that cannot fail"
)]

mod boolean;
mod branching;
mod collections;
pub(crate) mod common;
mod datetime;
mod math;
mod operators;
mod queries;
mod regex;
mod strings;
pub(crate) mod system;
pub(crate) mod values;

use crate::function::Function;

/// All of it, subject by subject. Order does not count.
pub(crate) const SUBJECTS: &[&[&[Function]]] = &[
    &[boolean::FUNCTIONS, branching::FUNCTIONS, system::FUNCTIONS],
    collections::TABLES,
    common::TABLES,
    datetime::TABLES,
    math::TABLES,
    operators::TABLES,
    queries::TABLES,
    regex::TABLES,
    strings::TABLES,
];

/// Functions that are looked for after all others of their name.
pub(crate) const FALLBACKS: &[Function] = system::FALLBACKS;
