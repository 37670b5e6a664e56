//! What the body of a function sees, whichever language called it.

use std::sync::Arc;

use pyvalue::{Budget, Error, Value};

use crate::frozen::Data;

/// Why a body failed.
pub(crate) use yaql::Fault;

/// What a body gives.
pub(crate) type Outcome = Result<Value, Fault>;

/// One call: an argument for every parameter, and the evaluation it happens in.
pub(crate) struct Call<'c> {
    arguments: Vec<Value>,
    caller: Caller<'c>,
}

enum Caller<'c> {
    Jinja(&'c jinja::Run<'c>),
    Yaql(&'c yaql::Call<'c>),
}

impl<'c> Call<'c> {
    pub(super) fn from_jinja(mut arguments: Vec<Value>, run: &'c jinja::Run<'c>) -> Self {
        for argument in &mut arguments {
            // What is marked as safe is a text like any other outside of Jinja.
            if let Value::Object(object) = argument
                && object.type_name() == "Markup"
                && let Ok(text) = object.text()
            {
                *argument = Value::from(text);
            }
        }
        Self {
            arguments,
            caller: Caller::Jinja(run),
        }
    }

    pub(super) fn from_yaql(arguments: Vec<Value>, call: &'c yaql::Call<'c>) -> Self {
        Self {
            arguments,
            caller: Caller::Yaql(call),
        }
    }

    /// Whether YAQL calls, whose lists are tuples and whose dictionaries are none of Python's.
    pub(super) fn is_yaql(&self) -> bool {
        matches!(self.caller, Caller::Yaql(_))
    }

    /// The value of the parameter at `index`.
    pub(super) fn arg(&self, index: usize) -> &Value {
        static NONE: Value = Value::None;
        self.arguments.get(index).unwrap_or(&NONE)
    }

    /// Python's `str()` of an argument.
    pub(super) fn text(&self, index: usize) -> Result<Arc<str>, Fault> {
        match (self.arg(index), &self.caller) {
            (Value::Str(text), _) => Ok(Arc::clone(text)),
            (value, Caller::Jinja(run)) => run.text(value).map_err(from_jinja),
            (value, Caller::Yaql(_)) => {
                let text = yaql::freeze(value).to_text()?;
                self.budget().charge(text.len())?;
                Ok(text.into())
            }
        }
    }

    /// An argument that must be a text; `what` names it for the message.
    pub(super) fn str(&self, index: usize, what: &str) -> Result<&str, Fault> {
        self.arg(index).as_str().ok_or_else(|| {
            Error::type_error(format!(
                "{what} is a text, not '{}'",
                self.arg(index).type_name()
            ))
            .into()
        })
    }

    /// Data of the host, as the language sees it.
    pub(super) fn see(&self, data: &'c Data) -> &'c Value {
        if self.is_yaql() {
            data.frozen()
        } else {
            data.plain()
        }
    }

    /// Python's truth of an argument.
    pub(super) fn is_true(&self, index: usize) -> Result<bool, Fault> {
        match &self.caller {
            Caller::Jinja(run) => run.is_true(self.arg(index)).map_err(from_jinja),
            Caller::Yaql(_) => Ok(self.arg(index).is_true()),
        }
    }

    /// An argument that is a place in a list.
    pub(super) fn index(&self, index: usize) -> Result<i64, Fault> {
        match self.arg(index) {
            Value::Int(number) => Ok(*number),
            Value::Bool(truth) => Ok(i64::from(*truth)),
            other => Err(Error::type_error(format!(
                "a place in a list is a whole number, not '{}'",
                other.type_name()
            ))
            .into()),
        }
    }

    /// All that a value yields when Python iterates over it.
    pub(super) fn items(&self, value: &Value) -> Result<Vec<Value>, Fault> {
        match &self.caller {
            Caller::Jinja(run) => run
                .items(value)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(from_jinja),
            Caller::Yaql(call) => match value {
                Value::Str(text) => {
                    self.budget().charge(text.len() * size_of::<Value>())?;
                    let characters = text.chars().map(|c| Value::from(c.to_string()));
                    Ok(characters.collect())
                }
                Value::Dict(dict) => {
                    self.budget().charge(dict.len() * size_of::<Value>())?;
                    Ok(dict.keys().cloned().collect())
                }
                Value::None | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
                    Err(Error::type_error(format!(
                        "'{}' object is not iterable",
                        value.type_name()
                    ))
                    .into())
                }
                other => yaql::Stream::of(other, call.run())?.collect(call.run()),
            },
        }
    }

    /// What the evaluation may still take.
    pub(super) fn budget(&self) -> &'c Budget {
        match &self.caller {
            Caller::Jinja(run) => run.budget(),
            Caller::Yaql(call) => call.budget(),
        }
    }

    /// What the host gave along, if it is a `T`.
    pub(super) fn host<T: 'static>(&self) -> Option<&'c T> {
        match &self.caller {
            Caller::Jinja(run) => run.host()?.downcast_ref(),
            Caller::Yaql(call) => call.host(),
        }
    }
}

fn from_jinja(error: jinja::Error) -> Fault {
    diagnostic::Diagnostic::from(error).into()
}
