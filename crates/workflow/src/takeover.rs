//! Winning workflows: those that were requested, and those that nobody conducts any more.

use std::collections::HashSet;

use model::{Execution, ExecutionId};
use store::StoreError;

use crate::desk::Desk;
use crate::keeper::lease;
use crate::surroundings::{Bench, chain};

/// Wins what can be won of `ids` and puts it on the desk; returns what was won.
pub(crate) async fn claim(
    bench: &Bench,
    desk: &Desk,
    ids: Vec<ExecutionId>,
) -> Result<HashSet<ExecutionId>, StoreError> {
    // Expected before they are claimed, so that nothing told to them is missed in between.
    let ids: Vec<ExecutionId> = ids.into_iter().filter(|id| desk.expect(*id)).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let lease = lease(bench);
    let now = bench.clock.now();
    let won = bench
        .store
        .claim_workflows(&ids, &lease, &bench.info, now)
        .await;
    let won = match won {
        Ok(won) => won,
        Err(error) => {
            // What was won though the answer was lost is found by a sweep when its lease is over.
            desk.forget(ids);
            return Err(error);
        }
    };
    let winners: HashSet<ExecutionId> = won.iter().map(|execution| execution.id).collect();
    desk.forget(ids.into_iter().filter(|id| !winners.contains(id)));
    for execution in won {
        tell_streams(bench, &execution);
        desk.admit(execution);
    }
    Ok(winners)
}

fn tell_streams(bench: &Bench, execution: &Execution) {
    if bench.executions.has_audience() {
        bench.executions.tell_state(execution);
    }
}

/// Takes up workflows that nobody conducts though they could go on.
pub(crate) async fn sweep(bench: &Bench, desk: &Desk) {
    let now = bench.clock.now();
    let before = now - bench.options.sweep_after;
    let found = bench
        .store
        .unconducted_workflows(before, now, bench.options.sweep_limit)
        .await;
    let claimed = match found {
        Ok(found) if found.is_empty() => return,
        Ok(found) => claim(bench, desk, found.iter().map(|one| one.id).collect()).await,
        Err(error) => Err(error),
    };
    match claimed {
        Ok(won) if won.is_empty() => {}
        Ok(won) => tracing::info!(
            workflows = won.len(),
            "took up workflows that nobody conducted"
        ),
        Err(error) => tracing::warn!(
            "workflows that nobody conducts were not looked for: {}",
            chain(&error)
        ),
    }
}
