//! Values that only this language has.

mod callable;
mod generator;
mod markup;
mod namespace;

pub(crate) use callable::Callable;
pub(crate) use generator::Generator;
pub(crate) use markup::Markup;
pub(crate) use namespace::Namespace;
