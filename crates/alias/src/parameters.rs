//! What a message gives an action: texts, and the parameters that an alias fixes.

use serde_json::{Map, Value};

use crate::message::is_space;

/// Parameters by name, ready for a request of an execution.
pub type Parameters = Map<String, Value>;

/// A parameter was given in chat that the alias fixes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the alias fixes {}; leave it out", quoted(.parameters))]
pub struct ImmutableError {
    /// The parameters that were given and may not be.
    pub parameters: Vec<String>,
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Adds an alias's immutable parameters, already rendered, to each set of parameters of a message.
pub fn with_immutable(
    mut given: Vec<Parameters>,
    immutable: &Parameters,
) -> Result<Vec<Parameters>, ImmutableError> {
    for parameters in &mut given {
        let refused: Vec<_> = immutable
            .keys()
            .filter(|name| parameters.contains_key(*name))
            .cloned()
            .collect();
        if !refused.is_empty() {
            return Err(ImmutableError {
                parameters: refused,
            });
        }
        parameters.extend(immutable.clone());
    }
    Ok(given)
}

/// How the text of a parameter of type `array` is read: split at commas, trimmed. It is not JSON here, unlike elsewhere.
#[must_use]
pub fn split_array(text: &str) -> Vec<String> {
    text.split(',')
        .map(|item| item.trim_matches(is_space).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameters(value: &Value) -> Parameters {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn immutable_parameters_join_every_set_and_cannot_be_given() {
        let fixed = parameters(&json!({ "channel": "general", "n": 1 }));
        let given = vec![parameters(&json!({ "x": "1" })), parameters(&json!({}))];

        let merged = with_immutable(given, &fixed).unwrap();
        let refused = with_immutable(vec![parameters(&json!({ "n": "2" }))], &fixed).unwrap_err();

        assert_eq!(
            json!(merged),
            json!([{ "x": "1", "channel": "general", "n": 1 }, { "channel": "general", "n": 1 }])
        );
        assert_eq!(refused.to_string(), "the alias fixes `n`; leave it out");
    }

    #[test]
    fn an_array_is_split_at_commas() {
        for (text, expected) in [
            ("a, b", vec!["a", "b"]),
            ("a", vec!["a"]),
            ("", vec![""]),
            (" a ,,b\n", vec!["a", "", "b"]),
        ] {
            assert_eq!(split_array(text), expected, "{text}");
        }
    }
}
