//! Operators on the values that they nearly always meet, without choosing among overloads.
//!
//! Nothing here may mean anything else than the tables under `library/` say; what is not plain goes to them.

use std::sync::Arc;

use pyvalue::{Budget, Dict, Value, operator as arithmetic};

use super::Run;
use crate::ast::{Argument, Node, NodeKind, Operator};
use crate::dispatch::{self, Given};
use crate::function::{Fault, Outcome};
use crate::library::common::{compare, equal};
use crate::library::system::{property, property_of};
use crate::library::values::{self, read};
use crate::scope::{Context, Scope};

/// The outcome of an operator; nothing where overloads must be chosen. Only asked where the expression defines no
/// functions, which could be operators.
pub(super) fn operator(
    run: &Run<'_>,
    operator: Operator,
    arguments: &[Argument],
    scope: &Arc<Scope>,
) -> Option<Outcome> {
    match (operator, arguments) {
        (Operator::List, _) => list(run, arguments, scope),
        (Operator::Map, _) => map(run, arguments, scope),
        (_, [Argument::Value(left), Argument::Value(right)]) => match operator {
            Operator::Dot => dot(run, left, right, scope),
            Operator::SafeDot => safe_dot(run, left, right, scope),
            Operator::And => Some(and(run, left, right, scope)),
            Operator::Or => Some(or(run, left, right, scope)),
            Operator::Arrow => Some(arrow(run, left, right, scope)),
            _ => Some(binary(run, operator, [left, right], scope)),
        },
        (Operator::Not, [Argument::Value(operand)]) => Some(
            run.evaluate(operand, scope)
                .map(|value| Value::Bool(!value.is_true())),
        ),
        _ => None,
    }
}

/// As [`operator`], for a function that asks for an operator by the name of its function.
pub(super) fn binary_named(
    run: &Run<'_>,
    name: &str,
    left: &Value,
    right: &Value,
) -> Option<Outcome> {
    let operator = match name {
        "#operator_+" => Operator::Add,
        "#operator_<" => Operator::Less,
        "#operator_>" => Operator::Greater,
        "*equal" => Operator::Equal,
        _ => return None,
    };
    plain(run, operator, left, right)
}

fn binary(
    run: &Run<'_>,
    operator: Operator,
    operands: [&Arc<Node>; 2],
    scope: &Arc<Scope>,
) -> Outcome {
    let [left, right] = operands;
    let values = run
        .evaluate(left, scope)
        .and_then(|left| Ok((left, run.evaluate(right, scope)?)));
    let (left, right) = match values {
        Ok(values) => values,
        Err(fault) => {
            let given = operands.map(Given::Node).to_vec();
            let refused = dispatch::complaint(run.engine, operator.function(), false, given);
            return Err(refused.unwrap_or(fault));
        }
    };
    if let Some(outcome) = plain(run, operator, &left, &right) {
        return outcome;
    }
    dispatch::call_operator(run, scope, operator.function(), vec![left, right])
}

/// An operator on plain values.
fn plain(run: &Run<'_>, operator: Operator, left: &Value, right: &Value) -> Option<Outcome> {
    if let Operator::Equal | Operator::NotEqual = operator {
        let is_equal = equal(left, right, run.budget());
        return Some(is_equal.map(|is| Value::Bool(is == (operator == Operator::Equal))));
    }
    match (left, right) {
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            number(run, operator, left, right)
        }
        (Value::Str(one), Value::Str(other)) => match operator {
            Operator::Add => Some(arithmetic::add(left, right, run.budget()).map_err(Fault::from)),
            Operator::In => Some(
                read(right, run.budget())
                    .map(|()| Value::Bool(other.contains(&**one)))
                    .map_err(Fault::from),
            ),
            _ => ordering(run, operator, left, right),
        },
        (Value::Dict(dict), key) if operator == Operator::Index => {
            Some(member(dict, key, run.budget()))
        }
        (Value::List(items) | Value::Tuple(items), Value::Int(index))
            if operator == Operator::Index =>
        {
            Some(item(items, *index))
        }
        _ => None,
    }
}

fn number(run: &Run<'_>, operator: Operator, left: &Value, right: &Value) -> Option<Outcome> {
    let compute = match operator {
        Operator::Add => arithmetic::add,
        Operator::Subtract => arithmetic::subtract,
        Operator::Multiply => arithmetic::multiply,
        Operator::Divide => match (left, right) {
            (Value::Int(_), Value::Int(_)) => arithmetic::floor_divide,
            _ => arithmetic::divide,
        },
        Operator::Modulo => arithmetic::modulo,
        _ => return ordering(run, operator, left, right),
    };
    Some(compute(left, right, run.budget()).map_err(Fault::from))
}

fn ordering(run: &Run<'_>, operator: Operator, left: &Value, right: &Value) -> Option<Outcome> {
    if !matches!(
        operator,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual
    ) {
        return None;
    }
    Some(compare(operator, left, right, run.budget()))
}

/// The value of a key that must be there.
pub(crate) fn member(dict: &Dict, key: &Value, budget: &Budget) -> Outcome {
    match dict.get_value(values::key(key, budget)?) {
        Some(value) => Ok(value.clone()),
        None => Err(missing(dict, key)),
    }
}

fn missing(dict: &Dict, key: &Value) -> Fault {
    let shown: String = match key {
        Value::Str(text) => text.chars().take(80).collect(),
        other => crate::dispatch::brief(other),
    };
    let fault = Fault::undefined(format!("the dictionary has no key `{shown}`"));
    let near = diagnostic::nearest(&shown, dict.keys().filter_map(Value::as_str));
    match near {
        Some(near) => fault.note(format!("did you mean `{near}`?")),
        None => fault.note("`.get(key)` gives null where a key is missing"),
    }
}

/// An item by its index; negative ones count from the end.
pub(crate) fn item(items: &[Value], index: i64) -> Outcome {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_start = if index < 0 {
        index.checked_add(length)
    } else {
        Some(index)
    };
    from_start
        .and_then(|index| usize::try_from(index).ok())
        .and_then(|index| items.get(index).cloned())
        .ok_or_else(|| {
            Fault::bad_value(format!(
                "the index {index} is outside of the list, which has {length} items"
            ))
        })
}

fn and(run: &Run<'_>, left: &Node, right: &Node, scope: &Arc<Scope>) -> Outcome {
    let value = run.evaluate(left, scope)?;
    if value.is_true() {
        return run.evaluate(right, scope);
    }
    Ok(value)
}

fn or(run: &Run<'_>, left: &Node, right: &Node, scope: &Arc<Scope>) -> Outcome {
    let value = run.evaluate(left, scope)?;
    if value.is_true() {
        return Ok(value);
    }
    run.evaluate(right, scope)
}

fn arrow(run: &Run<'_>, left: &Node, right: &Node, scope: &Arc<Scope>) -> Outcome {
    let context = run.evaluate(left, scope)?;
    match Context::of(&context) {
        Some(inner) => run.evaluate(right, inner),
        None => Err(Fault::wrong_type(format!(
            "left of `->` stands {}, not a context",
            dispatch::type_word(&context)
        ))
        .note("`let(name => value) -> ...` makes a context")),
    }
}

fn dot(run: &Run<'_>, left: &Node, right: &Arc<Node>, scope: &Arc<Scope>) -> Option<Outcome> {
    match &right.kind {
        NodeKind::Keyword(_) | NodeKind::Call { .. } => Some(
            run.evaluate(left, scope)
                .and_then(|receiver| behind_dot(run, receiver, right, scope)),
        ),
        _ => None,
    }
}

fn safe_dot(run: &Run<'_>, left: &Node, right: &Arc<Node>, scope: &Arc<Scope>) -> Option<Outcome> {
    match &right.kind {
        NodeKind::Keyword(_) | NodeKind::Call { .. } => {
            Some(run.evaluate(left, scope).and_then(|receiver| {
                if receiver.is_none() {
                    return Ok(Value::None);
                }
                behind_dot(run, receiver, right, scope)
            }))
        }
        _ => None,
    }
}

fn behind_dot(run: &Run<'_>, receiver: Value, right: &Arc<Node>, scope: &Arc<Scope>) -> Outcome {
    let NodeKind::Keyword(name) = &right.kind else {
        return run.evaluate_method(right, receiver, scope);
    };
    let outcome = match &receiver {
        Value::Dict(dict) => match dict.get(name) {
            Some(value) => return Ok(value.clone()),
            None => Err(missing(dict, &Value::Str(Arc::clone(name)))),
        },
        _ if crate::generator::is_iterable(&receiver) => property_of(run, &receiver, name, scope),
        _ => property(run, scope, receiver, name),
    };
    outcome.map_err(|fault| run.at(fault, &right.span))
}

fn list(run: &Run<'_>, arguments: &[Argument], scope: &Arc<Scope>) -> Option<Outcome> {
    if arguments
        .iter()
        .any(|argument| !matches!(argument, Argument::Value(_)))
    {
        return None;
    }
    let items = arguments
        .iter()
        .filter_map(Argument::as_value)
        .map(|node| run.evaluate(node, scope))
        .collect::<Outcome<Vec<Value>>>();
    Some(items.and_then(|items| run.checked(Value::tuple(items))))
}

fn map(run: &Run<'_>, arguments: &[Argument], scope: &Arc<Scope>) -> Option<Outcome> {
    let mut dict = Dict::with_capacity(arguments.len());
    if arguments
        .iter()
        .any(|argument| !matches!(argument, Argument::Rule(..)))
    {
        return None;
    }
    for argument in arguments {
        let Argument::Rule(key, value) = argument else {
            return None;
        };
        let member = run
            .evaluate(key, scope)
            .and_then(|key| Ok((key, run.evaluate(value, scope)?)))
            .and_then(|(key, value)| {
                values::key(&key, run.budget())?;
                Ok((key, value))
            });
        match member {
            Ok((key, value)) => dict.insert(key, value),
            Err(fault) => return Some(Err(fault)),
        }
    }
    Some(run.checked(Value::Dict(dict)))
}
