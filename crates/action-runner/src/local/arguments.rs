//! A script's command line: parameters as named and positional arguments.
//!
//! st2's `ShellScriptAction._get_script_arguments` and `action_db.get_args`: named arguments come first.

use std::path::Path;

use model::{Action, Object};
use serde_json::Value;

use super::command::quote;

/// The script and its arguments, each quoted for the shell.
pub(super) fn command_line(
    script: &Path,
    action: &Action,
    parameters: &Object,
    operator: &str,
) -> String {
    let positions = positions(action);
    let mut line = quote(&script.to_string_lossy());
    for (name, value) in parameters
        .iter()
        .filter(|(name, _)| !positions.contains(&name.as_str()))
    {
        if let Some(argument) = named(&format!("{operator}{name}"), value) {
            line.push(' ');
            line.push_str(&argument);
        }
    }
    for name in positions {
        let kind = action
            .parameters
            .get(name)
            .and_then(|schema| schema.get("type"));
        let value = parameters.get(name).unwrap_or(&Value::Null);
        line.push(' ');
        line.push_str(&quote(&positional(kind.and_then(Value::as_str), value)));
    }
    line
}

/// The parameters that have a position, in its order; of two with one position the later wins.
fn positions(action: &Action) -> Vec<&str> {
    let mut positions: Vec<(f64, &str)> = Vec::new();
    for (name, schema) in &action.parameters {
        if let Some(position) = schema.get("position").and_then(Value::as_f64) {
            positions.retain(|(taken, _)| taken.total_cmp(&position).is_ne());
            positions.push((position, name));
        }
    }
    positions.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    positions.into_iter().map(|(_, name)| name).collect()
}

/// `--name=value`; a flag for true; nothing for false, null and empty texts.
fn named(argument: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) if text.is_empty() => None,
        Value::Bool(true) => Some(quote(argument)),
        value => Some(format!(
            "{}={}",
            quote(argument),
            quote(&expr::python::str(value))
        )),
    }
}

/// A positional argument, by the type its schema says.
fn positional(kind: Option<&str>, value: &Value) -> String {
    match (kind, value) {
        (Some("null"), _) | (_, Value::Null) => String::new(),
        (Some("boolean"), value) => if is_true(value) { "1" } else { "0" }.to_owned(),
        (Some("array" | "list"), Value::Array(items)) => items
            .iter()
            .map(expr::python::str)
            .collect::<Vec<_>>()
            .join(","),
        (Some("object"), Value::Object(members)) if !members.is_empty() => value.to_string(),
        (Some("object" | "array" | "list"), value) if !is_true(value) => String::new(),
        // Of an unknown type, or of several: Python's `str`, but nothing for what is false.
        (None, value) if !is_true(value) => String::new(),
        (_, value) => expr::python::str(value),
    }
}

/// Python's truth.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run::testing::snapshot;

    fn line(schemas: &Value, parameters: &Value) -> String {
        let mut action = snapshot("local-shell-script").action;
        action.parameters = schemas.as_object().unwrap().clone();
        command_line(
            Path::new("/p/run.sh"),
            &action,
            parameters.as_object().unwrap(),
            "--",
        )
    }

    #[test]
    fn puts_named_arguments_before_positional_ones() {
        let schemas = json!({
            "first": { "type": "string", "position": 0 },
            "second": { "type": "integer", "position": 1 },
            "named": { "type": "string" },
        });

        let line = line(
            &schemas,
            &json!({ "second": 2, "named": "x y", "first": "it is" }),
        );

        assert_eq!(
            line,
            "/p/run.sh '--named=x y' 'it is' 2".replace("'--named=x y'", "--named='x y'")
        );
    }

    #[test]
    fn says_true_as_a_flag_and_leaves_out_what_is_empty() {
        let parameters = json!({ "yes": true, "no": false, "none": null, "empty": "", "zero": 0 });

        assert_eq!(line(&json!({}), &parameters), "/p/run.sh --yes --zero=0");
    }

    #[test]
    fn writes_named_lists_and_objects_as_python_prints_them() {
        let parameters = json!({ "list": ["a", 1], "map": { "k": null } });

        assert_eq!(
            line(&json!({}), &parameters),
            r#"/p/run.sh --list='['"'"'a'"'"', 1]' --map='{'"'"'k'"'"': None}'"#
        );
    }

    #[test]
    fn writes_positional_arguments_by_their_type() {
        let schemas = json!({
            "flag": { "type": "boolean", "position": 0 },
            "list": { "type": "array", "position": 1 },
            "map": { "type": "object", "position": 2 },
            "number": { "type": "number", "position": 3 },
            "absent": { "type": "string", "position": 4 },
            "off": { "type": "boolean", "position": 5 },
        });
        let parameters = json!({ "flag": true, "list": ["a", 1], "map": { "k": 1 }, "number": 2.0, "off": false });

        assert_eq!(
            line(&schemas, &parameters),
            r#"/p/run.sh 1 a,1 '{"k":1}' 2.0 '' 0"#
        );
    }

    #[test]
    fn lets_no_value_become_a_command() {
        let schemas = json!({ "text": { "type": "string", "position": 0 } });

        let line = line(&schemas, &json!({ "text": "a 'b' $HOME; ls" }));

        assert_eq!(line, r#"/p/run.sh 'a '"'"'b'"'"' $HOME; ls'"#);
    }
}
