//! One evaluation: its input, what it has left to take, and how values are asked for things as Jinja asks them.

mod access;
mod items;
mod size;

use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use pyvalue::{Budget, Limits, Value};

pub use items::Items;

use crate::ast::Code;
use crate::objects::{Callable, Markup, Namespace};
use crate::{Environment, Error, Function, Names, Undefined};

/// What an evaluation works on.
#[derive(Clone, Copy)]
pub struct Input<'i> {
    /// The variables.
    pub names: &'i dyn Names,
    /// What functions of the host need; they downcast it.
    pub host: Option<&'i dyn Any>,
    /// What the evaluation may take.
    pub limits: Limits,
    /// Where `random` and `lipsum` start.
    pub seed: u64,
}

/// One evaluation.
pub struct Run<'r> {
    environment: &'r Environment,
    input: &'r Input<'r>,
    budget: Budget,
    random: Cell<u64>,
    escapes: Cell<bool>,
    pub(crate) memory: Memory<'r>,
}

/// What the evaluator keeps during a run.
pub(crate) struct Memory<'r> {
    /// The text of the template, for errors.
    pub(crate) text: &'r Arc<str>,
    pub(crate) code: &'r Code,
    /// The slots of all functions that run; of those that have made closures, until the end.
    pub(crate) slots: RefCell<Vec<Option<Value>>>,
    /// Variables of the input that the template changes, once looked up.
    pub(crate) shared: RefCell<Vec<Option<Value>>>,
    /// What scoped blocks see of the scopes around them.
    pub(crate) visible: RefCell<Vec<HashMap<Arc<str>, Value>>>,
    /// Closures made so far.
    pub(crate) closures: Cell<u32>,
    /// Levels of the tree that are being evaluated.
    pub(crate) depth: Cell<u32>,
    namespaces: RefCell<Vec<Value>>,
}

impl<'r> Run<'r> {
    pub(crate) fn new(
        environment: &'r Environment,
        input: &'r Input<'r>,
        text: &'r Arc<str>,
        code: &'r Code,
    ) -> Self {
        let memory = Memory {
            text,
            code,
            slots: RefCell::default(),
            shared: RefCell::default(),
            visible: RefCell::default(),
            closures: Cell::new(0),
            depth: Cell::new(0),
            namespaces: RefCell::default(),
        };
        Self {
            environment,
            input,
            budget: Budget::new(input.limits),
            random: Cell::new(input.seed),
            escapes: Cell::new(false),
            memory,
        }
    }

    /// What the evaluation may still take.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What the host gave along with the input.
    #[must_use]
    pub fn host(&self) -> Option<&'r dyn Any> {
        self.input.host
    }

    /// The environment, with all its filters and tests.
    #[must_use]
    pub fn environment(&self) -> &'r Environment {
        self.environment
    }

    /// Whether what is printed is escaped here (`{% autoescape true %}`).
    #[must_use]
    pub fn autoescapes(&self) -> bool {
        self.escapes.get()
    }

    /// Escapes what is printed from here on, or no longer; the answer is what was so before.
    pub(crate) fn set_autoescape(&self, escapes: bool) -> bool {
        self.escapes.replace(escapes)
    }

    /// A variable of the input.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<Cow<'r, Value>> {
        self.input.names.get(name)
    }

    /// The names of all variables of the input.
    #[must_use]
    pub fn variable_names(&self) -> Vec<String> {
        self.input.names.all()
    }

    /// A number below `end`, the next of a sequence that the seed determines (splitmix64). 0 where `end` is 0.
    #[must_use]
    pub fn random_below(&self, end: u64) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(end).unwrap_or(0)
    }

    /// An undefined value for a missing variable.
    #[must_use]
    pub fn undefined_variable(&self, name: &str) -> Value {
        Value::object(Undefined::variable(name, self.environment.is_strict()))
    }

    /// An undefined value for a missing key, index or attribute.
    #[must_use]
    pub fn undefined_member(&self, of: &Value, name: impl Into<Value>) -> Value {
        let is_strict = self.environment.is_strict();
        Value::object(Undefined::member(of.clone(), name.into(), is_strict))
    }

    /// An undefined value for anything else, with what to say when it is used: "no first item, sequence was empty".
    #[must_use]
    pub fn undefined_because(&self, hint: &str) -> Value {
        Value::object(Undefined::hint(hint, self.environment.is_strict()))
    }

    /// The error of using an undefined value, with the nearest name there is.
    #[must_use]
    pub fn undefined_error(&self, undefined: &Undefined) -> Error {
        let error = undefined.error();
        let Some(name) = undefined.variable_name() else {
            return error;
        };
        if ["null", "nil", "NULL", "undefined"].contains(&name) {
            return error.note("write `none`");
        }
        let names = self.input.names.all();
        let names = names
            .iter()
            .map(String::as_str)
            .chain(self.environment.global_names());
        match diagnostic::nearest(name, names) {
            Some(near) => error.note(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    /// Fails where `value` is undefined: for operations that no undefined value takes part in.
    pub fn check_defined(&self, value: &Value) -> Result<(), Error> {
        match Undefined::of(value) {
            Some(undefined) => Err(self.undefined_error(undefined)),
            None => Ok(()),
        }
    }

    /// Fails where `value` is undefined and undefined values are strict.
    pub fn check_usable(&self, value: &Value) -> Result<(), Error> {
        match Undefined::of(value) {
            Some(undefined) if undefined.is_strict() => Err(self.undefined_error(undefined)),
            _ => Ok(()),
        }
    }

    /// The error for a value of a type that does not do: that it is undefined, if it is.
    pub fn wrong_type(&self, value: &Value, message: impl FnOnce() -> String) -> Error {
        match Undefined::of(value) {
            Some(undefined) => self.undefined_error(undefined),
            None => Error::type_error(message()),
        }
    }

    /// Python's `str()`; its bytes are charged.
    pub fn text(&self, value: &Value) -> Result<Arc<str>, Error> {
        match value {
            Value::Str(text) => Ok(Arc::clone(text)),
            Value::Object(_) => {
                self.check_usable(value)?;
                match Markup::of(value) {
                    Some(text) => Ok(Arc::clone(text)),
                    None => self.made_text(value),
                }
            }
            other => self.made_text(other),
        }
    }

    /// Python's `repr()`, for messages; the type alone where it is too much.
    pub(crate) fn shown(&self, value: &Value) -> String {
        match self.charge_text(value) {
            Ok(()) => value.repr(),
            Err(_) => format!("<{}>", value.type_name()),
        }
    }

    fn made_text(&self, value: &Value) -> Result<Arc<str>, Error> {
        self.charge_text(value)?;
        Ok(value.to_text()?.into())
    }

    /// Python's truth.
    pub fn is_true(&self, value: &Value) -> Result<bool, Error> {
        if let Value::Object(_) = value {
            self.check_usable(value)?;
        }
        Ok(value.is_true())
    }

    /// Python's `==`.
    pub fn equal(&self, one: &Value, other: &Value) -> Result<bool, Error> {
        if let (Value::Object(_), _) | (_, Value::Object(_)) = (one, other) {
            self.check_usable(one)?;
            self.check_usable(other)?;
            match (Undefined::of(one), Undefined::of(other)) {
                (None, None) => {}
                (one, other) => return Ok(one.is_some() && other.is_some()),
            }
            if let Some(text) = Markup::of(one) {
                return Ok(text_of(other) == Some(text));
            }
            if let Some(text) = Markup::of(other) {
                return Ok(text_of(one) == Some(text));
            }
        }
        self.charge_comparison(one, other)?;
        Ok(one == other)
    }

    /// Python's `<`, `>` and their like: `None` where neither holds (NaN).
    pub fn order(&self, one: &Value, other: &Value) -> Result<Option<Ordering>, Error> {
        if let (Value::Object(_), _) | (_, Value::Object(_)) = (one, other) {
            self.check_defined(one)?;
            self.check_defined(other)?;
            if let (Some(one), Some(other)) = (text_of(one), text_of(other)) {
                return Ok(Some(one.cmp(other)));
            }
        }
        self.charge_comparison(one, other)?;
        Ok(pyvalue::order(one, other)?)
    }

    /// A new namespace. What it holds is let go of when the evaluation ends, whoever holds the namespace.
    pub(crate) fn namespace(&self, members: pyvalue::Dict) -> Result<Value, Error> {
        self.budget.charge(256)?;
        let mut namespaces = self.memory.namespaces.borrow_mut();
        let beside = namespaces.first().and_then(Value::as_object);
        let namespace = Value::object(Namespace::new(members, beside));
        self.budget.charge_container(&namespace)?;
        namespaces.push(namespace.clone());
        Ok(namespace)
    }

    /// Calls a value.
    pub fn call(
        &self,
        callee: &Value,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Error> {
        self.check_defined(callee)?;
        if let Some(callable) = callee.as_object::<Callable>() {
            return callable.call_in(self, positional, named);
        }
        crate::evaluate::call_object(self, callee, positional, named)
    }

    /// Applies the filter of a name, as `map` and `select` do. The filtered value is the first positional argument.
    pub fn filter(
        &self,
        name: &str,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Error> {
        self.environment
            .find_filter(name)?
            .call(self, positional, named)
    }

    /// Applies the test of a name. The value asked about is the first positional argument.
    pub fn test(
        &self,
        name: &str,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<bool, Error> {
        let test: &Function = self.environment.find_test(name)?;
        let answer = test.call(self, positional, named)?;
        self.is_true(&answer)
    }
}

impl Drop for Run<'_> {
    /// Namespaces may hold themselves, or each other in a long chain: each is emptied by itself.
    fn drop(&mut self) {
        for namespace in self.memory.namespaces.get_mut() {
            if let Some(namespace) = namespace.as_object::<Namespace>() {
                namespace.clear();
            }
        }
    }
}

/// The text of a text, marked or not.
fn text_of(value: &Value) -> Option<&Arc<str>> {
    match value {
        Value::Str(text) => Some(text),
        other => Markup::of(other),
    }
}
