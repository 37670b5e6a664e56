//! `key=value` on the command line to parameters of an action, typed by its schema as StackStorm's client does.

use std::path::Path;

use serde_json::{Map, Number, Value};

use super::usage::{UsageError, read_text};

/// The parameter that takes a command line where nothing else takes positional words.
const COMMAND: &str = "cmd";
/// The action whose `@file` is sent as a body.
const HTTP: &str = "core.http";

/// Parameters for `action`, whose merged `schema` maps names to JSON schemas.
///
/// `name=value` is converted to the type of `name`; `@name=path` takes the text of a file; repeating an array adds to it.
/// Other words fill the action's positional parameters; where it has none, they make up `cmd`, joined by spaces.
pub(crate) fn convert(
    action: &str,
    words: &[String],
    schema: &Map<String, Value>,
) -> anyhow::Result<Map<String, Value>> {
    let mut parameters = Map::new();
    let mut positional = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match named(word) {
            Some((name, value)) => set(action, name, value, schema, &mut parameters)?,
            None if takes_command(schema) => {
                parameters.insert(COMMAND.to_owned(), words[index..].join(" ").into());
                break;
            }
            None => positional.push(word.as_str()),
        }
    }
    place(action, &positional, schema, &mut parameters)?;
    Ok(parameters)
}

/// The parts of `name=value`; `None` if what stands before `=` can be no name.
pub(crate) fn named(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let bare = name.strip_prefix('@').unwrap_or(name);
    let is_name = !bare.is_empty()
        && bare
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    is_name.then_some((name, value))
}

fn set(
    action: &str,
    name: &str,
    value: &str,
    schema: &Map<String, Value>,
    parameters: &mut Map<String, Value>,
) -> anyhow::Result<()> {
    let (name, value) = match name.strip_prefix('@') {
        None => (name, convert_to(name, value, schema.get(name))?),
        Some(name) => {
            let text = read_text(Path::new(value))?;
            if action == HTTP {
                attach(value, text, parameters);
                return Ok(());
            }
            (name, convert_to(name, &text, schema.get(name))?)
        }
    };
    match (parameters.get_mut(name), value) {
        (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
        (_, value) => {
            parameters.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

/// `core.http` posts the file itself.
fn attach(path: &str, text: String, parameters: &mut Map<String, Value>) {
    let name = Path::new(path)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    parameters.insert("file_content".to_owned(), text.into());
    parameters.entry("file_name").or_insert(name.into());
    parameters.entry("method").or_insert("POST".into());
}

fn takes_command(schema: &Map<String, Value>) -> bool {
    let is_open = |parameter: &Value| parameter.get("immutable") != Some(&Value::Bool(true));
    positions(schema).is_empty() && schema.get(COMMAND).is_none_or(is_open)
}

/// Parameters that have a position and may be set, in that order.
fn positions(schema: &Map<String, Value>) -> Vec<&str> {
    let mut found: Vec<(i64, &str)> = schema
        .iter()
        .filter(|(_, parameter)| parameter.get("immutable") != Some(&Value::Bool(true)))
        .filter_map(|(name, parameter)| Some((parameter.get("position")?.as_i64()?, name.as_str())))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Gives positional words to the positional parameters that have no value yet.
fn place(
    action: &str,
    words: &[&str],
    schema: &Map<String, Value>,
    parameters: &mut Map<String, Value>,
) -> anyhow::Result<()> {
    let free: Vec<&str> = positions(schema)
        .into_iter()
        .filter(|name| !parameters.contains_key(*name))
        .collect();
    if let Some(word) = words.get(free.len()) {
        return Err(UsageError::new(format!(
            "`{action}` has no positional parameter for `{word}`: write NAME=VALUE"
        ))
        .into());
    }
    for (name, word) in free.into_iter().zip(words) {
        parameters.insert(name.to_owned(), convert_to(name, word, schema.get(name))?);
    }
    Ok(())
}

/// A text as the type that the schema names; as it is where it names none, or where it is a template.
pub(crate) fn convert_to(
    name: &str,
    text: &str,
    schema: Option<&Value>,
) -> Result<Value, UsageError> {
    let kinds = kinds(schema);
    if kinds.is_empty() || kinds.contains(&"string") || is_template(text) {
        return Ok(text.into());
    }
    kinds
        .iter()
        .find_map(|kind| as_kind(kind, text, schema))
        .ok_or_else(|| {
            UsageError::new(format!(
                "parameter `{name}` takes {}, and `{text}` is none",
                described(&kinds)
            ))
        })
}

fn kinds(schema: Option<&Value>) -> Vec<&str> {
    match schema.and_then(|schema| schema.get("type")) {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

/// Templates are rendered by the server, and take their type there.
fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("<%")
}

fn described(kinds: &[&str]) -> String {
    let of = |kind: &&str| match *kind {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "an array (`a,b` or JSON)",
        "object" => "an object (`a:b,c:d` or JSON)",
        "null" => "null",
        _ => "a value of another type",
    };
    kinds.iter().map(of).collect::<Vec<_>>().join(" or ")
}

fn as_kind(kind: &str, text: &str, schema: Option<&Value>) -> Option<Value> {
    let trimmed = text.trim();
    match kind {
        "integer" => trimmed.parse::<i64>().ok().map(Value::from),
        "number" => as_number(trimmed),
        "boolean" => as_boolean(trimmed),
        "array" => as_array(trimmed, schema),
        "object" => as_object(trimmed, schema),
        "null" => matches!(trimmed, "" | "null" | "None").then_some(Value::Null),
        _ => None,
    }
}

fn as_number(text: &str) -> Option<Value> {
    match text.parse::<i64>() {
        Ok(whole) => Some(whole.into()),
        Err(_) => text
            .parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number),
    }
}

fn as_boolean(text: &str) -> Option<Value> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(Value::Bool(true)),
        "false" | "0" | "no" | "off" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// JSON, or items between commas. Where the items are objects, `a:1,b:2` is one of them.
fn as_array(text: &str, schema: Option<&Value>) -> Option<Value> {
    if let Ok(Value::Array(items)) = serde_json::from_str(text) {
        return Some(Value::Array(items));
    }
    if text.starts_with('[') {
        return None;
    }
    let items = schema.and_then(|schema| schema.get("items"));
    if kinds(items).contains(&"object") {
        return as_object(text, items).map(|object| Value::Array(vec![object]));
    }
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| convert_to("", part, items).ok())
        .collect::<Option<Vec<_>>>()
        .map(Value::Array)
}

/// JSON, or pairs between commas, each `key:value` or `key=value`.
fn as_object(text: &str, schema: Option<&Value>) -> Option<Value> {
    if text.starts_with('{') {
        return serde_json::from_str(text).ok();
    }
    let properties = schema.and_then(|schema| schema.get("properties"));
    let mut members = Map::new();
    for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (key, value) = pair.split_once([':', '='])?;
        let of_key = properties.and_then(|properties| properties.get(key.trim()));
        members.insert(
            key.trim().to_owned(),
            convert_to(key, value.trim(), of_key).ok()?,
        );
    }
    Some(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn converted(schema: &Value, words: &[&str]) -> anyhow::Result<Value> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        convert("gold.echo", &words, schema.as_object().unwrap()).map(Value::Object)
    }

    #[test]
    fn converts_each_value_to_the_type_of_its_parameter() {
        let schema = json!({
            "count": { "type": "integer" },
            "ratio": { "type": "number" },
            "force": { "type": "boolean" },
            "flags": { "type": "array", "items": { "type": "string" } },
            "sizes": { "type": "array", "items": { "type": "integer" } },
            "extra": { "type": "object", "properties": { "a": { "type": "integer" } } },
            "text": { "type": "string" },
        });
        let cases = [
            ("count=2", json!({ "count": 2 })),
            ("ratio=2.5", json!({ "ratio": 2.5 })),
            ("force=True", json!({ "force": true })),
            ("force=no", json!({ "force": false })),
            ("flags=a, b", json!({ "flags": ["a", "b"] })),
            (r#"flags=["a,b"]"#, json!({ "flags": ["a,b"] })),
            ("sizes=1,2", json!({ "sizes": [1, 2] })),
            (r#"extra={"a": 1}"#, json!({ "extra": { "a": 1 } })),
            (
                "extra=a:1,b:x=y",
                json!({ "extra": { "a": 1, "b": "x=y" } }),
            ),
            ("text=5", json!({ "text": "5" })),
            ("text=a=b", json!({ "text": "a=b" })),
            ("unknown=5", json!({ "unknown": "5" })),
            (
                "count={{ st2kv.system.n }}",
                json!({ "count": "{{ st2kv.system.n }}" }),
            ),
        ];

        for (word, expected) in cases {
            assert_eq!(converted(&schema, &[word]).unwrap(), expected, "{word}");
        }
    }

    #[test]
    fn says_what_a_parameter_takes() {
        let schema =
            json!({ "count": { "type": "integer" }, "limit": { "type": ["number", "null"] } });

        let count = converted(&schema, &["count=many"]).unwrap_err();
        let limit = converted(&schema, &["limit=x"]).unwrap_err();

        assert!(count.is::<UsageError>());
        assert_eq!(
            count.to_string(),
            "parameter `count` takes a whole number, and `many` is none"
        );
        assert_eq!(
            limit.to_string(),
            "parameter `limit` takes a number or null, and `x` is none"
        );
    }

    #[test]
    fn joins_the_other_words_to_a_command() {
        let schema = json!({ "cmd": { "type": "string" }, "sudo": { "type": "boolean" } });

        let parameters = converted(&schema, &["sudo=false", "echo", "a=b c"]).unwrap();

        assert_eq!(parameters, json!({ "sudo": false, "cmd": "echo a=b c" }));
    }

    #[test]
    fn fills_positional_parameters_in_their_order() {
        let schema = json!({
            "second": { "type": "integer", "position": 1 },
            "first": { "type": "string", "position": 0 },
            "cmd": { "type": "string", "immutable": true, "position": 2 },
        });

        assert_eq!(
            converted(&schema, &["x", "2"]).unwrap(),
            json!({ "first": "x", "second": 2 })
        );
        assert_eq!(
            converted(&schema, &["7", "first=y"]).unwrap(),
            json!({ "first": "y", "second": 7 })
        );
        assert_eq!(
            converted(&schema, &["x", "2", "z"])
                .unwrap_err()
                .to_string(),
            "`gold.echo` has no positional parameter for `z`: write NAME=VALUE"
        );
    }

    #[test]
    fn adds_to_an_array_that_is_given_again() {
        let schema = json!({ "hosts": { "type": "array" } });

        assert_eq!(
            converted(&schema, &["hosts=a", "hosts=b,c"]).unwrap(),
            json!({ "hosts": ["a", "b", "c"] })
        );
    }

    #[test]
    fn makes_one_object_of_pairs_where_an_array_holds_objects() {
        let schema = json!({ "rows": { "type": "array", "items": { "type": "object" } } });

        assert_eq!(
            converted(&schema, &["rows=a:1,b:2", "rows=a:3"]).unwrap(),
            json!({ "rows": [{ "a": "1", "b": "2" }, { "a": "3" }] })
        );
    }

    #[test]
    fn takes_the_text_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body.txt");
        std::fs::write(&path, "line\n").unwrap();
        let word = format!("@text={}", path.display());

        let text = converted(&json!({}), &[word.as_str()]).unwrap();
        let http = convert(HTTP, &[word], &Map::new()).unwrap();

        assert_eq!(text, json!({ "text": "line\n" }));
        assert_eq!(
            Value::Object(http),
            json!({ "file_content": "line\n", "file_name": "body.txt", "method": "POST" })
        );
    }
}
