#![doc = include_str!("../README.md")]

mod budget;
mod compare;
mod container;
pub mod datetime;
mod error;
pub mod format;
pub mod json;
pub mod number;
pub mod operator;
mod print;
pub mod regex;
pub mod text;
mod value;

pub use budget::{Budget, Limits, Nested};
pub use compare::order;
pub use container::{Dict, List, Set};
pub use error::{Class, Error};
pub use num_bigint::BigInt;
pub use print::{float_text, is_printable, write_quoted};
pub use value::{DateTime, Object, Value};
