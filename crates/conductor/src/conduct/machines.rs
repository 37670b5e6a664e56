//! The two machines: names of events with all that decides about them, and what the tables make of these.

use super::{Refusal, inbound};
use crate::definition::Definition;
use crate::state::StagedId;
use crate::{Join, State, Status, TaskKey, tables};

/// What happened to a task, for its machine.
#[derive(Debug, Clone, Copy)]
pub(super) enum TaskEvent {
    /// Its action reported.
    Action(Status),
    /// The action of an item reported.
    Item(StagedId, usize, Status),
    /// `noop`, `fail`, `continue` or `retry` was asked for.
    Command(&'static str),
}

/// Whether an item's status may decide about its task.
pub(super) fn decides(status: Status) -> bool {
    matches!(status, Status::Resuming | Status::Pending | Status::Paused) || status.is_completed()
}

/// The name of an item's event: statuses that decide about the task are qualified by those of the other items.
fn item_event(state: &State, staged: StagedId, item: usize, status: Status) -> String {
    let mut name = format!("action_{status}");
    let Some(items) = state.staging.items(staged) else {
        return name;
    };
    if !decides(status) {
        return name;
    }
    let others = |group: fn(Status) -> bool| items.any(group, Some(item));
    let is_active = others(Status::is_active);
    name.push_str(if is_active {
        "_task_active"
    } else {
        "_task_dormant"
    });
    name.push_str(if is_active {
        "_items_incomplete"
    } else if others(|status| matches!(status, Status::Paused | Status::Pending)) {
        "_items_paused"
    } else if others(|status| status == Status::Canceled) {
        "_items_canceled"
    } else if others(Status::is_abended) {
        "_items_failed"
    } else if others(|status| !status.is_completed()) {
        "_items_incomplete"
    } else {
        "_items_completed"
    });
    name
}

/// What an event makes of a task; the same status where it makes nothing of it. Refused where the machine knows no such
/// event, or has no place for the task's status.
pub(super) fn task_status(
    state: &State,
    status: Status,
    event: TaskEvent,
) -> Result<Status, Refusal> {
    let name = match event {
        TaskEvent::Action(reported) | TaskEvent::Item(_, _, reported)
            if matches!(reported, Status::Unset | Status::Retrying) =>
        {
            return Err(Refusal::InvalidEvent(format!("action_{reported}")));
        }
        TaskEvent::Action(reported) => format!("action_{reported}"),
        TaskEvent::Item(staged, item, reported) => item_event(state, staged, item, reported),
        TaskEvent::Command(name) => name.to_owned(),
    };
    if !tables::has_task_status(status) {
        return Err(Refusal::InvalidTaskTransition {
            status,
            event: name,
        });
    }
    Ok(tables::task(status, &name).unwrap_or(status))
}

/// Tells active tasks what is asked of the workflow, and then the workflow.
pub(super) fn workflow_requested(state: &mut State, status: Status) {
    let prefix = format!("workflow_{status}");
    let active: Vec<usize> = if tables::is_for_tasks(&prefix) {
        state.progress.active().collect()
    } else {
        Vec::new()
    };
    for at in active {
        let entry = &state.sequence()[at];
        let mut event = prefix.clone();
        let items = state
            .staging
            .find(&entry.task)
            .and_then(|staged| state.staging.items(staged));
        if let Some(items) = items
            && (status.is_pause() || status.is_cancel())
        {
            event.push_str(if items.any(Status::is_active, None) {
                "_task_active"
            } else {
                "_task_dormant"
            });
            event.push_str(if items.any(|status| !status.is_completed(), None) {
                "_items_incomplete"
            } else {
                "_items_completed"
            });
        }
        if let Some(next) = tables::task(entry.status, &event) {
            state.set_entry_status(at, next);
        }
    }
    let event = workflow_event(state, status);
    if let Some(next) = tables::workflow(state.status, &event) {
        state.set_status(next);
    }
}

fn workflow_event(state: &State, status: Status) -> String {
    let mut event = format!("workflow_{status}");
    let has_active = state.progress.any(Status::is_active);
    if status.is_pause() || status.is_cancel() {
        event.push_str(if has_active {
            "_workflow_active"
        } else {
            "_workflow_dormant"
        });
    }
    let is_resumed = matches!(status, Status::Running | Status::Resuming);
    if state.status == Status::Paused
        && is_resumed
        && !has_active
        && !state.staging.has_ready()
        && !state.progress.any(is_paused)
    {
        event.push_str("_workflow_completed");
    }
    event
}

fn is_paused(status: Status) -> bool {
    matches!(status, Status::Paused | Status::Pending)
}

/// Tells the workflow what has become of a task.
pub(super) fn task_reported(
    definition: &Definition,
    state: &mut State,
    task: &TaskKey,
    status: Status,
) -> Result<(), Refusal> {
    let event = task_event(definition, state, task, status);
    if ["task_null", "task_timeout", "task_abandoned"].contains(&event.as_str()) {
        return Err(Refusal::InvalidEvent(event));
    }
    let Some(next) = tables::workflow(state.status, &event) else {
        return Ok(());
    };
    if next != state.status {
        state.set_status(next);
    }
    if state.status.is_completed() {
        fail_unreachable_joins(definition, state);
    }
    Ok(())
}

fn task_event(definition: &Definition, state: &State, task: &TaskKey, status: Status) -> String {
    let is_remediated = status.is_abended() && inbound::has_led_on(definition, state, task);
    let mut event = if is_remediated {
        "task_remediated".to_owned()
    } else {
        format!("task_{status}")
    };
    let is_conditional = is_remediated
        || matches!(
            status,
            Status::Pending
                | Status::Paused
                | Status::Succeeded
                | Status::Failed
                | Status::Canceled
                | Status::Retrying
        );
    if is_conditional {
        event.push_str(if state.progress.any(Status::is_active) {
            "_workflow_active"
        } else {
            "_workflow_dormant"
        });
    }
    if is_remediated || status == Status::Succeeded {
        event.push_str(if state.progress.any(Status::is_cancel) {
            "_canceled"
        } else if state
            .progress
            .any(|status| status == Status::Pausing || is_paused(status))
        {
            "_paused"
        } else if state.staging.has_ready() || inbound::has_next_tasks(definition, state, task) {
            "_incomplete"
        } else {
            "_completed"
        });
    }
    event
}

/// A join that has begun to fill and cannot be met any more fails the workflow.
fn fail_unreachable_joins(definition: &Definition, state: &mut State) {
    let unreachable: Vec<TaskKey> = state
        .staging
        .iter()
        .filter(|(_, staged)| !staged.is_ready)
        .map(|(_, staged)| &staged.task)
        .filter(|task| {
            let is_join = definition
                .graph
                .node(&task.id)
                .is_some_and(|node| node.is_join() && node.join != Some(Join::Count(0)));
            is_join && inbound::criteria(definition, state, &task.id, task.route).is_unmet()
        })
        .cloned()
        .collect();
    for task in unreachable {
        state.set_status(Status::Failed);
        let message = format!(
            "UnreachableJoinError: The join task|route \"{task}\" is partially satisfied but unreachable."
        );
        state.add_failure(message, Some(&task), None);
    }
}
