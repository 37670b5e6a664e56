//! Keeps the leases of the workflows that are held here.

use std::collections::HashMap;

use model::{ExecutionId, ExecutionStatus, Lease};

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
    let ids = desk.ids();
    if ids.is_empty() {
        return;
    }
    match bench.store.renew_leases(&ids, &lease(bench)).await {
        Ok(renewed) => {
            let renewed: HashMap<ExecutionId, _> = renewed.into_iter().collect();
            for id in ids {
                match renewed.get(&id) {
                    Some(status) if is_wish(*status) => {
                        desk.tell(id, Event::Wanted(*status));
                    }
                    Some(_) => {}
                    None => desk.lose(id),
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

/// News were missed: asks what has become of the tasks of all workflows that are held here.
pub(crate) async fn look_for_missed(bench: &Bench, desk: &Desk) {
    for workflow in desk.ids() {
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
}
