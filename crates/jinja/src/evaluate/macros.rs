//! Macros, and calls of values that only the evaluator can call.

use std::sync::Arc;

use pyvalue::{Dict, Object, Value};

use super::{Scope, block, repeat};
use crate::ast::MacroCode;
use crate::{Error, Run};

/// A macro, with the functions around it.
#[derive(Debug)]
pub(super) struct Macro {
    code: Arc<MacroCode>,
    around: Vec<usize>,
}

/// Calls a value that is no plain function.
pub(crate) fn call_object(
    run: &Run<'_>,
    callee: &Value,
    positional: &[Value],
    named: &[(Arc<str>, Value)],
) -> Result<Value, Error> {
    run.budget().step()?;
    let Value::Object(object) = callee else {
        return Err(Error::type_error(format!(
            "'{}' object is not callable",
            callee.type_name()
        )));
    };
    if let Some(called) = object.downcast::<Macro>() {
        return called.call_in(run, positional, named);
    }
    if let Some(called) = object.downcast::<repeat::Loop>() {
        return called.call_in(run, positional, named);
    }
    if let Some(called) = object.downcast::<block::Reference>() {
        return called.call_in(run);
    }
    Ok(object.call(positional, named)?)
}

impl Macro {
    pub(super) fn new(code: &Arc<MacroCode>, around: &[usize]) -> Self {
        Self {
            code: Arc::clone(code),
            around: around.to_vec(),
        }
    }

    fn call_in(
        &self,
        run: &Run<'_>,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Error> {
        let code = &*self.code;
        let arguments = self.bind(run, positional, named)?;
        Scope::function(run, &self.around, code.slots, |scope| {
            scope.enter(&code.entry)?;
            for (slot, value) in arguments.special {
                scope.put(slot, value);
            }
            for (parameter, value) in code.parameters.iter().zip(&arguments.values) {
                if let Some(value) = value {
                    scope.assign_name(&parameter.name, value.clone());
                }
            }
            for (parameter, value) in code.parameters.iter().zip(&arguments.values) {
                if value.is_none() {
                    let value = match &parameter.default {
                        Some(default) => scope.value(default)?,
                        None => run.undefined_because(&format!(
                            "parameter `{}` was not provided",
                            parameter.name.text
                        )),
                    };
                    scope.assign_name(&parameter.name, value);
                }
            }
            scope.captured(&code.body)
        })
    }

    /// Arguments to parameters, the way Jinja2 does it for macros: nothing is required.
    fn bind(
        &self,
        run: &Run<'_>,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Arguments, Error> {
        let code = &*self.code;
        let mut named = named.to_vec();
        let mut take = |name: &str| {
            let at = named.iter().position(|(other, _)| **other == *name)?;
            Some(named.remove(at).1)
        };
        let values: Vec<Option<Value>> = code
            .parameters
            .iter()
            .enumerate()
            .map(|(at, parameter)| {
                let by_position = positional.get(at).cloned();
                by_position.or_else(|| take(&parameter.name.text))
            })
            .collect();
        let mut special = Vec::new();
        if let Some(slot) = code.caller {
            let caller = take("caller").filter(|caller| !caller.is_none());
            let caller = caller.unwrap_or_else(|| run.undefined_because("no caller is defined"));
            special.push((slot, caller));
        }
        if let Some(slot) = code.keywords {
            let others: Dict = named
                .iter()
                .map(|(name, value)| (Value::Str(Arc::clone(name)), value.clone()))
                .collect();
            special.push((slot, Value::Dict(others)));
        } else if let Some((name, _)) = named.first() {
            return Err(self.unexpected(name));
        }
        let rest = positional.get(code.parameters.len()..).unwrap_or_default();
        if let Some(slot) = code.rest {
            special.push((slot, Value::tuple(rest.to_vec())));
        } else if !rest.is_empty() {
            return Err(Error::type_error(format!(
                "the macro `{}` takes not more than {} argument(s)",
                self.name(),
                code.parameters.len()
            )));
        }
        Ok(Arguments { values, special })
    }

    fn unexpected(&self, name: &str) -> Error {
        if name == "caller" {
            return Error::type_error(format!(
                "the macro `{}` does not use `caller`: it cannot be called by a call block",
                self.name()
            ));
        }
        let error = Error::type_error(format!(
            "the macro `{}` has no parameter `{name}`",
            self.name()
        ));
        let names = self
            .code
            .parameters
            .iter()
            .map(|parameter| &*parameter.name.text);
        match diagnostic::nearest(name, names) {
            Some(near) => error.note(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    fn name(&self) -> &str {
        self.code.name.as_deref().unwrap_or("caller")
    }
}

/// What is passed to a macro.
struct Arguments {
    /// One for each parameter, where something is passed.
    values: Vec<Option<Value>>,
    /// `caller`, `kwargs` and `varargs`, by their slots.
    special: Vec<(u32, Value)>,
}

impl Object for Macro {
    fn type_name(&self) -> &'static str {
        "Macro"
    }

    fn repr(&self) -> String {
        match &self.code.name {
            Some(name) => format!("<Macro {}>", Value::Str(Arc::clone(name)).repr()),
            None => "<Macro anonymous>".to_owned(),
        }
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        Some(match name {
            "name" => self.code.name.clone().map_or(Value::None, Value::Str),
            "arguments" => Value::tuple(
                self.code
                    .parameters
                    .iter()
                    .map(|parameter| Value::Str(Arc::clone(&parameter.name.text)))
                    .collect(),
            ),
            "catch_kwargs" => Value::Bool(self.code.keywords.is_some()),
            "catch_varargs" => Value::Bool(self.code.rest.is_some()),
            "caller" => Value::Bool(self.code.caller.is_some()),
            _ => return None,
        })
    }
}
