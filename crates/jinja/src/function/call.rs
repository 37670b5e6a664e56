//! One call of a function: its arguments, and the evaluation it happens in.

use std::any::Any;
use std::sync::Arc;

use pyvalue::{Budget, Value};

use super::Function;
use crate::{Environment, Error, Items, Run};

/// A call: an argument for every parameter, and the evaluation around it.
pub struct Call<'c> {
    function: &'c Function,
    /// Those that are not there are the parameters' defaults.
    arguments: &'c [Value],
    run: &'c Run<'c>,
}

impl<'c> Call<'c> {
    pub(super) fn new(function: &'c Function, arguments: &'c [Value], run: &'c Run<'c>) -> Self {
        Self {
            function,
            arguments,
            run,
        }
    }

    /// The name it is called by.
    #[must_use]
    pub fn name(&self) -> &str {
        self.function.name()
    }

    /// The value of the parameter at `index` of the list, given or default.
    #[must_use]
    pub fn arg(&self, index: usize) -> &'c Value {
        static NONE: Value = Value::None;
        let given = self.arguments.get(index);
        given
            .or_else(|| self.function.default(index))
            .unwrap_or(&NONE)
    }

    /// An argument as text, as `str()` makes it: an undefined fails where undefined ones may not be printed.
    pub fn text(&self, index: usize) -> Result<Arc<str>, Error> {
        self.run.text(self.arg(index))
    }

    /// Python's truth of an argument.
    pub fn is_true(&self, index: usize) -> Result<bool, Error> {
        self.run.is_true(self.arg(index))
    }

    /// An integer argument, `True` and `False` included; larger ones than 64 bits stop at the end.
    pub fn integer(&self, index: usize) -> Result<i64, Error> {
        match self.arg(index) {
            Value::Int(number) => Ok(*number),
            Value::Bool(truth) => Ok(i64::from(*truth)),
            Value::Big(number) if **number < pyvalue::BigInt::default() => Ok(i64::MIN),
            Value::Big(_) => Ok(i64::MAX),
            other => Err(self.run.wrong_type(other, || {
                format!(
                    "'{}' object cannot be interpreted as an integer",
                    other.type_name()
                )
            })),
        }
    }

    /// What an argument yields when iterated over, one step an item.
    pub fn items(&self, index: usize) -> Result<Items<'c>, Error> {
        self.run.items(self.arg(index))
    }

    /// What the evaluation may still take.
    #[must_use]
    pub fn budget(&self) -> &'c Budget {
        self.run.budget()
    }

    /// What the host gave along with the input.
    #[must_use]
    pub fn host(&self) -> Option<&'c dyn Any> {
        self.run.host()
    }

    /// The environment, with all its filters and tests.
    #[must_use]
    pub fn environment(&self) -> &'c Environment {
        self.run.environment()
    }

    /// The evaluation: attributes, items, other filters, undefined values.
    #[must_use]
    pub fn run(&self) -> &'c Run<'c> {
        self.run
    }
}
