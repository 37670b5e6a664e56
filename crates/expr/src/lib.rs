#![doc = include_str!("../README.md")]

mod datastore;
pub mod explain;
mod frozen;
mod functions;
pub mod lint;
pub mod orquesta;
pub mod path;
pub mod python;
mod template;
mod variables;

pub use datastore::{Datastore, Mentioned, Scope};
pub use functions::NONE_MAGIC_VALUE;
pub use template::{
    Template, TemplateError, TemplateErrorKind, ValuesTemplate, filters, render_values,
};
pub use variables::{Variable, Variables};
