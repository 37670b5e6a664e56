//! The chain's result, in StackStorm's form.

use serde_json::{Map, Value, json};

use super::{Run, TaskRun};

impl Run {
    /// The chain's result as it stands: what is shown while the chain is paused, and when it has ended.
    ///
    /// `tasks` lists those that have ended, are paused or pending; `published`, unless it is not to be displayed, what
    /// was published so far; `error` and an empty `traceback` say what ended the chain, where that was no task.
    #[must_use]
    pub fn result(&self) -> Value {
        let shown = self
            .tasks
            .iter()
            .filter(|task| task.state.is_final() || task.state.is_at_rest());
        let mut result = Map::new();
        result.insert("tasks".to_owned(), shown.map(TaskRun::shown).collect());
        if self.start.inputs.display_published {
            let published = self.tasks.iter().flat_map(|task| task.published.clone());
            result.insert("published".to_owned(), Value::Object(published.collect()));
        }
        if let Some(error) = &self.current.error {
            result.extend(failure(error));
        }
        Value::Object(result)
    }
}

impl TaskRun {
    fn shown(&self) -> Value {
        json!({
            "id": self.name,
            "name": self.name,
            "execution_id": self.execution_id,
            // Here an execution and its live action are one.
            "liveaction_id": self.execution_id,
            "workflow": null,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "state": self.state,
            "result": self.result,
        })
    }
}

/// An error as results hold it.
pub(super) fn failure(error: &str) -> Map<String, Value> {
    Map::from_iter([
        ("error".to_owned(), Value::from(error)),
        ("traceback".to_owned(), Value::from("")),
    ])
}
