//! The executions that a workflow waits for, and what the items of its tasks came to.

use std::collections::HashMap;

use conductor::TaskKey;
use model::{ExecutionId, ExecutionStatus, TaskExecutionId};
use pyvalue::Value;
use serde::{Deserialize, Serialize};
use store::RecordChange;

/// What the keys of records of awaited executions begin with.
pub(crate) const PREFIX: &str = "child/";

/// An execution that a workflow waits for. Its serde form is what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Awaited {
    /// The task that it carries out.
    pub(crate) task: TaskKey,
    /// Of a task with items: which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<usize>,
    /// The run of the task.
    pub(crate) run: TaskExecutionId,
    /// It is a workflow itself.
    pub(crate) is_workflow: bool,
    /// What it was told to be last: that it is `pending` or `paused` is told once.
    #[serde(skip, default = "running")]
    pub(crate) status: ExecutionStatus,
}

fn running() -> ExecutionStatus {
    ExecutionStatus::Running
}

/// The executions that a workflow waits for.
#[derive(Debug, Default)]
pub(crate) struct Children {
    awaited: HashMap<ExecutionId, Awaited>,
    /// The runs of tasks with items that are under way, and what came of each item.
    items: HashMap<TaskKey, ItemResults>,
}

/// What came of the items of a task.
#[derive(Debug)]
struct ItemResults {
    run: TaskExecutionId,
    results: Vec<Value>,
}

impl Children {
    /// Waits for an execution; the record to store of it.
    pub(crate) fn expect(&mut self, id: ExecutionId, awaited: Awaited) -> RecordChange {
        let body = serde_json::to_string(&awaited).unwrap_or_default();
        self.awaited.insert(id, awaited);
        RecordChange::Put {
            key: format!("{PREFIX}{id}"),
            body,
        }
    }

    /// Waits for an execution again, as its record says.
    pub(crate) fn restore(&mut self, key: &str, body: &str) -> Result<(), String> {
        let id = key.strip_prefix(PREFIX).unwrap_or(key);
        let id: ExecutionId = id.parse().map_err(|error| format!("{error}"))?;
        let awaited = serde_json::from_str(body).map_err(|error| error.to_string())?;
        self.awaited.insert(id, awaited);
        Ok(())
    }

    /// The execution, if it is waited for.
    pub(crate) fn get_mut(&mut self, id: ExecutionId) -> Option<&mut Awaited> {
        self.awaited.get_mut(&id)
    }

    /// The execution, if it is waited for.
    pub(crate) fn get(&self, id: ExecutionId) -> Option<&Awaited> {
        self.awaited.get(&id)
    }

    /// All that are waited for.
    pub(crate) fn awaited_mut(&mut self) -> impl Iterator<Item = &mut Awaited> {
        self.awaited.values_mut()
    }

    /// Whether an execution is waited for.
    pub(crate) fn awaits(&self, id: ExecutionId) -> bool {
        self.awaited.contains_key(&id)
    }

    /// Waits for an execution no more; the record goes.
    pub(crate) fn settle(&mut self, id: ExecutionId) -> Option<(Awaited, RecordChange)> {
        let awaited = self.awaited.remove(&id)?;
        let key = format!("{PREFIX}{id}");
        Some((awaited, RecordChange::Remove { key }))
    }

    /// All that are waited for.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ExecutionId, &Awaited)> {
        self.awaited.iter().map(|(id, awaited)| (*id, awaited))
    }

    /// The run of a task with items that is under way; a new one, with room for so many results, where there is none.
    pub(crate) fn run_of_items(
        &mut self,
        task: &TaskKey,
        count: usize,
        new_id: impl FnOnce() -> TaskExecutionId,
    ) -> TaskExecutionId {
        let items = self
            .items
            .entry(task.clone())
            .or_insert_with(|| ItemResults {
                run: new_id(),
                results: Vec::new(),
            });
        if items.results.len() < count {
            items.results.resize(count, Value::None);
        }
        items.run
    }

    /// Takes the result of an item in.
    pub(crate) fn keep_item(
        &mut self,
        task: &TaskKey,
        run: TaskExecutionId,
        item: usize,
        result: Value,
    ) {
        let items = self
            .items
            .entry(task.clone())
            .or_insert_with(|| ItemResults {
                run,
                results: Vec::new(),
            });
        if items.results.len() <= item {
            items.results.resize(item + 1, Value::None);
        }
        items.results[item] = result;
    }

    /// The results of all items so far, null where there is none.
    pub(crate) fn item_results(&self, task: &TaskKey) -> Vec<Value> {
        self.items
            .get(task)
            .map(|items| items.results.clone())
            .unwrap_or_default()
    }

    /// The run of a task has ended: the next one begins anew.
    pub(crate) fn forget_items(&mut self, task: &TaskKey) {
        self.items.remove(task);
    }
}
