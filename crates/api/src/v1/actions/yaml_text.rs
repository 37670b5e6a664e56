//! Writes a mapping as YAML in blocks, as people write metadata.

use std::fmt::Write as _;

use model::Object;
use serde_json::Value;

/// The mapping as a document. Scalars are written as JSON, which YAML reads as it is.
pub(super) fn write(document: &Object) -> String {
    let mut text = String::from("---\n");
    mapping(&mut text, document, 0);
    text
}

fn mapping(text: &mut String, members: &Object, depth: usize) {
    for (name, value) in members {
        let _infallible = write!(text, "{:depth$}{}:", "", key(name));
        below(text, value, depth);
    }
}

/// What follows a key: a scalar on its line, or a block under it.
fn below(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('\n');
            mapping(text, members, depth + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            for item in items {
                // JSON is the flow form of YAML.
                let _infallible = writeln!(text, "{:width$}- {item}", "", width = depth + 2);
            }
        }
        scalar => {
            let _infallible = writeln!(text, " {scalar}");
        }
    }
}

/// A key, quoted where it might be read as something else than a word.
fn key(name: &str) -> String {
    let is_word = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if is_word {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let document = json!({
            "name": "copy", "enabled": true, "description": "a \"b\": #c\nd", "empty": {}, "none": [],
            "parameters": {"on": {"type": "string", "enum": ["a", 1, null]}, "n": {"default": 1.5}},
            "tags": [{"name": "a", "value": null}], "on-complete": {"routes": ["x: y"]}, "1": "é\u{7}",
        });

        let text = write(document.as_object().unwrap());

        assert_eq!(
            yaml::parse(&text).unwrap().root.to_json(),
            document,
            "{text}"
        );
    }

    #[test]
    fn mappings_are_blocks() {
        let document = json!({"a": {"b": [1, "x"]}});

        assert_eq!(
            write(document.as_object().unwrap()),
            "---\na:\n  b:\n    - 1\n    - \"x\"\n"
        );
    }
}
