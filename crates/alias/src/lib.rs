#![doc = include_str!("../README.md")]

mod aliases;
mod format;
mod message;
mod parameters;
mod representation;
mod shape;

pub use aliases::{Aliases, Match, MatchError, Rejected};
pub use format::{ExtractError, Format, FormatError};
pub use message::Message;
pub use parameters::{ImmutableError, Parameters, split_array, with_immutable};
pub use representation::{Representation, RepresentationError, representations};
