//! What a pack's files say of its own actions: that there is one of that name, and that it takes such parameters.
//!
//! `StackStorm` registers whatever they say; what is wrong shows when it runs. Actions of other packs may come later,
//! so nothing is said of those.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use model::Action;
use serde_json::Value;

use super::Context;
use crate::source::Source;
use crate::suggestion::did_you_mean;
use crate::workflow::Engine;
use crate::{Catalog, FileKind, FileResult, FileWarning};

/// The actions of the pack that is being read.
#[derive(Debug, Default)]
pub(super) struct OwnActions {
    /// References, of refused files too: what is wrong there is told there.
    references: HashSet<String>,
    /// What those take that are accepted.
    parameters: HashMap<String, HashSet<String>>,
}

/// Something in a file that names an action, and gives it parameters.
struct Call<'a> {
    /// The keys and indices that lead to the name.
    path: Vec<String>,
    action: &'a str,
    /// The key beside the name that has parameters, and their names.
    parameters: Option<(&'static str, Vec<&'a str>)>,
}

impl OwnActions {
    pub(super) fn new(results: &[FileResult], actions: &[Action], catalog: &Catalog) -> Self {
        let of_actions = results
            .iter()
            .filter(|result| result.kind == FileKind::Action);
        let references = of_actions.filter_map(|result| {
            // Of a file that cannot be read, its name must do.
            let stem = Path::new(&result.file).file_stem()?.to_string_lossy();
            let guessed = || format!("{}.{stem}", result.pack);
            Some(result.reference.clone().unwrap_or_else(guessed))
        });
        let parameters = actions.iter().map(|action| {
            let of_runner = catalog.runner_parameters(&action.runner_type);
            let names = of_runner
                .into_iter()
                .flatten()
                .chain(&action.parameters)
                .map(|(name, _)| name.clone());
            (action.action_ref.to_string(), names.collect())
        });
        Self {
            references: references.collect(),
            parameters: parameters.collect(),
        }
    }

    /// Whether an action takes a parameter, and if not, what is wrong; nothing of actions that are not known.
    pub(super) fn complaint_of_parameter(&self, action: &str, parameter: &str) -> Option<String> {
        let known = self.parameters.get(action)?;
        if known.contains(parameter) {
            return None;
        }
        let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
        known.sort_unstable();
        let hint = did_you_mean(parameter, known);
        Some(format!(
            "the action \"{action}\" has no parameter \"{parameter}\"{hint}"
        ))
    }

    fn complaint_of_action(&self, pack: &str, action: &str) -> Option<String> {
        let (stated, name) = action.split_once('.')?;
        // What is computed when it runs names no action yet.
        if stated != pack || name.contains(['{', '<']) || self.references.contains(action) {
            return None;
        }
        let mut known: Vec<&str> = self.references.iter().map(String::as_str).collect();
        known.sort_unstable();
        let hint = did_you_mean(action, known);
        Some(format!("this pack has no action \"{action}\"{hint}"))
    }
}

impl Context<'_> {
    /// Warns of actions of this pack that are not there, and of parameters that they do not take, in the file that was
    /// just judged.
    pub(super) fn warn_of_own_actions(&mut self, source: &Source, engine: Option<Engine>) {
        let Ok(parsed) = &source.document else {
            return;
        };
        let mut warnings: Vec<FileWarning> = Vec::new();
        for call in calls(source.kind, &parsed.json, engine) {
            if let Some(words) = self.own.complaint_of_action(&self.pack, call.action) {
                warnings.push(source.warning_at(&call.path, words));
            }
            let Some((key, names)) = &call.parameters else {
                continue;
            };
            for name in names {
                if let Some(words) = self.own.complaint_of_parameter(call.action, name) {
                    let mut path = call.path.clone();
                    path.pop();
                    path.extend([(*key).to_owned(), (*name).to_owned()]);
                    warnings.push(source.warning_at_key(&path, words));
                }
            }
        }
        self.warn_last_of(warnings);
    }
}

/// What a file of this kind calls.
fn calls(kind: FileKind, document: &Value, engine: Option<Engine>) -> Vec<Call<'_>> {
    match (kind, engine) {
        (FileKind::Rule, _) => call(document.get("action"), &["action", "ref"], &["parameters"]),
        (FileKind::Alias, _) => call(Some(document), &["action_ref"], &["immutable_parameters"]),
        (FileKind::Policy, _) => call(Some(document), &["resource_ref"], &[]),
        (FileKind::Workflow, Some(Engine::Orquesta)) => {
            let tasks = document.get("tasks").and_then(Value::as_object);
            let tasks = tasks.into_iter().flatten();
            let calls =
                tasks.map(|(name, task)| call(Some(task), &["tasks", name, "action"], &["input"]));
            calls.flatten().collect()
        }
        (FileKind::Workflow, Some(Engine::ActionChain)) => {
            let nodes = document.get("chain").and_then(Value::as_array);
            let nodes = nodes.into_iter().flatten().enumerate();
            let calls = nodes.map(|(at, node)| {
                let at = at.to_string();
                call(
                    Some(node),
                    &["chain", &at, "ref"],
                    &["params", "parameters"],
                )
            });
            calls.flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// What an object calls whose action stands under the last key of the path, and parameters under one of these keys.
fn call<'a>(within: Option<&'a Value>, path: &[&str], keys: &[&'static str]) -> Vec<Call<'a>> {
    let Some((object, key)) = within.zip(path.last()) else {
        return Vec::new();
    };
    // Parameters may stand behind the name.
    let action = object.get(key).and_then(Value::as_str);
    let action = action.and_then(|text| text.split_whitespace().next());
    let given = keys.iter().find_map(|key| {
        let names = object.get(key)?.as_object()?.keys();
        Some((*key, names.map(String::as_str).collect()))
    });
    let call = action.map(|action| Call {
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        action,
        parameters: given,
    });
    call.into_iter().collect()
}
