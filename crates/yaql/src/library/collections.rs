//! Lists, dictionaries and sets. None of them ever changes: what changes one gives another.

pub(crate) mod dict;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod positions;
pub(crate) mod set;

use crate::function::Function;

/// A table for each file.
pub(crate) const TABLES: &[&[Function]] = &[
    dict::FUNCTIONS,
    list::FUNCTIONS,
    merge::FUNCTIONS,
    positions::FUNCTIONS,
    set::FUNCTIONS,
];
