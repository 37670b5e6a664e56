//! `alias.jsonl`: formats of action aliases against messages.

use alias::{Aliases, ExtractError, Format, MatchError, Message, Representation, with_immutable};
use expr::{ValuesTemplate, Variables};
use serde_json::{Map, Value, json};

use super::jinja::template_failure;
use super::memory::Memory;
use crate::{Answer, Case, Failure};

pub(super) fn answer(case: &Case) -> Answer {
    let message = Message::new(case.text("message"));
    match case.text("op") {
        "extract" => format(case)?
            .extract(&message)
            .map(Value::Object)
            .map_err(extract_failure),
        "extract_multiple" => {
            let found = format(case)?.extract_multiple(&message);
            found.map(|found| json!(found)).map_err(extract_failure)
        }
        "representations" => {
            let found = alias::representations(case.array("formats"));
            let found = found.map_err(|error| Failure::new(&["type"], error))?;
            Ok(found.iter().map(representation).collect())
        }
        "match" => matching(case, &message),
        "immutable" => immutable(case),
        _ => Err(Failure::malformed("known `op`")),
    }
}

fn format(case: &Case) -> Result<Format, Failure> {
    Format::compile(case.text("format"))
        .map_err(|error| Failure::new(&["regex"], format!("{error}: {}", error.source)))
}

fn extract_failure(error: ExtractError) -> Failure {
    let kinds: &[&str] = match &error {
        ExtractError::NoMatch { .. } => &["no_match"],
        _ => &["other"],
    };
    Failure::new(kinds, error)
}

/// A display without a format has no `match_multiple` upstream.
fn representation(one: &Representation) -> Value {
    let match_multiple = one.format.as_ref().map(|_| one.match_multiple);
    json!({ "display": one.display, "representation": one.text(), "match_multiple": match_multiple })
}

fn matching(case: &Case, message: &Message) -> Answer {
    let mut aliases = Aliases::default();
    for alias in case.array("aliases") {
        if alias["enabled"] != false {
            let formats = alias["formats"]
                .as_array()
                .map_or(&[] as &[_], Vec::as_slice);
            aliases.insert(alias["name"].as_str().unwrap_or_default(), formats);
        }
    }
    let found = aliases.match_message(message).map_err(|error| {
        let kinds: &[&str] = match &error {
            MatchError::NoMatch { .. } => &["no_match"],
            MatchError::Ambiguous { .. } => &["ambiguous"],
            _ => &["other"],
        };
        let place = match &error {
            MatchError::Ambiguous { formats, .. } => Some(json!({ "matches": formats })),
            _ => None,
        };
        Failure {
            place,
            ..Failure::new(kinds, error)
        }
    })?;
    let one = found.representation;
    let parameters = match found.parameters.as_slice() {
        [parameters] if !one.match_multiple => json!(parameters),
        several => json!(several),
    };
    Ok(json!({
        "alias": found.key,
        "display": one.display,
        "representation": one.text(),
        "match_multiple": one.match_multiple,
        "params": parameters,
    }))
}

fn immutable(case: &Case) -> Answer {
    let context = case.object("context");
    let user = context.get("user").and_then(Value::as_str);
    let datastore = Memory::of_scopes(case.get("kv"), user);
    let variables = Variables {
        values: context
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect(),
        datastore: Some(datastore),
    };
    let rendered = ValuesTemplate::compile(&case.object("immutable_parameters"))
        .and_then(|template| template.render(&variables))
        .map_err(template_failure)?;
    let given: Vec<Map<String, Value>> = case
        .array("params")
        .iter()
        .filter_map(Value::as_object)
        .cloned()
        .collect();
    with_immutable(given, &rendered)
        .map(|merged| json!(merged))
        .map_err(|error| Failure::new(&["immutable"], error))
}
