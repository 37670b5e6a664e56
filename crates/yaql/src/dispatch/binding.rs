//! Arguments as the body of the chosen overload gets them.

use std::sync::Arc;

use pyvalue::Value;

use super::{Candidate, Given, Named};
use crate::evaluate::Run;
use crate::function::{Argument, Call, Outcome, Param, Quantity};
use crate::lambda::Lambda;
use crate::scope::Scope;

/// Binds the arguments to the parameters, and calls.
pub(super) fn perform(
    run: &Run<'_>,
    scope: &Arc<Scope>,
    chosen: &Candidate<'_>,
    positional: Vec<Given<'_>>,
    mut named: Named<'_>,
) -> Outcome {
    let function = chosen.function;
    let mut arguments = Vec::with_capacity(function.params.len());
    let mut rest = Vec::new();
    let mut positional = positional.into_iter();
    let mut rest_kind = None;
    for param in function.params {
        match param.quantity {
            Quantity::One => {}
            Quantity::Rest => {
                rest_kind = Some(param);
                continue;
            }
            Quantity::NamedRest => continue,
        }
        let by_position = positional.next();
        let given = match by_position {
            Some(Given::Omitted) | None => named
                .iter()
                .position(|(name, _)| **name == *param.name)
                .map(|index| named.remove(index).1),
            given => given,
        };
        arguments.push(given.map_or_else(|| default(param), |given| bind(given, param, scope)));
    }
    if let Some(param) = rest_kind {
        rest.extend(positional.map(|given| bind(given, param, scope)));
    }
    let mut named_rest = Vec::with_capacity(named.len());
    for (name, given) in named {
        named_rest.push((name, value_of(given)));
    }
    if let Some(body) = &chosen.defined {
        let values: Vec<Value> = rest
            .into_iter()
            .map(|argument| match argument {
                Argument::Value(value) => value,
                _ => Value::None,
            })
            .collect();
        return body.invoke_named(run, &values, &named_rest);
    }
    function.run(&Call {
        run,
        scope,
        function,
        arguments: &arguments,
        rest: &rest,
        named_rest: &named_rest,
    })
}

pub(super) fn default(param: &Param) -> Argument {
    param
        .default
        .value()
        .map_or(Argument::Absent, Argument::Value)
}

fn value_of(given: Given<'_>) -> Value {
    match given {
        Given::Value(value) => value,
        Given::Node(node) => node.as_constant().unwrap_or_default(),
        Given::Pair(..) | Given::Omitted => Value::None,
    }
}

pub(super) fn bind(given: Given<'_>, param: &Param, scope: &Arc<Scope>) -> Argument {
    if !param.kind.is_lazy() {
        return Argument::Value(value_of(given));
    }
    match given {
        Given::Node(node) => Argument::Lambda(Lambda::new(node, scope)),
        Given::Value(Value::None) => Argument::Value(Value::None),
        Given::Value(value) => Argument::Lambda(Lambda::constant(value)),
        Given::Pair(key, value) => {
            Argument::Mapping(Lambda::new(key, scope), Lambda::new(value, scope))
        }
        Given::Omitted => default(param),
    }
}
