//! Definitions of workflows: read from their packs when a workflow begins, compiled once for each text.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use conductor::{Definition, DefinitionError, Inspection};
use executions::{PackError, PackFolders};
use expr::{Mentioned, Scope};
use parking_lot::Mutex;
use regex::Regex;

/// What every workflow finds in its context.
const GIVEN: [&str; 2] = ["st2", "parent"];
/// Compiled definitions that are kept; beyond, all are forgotten and compiled again as they are asked for.
const MOST_KEPT: usize = 1000;

/// A definition, compiled.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Its text.
    pub(crate) text: String,
    /// The workflow.
    pub(crate) definition: Arc<Definition>,
    /// The datastore items that its expressions read.
    pub(crate) datastore: Mentioned,
    /// Some expression may open what is encrypted in the datastore.
    pub(crate) decrypts: bool,
    /// Some expression asks for earlier runs of tasks.
    pub(crate) asks_for_tasks: bool,
}

/// Why a definition cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Pack(#[from] PackError),
    #[error("the workflow's file {path} cannot be read: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{0}")]
    Yaml(String),
    #[error(transparent)]
    Definition(#[from] DefinitionError),
}

/// The definitions that were asked for lately. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Definitions {
    packs: PackFolders,
    compiled: Arc<Mutex<HashMap<String, Arc<Compiled>>>>,
    inspected: Arc<Mutex<HashMap<String, Arc<Inspection>>>>,
}

impl Definitions {
    pub(crate) fn new(packs: PackFolders) -> Self {
        Self {
            packs,
            compiled: Arc::default(),
            inspected: Arc::default(),
        }
    }

    /// What is wrong with a text in itself, and what it asks of actions.
    pub(crate) fn inspected(&self, text: &str) -> Arc<Inspection> {
        if let Some(inspection) = self.inspected.lock().get(text) {
            return Arc::clone(inspection);
        }
        let inspection = Arc::new(conductor::inspect(text, &GIVEN));
        keep(&self.inspected, text, &inspection);
        inspection
    }

    /// The text of an action's workflow, as it is now.
    pub(crate) async fn text(&self, pack: &str, entry_point: &str) -> Result<String, ReadError> {
        let path = self.packs.script(pack, entry_point).await?;
        tokio::fs::read_to_string(&path)
            .await
            .map_err(|error| ReadError::File {
                path,
                reason: error.to_string(),
            })
    }

    /// The workflow that a text defines.
    pub(crate) fn compiled(&self, text: &str) -> Result<Arc<Compiled>, ReadError> {
        if let Some(compiled) = self.compiled.lock().get(text) {
            return Ok(Arc::clone(compiled));
        }
        let document = yaml::to_json(text).map_err(|error| ReadError::Yaml(error.to_string()))?;
        let compiled = Arc::new(Compiled {
            text: text.to_owned(),
            definition: Arc::new(Definition::from_json(&document)?),
            datastore: mentioned(text),
            decrypts: decrypts(text),
            asks_for_tasks: ASKS_FOR_TASKS.is_match(text),
        });
        keep(&self.compiled, text, &compiled);
        Ok(compiled)
    }

    /// Packs have changed: their folders may be others.
    pub(crate) fn forget_folders(&self) {
        self.packs.forget();
    }
}

fn keep<T>(kept: &Mutex<HashMap<String, Arc<T>>>, text: &str, made: &Arc<T>) {
    let mut kept = kept.lock();
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(text.to_owned(), Arc::clone(made));
}

#[expect(clippy::expect_used, reason = "a test compiles them")]
static ST2KV: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"st2kv\s*\(\s*(?:['"]([^'"\\]*)['"]\s*[,)])?"#).expect("the pattern is right")
});
#[expect(clippy::expect_used, reason = "a test compiles them")]
static ASKS_FOR_TASKS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\btask\s*\(").expect("the pattern is right"));

/// The datastore items that a definition's text names; any, where a name is computed.
fn mentioned(text: &str) -> Mentioned {
    let mut mentioned = Mentioned::default();
    for call in ST2KV.captures_iter(text) {
        match call.get(1).map(|name| name.as_str()) {
            Some(name) => {
                mentioned.names.insert(match name.strip_prefix("system.") {
                    Some(name) => (Scope::System, name.to_owned()),
                    None => (Scope::User, name.to_owned()),
                });
            }
            None => mentioned.computed = true,
        }
    }
    mentioned
}

/// Whether a text mentions `decrypt_kv`, or `decrypt` of `st2kv`.
pub(crate) fn decrypts(text: &str) -> bool {
    text.contains("decrypt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_datastore_items_that_a_text_names() {
        let text = r#"a: <% st2kv('system.x', decrypt => true) %> b: "{{ st2kv("mine") }}""#;

        let found = mentioned(text);

        assert!(!found.computed);
        let names: Vec<_> = found.names.into_iter().collect();
        assert_eq!(
            names,
            [
                (Scope::System, "x".to_owned()),
                (Scope::User, "mine".to_owned())
            ]
        );
    }

    #[test]
    fn reads_them_all_where_a_name_is_computed() {
        assert!(mentioned("<% st2kv('system.' + ctx(x)) %>").computed);
        assert!(mentioned("<% st2kv(ctx(x)) %>").computed);
        assert!(!mentioned("plain").computed);
    }

    #[test]
    fn knows_who_asks_for_earlier_runs() {
        assert!(ASKS_FOR_TASKS.is_match("<% task(one).result %>"));
        assert!(!ASKS_FOR_TASKS.is_match("<% task_status(one) %>"));
    }
}
