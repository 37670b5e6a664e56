//! Lists, dictionaries and sets: shared, and copied when a shared one is changed.
//!
//! Each knows how deep it is nested, and how much it would take if its parts were not shared: evaluators can refuse
//! structures whose traversal would exhaust the stack or take for ever.

mod dict;
mod extent;
mod key;
mod list;
mod set;

pub use dict::Dict;
pub use list::List;
pub use set::Set;
