#![doc = include_str!("../README.md")]

mod analysis;
mod ast;
mod environment;
mod error;
mod evaluate;
mod filters;
mod function;
mod globals;
mod lexer;
mod methods;
mod objects;
mod parser;
mod predicates;
mod run;
mod scope;
mod template;
mod undefined;

pub use analysis::{NamePath, PathStep};
pub use diagnostic::{Diagnostic, Kind};
pub use environment::Environment;
pub use error::Error;
pub use function::{Call, Function};
pub use run::{Input, Items, Run};
pub use template::{Expression, Template};
pub use undefined::{Undefined, is_undefined};

use std::borrow::Cow;

use pyvalue::{Dict, Value};

/// The variables a template sees, looked up when it needs them.
pub trait Names {
    /// The variable of a name: borrowed where it is there as a value already, and so only looked at.
    fn get(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// The names of all variables, for "did you mean".
    fn all(&self) -> Vec<String>;
}

impl Names for Dict {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        Dict::get(self, name).map(Cow::Borrowed)
    }

    fn all(&self) -> Vec<String> {
        self.keys()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }
}
