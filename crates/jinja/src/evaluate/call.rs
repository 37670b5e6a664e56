//! Calls of functions, methods and whatever else can be found.

use std::sync::Arc;

use pyvalue::Value;

use super::Scope;
use super::see::Held;
use crate::ast::{Arguments, Expr, ExprKind};
use crate::methods::{self, Method};
use crate::{Error, Function, Undefined};

type Named = Vec<(Arc<str>, Value)>;

impl Scope<'_> {
    /// A call; `caller` is the body of a call block.
    pub(super) fn call(
        &self,
        function: &Expr,
        arguments: &Arguments,
        caller: Option<Value>,
    ) -> Result<Value, Error> {
        if let ExprKind::Attribute(receiver, name) = &function.kind {
            return self.call_attribute(function, receiver, name, arguments, caller);
        }
        let held = Held::default();
        let found = self.see(function, &held)?;
        self.run
            .check_defined(found)
            .map_err(|error| self.at(error, function.span))?;
        let (positional, named) = self.arguments(None, arguments, caller)?;
        self.run.call(found, &positional, &named)
    }

    /// `receiver.name(...)`: methods are found without making a value of them first.
    fn call_attribute(
        &self,
        function: &Expr,
        receiver: &Expr,
        name: &Arc<str>,
        arguments: &Arguments,
        caller: Option<Value>,
    ) -> Result<Value, Error> {
        let held = Held::default();
        let owner = self.see(receiver, &held)?;
        if let Some(undefined) = Undefined::of(owner) {
            return Err(self.at(self.run.undefined_error(undefined), receiver.span));
        }
        match methods::find(owner, name) {
            Some(Method::Change(change)) => {
                // Nobody but its place is to hold what is changed.
                drop(held);
                let (positional, named) = self.arguments(None, arguments, caller)?;
                self.at_place(receiver, |place| {
                    change.apply(self.run, place, &positional, &named)
                })?
            }
            Some(Method::Function(method)) => {
                let owner = owner.clone();
                let (positional, named) = self.arguments(Some(owner), arguments, caller)?;
                method.call(self.run, &positional, &named)
            }
            None => {
                let found = self.run.attribute(owner, name)?;
                self.run
                    .check_defined(&found)
                    .map_err(|error| self.at(error, function.span))?;
                let (positional, named) = self.arguments(None, arguments, caller)?;
                self.run.call(&found, &positional, &named)
            }
        }
    }

    /// Applies a filter or test.
    pub(super) fn apply(
        &self,
        function: &Function,
        subject: Value,
        arguments: &Arguments,
    ) -> Result<Value, Error> {
        if arguments.is_empty() {
            return function.call(self.run, &[subject], &[]);
        }
        let (positional, named) = self.arguments(Some(subject), arguments, None)?;
        function.call(self.run, &positional, &named)
    }

    /// Evaluates arguments; `subject` comes before them.
    fn arguments(
        &self,
        subject: Option<Value>,
        arguments: &Arguments,
        caller: Option<Value>,
    ) -> Result<(Vec<Value>, Named), Error> {
        let count = usize::from(subject.is_some()) + arguments.positional.len();
        let mut positional = Vec::with_capacity(count);
        positional.extend(subject);
        for argument in &arguments.positional {
            positional.push(self.value(argument)?);
        }
        if let Some(rest) = &arguments.rest {
            let value = self.value(rest)?;
            let items = self
                .run
                .items(&value)
                .map_err(|error| self.at(error, rest.span))?;
            for item in items {
                self.run.budget().charge(size_of::<Value>())?;
                positional.push(item?);
            }
        }
        let mut named = Named::with_capacity(arguments.named.len());
        for (name, argument) in &arguments.named {
            named.push((Arc::clone(name), self.value(argument)?));
        }
        if let Some(caller) = caller {
            named.push(("caller".into(), caller));
        }
        if let Some(keywords) = &arguments.keywords {
            let value = self.value(keywords)?;
            self.keywords(&value, &mut named)
                .map_err(|error| self.at(error, keywords.span))?;
        }
        Ok((positional, named))
    }

    fn keywords(&self, value: &Value, named: &mut Named) -> Result<(), Error> {
        let Value::Dict(members) = value else {
            return Err(self.run.wrong_type(value, || {
                format!(
                    "argument after ** must be a mapping, not {}",
                    value.type_name()
                )
            }));
        };
        for (key, value) in members.iter() {
            let Value::Str(name) = key else {
                return Err(Error::type_error("keywords must be strings"));
            };
            if named.iter().any(|(other, _)| other == name) {
                return Err(Error::type_error(format!(
                    "got multiple values for keyword argument '{name}'"
                )));
            }
            self.run.budget().step()?;
            named.push((Arc::clone(name), value.clone()));
        }
        Ok(())
    }
}
