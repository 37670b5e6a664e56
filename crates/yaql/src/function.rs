//! Functions, methods and operators: how they are described, and what their bodies see.
//!
//! # How to add a function
//!
//! Write a body, `fn(&Call<'_>) -> Outcome`, and describe it in the `FUNCTIONS` table of its module under `library/`
//! (the table of the module is listed in `library.rs`):
//!
//! ```ignore
//! pub(crate) const FUNCTIONS: &[Function] = &[
//!     Function::method("select", &[Param::new("collection", Type::Iterable), Param::lambda("selector")], select),
//!     Function::both("isEmpty", &[Param::new("string", Type::Str).nullable(), Param::new("trim", Type::Any).or_bool(true)], is_empty),
//!     Function::function("dict", &[Param::rest("args", Type::Mapping)], dict).without_names(),
//!     Function::property("year", Type::DateTime, year),
//! ];
//! ```
//!
//! Overloads are entries with the same name. Names of functions and parameters are those that a user types (camelCase).
//! By the time a body runs, its arguments have been chosen and checked against the types:
//!
//! - `call.arg(i)` is the i-th parameter's value (or its default), `call.text(i)`, `call.int(i)`, `call.is_true(i)`, ...
//!   read one of a known type, `call.given(i)` is `None` where an [`Param::optional`] one was left out;
//! - `call.rest()` and `call.named_rest()` are what `*args` and `**kwargs` took;
//! - `call.iterate(i)?` walks over anything iterable, one budgeted step an item; it does not run ahead;
//! - `call.lambda(i)?.invoke(call.run(), &[value])` evaluates a lambda with `$1`, `$2`, ... bound;
//! - `call.lazy(state)` returns a generator: `state` implements [`crate::Generate`], owns what it needs (from
//!   `call.stream(i)?`, `call.lambda(i)?`), and makes an item each time it is asked;
//! - `call.delegate("#operator_+", &[a, b])` calls another function, overloads and all;
//! - `call.budget()`: ask `charge(bytes)` before anything is allocated whose size the expression decides;
//! - errors of [`pyvalue`] and of [`diagnostic`] both go through `?`; a place is added by the caller.

mod call;
mod fault;
mod param;

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::library::values::read;
pub use call::{Argument, Call};
pub use fault::{Fault, Outcome};
pub use param::{Absence, Param, Quantity, Type};

/// What a plain body looks like.
pub type Plain = fn(&Call<'_>) -> Outcome;

/// A body that captures something.
pub type Shared = Arc<dyn Fn(&Call<'_>) -> Outcome + Send + Sync>;

/// How a function may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `f(x)`.
    Function,
    /// `x.f()`.
    Method,
    /// Either.
    Both,
}

/// A function, method or operator; one overload of it.
#[derive(Clone)]
pub struct Function {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    pub(crate) params: &'static [Param],
    pub(crate) takes_names: bool,
    pub(crate) body: Body,
}

#[derive(Clone)]
pub(crate) enum Body {
    Plain(Plain),
    Shared(Shared),
}

impl Function {
    const fn new(name: &'static str, style: Style, params: &'static [Param], body: Plain) -> Self {
        Self {
            name,
            style,
            params,
            takes_names: true,
            body: Body::Plain(body),
        }
    }

    /// One that is called `f(x)`.
    #[must_use]
    #[expect(
        clippy::self_named_constructors,
        reason = "the three styles of the language, by their names"
    )]
    pub const fn function(name: &'static str, params: &'static [Param], body: Plain) -> Self {
        Self::new(name, Style::Function, params, body)
    }

    /// One that is called `x.f()`; the receiver is its first parameter.
    #[must_use]
    pub const fn method(name: &'static str, params: &'static [Param], body: Plain) -> Self {
        Self::new(name, Style::Method, params, body)
    }

    /// One that is called either way.
    #[must_use]
    pub const fn both(name: &'static str, params: &'static [Param], body: Plain) -> Self {
        Self::new(name, Style::Both, params, body)
    }

    /// One that is called `f(x)` and captures something of the program that embeds us.
    #[must_use]
    pub fn capturing(name: &'static str, params: &'static [Param], body: Shared) -> Self {
        Self {
            name,
            style: Style::Function,
            params,
            takes_names: true,
            body: Body::Shared(body),
        }
    }

    /// The same, where `name => value` is an argument like any other, not a named parameter.
    #[must_use]
    pub const fn without_names(mut self) -> Self {
        self.takes_names = false;
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How it may be called.
    #[must_use]
    pub fn style(&self) -> Style {
        self.style
    }

    /// Its parameters.
    #[must_use]
    pub fn params(&self) -> &'static [Param] {
        self.params
    }

    /// How it is called, with types: `string.split(separator: string = null, maxSplits: int = -1)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut text = String::new();
        let mut params = self.params;
        if self.style == Style::Method
            && let Some((receiver, others)) = params.split_first()
        {
            // Writing to a text cannot fail.
            _ = write!(text, "({receiver}).");
            params = others;
        }
        text.push_str(self.name);
        text.push('(');
        for (index, param) in params.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            _ = write!(text, "{comma}{param}");
        }
        text.push(')');
        text
    }

    pub(crate) fn is_function(&self) -> bool {
        self.style != Style::Method
    }

    pub(crate) fn is_method(&self) -> bool {
        self.style != Style::Function
    }

    /// Takes the steps of reading long arguments: no body has to count what it does with each character.
    pub(crate) fn run(&self, call: &Call<'_>) -> Outcome {
        for argument in call.arguments.iter().chain(call.rest) {
            if let Argument::Value(value) = argument {
                read(value, call.budget())?;
            }
        }
        match &self.body {
            Body::Plain(body) => body(call),
            Body::Shared(body) => body(call),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.signature())
    }
}
