//! Arguments to parameters, by position and by name, as Python binds them.

use std::sync::Arc;

use pyvalue::{Dict, Value};

use super::{Definition, Parameter, ParameterKind};
use crate::Error;

/// One value for every parameter, in the order of the list.
pub(super) fn bind(
    function: &Definition,
    positional: &[Value],
    named: &[(Arc<str>, Value)],
) -> Result<Vec<Value>, Error> {
    let mut bound: Vec<Option<Value>> = vec![None; function.parameters.len()];
    let mut rest = positional.iter();
    for (parameter, place) in function.parameters.iter().zip(&mut bound) {
        match parameter.kind {
            ParameterKind::Required | ParameterKind::Optional(_) => *place = rest.next().cloned(),
            ParameterKind::Rest => *place = Some(Value::tuple(rest.by_ref().cloned().collect())),
            ParameterKind::Named(_) | ParameterKind::Keywords => {}
        }
    }
    if rest.next().is_some() {
        return Err(too_many(function, positional.len()));
    }
    bind_named(function, &mut bound, named)?;
    function
        .parameters
        .iter()
        .zip(bound)
        .map(|(parameter, value)| value.map_or_else(|| default(function, parameter), Ok))
        .collect()
}

fn bind_named(
    function: &Definition,
    bound: &mut [Option<Value>],
    named: &[(Arc<str>, Value)],
) -> Result<(), Error> {
    let mut others = Dict::default();
    for (name, value) in named {
        let place = function.parameters.iter().position(|parameter| {
            parameter.name == *name
                && !matches!(
                    parameter.kind,
                    ParameterKind::Rest | ParameterKind::Keywords
                )
        });
        match place {
            Some(at) if bound[at].is_some() => {
                return Err(error(
                    function,
                    &format!("got multiple values for argument '{name}'"),
                ));
            }
            Some(at) => bound[at] = Some(value.clone()),
            None if takes_keywords(function) => {
                others.insert(Value::Str(Arc::clone(name)), value.clone());
            }
            None => return Err(unexpected(function, name)),
        }
    }
    for (parameter, place) in function.parameters.iter().zip(bound) {
        if matches!(parameter.kind, ParameterKind::Keywords) {
            *place = Some(Value::Dict(others.clone()));
        }
    }
    Ok(())
}

fn takes_keywords(function: &Definition) -> bool {
    function
        .parameters
        .iter()
        .any(|parameter| matches!(parameter.kind, ParameterKind::Keywords))
}

fn default(function: &Definition, parameter: &Parameter) -> Result<Value, Error> {
    match &parameter.kind {
        ParameterKind::Optional(value) | ParameterKind::Named(value) => Ok(value.clone()),
        _ => Err(error(
            function,
            &format!("missing a required argument: '{}'", parameter.name),
        )),
    }
}

fn too_many(function: &Definition, given: usize) -> Error {
    let takes = function
        .parameters
        .iter()
        .filter(|parameter| {
            matches!(
                parameter.kind,
                ParameterKind::Required | ParameterKind::Optional(_)
            )
        })
        .count();
    let arguments = if takes == 1 { "argument" } else { "arguments" };
    let verb = if given == 1 { "was" } else { "were" };
    error(
        function,
        &format!("takes {takes} positional {arguments} but {given} {verb} given"),
    )
}

fn unexpected(function: &Definition, name: &str) -> Error {
    let unexpected = error(
        function,
        &format!("got an unexpected keyword argument '{name}'"),
    );
    let names = function.parameters.iter().map(|parameter| &*parameter.name);
    match diagnostic::nearest(name, names) {
        Some(near) => unexpected.note(format!("did you mean `{near}`?")),
        None => unexpected,
    }
}

fn error(function: &Definition, what: &str) -> Error {
    let parameters: Vec<String> = function.parameters.iter().map(Parameter::text).collect();
    Error::type_error(format!("{}() {what}", function.name)).note(format!(
        "it is called as `{}({})`",
        function.name,
        parameters.join(", ")
    ))
}
