//! A dialogue that asks for the members of a response, one after the other, as their schemas say.

use anyhow::Context;
use serde_json::{Map, Value};

use crate::client::parameters::convert_to;

/// Somebody who can be asked.
pub(in crate::client) trait Person {
    /// What they answer in a line; `None` where they have gone away. A secret is not shown while it is typed.
    fn ask(&mut self, question: &str, is_secret: bool) -> std::io::Result<Option<String>>;

    /// Tells them something.
    fn tell(&mut self, text: &str) -> std::io::Result<()>;
}

/// Asks one person.
#[derive(Debug)]
pub(in crate::client) struct Form<'p, P> {
    person: &'p mut P,
}

impl<'p, P: Person> Form<'p, P> {
    pub(in crate::client) fn new(person: &'p mut P) -> Self {
        Self { person }
    }

    /// The members that these properties describe. An empty line takes the default, or leaves out what is not required.
    pub(in crate::client) fn fill(
        &mut self,
        properties: &Map<String, Value>,
    ) -> anyhow::Result<Map<String, Value>> {
        self.members("", properties)
    }

    fn members(
        &mut self,
        prefix: &str,
        properties: &Map<String, Value>,
    ) -> anyhow::Result<Map<String, Value>> {
        let mut members = Map::new();
        for (name, schema) in properties {
            let place = format!("{prefix}{name}");
            let nested = schema.get("properties").and_then(Value::as_object);
            let value = match nested {
                Some(nested) => Some(self.members(&format!("{place}."), nested)?)
                    .filter(|nested| !nested.is_empty() || is_required(schema))
                    .map(Value::Object),
                None => self.member(&place, schema)?,
            };
            members.extend(value.map(|value| (name.clone(), value)));
        }
        Ok(members)
    }

    fn member(&mut self, place: &str, schema: &Value) -> anyhow::Result<Option<Value>> {
        if let Some(description) = schema.get("description").and_then(Value::as_str) {
            self.person.tell(&format!("{place}: {description}"))?;
        }
        let choices = choices(schema);
        for (number, choice) in choices.iter().enumerate() {
            self.person
                .tell(&format!("  {number} - {}", text(choice)))?;
        }
        let question = question(place, schema, choices);
        loop {
            let line = self.person.ask(&question, is_secret(schema))?;
            let line = line.context("the dialogue was broken off: nothing was sent")?;
            let problem = match read(place, line.trim(), schema, choices) {
                Ok(Some(value)) => return Ok(Some(value)),
                Ok(None) if !is_required(schema) || schema.get("default").is_some() => {
                    return Ok(schema.get("default").cloned());
                }
                Ok(None) => format!("`{place}` is required"),
                Err(problem) => problem,
            };
            self.person.tell(&problem)?;
        }
    }
}

fn question(place: &str, schema: &Value, choices: &[Value]) -> String {
    let kind = match (is_secret(schema), choices.is_empty(), kind(schema)) {
        (true, ..) => " (secret)",
        (_, false, "array") => " (numbers between commas)",
        (_, false, _) | (_, _, "number") => " (number)",
        (_, _, "boolean") => " (yes or no)",
        (_, _, "integer") => " (whole number)",
        (_, _, "array") => " (items between commas)",
        (_, _, "object") => " (JSON)",
        _ => "",
    };
    let default = match schema.get("default") {
        Some(default) if !is_secret(schema) => format!(" [{}]", text(default)),
        _ => String::new(),
    };
    format!("{place}{kind}{default}: ")
}

/// The value that a line means; `None` for an empty one, and what is wrong otherwise.
fn read(
    place: &str,
    line: &str,
    schema: &Value,
    choices: &[Value],
) -> Result<Option<Value>, String> {
    if line.is_empty() {
        return Ok(None);
    }
    if choices.is_empty() {
        let wanted = matches!(kind(schema), "boolean");
        let line = match line.to_ascii_lowercase().as_str() {
            "y" if wanted => "yes",
            "n" if wanted => "no",
            _ => line,
        };
        let value = convert_to(place, line, Some(schema));
        return value.map(Some).map_err(|error| error.to_string());
    }
    let chosen = |number: &str| {
        let found = number.trim().parse::<usize>().ok();
        let found = found.and_then(|number| choices.get(number)).cloned();
        found.ok_or_else(|| {
            let last = choices.len() - 1;
            format!("`{}` is none of the numbers 0 to {last}", number.trim())
        })
    };
    if kind(schema) == "array" {
        let numbers = line.split(',').filter(|number| !number.trim().is_empty());
        return numbers
            .map(chosen)
            .collect::<Result<Vec<_>, _>>()
            .map(|all| Some(Value::Array(all)));
    }
    chosen(line).map(Some)
}

/// The values to choose from: those of the schema, or of an array's items.
fn choices(schema: &Value) -> &[Value] {
    let listed = schema
        .get("enum")
        .or_else(|| schema.get("items").and_then(|items| items.get("enum")));
    listed
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn kind(schema: &Value) -> &str {
    schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn is_secret(schema: &Value) -> bool {
    schema.get("secret") == Some(&Value::Bool(true))
}

fn is_required(schema: &Value) -> bool {
    schema.get("required") == Some(&Value::Bool(true))
}

/// A value as a person reads it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Somebody who gives these answers, and what they saw.
    struct Scripted {
        answers: Vec<&'static str>,
        seen: Vec<String>,
        hidden: Vec<String>,
    }

    impl Person for Scripted {
        fn ask(&mut self, question: &str, is_secret: bool) -> std::io::Result<Option<String>> {
            let seen = if is_secret {
                &mut self.hidden
            } else {
                &mut self.seen
            };
            seen.push(question.to_owned());
            Ok((!self.answers.is_empty()).then(|| self.answers.remove(0).to_owned()))
        }

        fn tell(&mut self, text: &str) -> std::io::Result<()> {
            self.seen.push(text.to_owned());
            Ok(())
        }
    }

    fn asked(properties: &Value, answers: &[&'static str]) -> (anyhow::Result<Value>, Scripted) {
        let mut person = Scripted {
            answers: answers.to_vec(),
            seen: Vec::new(),
            hidden: Vec::new(),
        };
        let filled = Form::new(&mut person).fill(properties.as_object().unwrap());
        (filled.map(Value::Object), person)
    }

    #[test]
    fn asks_for_each_member_in_order_and_types_the_answers() {
        let properties = json!({
            "approved": { "type": "boolean", "required": true, "description": "Go on?" },
            "hosts": { "type": "array" },
            "note": { "type": "string" },
            "retries": { "type": "integer", "default": 3 },
            "window": { "type": "object", "properties": { "hours": { "type": "integer" } } },
        });

        let (filled, person) = asked(&properties, &["y", "a, b", "", "", "2"]);

        assert_eq!(
            filled.unwrap(),
            json!({ "approved": true, "hosts": ["a", "b"], "retries": 3, "window": { "hours": 2 } })
        );
        assert_eq!(
            person.seen,
            [
                "approved: Go on?",
                "approved (yes or no): ",
                "hosts (items between commas): ",
                "note: ",
                "retries (whole number) [3]: ",
                "window.hours (whole number): ",
            ]
        );
    }

    #[test]
    fn asks_again_until_the_answer_fits() {
        let properties = json!({ "count": { "type": "integer", "required": true } });

        let (filled, person) = asked(&properties, &["", "many", "4"]);

        assert_eq!(filled.unwrap(), json!({ "count": 4 }));
        assert_eq!(person.seen[1], "`count` is required");
        assert_eq!(
            person.seen[3],
            "parameter `count` takes a whole number, and `many` is none"
        );
    }

    #[test]
    fn choices_are_made_by_number() {
        let properties = json!({
            "color": { "type": "string", "enum": ["red", "green"] },
            "sizes": { "type": "array", "items": { "enum": [1, 2, 3] } },
        });

        let (filled, person) = asked(&properties, &["7", "1", "0, 2"]);

        assert_eq!(
            filled.unwrap(),
            json!({ "color": "green", "sizes": [1, 3] })
        );
        assert_eq!(
            person.seen[..4],
            [
                "  0 - red",
                "  1 - green",
                "color (number): ",
                "`7` is none of the numbers 0 to 1"
            ]
        );
    }

    #[test]
    fn secrets_are_typed_unseen_and_their_default_is_not_shown() {
        let properties =
            json!({ "password": { "type": "string", "secret": true, "default": "hunter2" } });

        let (filled, person) = asked(&properties, &[""]);

        assert_eq!(filled.unwrap(), json!({ "password": "hunter2" }));
        assert_eq!(person.hidden, ["password (secret): "]);
        assert!(person.seen.is_empty());
    }

    #[test]
    fn sends_nothing_where_the_dialogue_is_broken_off() {
        let (filled, _) = asked(&json!({ "a": { "type": "string" } }), &[]);

        assert_eq!(
            filled.unwrap_err().to_string(),
            "the dialogue was broken off: nothing was sent"
        );
    }
}
