//! One thing with all its members, indented as YAML is.

use serde_json::{Map, Value};

use super::output::{Style, shown};

/// The members named in `first`, in that order, then the others. Null and empty members are left out.
pub(crate) fn details(value: &Value, first: &[&str], style: Style) -> String {
    let Value::Object(members) = value else {
        return block(value, 0).trim_start().to_owned();
    };
    let mut lines = Vec::new();
    for name in first {
        lines.extend(
            members
                .get(*name)
                .and_then(|value| member(name, value, style)),
        );
    }
    for (name, value) in members
        .iter()
        .filter(|(name, _)| !first.contains(&name.as_str()))
    {
        lines.extend(member(name, value, style));
    }
    lines.join("\n")
}

/// `name: value`; `None` if the value is null or empty.
pub(crate) fn member(name: &str, value: &Value, style: Style) -> Option<String> {
    if is_empty(value) {
        return None;
    }
    let shown_value = match (name, value) {
        ("status", Value::String(status)) => format!(" {}", style.status(status)),
        _ => block(value, 1),
    };
    Some(format!("{}:{shown_value}", style.strong(name)))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What follows a colon: a scalar in the line, the rest in lines of its own.
fn block(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            let member = |(name, value): (&String, &Value)| {
                format!("\n{indent}{}:{}", shown(name), block(value, depth + 1))
            };
            members.iter().map(member).collect::<Vec<_>>().concat()
        }
        Value::Array(items) if !items.is_empty() => {
            let line = |item| format!("\n{indent}- {}", item_block(item, depth + 1));
            items.iter().map(line).collect::<Vec<_>>().concat()
        }
        Value::String(text) if text.trim_end_matches('\n').contains('\n') => {
            let lines: Vec<String> = text
                .lines()
                .map(|line| format!("\n{indent}{}", shown(line)))
                .collect();
            format!(" |{}", lines.concat())
        }
        scalar => format!(" {}", scalar_text(scalar)),
    }
}

/// An item of a list: its first line stands beside the dash.
fn item_block(item: &Value, depth: usize) -> String {
    block(item, depth).trim_start().to_owned()
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "''".to_owned(),
        Value::String(text) => shown(text.trim_end_matches('\n')),
        other => other.to_string(),
    }
}

/// Only these members of an object (dotted paths, as `--attr` names them).
pub(crate) fn picked(value: &Value, paths: &[String]) -> Value {
    let mut members = Map::new();
    for path in paths {
        members.insert(
            path.clone(),
            super::output::at(value, path)
                .cloned()
                .unwrap_or(Value::Null),
        );
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_a_thing_with_its_chosen_members_first() {
        let rule = json!({
            "tags": [],
            "criteria": { "trigger.body.kind": { "type": "equals", "pattern": "go" } },
            "ref": "gold.on_hook",
            "enabled": true,
            "keywords": ["a", { "b": 1, "c": 2 }],
            "script": "one\ntwo\n",
        });

        let text = details(&rule, &["ref", "enabled", "nothing"], Style::Plain);

        assert_eq!(
            text,
            "ref: gold.on_hook\n\
             enabled: true\n\
             criteria:\n  trigger.body.kind:\n    type: equals\n    pattern: go\n\
             keywords:\n  - a\n  - b: 1\n    c: 2\n\
             script: |\n  one\n  two"
        );
    }

    #[test]
    fn keeps_empty_members_inside_a_value_visible() {
        let text = details(
            &json!({ "result": { "stdout": "", "list": [] } }),
            &[],
            Style::Plain,
        );

        assert_eq!(text, "result:\n  stdout: ''\n  list: []");
    }

    #[test]
    fn picks_members_by_path() {
        let value = json!({ "action": { "ref": "a.b" }, "id": "1" });

        assert_eq!(
            picked(&value, &["action.ref".to_owned()]),
            json!({ "action.ref": "a.b" })
        );
    }
}
