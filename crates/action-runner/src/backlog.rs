//! The executions that were fetched and wait for their turn here.

use std::collections::{HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use model::{Execution, ExecutionId};

/// The runner that costs nothing.
pub(crate) const NOOP: &str = "noop";

/// Waiting executions in the order they came, with what must be done once those of a message are all claimed.
#[derive(Debug)]
pub(crate) struct Backlog<A> {
    batches: VecDeque<Batch<A>>,
    waiting: HashSet<ExecutionId>,
}

#[derive(Debug)]
struct Batch<A> {
    executions: VecDeque<Execution>,
    acknowledge: Option<A>,
}

/// What to claim now, and what to acknowledge after that.
#[derive(Debug)]
pub(crate) struct Turn<A> {
    /// These.
    pub(crate) executions: Vec<Execution>,
    /// Messages of which nothing waits any more.
    pub(crate) acknowledge: Vec<A>,
}

impl<A> Backlog<A> {
    pub(crate) fn new() -> Self {
        Self {
            batches: VecDeque::new(),
            waiting: HashSet::new(),
        }
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes a batch in. Executions that wait here already are passed over; those whose delay is not over are given
    /// back: they are announced again when they are due.
    pub(crate) fn push(
        &mut self,
        executions: Vec<Execution>,
        acknowledge: Option<A>,
        now: DateTime<Utc>,
    ) -> Vec<Execution> {
        let (due, delayed): (Vec<_>, Vec<_>) =
            executions.into_iter().partition(|one| is_due(one, now));
        let executions = due
            .into_iter()
            .filter(|one| self.waiting.insert(one.id))
            .collect();
        self.batches.push_back(Batch {
            executions,
            acknowledge,
        });
        delayed
    }

    /// Takes out every noop and the oldest `permits` others.
    pub(crate) fn next_turn(&mut self, mut permits: usize) -> Turn<A> {
        let mut turn = Turn {
            executions: Vec::new(),
            acknowledge: Vec::new(),
        };
        for batch in &mut self.batches {
            batch.executions = std::mem::take(&mut batch.executions)
                .into_iter()
                .filter_map(|execution| {
                    if execution.runner != NOOP {
                        if permits == 0 {
                            return Some(execution);
                        }
                        permits -= 1;
                    }
                    turn.executions.push(execution);
                    None
                })
                .collect();
            if batch.executions.is_empty() {
                turn.acknowledge.extend(batch.acknowledge.take());
            }
        }
        self.batches.retain(|batch| !batch.executions.is_empty());
        for execution in &turn.executions {
            self.waiting.remove(&execution.id);
        }
        turn
    }
}

/// Whether an execution's delay is over. One without a delay is due even where the clock of whoever requested it is
/// ahead of ours.
fn is_due(execution: &Execution, now: DateTime<Utc>) -> bool {
    let Some(delay) = execution.delay_ms else {
        return true;
    };
    let delay = TimeDelta::milliseconds(delay.try_into().unwrap_or(i64::MAX / 1000));
    execution
        .start_timestamp
        .checked_add_signed(delay)
        .is_some_and(|due| due <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::execution;

    fn now() -> DateTime<Utc> {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn of(runner: &str) -> Execution {
        let mut execution = execution();
        execution.runner = runner.to_owned();
        execution.start_timestamp = now();
        execution
    }

    #[test]
    fn lets_noops_pass_those_that_wait_for_permits() {
        let mut backlog = Backlog::<()>::new();
        let (first, second, noop) = (of("local-shell-cmd"), of("local-shell-cmd"), of(NOOP));
        backlog.push(
            vec![first.clone(), second.clone(), noop.clone()],
            None,
            now(),
        );

        let turn = backlog.next_turn(1);

        assert_eq!(turn.executions, [first, noop]);
        assert_eq!(backlog.len(), 1);
        assert_eq!(backlog.next_turn(1).executions, [second]);
    }

    #[test]
    fn acknowledges_a_message_when_none_of_it_waits() {
        let mut backlog = Backlog::new();
        backlog.push(
            vec![of("local-shell-cmd"), of("local-shell-cmd")],
            Some("message"),
            now(),
        );

        assert!(backlog.next_turn(1).acknowledge.is_empty());
        assert_eq!(backlog.next_turn(1).acknowledge, ["message"]);
    }

    #[test]
    fn holds_an_execution_once_however_often_it_is_announced() {
        let mut backlog = Backlog::new();
        let execution = of("local-shell-cmd");

        backlog.push(vec![execution.clone()], Some(1), now());
        backlog.push(vec![execution], Some(2), now());

        assert_eq!(backlog.len(), 1);
        assert_eq!(backlog.next_turn(5).acknowledge, [1, 2]);
    }

    #[test]
    fn takes_what_has_no_delay_though_it_was_requested_by_a_clock_that_is_ahead() {
        let mut backlog = Backlog::<()>::new();
        let mut execution = of("local-shell-cmd");
        execution.start_timestamp = now() + TimeDelta::milliseconds(5);

        assert_eq!(backlog.push(vec![execution.clone()], None, now()), []);

        assert_eq!(backlog.next_turn(1).executions, [execution]);
    }

    #[test]
    fn leaves_delayed_executions_until_they_are_due() {
        let mut backlog = Backlog::<()>::new();
        let mut delayed = of("local-shell-cmd");
        delayed.delay_ms = Some(1000);

        assert_eq!(
            backlog.push(vec![delayed.clone()], None, now()),
            [delayed.clone()]
        );
        assert_eq!(backlog.len(), 0);

        assert_eq!(
            backlog.push(vec![delayed], None, now() + TimeDelta::seconds(1)),
            []
        );
        assert_eq!(backlog.len(), 1);
    }
}
