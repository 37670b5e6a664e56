//! Calls of functions that have no other overload: most of them. Nothing is chosen, so little has to be kept.
//!
//! What does not fit plainly is left to the general way, which also knows what to say about it.

use std::sync::Arc;

use pyvalue::Value;

use super::{Given, bind, default, matching, no_overload, registered};
use crate::ast::{Argument as Written, NodeKind};
use crate::evaluate::Run;
use crate::function::{Absence, Argument, Call, Fault, Function, Outcome, Param, Quantity};
use crate::scope::Scope;

/// The only function that a call can mean, if there is but one and the call is plain.
pub(super) fn only<'a>(
    run: &Run<'a>,
    name: &str,
    is_method: bool,
    written: &[Written],
) -> Option<&'a Function> {
    let [(_, function)] = run.engine.overloads(name) else {
        return None;
    };
    let fits = if is_method {
        function.is_method()
    } else {
        function.is_function()
    };
    let mut params = function.params.iter();
    let mut is_plain = fits;
    if is_method {
        next(&mut params)?;
    }
    for argument in written {
        let Written::Value(node) = argument else {
            return None;
        };
        let param = next(&mut params)?;
        is_plain = is_plain && matching::takes(param, &Given::Node(node));
    }
    let is_complete =
        params.all(|param| param.quantity != Quantity::One || param.default != Absence::Required);
    (is_plain && is_complete).then_some(function)
}

/// The parameter of the next positional argument. One that takes all further arguments stays the next.
fn next<'p>(params: &mut (impl Iterator<Item = &'p Param> + Clone)) -> Option<&'p Param> {
    let param = params.clone().next()?;
    match param.quantity {
        Quantity::One => params.next(),
        Quantity::Rest => Some(param),
        Quantity::NamedRest => None,
    }
}

/// Evaluates the arguments and calls.
pub(super) fn call(
    run: &Run<'_>,
    scope: &Arc<Scope>,
    function: &Function,
    receiver: Option<Value>,
    written: &[Written],
) -> Outcome {
    let is_method = receiver.is_some();
    let mut params = function.params.iter();
    let mut arguments = Vec::with_capacity(function.params.len());
    let mut rest = Vec::new();
    let mut fits = true;
    if let Some(receiver) = receiver
        && let Some(param) = next(&mut params)
    {
        if !param.kind.is_lazy() && !param.takes(&receiver) {
            let mut given = vec![Given::Value(receiver)];
            given.extend(written.iter().map(Given::of));
            return Err(refused(run, function, is_method, &given));
        }
        let argument = bind(Given::Value(receiver), param, scope);
        match param.quantity {
            Quantity::One => arguments.push(argument),
            _ => rest.push(argument),
        }
    }
    for node in written.iter().filter_map(Written::as_value) {
        let Some(param) = next(&mut params) else {
            break;
        };
        let argument = if param.kind.is_lazy() {
            bind(Given::Node(node), param, scope)
        } else if let NodeKind::Constant(_) | NodeKind::Keyword(_) = node.kind {
            Argument::Value(node.as_constant().unwrap_or_default())
        } else {
            let value = run.evaluate(node, scope)?;
            fits = fits && param.takes(&value);
            Argument::Value(value)
        };
        match param.quantity {
            Quantity::One => arguments.push(argument),
            _ => rest.push(argument),
        }
    }
    if !fits {
        let given = arguments
            .iter()
            .chain(&rest)
            .zip(as_given(is_method, written));
        let given: Vec<Given<'_>> = given
            .map(|(argument, given)| match argument {
                Argument::Value(value) => Given::Value(value.clone()),
                _ => given,
            })
            .collect();
        return Err(refused(run, function, is_method, &given));
    }
    arguments.extend(
        params
            .filter(|param| param.quantity == Quantity::One)
            .map(default),
    );
    function.run(&Call {
        run,
        scope,
        function,
        arguments: &arguments,
        rest: &rest,
        named_rest: &[],
    })
}

/// The function does not take these arguments.
fn refused(run: &Run<'_>, function: &Function, is_method: bool, given: &[Given<'_>]) -> Fault {
    let candidates = registered(run.engine, function.name, is_method);
    no_overload(function.name, is_method, &candidates, given, &Vec::new())
}

fn as_given(is_method: bool, written: &[Written]) -> impl Iterator<Item = Given<'_>> {
    let receiver = is_method.then_some(Given::Omitted);
    receiver.into_iter().chain(written.iter().map(Given::of))
}
