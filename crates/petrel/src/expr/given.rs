//! What the command line gives to an expression: the text itself, data, the current task, the datastore.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

use ::expr::explain::Given;
use ::expr::orquesta::{Options, State};
use ::expr::{Datastore, Scope, Variables};

use chrono::{DateTime, Utc};
use pyvalue::{Dict, Value};
use serde_json::{Value as Json, json};

use super::ExprArgs;
use crate::client::{UsageError, read_document, read_text};

/// The id of the task that an expression is tried in.
const TASK: &str = "current";

/// The text of the expression. The end of the last line of standard input does not belong to it.
pub(super) fn expression(text: &str) -> anyhow::Result<String> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let text = read_text(Path::new("-"))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// All that `text` may ask for.
pub(super) fn of(args: &ExprArgs, text: &str, now: DateTime<Utc>) -> Result<Given, UsageError> {
    let read = |option: &str, given: &Option<String>| {
        given
            .as_deref()
            .map(|given| document(option, given))
            .transpose()
    };
    let data = read("--data", &args.data)?.unwrap_or_else(|| json!({}));
    let item = read("--item", &args.item)?;
    let result = read("--result", &args.result)?;
    let datastore: Arc<dyn Datastore> = Arc::new(Items(args.kv.iter().cloned().collect()));

    let value = Value::from_json(&data);
    let mut context = value.as_dict().cloned().unwrap_or_default();
    if text.contains("st2kv") && context.get("st2").is_none() {
        context.insert("st2", Value::from_json(&json!({ "user": "stanley" })));
    }
    add_task(&mut context, result, item, args.status.as_str());
    let members = match data {
        Json::Object(members) => members,
        _ => serde_json::Map::new(),
    };
    Ok(Given {
        state: State::from_context(context).with_datastore(Arc::clone(&datastore)),
        variables: Variables {
            values: members
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
            datastore: Some(datastore),
        },
        data: value,
        options: Options {
            now: Some(now.fixed_offset()),
            seed: RandomState::new().hash_one(0),
            ..Options::default()
        },
    })
}

/// The current task and its item, as Orquesta passes them around; data that brings its own keeps it.
fn add_task(context: &mut Dict, result: Option<Json>, item: Option<Json>, status: &str) {
    let mut task = json!({ "id": TASK, "route": 0 });
    if let Some(result) = result {
        task["result"] = result;
    }
    let state = json!({
        "tasks": { format!("{TASK}__r0"): 0 },
        "routes": [[]],
        "sequence": [{ "id": TASK, "route": 0, "status": status }],
    });
    let item = item.map(|item| ("__current_item", item));
    for (name, value) in [("__current_task", task), ("__state", state)]
        .into_iter()
        .chain(item)
    {
        if context.get(name).is_none() {
            context.insert(name, Value::from_json(&value));
        }
    }
}

/// JSON, or the JSON or YAML file of this name.
fn document(option: &str, text: &str) -> Result<Json, UsageError> {
    let wrong = |error: anyhow::Error| UsageError::new(format!("{option}: {error:#}"));
    if text == "-" {
        return read_document(Path::new("-")).map_err(wrong);
    }
    let not_json = match serde_json::from_str(text) {
        Ok(json) => return Ok(json),
        Err(error) => error,
    };
    let path = Path::new(text);
    let is_named_as_file = path
        .extension()
        .is_some_and(|found| ["json", "yaml", "yml"].iter().any(|known| found == *known));
    if path.is_file() || (is_named_as_file && !text.starts_with(['{', '[', '"'])) {
        return read_document(path).map_err(wrong);
    }
    Err(UsageError::new(format!(
        "{option} is neither JSON ({not_json}) nor a file; a text is written with its quotes: '\"web\"'"
    )))
}

/// The datastore of an attempt: what `--kv` gives, in the system's scope.
#[derive(Debug)]
struct Items(HashMap<String, String>);

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        match scope {
            Scope::System => self.0.get(name).cloned(),
            Scope::User => None,
        }
    }

    /// Values are given as they are once opened.
    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        Ok(sealed.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_json_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.yaml");
        std::fs::write(&path, "a: [1, 2]\n").unwrap();

        assert_eq!(document("--data", "[1]").unwrap(), json!([1]));
        assert_eq!(document("--data", "\"x.json\"").unwrap(), json!("x.json"));
        let file = document("--data", &path.to_string_lossy()).unwrap();
        assert_eq!(file, json!({ "a": [1, 2] }));
    }

    #[test]
    fn says_what_is_wrong_with_data() {
        for (text, expected) in [
            ("nowhere.json", "--data: file `nowhere.json` cannot be read"),
            (
                "{\"a\": \"b/c.json\"",
                "--data is neither JSON (EOF while parsing an object",
            ),
            ("web", "a text is written with its quotes: '\"web\"'"),
        ] {
            let error = document("--data", text).unwrap_err().to_string();

            assert!(error.contains(expected), "{error}");
        }
    }
}
