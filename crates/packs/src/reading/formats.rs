//! Formats of aliases that nobody can say, or that give an action what it does not take.
//!
//! `StackStorm` registers them without a word, and then they match nothing, or what they ask for is refused.

use alias::{Format, FormatError};
use serde_json::Value;

use super::Context;
use crate::expressions;
use crate::source::Source;

/// A format, and the keys and indices that lead to it.
struct Written<'a> {
    path: Vec<String>,
    text: &'a str,
}

impl Context<'_> {
    /// Warns of what is odd about the formats of the alias that was just judged.
    pub(super) fn warn_of_formats(&mut self, source: &Source) {
        let Ok(parsed) = &source.document else {
            return;
        };
        let action = parsed.json.get("action_ref").and_then(Value::as_str);
        let mut warnings = Vec::new();
        for Written { path, text } in formats(&parsed.json) {
            let node = parsed.root.nearest(&path);
            let mut warn = |at: usize, message: String| {
                let place = expressions::position(&source.text, node, text, at);
                warnings.push(source.warning(message, place.line, place.column));
            };
            let format = match Format::compile(text) {
                Ok(format) => format,
                Err(error) => {
                    warn(0, unsayable(&error));
                    continue;
                }
            };
            if let Some(at) = format.stray_braces() {
                let (here, other) = if text[at..].starts_with('{') {
                    (
                        "{{",
                        "the `}}` of a parameter is missing, or its name has a blank in it",
                    )
                } else {
                    ("}}", "no `{{` stands before it")
                };
                let words = format!(
                    "this `{here}` is taken as it is, not as a part of a parameter: {other}"
                );
                warn(at, words);
            }
            for name in format.parameter_names() {
                let complaint =
                    action.and_then(|action| self.own.complaint_of_parameter(action, &name));
                if let Some(words) = complaint {
                    warn(text.find(&name).unwrap_or(0), words);
                }
            }
        }
        self.warn_last_of(warnings);
    }
}

/// Why a format is no expression.
fn unsayable(error: &FormatError) -> String {
    let cause = error.source.to_string();
    let twice = cause.strip_prefix("redefinition of group name '");
    let twice = twice.and_then(|rest| rest.split('\'').next());
    match twice {
        Some(name) => format!("nobody can say this: the parameter \"{name}\" stands in it twice"),
        None => format!("nobody can say this: {error}: {cause}"),
    }
}

fn formats(document: &Value) -> Vec<Written<'_>> {
    let entries = document.get("formats").and_then(Value::as_array);
    let entries = entries.into_iter().flatten().enumerate();
    let written = entries.flat_map(|(at, entry)| {
        let path = vec!["formats".to_owned(), at.to_string()];
        match (entry, entry.get("representation")) {
            (Value::String(text), _) => vec![Written { path, text }],
            (_, Some(Value::Array(texts))) => below(&path, texts),
            _ => Vec::new(),
        }
    });
    written.collect()
}

fn below<'a>(path: &[String], texts: &'a [Value]) -> Vec<Written<'a>> {
    let texts = texts.iter().enumerate();
    let written = texts.filter_map(|(at, text)| {
        let steps = ["representation".to_owned(), at.to_string()];
        Some(Written {
            path: path.iter().cloned().chain(steps).collect(),
            text: text.as_str()?,
        })
    });
    written.collect()
}
