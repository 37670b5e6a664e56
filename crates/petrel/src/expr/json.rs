//! What came of an expression, for programs; and values as JSON.

use ::expr::explain::{Explanation, Form, Read, Step};
use diagnostic::{Diagnostic, Kind};
use pyvalue::Value;
use serde_json::{Value as Json, json};

use super::attempt::Attempt;
use crate::client;

/// Prints the value or the error, or all of the explanation.
pub(super) fn print(attempt: &Attempt) -> anyhow::Result<()> {
    let report = match (&attempt.explanation, &attempt.outcome) {
        (Some(explanation), _) => explained(attempt, explanation),
        (None, Ok(value)) => of_value(value),
        (None, Err(error)) => of_error(error),
    };
    client::print_json(&report)
}

fn explained(attempt: &Attempt, explanation: &Explanation) -> Json {
    let mut report = json!({
        "language": explanation.language.map(::expr::orquesta::Language::name),
        "guessed": attempt.is_guess,
        "form": match explanation.form {
            Form::Whole => "whole",
            Form::Embedded => "embedded",
            Form::Rendered => "rendered",
            Form::Plain => "plain",
        },
        "reads": explanation.reads.iter().map(of_read).collect::<Vec<_>>(),
        "steps": explanation.steps.iter().map(of_step).collect::<Vec<_>>(),
        "steps_left_out": explanation.left_out,
        "warnings": attempt.warnings.iter().map(of_error).collect::<Vec<_>>(),
    });
    match &attempt.outcome {
        Ok(value) => {
            report["type"] = kind(value).into();
            report["value"] = of_value(value);
        }
        Err(error) => report["error"] = of_error(error),
    }
    report
}

fn of_read(read: &Read) -> Json {
    json!({ "name": read.name, "given": read.is_given })
}

fn of_step(step: &Step) -> Json {
    match &step.outcome {
        Ok(value) => {
            json!({ "expression": step.text, "type": kind(value), "value": of_value(value) })
        }
        Err(error) => json!({ "expression": step.text, "error": of_error(error) }),
    }
}

fn of_error(error: &Diagnostic) -> Json {
    let position = error.position();
    json!({
        "kind": match error.kind {
            Kind::Parse => "parse",
            Kind::UnknownFunction => "unknown_function",
            Kind::Undefined => "undefined",
            Kind::Type => "type",
            Kind::Other => "other",
            Kind::Limit => "limit",
        },
        "message": error.message,
        "line": position.map(|place| place.line),
        "column": position.map(|place| place.column),
        "notes": error.notes,
    })
}

/// A value as JSON: tuples and sets as arrays; what JSON has no form for as its text.
pub(super) fn of_value(value: &Value) -> Json {
    let all = |items: &mut dyn Iterator<Item = &Value>| Json::Array(items.map(of_value).collect());
    match value {
        Value::List(items) | Value::Tuple(items) => all(&mut items.iter()),
        Value::Set(set) => all(&mut set.iter()),
        Value::Dict(dict) => {
            let member = |(key, value): (&Value, &Value)| (text(key), of_value(value));
            Json::Object(dict.iter().map(member).collect())
        }
        other => other.to_json().unwrap_or_else(|_| text(other).into()),
    }
}

fn text(value: &Value) -> String {
    value.to_text().unwrap_or_else(|_| value.repr())
}

/// The type of a value, as the parameters of actions call it.
pub(super) fn kind(value: &Value) -> &str {
    match value {
        Value::None => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Big(_) => "integer",
        Value::Float(_) => "number",
        Value::Str(_) => "string",
        Value::List(_) | Value::Tuple(_) | Value::Set(_) => "array",
        Value::Dict(_) => "object",
        other => other.type_name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_form() {
        let set = [Value::Int(1)].into_iter().collect();
        let big = Value::from_big(u64::MAX.into());
        for (value, expected, name) in [
            (Value::None, json!(null), "null"),
            (
                Value::tuple(vec![1.into(), "a".into()]),
                json!([1, "a"]),
                "array",
            ),
            (Value::Set(set), json!([1]), "array"),
            (
                Value::Dict([(Value::Int(1), Value::None)].into_iter().collect()),
                json!({"1": null}),
                "object",
            ),
            (Value::TimeSpan(1_000_000), json!("0:00:01"), "timedelta"),
            (big, json!(u64::MAX), "integer"),
        ] {
            assert_eq!(of_value(&value), expected);
            assert_eq!(kind(&value), name);
        }
    }

    #[test]
    fn an_error_says_where_and_what_to_do() {
        let error = Diagnostic::new(Kind::Undefined, "no")
            .at(&"a\nbc".into(), 3..4)
            .note("do this");

        assert_eq!(
            of_error(&error),
            json!({ "kind": "undefined", "message": "no", "line": 2, "column": 2, "notes": ["do this"] })
        );
    }
}
