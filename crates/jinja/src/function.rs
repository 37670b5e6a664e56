//! Filters, tests and functions: what they are called, what they take, and what they do.
//!
//! # How to add a filter
//!
//! ```ignore
//! fn truncate(call: &Call<'_>) -> Result<Value, Error> {
//!     let text = call.text(0)?;                  // `str()` of the filtered value
//!     let length = call.integer(1)?;             // a TypeError where it is none
//!     let ellipsis = call.text(3)?;
//!     if call.is_true(2)? { ... }                // Python's truth; an undefined fails where it should
//!     call.budget().charge(text.len())?;         // before memory is taken
//!     for item in call.items(0)? {               // whatever Python iterates over; one step an item
//!         let item = item?;
//!     }
//!     let value = call.run().attribute(&item, "name")?;   // `item.name` as in a template, sandboxed
//!     Ok(Value::from(text))
//! }
//!
//! Function::new("truncate", truncate)
//!     .required("s").optional("length", 255).optional("killwords", false).optional("end", "...")
//! ```
//!
//! Parameters are bound by position and by name, with Python's complaints; `call.arg(n)` is the nth of the list, whether
//! it was passed or not. The filtered value, a test's subject and a method's receiver are parameter 0.
//!
//! Errors of `pyvalue` and [`Diagnostic`](diagnostic::Diagnostic)s convert with `?`.

mod bind;
mod call;

use std::fmt;
use std::sync::Arc;

use pyvalue::Value;

pub use call::Call;

use crate::{Error, Run};

/// A filter, a test, or a function.
#[derive(Clone)]
pub struct Function(Arc<Definition>);

#[derive(Clone)]
struct Definition {
    name: Arc<str>,
    parameters: Vec<Parameter>,
    /// Whether the parameters are plain: neither a rest nor named-only ones.
    is_plain: bool,
    body: Body,
}

/// A parameter.
#[derive(Debug, Clone)]
struct Parameter {
    name: Arc<str>,
    kind: ParameterKind,
}

#[derive(Debug, Clone)]
enum ParameterKind {
    Required,
    Optional(Value),
    /// Optional, and never by position.
    Named(Value),
    /// All other positional arguments, as a tuple.
    Rest,
    /// All other named arguments, as a dictionary.
    Keywords,
}

type Body = Arc<dyn Fn(&Call<'_>) -> Result<Value, Error> + Send + Sync>;

impl Function {
    /// A function without parameters yet.
    #[must_use]
    pub fn new(
        name: impl Into<Arc<str>>,
        body: impl Fn(&Call<'_>) -> Result<Value, Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Definition {
            name: name.into(),
            parameters: Vec::new(),
            is_plain: true,
            body: Arc::new(body),
        }))
    }

    /// With one more parameter that must be given.
    #[must_use]
    pub fn required(self, name: impl Into<Arc<str>>) -> Self {
        self.parameter(name.into(), ParameterKind::Required)
    }

    /// With one more parameter that may be left out.
    #[must_use]
    pub fn optional(self, name: impl Into<Arc<str>>, default: impl Into<Value>) -> Self {
        self.parameter(name.into(), ParameterKind::Optional(default.into()))
    }

    /// With one more parameter that may be left out and is given by name only.
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>, default: impl Into<Value>) -> Self {
        self.parameter(name.into(), ParameterKind::Named(default.into()))
    }

    /// With a parameter that takes all other positional arguments, as a tuple (`*args`).
    #[must_use]
    pub fn rest(self, name: impl Into<Arc<str>>) -> Self {
        self.parameter(name.into(), ParameterKind::Rest)
    }

    /// With a parameter that takes all other named arguments, as a dictionary (`**kwargs`).
    #[must_use]
    pub fn keywords(self, name: impl Into<Arc<str>>) -> Self {
        self.parameter(name.into(), ParameterKind::Keywords)
    }

    /// The same under another name.
    #[must_use]
    pub fn called(&self, name: impl Into<Arc<str>>) -> Self {
        let mut definition = (*self.0).clone();
        definition.name = name.into();
        Self(Arc::new(definition))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name with the parameters, for people: `truncate(s, length=255, *args)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let parameters: Vec<String> = self.0.parameters.iter().map(Parameter::text).collect();
        format!("{}({})", self.0.name, parameters.join(", "))
    }

    /// Calls it.
    pub fn call(
        &self,
        run: &Run<'_>,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Error> {
        self.bound(run, positional, named, |call| (self.0.body)(call))
    }

    /// Binds the arguments and does something else with them than to call the function's body.
    pub(crate) fn bound<T>(
        &self,
        run: &Run<'_>,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
        body: impl FnOnce(&Call<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.takes_as_they_are(positional, named) {
            return body(&Call::new(self, positional, run));
        }
        let arguments = bind::bind(&self.0, positional, named)?;
        body(&Call::new(self, &arguments, run))
    }

    /// Whether the arguments need no binding: all are by position, and what is not there may be left out.
    fn takes_as_they_are(&self, positional: &[Value], named: &[(Arc<str>, Value)]) -> bool {
        named.is_empty()
            && self.0.is_plain
            && positional.len() <= self.0.parameters.len()
            && self.0.parameters[positional.len()..]
                .iter()
                .all(|parameter| matches!(parameter.kind, ParameterKind::Optional(_)))
    }

    /// What a parameter is where it is left out.
    fn default(&self, index: usize) -> Option<&Value> {
        match &self.0.parameters.get(index)?.kind {
            ParameterKind::Optional(value) | ParameterKind::Named(value) => Some(value),
            _ => None,
        }
    }

    fn parameter(mut self, name: Arc<str>, kind: ParameterKind) -> Self {
        let definition = Arc::make_mut(&mut self.0);
        definition.is_plain &= matches!(kind, ParameterKind::Required | ParameterKind::Optional(_));
        definition.parameters.push(Parameter { name, kind });
        self
    }
}

impl Parameter {
    fn text(&self) -> String {
        match &self.kind {
            ParameterKind::Required => self.name.to_string(),
            ParameterKind::Optional(default) | ParameterKind::Named(default) => {
                format!("{}={}", self.name, default.repr())
            }
            ParameterKind::Rest => format!("*{}", self.name),
            ParameterKind::Keywords => format!("**{}", self.name),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.signature())
    }
}
