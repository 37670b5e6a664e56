//! Jinja's tests: what follows `is`.

mod comparing;
mod kinds;

pub(crate) use kinds::can_iterate;

use crate::Function;

/// All of them. Parameter 0 is the value asked about.
pub(crate) fn all() -> Vec<Function> {
    [kinds::all(), comparing::all()].concat()
}
