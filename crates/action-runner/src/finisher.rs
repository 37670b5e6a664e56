//! Stores the ends of executions, those that end together at once.

use std::panic::AssertUnwindSafe;

use executions::{Executions, Outcome};
use futures::FutureExt;
use model::{ExecutionId, ExecutionStatus};
use store::StoreError;
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
        let ended = statuses.into_iter().filter(|status| status.is_final());
        ended.for_each(crate::metrics::ended);
        held.forget(ids);
    }
}

/// Stores ends together; if that is refused, each alone, so that a bad one harms no other.
async fn finish(executions: &Executions, outcomes: Vec<Outcome>) {
    let Err(error) = guarded(Box::pin(executions.finish(outcomes.clone()))).await else {
        return;
    };
    tracing::warn!(
        executions = outcomes.len(),
        "ends were not stored together, trying each alone: {error}"
    );
    for outcome in outcomes {
        finish_alone(executions, outcome).await;
    }
}

async fn finish_alone(executions: &Executions, outcome: Outcome) {
    let id = outcome.execution.id;
    let execution = outcome.execution.clone();
    let Err(error) = guarded(Box::pin(executions.finish(vec![outcome]))).await else {
        return;
    };
    let reason = format!("the result could not be stored: {error}");
    let failure = failed(execution, &reason);
    if let Err(error) = guarded(Box::pin(executions.finish(vec![failure]))).await {
        // Its lease ends, and the scheduler abandons it with that reason.
        tracing::error!(execution.id = %id, "the end of an execution was not stored: {error}");
    }
}

/// Takes a panic for an error: were this task to die of it, the leases of the ends in its hands would be renewed for
/// ever, and their executions would never end.
async fn guarded(work: impl Future<Output = Result<(), StoreError>>) -> Result<(), String> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => done.map_err(|error| chain(&error)),
        Err(_) => Err("the runner failed internally: its log has the details".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn takes_a_panic_while_ends_are_stored_for_an_error() {
        let error = guarded(async { panic!("a template went wrong") }).await;

        assert!(
            error
                .unwrap_err()
                .starts_with("the runner failed internally")
        );
        assert_eq!(guarded(async { Ok(()) }).await, Ok(()));
    }
}
