//! What an author is told when a call means no function.

use diagnostic::{Kind, nearest};
use pyvalue::Value;

use crate::ast::{Node, NodeKind};
use crate::engine::Engine;
use crate::function::{Fault, Function, Param};

use super::{Candidate, Given, Named};

const PROPERTY: &str = "#property#";

/// More signatures than this do not help.
const SIGNATURES: usize = 8;

/// No function or method has this name.
pub(super) fn unknown(engine: &Engine, name: &str, is_method: bool) -> Fault {
    if let Some(property) = name.strip_prefix(PROPERTY) {
        return Fault::undefined(format!("this value has no property `{property}`"));
    }
    let word = if is_method { "method" } else { "function" };
    let fault = Fault::new(
        Kind::UnknownFunction,
        format!("there is no {word} `{name}`"),
    );
    let other_style = engine.overloads(name).first();
    if other_style.is_some() {
        return fault.note(if is_method {
            format!("`{name}` is a function: write `{name}(...)`")
        } else {
            format!("`{name}` is a method: write `value.{name}(...)`")
        });
    }
    match nearest(name, engine.names(is_method)) {
        Some(near) => fault.note(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// There are functions of this name, and none takes these arguments.
pub(super) fn no_overload(
    name: &str,
    is_method: bool,
    candidates: &[Candidate<'_>],
    positional: &[Given<'_>],
    named: &Named<'_>,
) -> Fault {
    let mut types: Vec<String> = positional.iter().map(describe).collect();
    let receiver = (is_method && !types.is_empty()).then(|| types.remove(0));
    types.extend(
        named
            .iter()
            .map(|(name, given)| format!("{name} => {}", describe(given))),
    );
    let types = if types.is_empty() {
        "no arguments".to_owned()
    } else {
        types.join(", ")
    };
    let message = match receiver {
        _ if is_operator(name) => format!("`{}` cannot take {types}", shown(name)),
        Some(receiver) => format!("`{name}` of {receiver} cannot take {types}"),
        None => format!("`{name}` cannot take {types}"),
    };
    let mut fault = Fault::wrong_type(message);
    for candidate in candidates.iter().take(SIGNATURES) {
        fault = fault.note(format!("it takes {}", signature(candidate.function)));
    }
    fault
}

fn is_operator(name: &str) -> bool {
    name.starts_with(['#', '*'])
}

/// An operator as it is written.
pub(super) fn shown(name: &str) -> &str {
    match name {
        "*equal" => "=",
        "*not_equal" => "!=",
        "#indexer" | "#list" => "[]",
        "#map" => "{}",
        _ => ["#operator_", "#unary_operator_", PROPERTY]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .unwrap_or(name),
    }
}

fn signature(function: &Function) -> String {
    if !is_operator(function.name) {
        return format!("`{}`", function.signature());
    }
    let operator = shown(function.name);
    let words: Vec<&str> = function.params.iter().map(Param::type_word).collect();
    match (operator, words.as_slice()) {
        ("[]", [value, inside @ ..]) if function.name == "#indexer" => {
            format!("`{value}[{}]`", inside.join(", "))
        }
        ("." | "?.", [left, right]) => format!("`{left}{operator}{right}`"),
        (_, [left, right]) => format!("`{left} {operator} {right}`"),
        (_, [operand]) if function.name.starts_with("#unary") => format!("`{operator} {operand}`"),
        _ => format!("`{}` with {}", operator, words.join(", ")),
    }
}

/// What an argument is, as far as is known.
fn describe(given: &Given<'_>) -> String {
    match given {
        Given::Value(value) => type_word(value).to_owned(),
        Given::Node(node) => describe_node(node),
        Given::Pair(..) => "key => value".to_owned(),
        Given::Omitted => "nothing".to_owned(),
    }
}

fn describe_node(node: &Node) -> String {
    match &node.kind {
        NodeKind::Constant(value) => type_word(value).to_owned(),
        NodeKind::Keyword(word) => format!("the word `{word}`"),
        _ => "an expression".to_owned(),
    }
}

/// The language's word for the type of a value.
pub(crate) fn type_word(value: &Value) -> &str {
    match value {
        Value::None => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Big(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "string",
        Value::Bytes(_) => "bytes",
        Value::List(_) | Value::Tuple(_) => "list",
        Value::Dict(_) => "dict",
        Value::Set(_) => "set",
        Value::DateTime(_) => "datetime",
        Value::TimeSpan(_) => "timespan",
        Value::Object(object) => match object.type_name() {
            "generator" => "iterator",
            "Pattern" => "regex",
            "OrderingIterable" => "ordered",
            "Context" => "context",
            "MappingRule" => "key => value",
            other => other,
        },
    }
}

/// A value in few words.
pub(crate) fn brief(value: &Value) -> String {
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) | Value::Object(_) => {
            format!("a {}", type_word(value))
        }
        Value::Big(_) => "a large integer".to_owned(),
        Value::Str(text) => Value::from(text.chars().take(80).collect::<String>()).repr(),
        other => other.repr(),
    }
}
