//! What the Python original answers, function by function: `tests/recorded/*.tsv` holds an expression and its answer in
//! each line, or the kind of error behind an exclamation mark.

use std::path::Path;

use diagnostic::Kind;
use pyvalue::{Value, datetime, float_text};
use yaql::{Engine, Expression, Input};

/// A value as the tables write it.
fn write(value: &Value) -> String {
    let all = |values: &mut dyn Iterator<Item = &Value>| values.map(write).collect::<Vec<_>>();
    match value {
        Value::None => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Float(number) => float_text(*number),
        Value::Str(text) => serde_json::Value::from(&**text).to_string(),
        Value::List(items) | Value::Tuple(items) => {
            format!("[{}]", all(&mut items.iter()).join(", "))
        }
        Value::Set(set) => {
            let mut members = all(&mut set.iter());
            members.sort();
            format!("set[{}]", members.join(", "))
        }
        Value::Dict(dict) => {
            let members = dict
                .iter()
                .map(|(key, value)| format!("{}: {}", write(key), write(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::DateTime(moment) => datetime::iso_format(moment),
        Value::TimeSpan(span) => format!("{span} us"),
        number => number.repr(),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Parse => "parse",
        Kind::UnknownFunction => "unknown_function",
        Kind::Undefined => "undefined",
        Kind::Type => "type",
        Kind::Other => "other",
        Kind::Limit => "limit",
    }
}

fn answer(engine: &Engine, expression: &str) -> String {
    let now = "2024-05-06T07:08:09Z".parse::<chrono::DateTime<chrono::FixedOffset>>();
    let input = Input {
        now: now.ok(),
        ..Input::default()
    };
    let outcome =
        Expression::parse(expression).and_then(|expression| engine.evaluate(&expression, &input));
    match outcome {
        Ok(value) => write(&value),
        Err(error) => format!("! {}", kind(error.kind)),
    }
}

#[test]
fn answers_are_those_of_the_python_original() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let engine = Engine::standard();
    let mut rows = 0;
    let mut differing = Vec::new();

    for file in std::fs::read_dir(folder).unwrap() {
        let table = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in table.lines() {
            let (expression, recorded) = line.split_once('\t').unwrap();
            rows += 1;
            let answer = answer(&engine, expression);
            if answer != recorded {
                differing.push(format!(
                    "{expression}\n  recorded {recorded}\n  answered {answer}"
                ));
            }
        }
    }

    assert!(rows > 1000, "only {rows} rows are left");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
