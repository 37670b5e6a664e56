//! Stores the ends of executions, those that end together at once.

use executions::{Executions, Outcome};
use model::{ExecutionId, ExecutionStatus};
use tokio::sync::mpsc;

use crate::held::Held;
use crate::run::{chain, failed};

/// So many ends are stored by one transaction at most.
const TOGETHER: usize = 500;

/// Stores what comes from `ended`, until there are no senders any more; only then is an execution let go.
pub(crate) async fn finish_all(
    ended: &mut mpsc::Receiver<Outcome>,
    executions: &Executions,
    held: &Held,
) {
    let mut outcomes = Vec::with_capacity(TOGETHER);
    while ended.recv_many(&mut outcomes, TOGETHER).await > 0 {
        let outcomes = std::mem::take(&mut outcomes);
        let ids: Vec<ExecutionId> = outcomes
            .iter()
            .map(|outcome| outcome.execution.id)
            .collect();
        let statuses: Vec<ExecutionStatus> =
            outcomes.iter().map(|outcome| outcome.status).collect();
        finish(executions, outcomes).await;
        statuses.into_iter().for_each(crate::metrics::ended);
        held.forget(ids);
    }
}

/// Stores ends together; if that is refused, each alone, so that a bad one harms no other.
async fn finish(executions: &Executions, outcomes: Vec<Outcome>) {
    let Err(error) = executions.finish(outcomes.clone()).await else {
        return;
    };
    tracing::warn!(
        executions = outcomes.len(),
        "ends were not stored together, trying each alone: {}",
        chain(&error)
    );
    for outcome in outcomes {
        finish_alone(executions, outcome).await;
    }
}

async fn finish_alone(executions: &Executions, outcome: Outcome) {
    let id = outcome.execution.id;
    let execution = outcome.execution.clone();
    let Err(error) = executions.finish(vec![outcome]).await else {
        return;
    };
    let reason = format!("the result could not be stored: {}", chain(&error));
    if let Err(error) = executions.finish(vec![failed(execution, &reason)]).await {
        // Its lease ends, and the scheduler abandons it with that reason.
        tracing::error!(execution.id = %id, "the end of an execution was not stored: {}", chain(&error));
    }
}
