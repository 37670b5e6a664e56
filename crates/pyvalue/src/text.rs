//! Methods of Python's `str` and `bytes` as functions. Offsets, widths and counts are in characters.
//!
//! What may become much longer than its input asks the budget; all else is left to the caller.

mod case;
mod classify;
mod encoding;
mod search;
mod shape;
mod slice;
mod split;

pub use case::{capitalize, casefold, lower, swapcase, title, upper};
pub use classify::{
    is_alnum, is_alpha, is_any_digit, is_ascii, is_decimal, is_decimal_digit, is_digit,
    is_identifier, is_letter, is_lower, is_numeric, is_printable, is_space, is_title, is_upper,
    is_whitespace, named_character,
};
pub use encoding::{Encoding, decode, encode};
pub use search::{count, ends_with, find, index, rfind, rindex, starts_with};
pub use shape::{
    center, expand_tabs, join, ljust, remove_prefix, remove_suffix, replace, rjust, translate,
    zfill,
};
pub use slice::{character, length, resolve_slice, slice};
pub use split::{lstrip, partition, rpartition, rsplit, rstrip, split, split_lines, strip};
