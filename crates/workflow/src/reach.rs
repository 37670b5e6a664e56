//! What is wanted of a workflow is passed on to the executions that it waits for.

use std::collections::HashMap;

use executions::CancelError;
use model::{Execution, ExecutionId, ExecutionStatus};
use store::StoreError;

use crate::effects::ReachDown;
use crate::step::patiently;
use crate::surroundings::{Bench, chain};

/// A wish to be passed on.
#[derive(Debug)]
pub(crate) struct Reach {
    /// The workflow of which it is wanted.
    pub(crate) workflow: ExecutionId,
    /// What its tasks are to do.
    pub(crate) wish: ReachDown,
    /// The executions that it waits for.
    pub(crate) ids: Vec<ExecutionId>,
    /// On whose behalf.
    pub(crate) user: String,
}

/// Passes a wish on; what cannot hear it goes its own way.
pub(crate) async fn pass_on(bench: &Bench, reach: Reach) {
    if reach.ids.is_empty() {
        return;
    }
    let found = patiently(&bench.shutdown, "tasks", || open_tries(bench, &reach)).await;
    let found = found.unwrap_or_else(|error| {
        tracing::warn!(execution.id = %reach.workflow, "tasks of a workflow were not looked up: {}", chain(&error));
        Vec::new()
    });
    for execution in found {
        if reach.wish == ReachDown::Cancel && !is_cancelable(&execution) {
            continue;
        }
        let id = execution.id;
        if let Err(reason) = pass_on_to(bench, id, &reach).await {
            tracing::debug!(execution.id = %id, ?reach.wish, "a task of a workflow goes its own way: {reason}");
        }
    }
}

/// The executions that have not ended; of those that a policy tries again, the try that goes on.
async fn open_tries(bench: &Bench, reach: &Reach) -> Result<Vec<Execution>, StoreError> {
    let found = bench.executions.states(&reach.ids).await?;
    let (ended, mut open): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|execution| execution.status.is_final());
    if ended.is_empty() {
        return Ok(open);
    }
    let changes = bench.executions.task_changes(reach.workflow).await?;
    let last: HashMap<ExecutionId, ExecutionId> = changes
        .iter()
        .map(|change| (change.asked_for(), change.id))
        .collect();
    let tries: Vec<ExecutionId> = ended
        .iter()
        .filter_map(|execution| {
            last.get(&execution.id)
                .filter(|last| **last != execution.id)
        })
        .copied()
        .collect();
    if !tries.is_empty() {
        let tries = bench.executions.states(&tries).await?;
        open.extend(tries.into_iter().filter(|one| !one.status.is_final()));
    }
    Ok(open)
}

/// Workflows, and whatever does not run yet: what runs comes to its end, as in StackStorm.
fn is_cancelable(execution: &Execution) -> bool {
    model::is_conducted(&execution.runner) || execution.status != ExecutionStatus::Running
}

async fn pass_on_to(bench: &Bench, id: ExecutionId, reach: &Reach) -> Result<(), String> {
    let user = &reach.user;
    let done = match reach.wish {
        ReachDown::Pause => bench.executions.pause(id, user).await,
        ReachDown::Resume => bench.executions.resume(id, user).await,
        ReachDown::Cancel => {
            return match bench.executions.cancel(id, user).await {
                Ok(_) | Err(CancelError::Ended(_)) => Ok(()),
                Err(error) => Err(chain(&error)),
            };
        }
    };
    done.map(|_| ()).map_err(|error| chain(&error))
}
