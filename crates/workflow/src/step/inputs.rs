//! What is read before a step: results that were too large for their messages, and what is wanted of workflows.

use std::collections::HashMap;

use bus::TaskChange;
use model::{ExecutionId, ExecutionStatus};
use serde_json::Value;

use super::{give_back, patiently};
use crate::desk::{Batch, Desk, Held, is_wish};
use crate::effects::Event;
use crate::surroundings::{Bench, chain};

/// Reads the results that were too large for their messages; nothing where they cannot be read: then the workflows are
/// given back.
pub(super) async fn with_results(bench: &Bench, desk: &Desk, mut batch: Batch) -> Option<Batch> {
    let is_missing = |held: &Held, change: &TaskChange| {
        let is_awaited = held
            .flow
            .as_ref()
            .is_some_and(|flow| flow.awaits(change.asked_for()));
        is_awaited && change.status.is_final() && change.result.is_none()
    };
    let mut missing: Vec<ExecutionId> = Vec::new();
    for (held, events) in &batch {
        missing.extend(events.iter().filter_map(|event| match event {
            Event::Changed(change) if is_missing(held, change) => Some(change.id),
            _ => None,
        }));
    }
    if missing.is_empty() {
        return Some(batch);
    }
    let found = patiently(&bench.shutdown, "results", || bench.store.results(&missing)).await;
    let mut found: HashMap<ExecutionId, Value> = match found {
        Ok(found) => found.into_iter().collect(),
        Err(error) => {
            tracing::error!("results of tasks cannot be read: {}", chain(&error));
            give_all_back(bench, desk, batch).await;
            return None;
        }
    };
    for (_, events) in &mut batch {
        add_results(events, &mut found);
    }
    Some(batch)
}

/// Adds what executions ended with to the news of their ends: they may have told before that they stand still or go on.
fn add_results(events: &mut [Event], found: &mut HashMap<ExecutionId, Value>) {
    for event in events {
        if let Event::Changed(change) = event
            && change.status.is_final()
            && change.result.is_none()
        {
            change.result = found.remove(&change.id);
        }
    }
}

/// Looks what is wanted of workflows now that they are in these hands: what was told of it may be from before their last
/// step, and then it is not what somebody wants but what that step has stored.
pub(super) async fn with_wishes(bench: &Bench, desk: &Desk, mut batch: Batch) -> Option<Batch> {
    let is_told = |event: &Event| matches!(event, Event::Wanted(_));
    let told = batch
        .iter()
        .filter(|(_, events)| events.iter().any(is_told));
    let told: Vec<ExecutionId> = told.map(|(held, _)| held.execution.id).collect();
    if told.is_empty() {
        return Some(batch);
    }
    let found = patiently(&bench.shutdown, "wishes", || bench.executions.states(&told)).await;
    let found: HashMap<ExecutionId, ExecutionStatus> = match found {
        Ok(found) => found.iter().map(|one| (one.id, one.status)).collect(),
        Err(error) => {
            tracing::error!(
                "what is wanted of workflows cannot be read: {}",
                chain(&error)
            );
            give_all_back(bench, desk, batch).await;
            return None;
        }
    };
    for (held, events) in &mut batch {
        events.retain(|event| !is_told(event));
        let now = found.get(&held.execution.id).copied();
        // First: the row goes with the state as it is before it hears of anything else.
        if let Some(now) = now.filter(|now| is_wish(*now)) {
            events.insert(0, Event::Wanted(now));
        }
    }
    Some(batch)
}

async fn give_all_back(bench: &Bench, desk: &Desk, batch: Batch) {
    for (held, _) in batch {
        give_back(bench, desk, held.execution.id).await;
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use model::IdSource;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_comes_with_the_end_and_not_with_earlier_news() {
        let (ids, at) = (IdSource::new(), DateTime::UNIX_EPOCH);
        let (id, workflow) = (ids.next(at), ids.next(at));
        let news = |status| {
            Event::Changed(Box::new(TaskChange {
                id,
                workflow,
                task: None,
                first_try: None,
                status,
                result: None,
                at,
            }))
        };
        let mut events = [ExecutionStatus::Running, ExecutionStatus::Succeeded].map(news);

        add_results(&mut events, &mut HashMap::from([(id, json!("leaves"))]));

        let results = events.map(|event| match event {
            Event::Changed(change) => change.result,
            other => panic!("{other:?}"),
        });
        assert_eq!(results, [None, Some(json!("leaves"))]);
    }
}
