//! The run as records under keys: what is stored, step by step, and what makes a run of it again.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Current, Known, Next, Run, Start, TaskRun};

/// What an operation changed: keys, and the JSON text that stands under each from now on. Nothing is ever removed.
pub type Changes = Vec<(String, String)>;

const START: &str = "start";
const CURRENT: &str = "current";

/// Why stored records make no run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A record is not there.
    #[error("the record \"{0}\" of the chain's run is missing")]
    Missing(String),
    /// A record cannot be read.
    #[error("the record \"{key}\" of the chain's run cannot be read: {reason}")]
    Unreadable {
        /// Its key.
        key: String,
        /// Why.
        reason: String,
    },
    /// A record that no run has.
    #[error("a chain's run has no record \"{0}\"")]
    Unknown(String),
}

impl Run {
    /// All records, in the order in which they came about.
    #[must_use]
    pub fn records(&self) -> Changes {
        let mut all = vec![(START.to_owned(), text(&self.start))];
        all.extend((0..self.tasks.len()).map(|at| self.task_record(at)));
        all.push(self.current_record());
        all
    }

    /// A run as it was stored, from all of its records in any order.
    pub fn restore(
        records: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, RestoreError> {
        let mut records: BTreeMap<String, String> = records.into_iter().collect();
        let start: Start = take(&mut records, START)?;
        let current: Current = take(&mut records, CURRENT)?;
        let mut tasks: Vec<TaskRun> = Vec::new();
        while !records.is_empty() {
            let key = task_key(tasks.len());
            if !records.contains_key(&key) {
                let is_ours = |other: &&String| other.starts_with("task/");
                return Err(match records.keys().find(|other| !is_ours(other)) {
                    Some(other) => RestoreError::Unknown(other.clone()),
                    None => RestoreError::Missing(key),
                });
            }
            tasks.push(take(&mut records, &key)?);
        }
        if current.next == Next::Report && tasks.is_empty() {
            return Err(RestoreError::Missing(task_key(0)));
        }
        let mut known = Known::new(&start.inputs);
        known.publish(&start.vars);
        for task in &tasks {
            if task.state.is_final() {
                known.yielded(task);
            }
            known.publish(&task.published);
        }
        Ok(Self {
            start,
            tasks,
            current,
            known,
        })
    }

    pub(super) fn task_record(&self, at: usize) -> (String, String) {
        (task_key(at), text(&self.tasks[at]))
    }

    pub(super) fn current_record(&self) -> (String, String) {
        (CURRENT.to_owned(), text(&self.current))
    }
}

fn task_key(at: usize) -> String {
    format!("task/{at}")
}

fn text(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("records are made of texts, booleans and JSON values")
}

fn take<T: DeserializeOwned>(
    records: &mut BTreeMap<String, String>,
    key: &str,
) -> Result<T, RestoreError> {
    let text = records
        .remove(key)
        .ok_or_else(|| RestoreError::Missing(key.to_owned()))?;
    serde_json::from_str(&text).map_err(|error| RestoreError::Unreadable {
        key: key.to_owned(),
        reason: error.to_string(),
    })
}
