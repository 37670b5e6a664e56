//! Hides secret parameters in what an action prints, before anybody sees it. No I/O.

use executions::FinalParameters;
use model::{ActionSnapshot, Object};
use secrets::MASK;
use serde_json::Value;

/// Texts shorter than this are not looked for: they would be found everywhere.
const SHORTEST: usize = 4;

/// The texts that must not be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Masking {
    texts: Vec<String>,
}

impl Masking {
    /// Of the parameters whose schema says `secret: true`, nested ones too.
    pub(crate) fn new(snapshot: &ActionSnapshot, parameters: &FinalParameters) -> Self {
        let mut texts = Vec::new();
        for schemas in [
            &snapshot.runner.runner_parameters,
            &snapshot.action.parameters,
        ] {
            for values in [&parameters.runner, &parameters.action] {
                members(schemas, values, &mut texts);
            }
        }
        // The longest first: a secret may be a part of another.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self { texts }
    }

    /// With these texts too, such as the secrets of the pack's configuration.
    pub(crate) fn with(mut self, texts: Vec<String>) -> Self {
        self.texts.extend(texts);
        self.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        self.texts.dedup();
        self
    }

    /// The text with each secret replaced.
    pub(crate) fn apply(&self, text: String) -> String {
        self.texts.iter().fold(text, |text, secret| {
            if text.contains(secret.as_str()) {
                text.replace(secret.as_str(), MASK)
            } else {
                text
            }
        })
    }
}

fn members(schemas: &Object, values: &Object, texts: &mut Vec<String>) {
    for (name, value) in values {
        if let Some(schema) = schemas.get(name) {
            look(schema, value, texts);
        }
    }
}

fn look(schema: &Value, value: &Value, texts: &mut Vec<String>) {
    if schema.get("secret") == Some(&Value::Bool(true)) {
        return collect(value, texts);
    }
    match value {
        Value::Object(values) => {
            if let Some(Value::Object(schemas)) = schema.get("properties") {
                members(schemas, values, texts);
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                for item in items {
                    look(schema, item, texts);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        // What is printed comes line by line, so each line of a key or certificate must be known.
        Value::String(text) => {
            let lines = text.lines().map(str::trim);
            texts.extend(
                std::iter::once(text.as_str())
                    .chain(lines)
                    .filter(|text| text.len() >= SHORTEST)
                    .map(str::to_owned),
            );
        }
        Value::Number(number) => {
            texts.extend(Some(number.to_string()).filter(|text| text.len() >= SHORTEST));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(values) => values.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run::testing::snapshot;

    #[test]
    fn hides_what_schemas_mark_and_nothing_else() {
        let mut snapshot = snapshot("local-shell-cmd");
        let schemas = json!({
            "plain": { "type": "string" },
            "login": { "type": "object", "properties": { "token": { "type": "string", "secret": true } } },
            "keys": { "type": "array", "items": { "type": "string", "secret": true } },
        });
        snapshot.action.parameters = schemas.as_object().unwrap().clone();
        let action = json!({ "plain": "visible", "login": { "token": "t0ken" }, "keys": ["key1", "key123"] });
        let runner = json!({ "sudo_password": "hunter2", "cmd": "echo" });
        let parameters = FinalParameters {
            runner: runner.as_object().unwrap().clone(),
            action: action.as_object().unwrap().clone(),
        };

        let masking = Masking::new(&snapshot, &parameters);

        let shown = masking.apply("visible echo t0ken key123 key1 hunter2".to_owned());
        assert_eq!(shown, "visible echo ******** ******** ******** ********");
    }

    #[test]
    fn hides_each_line_of_a_secret_of_several() {
        let mut snapshot = snapshot("local-shell-cmd");
        let schemas = json!({ "key": { "type": "string", "secret": true } });
        snapshot.action.parameters = schemas.as_object().unwrap().clone();
        let action = json!({ "key": "-----BEGIN KEY-----\nMIIEow\n  x==\n-----END KEY-----\n" });
        let parameters = FinalParameters {
            runner: Object::new(),
            action: action.as_object().unwrap().clone(),
        };

        let masking = Masking::new(&snapshot, &parameters);

        let lines = ["key: -----BEGIN KEY-----\n", "MIIEow\n", "x==\n"];
        let shown = lines.map(|line| masking.apply(line.to_owned()));
        assert_eq!(shown, ["key: ********\n", "********\n", "x==\n"]);
    }
}
