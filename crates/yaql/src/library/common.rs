//! Equality and order.

use std::cmp::Ordering;

use pyvalue::{Budget, Dict, Value, order};

use super::values::{read, read_all};
use crate::ast::Operator;
use crate::function::{Call, Fault, Function, Outcome, Param, Plain, Type};

const ANY: &[Param] = &[Param::any("left"), Param::any("right")];

pub(crate) const TABLES: &[&[Function]] = &[
    &[
        Function::function("*equal", ANY, |call| is_equal(call).map(Value::Bool)),
        Function::function("*not_equal", ANY, |call| {
            is_equal(call).map(|is| Value::Bool(!is))
        }),
    ],
    &orders("#operator_<", |call| ordered(Operator::Less, call)),
    &orders("#operator_<=", |call| ordered(Operator::LessOrEqual, call)),
    &orders("#operator_>", |call| ordered(Operator::Greater, call)),
    &orders("#operator_>=", |call| {
        ordered(Operator::GreaterOrEqual, call)
    }),
];

const fn two(left: &'static str, right: &'static str, kind: Type) -> [Param; 2] {
    [Param::new(left, kind), Param::new(right, kind)]
}

const NUMBERS: &[Param] = &two("left", "right", Type::Number);
const TEXTS: &[Param] = &two("left", "right", Type::Str);
const SETS: &[Param] = &two("left", "right", Type::Set);
const MOMENTS: &[Param] = &two("dt1", "dt2", Type::DateTime);
const SPANS: &[Param] = &two("ts1", "ts2", Type::TimeSpan);
const NULLS: &[Param] = &two("left", "right", Type::Null);
const NULL_RIGHT: &[Param] = &[
    Param::any("left").not_null(),
    Param::new("right", Type::Null),
];
const NULL_LEFT: &[Param] = &[
    Param::new("left", Type::Null),
    Param::any("right").not_null(),
];

/// The overloads of a comparison: the types that have an order.
const fn orders(name: &'static str, body: Plain) -> [Function; 8] {
    [
        Function::function(name, NUMBERS, body),
        Function::function(name, TEXTS, body),
        Function::function(name, SETS, body),
        Function::function(name, MOMENTS, body),
        Function::function(name, SPANS, body),
        Function::function(name, NULLS, body),
        Function::function(name, NULL_RIGHT, body),
        Function::function(name, NULL_LEFT, body),
    ]
}

fn ordered(operator: Operator, call: &Call<'_>) -> Outcome {
    compare(operator, call.arg(0), call.arg(1), call.budget())
}

/// `<` and its kin between values of one kind; null is less than all others. Takes the steps of looking at both.
pub(crate) fn compare(operator: Operator, left: &Value, right: &Value, budget: &Budget) -> Outcome {
    read_all(left, budget)?;
    read_all(right, budget)?;
    let ordering = match (left.is_none(), right.is_none()) {
        (false, false) => order(left, right)?,
        (left, right) => Some(right.cmp(&left)),
    };
    let holds = ordering.is_some_and(|ordering| match operator {
        Operator::Less => ordering == Ordering::Less,
        Operator::LessOrEqual => ordering != Ordering::Greater,
        Operator::Greater => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    });
    Ok(Value::Bool(holds))
}

fn is_equal(call: &Call<'_>) -> Outcome<bool> {
    equal(call.arg(0), call.arg(1), call.budget())
}

/// Python's equality, counted in steps.
pub(crate) fn equal(left: &Value, right: &Value, budget: &Budget) -> Outcome<bool> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(left == right),
        (Value::Str(one), Value::Str(other)) => {
            if one.len() != other.len() {
                return Ok(false);
            }
            read(left, budget)?;
            Ok(one == other)
        }
        (Value::List(left), Value::List(right)) | (Value::Tuple(left), Value::Tuple(right)) => {
            Ok(left.is_same(right)
                || left.len() == right.len() && all_equal(left.iter().zip(right), budget)?)
        }
        (Value::Dict(left), Value::Dict(right)) => {
            Ok(left.is_same(right)
                || left.len() == right.len() && same_members(left, right, budget)?)
        }
        (Value::Set(one), Value::Set(other)) => {
            if one.len() != other.len() {
                return Ok(false);
            }
            budget.walk(left)?;
            budget.walk(right)?;
            Ok(one.is_same(other) || left == right)
        }
        _ => {
            read(left, budget)?;
            Ok(left == right)
        }
    }
}

fn all_equal<'v>(
    pairs: impl Iterator<Item = (&'v Value, &'v Value)>,
    budget: &Budget,
) -> Outcome<bool> {
    for (left, right) in pairs {
        budget.step().map_err(Fault::from)?;
        if !equal(left, right, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same_members(left: &Dict, right: &Dict, budget: &Budget) -> Outcome<bool> {
    for (key, left) in left.iter() {
        read_all(key, budget)?;
        let Some(right) = right.get_value(key) else {
            return Ok(false);
        };
        if !all_equal(std::iter::once((left, right)), budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}
