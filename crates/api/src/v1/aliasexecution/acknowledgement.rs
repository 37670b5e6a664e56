//! What chat answers at once to a command that was understood.

use expr::{Template, TemplateError, ValuesTemplate, Variables};
use model::Object;
use serde_json::Value;

/// Adds `message` and `extra` to a result, as the alias's `ack` words them. The execution stands whatever becomes of
/// this: an answer that cannot be rendered says so in its place.
pub(super) fn add(result: &mut Object, ack: &Object) {
    if let Some(format) = ack.get("format") {
        let message = match format.as_str() {
            Some(format) => {
                message(format, result).unwrap_or_else(|error| unrenderable("format", &error))
            }
            None => format.clone(),
        };
        result.insert("message".to_owned(), message);
    }
    if let Some(Value::Object(extra)) = ack.get("extra") {
        let extra = extras(extra, result).unwrap_or_else(|error| unrenderable("extra", &error));
        result.insert("extra".to_owned(), extra);
    }
}

fn message(format: &str, result: &Object) -> Result<Value, TemplateError> {
    Template::compile(format)?
        .render(&names(result))
        .map(Value::String)
}

fn extras(extra: &Object, result: &Object) -> Result<Value, TemplateError> {
    ValuesTemplate::compile(extra)?
        .render(&names(result))
        .map(Value::Object)
}

fn names(result: &Object) -> Variables {
    let values = result
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()));
    Variables {
        values: values.collect(),
        datastore: None,
    }
}

fn unrenderable(field: &str, error: &TemplateError) -> Value {
    Value::String(format!(
        "Cannot render \"{field}\" in field \"ack\" for alias. {error}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn acknowledged(ack: &Value) -> Value {
        let mut result = Object::new();
        result.insert("execution".to_owned(), json!({ "id": "1" }));

        add(&mut result, ack.as_object().unwrap());

        result.remove("execution");
        Value::Object(result)
    }

    #[test]
    fn the_message_and_the_extras_are_templates_over_the_execution() {
        let ack = json!({
            "format": "on it: {{ execution.id }}",
            "append_url": false,
            "extra": { "slack": { "title": "{{ message | upper }}" }, "n": 1 },
        });

        assert_eq!(
            acknowledged(&ack),
            json!({ "message": "on it: 1", "extra": { "slack": { "title": "ON IT: 1" }, "n": 1 } })
        );
        assert_eq!(acknowledged(&json!({})), json!({}));
    }

    #[test]
    fn an_acknowledgement_that_cannot_be_rendered_says_why() {
        let said = acknowledged(&json!({ "format": "{{ exection.id }}", "extra": { "a": "{{" } }));

        for (field, template) in [("message", "format"), ("extra", "extra")] {
            let text = said[field].as_str().unwrap();
            let beginning = format!("Cannot render \"{template}\" in field \"ack\" for alias. ");
            assert!(text.starts_with(&beginning), "{text}");
        }
        assert!(said["message"].to_string().contains("exection"));
    }
}
