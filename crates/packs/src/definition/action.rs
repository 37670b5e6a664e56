//! Actions: `actions/NAME.yaml`.

use std::collections::BTreeMap;

use model::{Action, Object};
use schema::{SchemaError, effective_parameters};
use serde_json::Value;

use super::{Origin, check_pack, named, refuse_null, tags};
use crate::form::{self, ACTION};
use crate::suggestion::did_you_mean;
use crate::{Catalog, Complaint};

/// Checks an action and makes it: keys and types, that its runner exists, that it changes nothing of the runner's
/// parameters which it may not, positions, and defaults of immutable parameters (`ActionAPI`, `validators/api/action.py`).
pub fn action(
    document: &Value,
    origin: &Origin<'_>,
    catalog: &Catalog,
) -> Result<Action, Complaint> {
    let filled = ACTION.check(document)?;
    check_pack(document, origin.pack)?;
    refuse_null(document, "parameters", "a mapping")?;
    let (name, action_ref) = named(&filled, origin.pack)?;
    let runner_type = form::text(&filled, "runner_type").unwrap_or_default();
    let runner_parameters = catalog
        .runner_parameters(&runner_type)
        .ok_or_else(|| unknown_runner(&runner_type, catalog))?;
    let parameters = form::object(&filled, "parameters");
    check_parameters(&parameters, runner_parameters)?;
    Ok(Action {
        tags: tags(&filled),
        uid: format!("action:{}:{name}", origin.pack),
        metadata_file: origin.metadata_file.to_owned(),
        name,
        action_ref,
        description: form::text(&filled, "description"),
        enabled: form::flag(&filled, "enabled", true),
        entry_point: form::text(&filled, "entry_point").unwrap_or_default(),
        pack: origin.pack.to_owned(),
        runner_type,
        parameters,
        output_schema: form::object(&filled, "output_schema"),
        notify: form::object(&filled, "notify"),
        id: origin.id(),
    })
}

fn unknown_runner(name: &str, catalog: &Catalog) -> Complaint {
    let hint = match name {
        "mistral" | "mistral-v1" | "mistral-v2" => {
            "; Mistral was removed from StackStorm in 3.3, write the workflow for \"orquesta\""
                .to_owned()
        }
        "cloudslang" => "; it was removed from StackStorm".to_owned(),
        "run-local" => "; it is called \"local-shell-cmd\" now".to_owned(),
        "run-local-script" => "; it is called \"local-shell-script\" now".to_owned(),
        "run-remote" => "; it is called \"remote-shell-cmd\" now".to_owned(),
        "run-remote-script" => "; it is called \"remote-shell-script\" now".to_owned(),
        "run-python" => "; it is called \"python-script\" now".to_owned(),
        other => nearest_runners(other, &catalog.runner_names()),
    };
    Complaint::value(
        &["runner_type"],
        format!("there is no runner \"{name}\"{hint}"),
    )
}

/// The runner that is meant by a misspelt name; else those that are called after it, and else all.
fn nearest_runners(name: &str, known: &[&str]) -> String {
    let near = did_you_mean(name, known.iter().copied());
    if !near.is_empty() {
        return near;
    }
    let wanted = name.to_lowercase();
    let is_part = |known: &&&str| known.split('-').any(|part| part == wanted);
    let quoted = |name: &&str| format!("\"{name}\"");
    let called: Vec<String> = known.iter().filter(is_part).map(quoted).collect();
    if called.is_empty() {
        return format!("; there are {}", known.join(", "));
    }
    format!(" (did you mean {}?)", called.join(" or "))
}

fn check_parameters(parameters: &Object, of_runner: &Object) -> Result<(), Complaint> {
    effective_parameters(of_runner, parameters).map_err(|error| override_complaint(&error))?;
    let mut positions: BTreeMap<u64, &str> = BTreeMap::new();
    for (name, schema) in parameters {
        if let Some(position) = schema.get("position") {
            let path = ["parameters", name.as_str(), "position"];
            let position = position
                .as_u64()
                .ok_or_else(|| Complaint::value(&path, whole_position(position)))?;
            if let Some(other) = positions.insert(position, name) {
                let words = format!(
                    "the parameters \"{other}\" and \"{name}\" both have the position {position}"
                );
                return Err(Complaint::value(&path, words));
            }
        }
        check_immutable(name, schema, of_runner.get(name))?;
    }
    check_contiguous(&positions)
}

fn whole_position(position: &Value) -> String {
    format!("a position must be a whole number, not {position}")
}

fn override_complaint(error: &SchemaError) -> Complaint {
    match error {
        SchemaError::Override {
            parameter,
            attribute,
        } => {
            let words = format!(
                "\"{parameter}\" is a parameter of the runner, so \"{attribute}\" cannot be changed here (only default, \
                 description, enum, immutable and required can)"
            );
            Complaint::key(&["parameters", parameter, attribute], words)
        }
        other => Complaint::value(&["parameters"], other.to_string()),
    }
}

fn check_immutable(name: &str, schema: &Value, of_runner: Option<&Value>) -> Result<(), Complaint> {
    if schema.get("immutable").is_none() {
        return Ok(());
    }
    let path = ["parameters", name, "immutable"];
    if of_runner.is_some_and(|theirs| theirs.get("immutable").is_some()) {
        let words =
            format!("\"{name}\" is immutable in the runner already and cannot be overridden");
        return Err(Complaint::key(&path, words));
    }
    let has_default = |schema: &Value| schema.get("default").is_some();
    if !has_default(schema) && !of_runner.is_some_and(has_default) {
        let words = format!(
            "the parameter \"{name}\" states \"immutable\" and therefore needs a \"default\""
        );
        return Err(Complaint::key(&path, words));
    }
    Ok(())
}

fn check_contiguous(positions: &BTreeMap<u64, &str>) -> Result<(), Complaint> {
    let pairs = positions.iter().zip(positions.iter().skip(1));
    for ((before, _), (after, name)) in pairs {
        if after - before > 1 {
            let words = format!("the positions leave a gap: {after} follows {before}");
            return Err(Complaint::value(&["parameters", *name, "position"], words));
        }
    }
    Ok(())
}
