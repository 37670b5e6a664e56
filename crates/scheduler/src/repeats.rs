//! Announces again what was stored and announced, but which nobody took up: the message was lost, or its worker.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use chrono::{DateTime, Utc};
use executions::Executions;
use intake::Intake;
use model::{Execution, ExecutionId, TriggerInstanceId};
use store::{Store, StoreError};

use crate::options::SchedulerOptions;

/// At most so many executions stand in a message.
const IN_A_MESSAGE: usize = 50;
/// What was not seen waiting for so long is forgotten.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Announces again, less and less often.
#[derive(Debug)]
pub(crate) struct Repeats {
    store: Store,
    handler: Executions,
    intake: Intake,
    executions: Memory<ExecutionId>,
    instances: Memory<TriggerInstanceId>,
    options: SchedulerOptions,
}

impl Repeats {
    pub(crate) fn new(
        store: Store,
        handler: Executions,
        intake: Intake,
        options: SchedulerOptions,
    ) -> Self {
        let memory = (options.repeat_after, options.repeat_at_most_every);
        Self {
            store,
            handler,
            intake,
            executions: Memory::new(memory.0, memory.1),
            instances: Memory::new(memory.0, memory.1),
            options,
        }
    }

    /// Looks for what waits too long; returns how many executions and instances were announced again.
    pub(crate) async fn run(&mut self, now: DateTime<Utc>) -> Result<(usize, usize), StoreError> {
        let (before, limit) = (now - self.options.repeat_after, self.options.batch);
        let mut executions = self.store.unclaimed_executions(before, limit).await?;
        executions.retain(|execution| self.executions.is_its_turn(execution.id, now));
        let mut instances = self.store.pending_trigger_instances(before, limit).await?;
        instances.retain(|instance| self.instances.is_its_turn(instance.id, now));
        self.executions.forget_before(now);
        self.instances.forget_before(now);
        let counts = (executions.len(), instances.len());
        if counts != (0, 0) {
            tracing::info!(
                executions = counts.0,
                instances = counts.1,
                "announcing again what nobody took up"
            );
        }
        crate::metrics::repeated(counts.0, counts.1);
        announce(&self.handler, executions);
        if !instances.is_empty() {
            self.intake.announce(instances);
        }
        Ok(counts)
    }
}

/// Announces executions to those who act on them next (the streams have heard of them already).
pub(crate) fn announce(handler: &Executions, mut executions: Vec<Execution>) {
    while !executions.is_empty() {
        let rest = executions.split_off(executions.len().min(IN_A_MESSAGE));
        handler.hand_out(std::mem::replace(&mut executions, rest));
    }
}

/// When each was announced again, and how long to wait before the next time.
#[derive(Debug)]
struct Memory<I> {
    entries: HashMap<I, Entry>,
    first_pause: Duration,
    longest_pause: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    next: DateTime<Utc>,
    pause: Duration,
    seen: DateTime<Utc>,
}

impl<I: Eq + Hash> Memory<I> {
    fn new(first_pause: Duration, longest_pause: Duration) -> Self {
        Self {
            entries: HashMap::new(),
            first_pause,
            longest_pause,
        }
    }

    /// Whether to announce this one now; remembers it if so.
    fn is_its_turn(&mut self, id: I, now: DateTime<Utc>) -> bool {
        let first = Entry {
            next: now,
            pause: self.first_pause,
            seen: now,
        };
        let entry = self.entries.entry(id).or_insert(first);
        entry.seen = now;
        if now < entry.next {
            return false;
        }
        entry.next = now + entry.pause;
        entry.pause = (entry.pause * 2).min(self.longest_pause);
        true
    }

    fn forget_before(&mut self, now: DateTime<Utc>) {
        self.entries
            .retain(|_, entry| entry.seen > now - REMEMBERED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::testing::at;

    #[test]
    fn repeats_at_growing_distances() {
        let mut memory = Memory::new(Duration::from_secs(5), Duration::from_secs(20));

        let turns: Vec<i64> = (0..100)
            .filter(|second| memory.is_its_turn("x", at(*second)))
            .collect();

        assert_eq!(turns, [0, 5, 15, 35, 55, 75, 95]);
    }

    #[test]
    fn forgets_what_waits_no_more() {
        let mut memory = Memory::new(Duration::from_secs(5), Duration::from_secs(20));
        memory.is_its_turn("x", at(0));

        memory.forget_before(at(601));

        assert!(memory.entries.is_empty());
    }
}
