//! The standard library: a table of functions for each subject.

mod boolean;
mod branching;
pub(crate) mod common;
mod operators;
mod queries;
pub(crate) mod system;
mod values;

use crate::function::Function;

/// All of it, subject by subject. Order does not count.
pub(crate) const SUBJECTS: &[&[&[Function]]] = &[
    &[boolean::FUNCTIONS, branching::FUNCTIONS, system::FUNCTIONS],
    common::TABLES,
    operators::TABLES,
    queries::TABLES,
];

/// Functions that are looked for after all others of their name.
pub(crate) const FALLBACKS: &[Function] = system::FALLBACKS;
