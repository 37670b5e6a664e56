//! Expressions of workflows: YAQL and Jinja side by side, wherever they stand in a value, as Orquesta evaluates them.
//!
//! A value is compiled once, as a [`Statement`], and evaluated as often as wanted against a [`State`], which lends its
//! context. Per text the language is decided when it is compiled: Jinja where a Jinja expression or block is in it, else
//! YAQL. A text that is one expression and nothing else keeps the type of its value; in any other the expressions are
//! replaced by their values' texts in Python's form.
//!
//! Orquesta evaluates again what an expression yielded if that looks like an expression, so that data runs as code.
//! This one does so only if [`Options::reevaluate`] says so.
//!
//! ```
//! use expr::orquesta::{Options, State, Statement};
//! use serde_json::json;
//!
//! let statement = Statement::compile(&json!({ "cmd": "ping <% ctx().host %>", "count": "{{ ctx('n') }}" }));
//! let state = State::new([("host", pyvalue::Value::from("db1")), ("n", 3.into())].into_iter().collect());
//!
//! let value = statement.evaluate(&state, &Options::default()).unwrap();
//! assert_eq!(value.to_json().unwrap(), json!({ "cmd": "ping db1", "count": 3 }));
//! ```

mod check;
mod compile;
mod engines;
mod error;
mod evaluate;
pub(crate) mod find;
mod reevaluate;
mod state;

use pyvalue::{DateTime, Limits};

pub use check::{Reference, extract_vars};
pub use compile::{Fault, Statement};
pub use engines::{evaluate_jinja, evaluate_yaql, filters, functions};
pub use error::{ExpressionError, Language};
pub use state::{Entry, State, Tasks, Workflow};

pub(crate) use compile::{Body, Compiled, Expression};
pub(crate) use engines::{engine, environment};
pub(crate) use evaluate::finished;

/// How a statement is evaluated.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether texts that expressions yield are evaluated again, as upstream does: data runs as code then. Off by
    /// default.
    pub reevaluate: bool,
    /// What one expression may take.
    pub limits: Limits,
    /// What YAQL's `now()` gives; without it, `now()` fails.
    pub now: Option<DateTime>,
    /// Decides what `random()` and its like give.
    pub seed: u64,
}

#[cfg(test)]
mod tests;
