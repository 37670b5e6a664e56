//! Winning workflows: those that were requested, and those that nobody conducts any more.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use model::{Execution, ExecutionId, ExecutionStatus};
use store::{StatusChange, StoreError};

use crate::desk::Desk;
use crate::effects::Event;
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
            tell_others(bench, desk.forget(ids));
            return Err(error);
        }
    };
    let winners: HashSet<ExecutionId> = won.iter().map(|execution| execution.id).collect();
    let lost = ids.into_iter().filter(|id| !winners.contains(id));
    tell_others(bench, desk.forget(lost));
    for execution in won {
        tell_streams(bench, &execution);
        desk.admit(execution);
    }
    Ok(winners)
}

/// Tells on what came for workflows that were not won after all: somebody else may hold them.
fn tell_others(bench: &Bench, told: Vec<Event>) {
    let changes = told.into_iter().filter_map(|event| match event {
        Event::Changed(change) => Some(*change),
        Event::Wanted(_) | Event::Continue => None,
    });
    bench.executions.announce_task_changes(changes.collect());
}

/// Whether a workflow's delay is over.
pub(crate) fn is_due(execution: &Execution, now: DateTime<Utc>) -> bool {
    let Some(delay) = execution.delay_ms else {
        return true;
    };
    let delay = TimeDelta::milliseconds(delay.try_into().unwrap_or(i64::MAX / 1000));
    execution
        .start_timestamp
        .checked_add_signed(delay)
        .is_some_and(|due| due <= now)
}

/// Marks a workflow as delayed; the scheduler announces it when it is due.
pub(crate) async fn postpone(bench: &Bench, execution: &Execution) {
    let change = StatusChange {
        id: execution.id,
        expected: vec![ExecutionStatus::Requested],
        next: ExecutionStatus::Delayed,
        at: bench.clock.now(),
        result: None,
        follow_ups: Vec::new(),
    };
    match bench.store.change_status(&change).await {
        Ok(Some(changed)) => tell_streams(bench, &changed),
        Ok(None) => {}
        // As `requested` it is found by a sweep once it is due.
        Err(error) => {
            tracing::warn!(execution.id = %execution.id, "not marked as delayed: {}", chain(&error));
        }
    }
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
