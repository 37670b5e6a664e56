//! Queries over iterables: they are lazy unless their answer is a single value.

mod answer;
mod choose;
mod combine;
mod generate;
mod group;
mod memory;
mod order;
mod parts;
mod search;

use crate::function::{Function, Param, Type};

pub(crate) use generate::items_of;

const COLLECTION: Param = Param::new("collection", Type::Iterable);
const SELECTOR: Param = Param::lambda("selector");
const PREDICATE: Param = Param::lambda("predicate");

/// A table for each file.
pub(crate) const TABLES: &[&[Function]] = &[
    answer::FUNCTIONS,
    choose::FUNCTIONS,
    combine::FUNCTIONS,
    generate::FUNCTIONS,
    group::FUNCTIONS,
    memory::FUNCTIONS,
    order::FUNCTIONS,
    parts::FUNCTIONS,
    search::FUNCTIONS,
];
