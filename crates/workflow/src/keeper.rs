//! Keeps the leases of the workflows that are held here.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use model::{ExecutionId, ExecutionStatus, Lease};

use crate::children::PREFIX;
use crate::desk::{Desk, is_wish};
use crate::effects::Event;
use crate::surroundings::{Bench, chain};

/// A lease of this process that begins now.
pub(crate) fn lease(bench: &Bench) -> Lease {
    Lease {
        holder: bench.holder.clone(),
        expires_at: bench.clock.now() + bench.options.lease,
    }
}

/// Renews all leases, and looks whether anybody wants something that was not heard of.
pub(crate) async fn renew(bench: &Bench, desk: &Desk) {
    let won = desk.won();
    if won.is_empty() {
        return;
    }
    let ids: Vec<ExecutionId> = won.iter().map(|(id, _)| *id).collect();
    match bench.store.renew_leases(&ids, &lease(bench)).await {
        Ok(renewed) => {
            let renewed: HashMap<ExecutionId, _> = renewed.into_iter().collect();
            for (id, admission) in won {
                match renewed.get(&id) {
                    Some(status) if is_wish(*status) => {
                        desk.tell(id, Event::Wanted(*status));
                    }
                    Some(_) => {}
                    None => desk.lose_since(id, admission),
                }
            }
        }
        Err(error) => tracing::warn!(
            workflows = ids.len(),
            "leases of workflows were not renewed: {}",
            chain(&error)
        ),
    }
}

/// Tells a workflow the state that its execution has now, where somebody wants something by it.
pub(crate) fn tell_state(desk: &Desk, id: ExecutionId, status: ExecutionStatus) {
    if status.is_final() {
        desk.lose(id);
    } else if is_wish(status) {
        desk.tell(id, Event::Wanted(status));
    }
}

/// How much earlier than the last look a task may have ended and be looked at again: by another clock, or by a
/// transaction that took long.
const LOOK_BACK: TimeDelta = TimeDelta::seconds(10);

/// Tells workflows what has become of their tasks where the message was lost: of tasks that ended since the last look, but
/// not just now. Returns until when it has looked.
pub(crate) async fn look_for_unheard(
    bench: &Bench,
    desk: &Desk,
    since: DateTime<Utc>,
) -> DateTime<Utc> {
    let until = bench.clock.now() - bench.options.sweep_after;
    let found = bench
        .store
        .unheard_workflows(&desk.ids(), PREFIX, since - LOOK_BACK, until)
        .await;
    match found {
        Ok(found) => {
            for workflow in found {
                tell_of_tasks(bench, desk, workflow).await;
            }
            until
        }
        Err(error) => {
            tracing::warn!("lost news of tasks were not looked for: {}", chain(&error));
            since
        }
    }
}

/// Tells a workflow how the executions stand that it asked for; it knows which of that is news.
async fn tell_of_tasks(bench: &Bench, desk: &Desk, workflow: ExecutionId) {
    match bench.executions.task_changes(workflow).await {
        Ok(changes) => {
            for change in changes {
                desk.tell(workflow, Event::Changed(Box::new(change)));
            }
        }
        Err(error) => {
            tracing::warn!(execution.id = %workflow, "tasks were not looked for: {}", chain(&error));
        }
    }
}

/// News were missed: asks what has become of the tasks of all workflows that are held here.
pub(crate) async fn look_for_missed(bench: &Bench, desk: &Desk) {
    for workflow in desk.ids() {
        tell_of_tasks(bench, desk, workflow).await;
    }
}
