//! The two tables of transitions: what an event makes of a workflow's status, and of a task's.
//!
//! The tables are data (`data/transitions.json`, Orquesta 1.6). An event that a status does not list changes nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Status;

type Table = HashMap<Status, HashMap<String, Status>>;

#[derive(serde::Deserialize)]
struct Tables {
    workflow: Table,
    task: Table,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/transitions.json"))
        .expect("the checked-in tables are tested")
});

/// What an event makes of a workflow in a status; `None` where it changes nothing.
pub(crate) fn workflow(status: Status, event: &str) -> Option<Status> {
    TABLES.workflow.get(&status)?.get(event).copied()
}

/// What an event makes of a task in a status; `None` where it changes nothing.
pub(crate) fn task(status: Status, event: &str) -> Option<Status> {
    TABLES.task.get(&status)?.get(event).copied()
}

/// Whether a task in a status may be told anything.
pub(crate) fn has_task_status(status: Status) -> bool {
    TABLES.task.contains_key(&status)
}

/// Whether a request to the workflow may change any task that is active.
pub(crate) fn is_for_tasks(prefix: &str) -> bool {
    TABLES
        .task
        .iter()
        .filter(|(status, _)| status.is_active())
        .flat_map(|(_, events)| events.keys())
        .any(|event| event.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_leads_to_another_known_status() {
        let entries = |table: &Table| table.values().map(HashMap::len).sum::<usize>();

        assert_eq!(entries(&TABLES.workflow), 168);
        assert_eq!(entries(&TABLES.task), 197);
    }

    #[test]
    fn what_has_ended_stays_so() {
        for status in Status::ALL
            .into_iter()
            .filter(|status| status.is_completed())
        {
            let left = |table: &Table| {
                table
                    .get(&status)
                    .into_iter()
                    .flat_map(HashMap::keys)
                    .cloned()
                    .collect::<Vec<_>>()
            };
            // A retry takes a task up again; a workflow may turn out to have failed when its output is rendered.
            assert!(
                left(&TABLES.task)
                    .iter()
                    .all(|event| event == "task_retry_requested"),
                "{status}"
            );
            assert!(
                left(&TABLES.workflow)
                    .iter()
                    .all(|event| event == "workflow_failed"),
                "{status}"
            );
        }
    }
}
