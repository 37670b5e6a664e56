//! The timers of this moment, and which is due next.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use intake::TriggerTable;
use model::{Trigger, TriggerId};

use crate::Schedule;

/// A timer that enabled rules listen to.
#[derive(Debug, Clone)]
pub(crate) struct Timer {
    pub(crate) trigger: Arc<Trigger>,
    pub(crate) schedule: Schedule,
    /// The last firing, or the first sight.
    pub(crate) last: DateTime<Utc>,
}

/// The timers of a process.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    known: HashMap<TriggerId, Timer>,
}

impl Timers {
    /// Takes over what the table says: timers that went are dropped, and the triggers of new ones (or ones whose
    /// parameters changed) returned, to be seen with [`Timers::see`].
    pub(crate) fn follow(&mut self, table: &TriggerTable) -> Vec<Arc<Trigger>> {
        let wanted: HashMap<TriggerId, &Arc<Trigger>> = table
            .triggers
            .values()
            .filter(|trigger| {
                is_timer(&trigger.type_ref) && table.wanted.contains(trigger.trigger_ref.as_str())
            })
            .map(|trigger| (trigger.id, trigger))
            .collect();
        self.known.retain(|id, timer| {
            wanted
                .get(id)
                .is_some_and(|now| now.parameters == timer.trigger.parameters)
        });
        wanted
            .into_iter()
            .filter(|(id, _)| !self.known.contains_key(id))
            .map(|(_, trigger)| Arc::clone(trigger))
            .collect()
    }

    /// Adds a timer that last fired (or was first seen) at `last`.
    pub(crate) fn see(&mut self, trigger: Arc<Trigger>, schedule: Schedule, last: DateTime<Utc>) {
        self.known.insert(
            trigger.id,
            Timer {
                trigger,
                schedule,
                last,
            },
        );
    }

    /// Timers due at `now`, with the time each is due for.
    pub(crate) fn due(&self, now: DateTime<Utc>) -> Vec<(Timer, DateTime<Utc>)> {
        self.known
            .values()
            .filter_map(|timer| {
                timer
                    .schedule
                    .due(timer.last, now)
                    .map(|time| (timer.clone(), time))
            })
            .collect()
    }

    /// Remembers that a timer fired for `time`, here or elsewhere.
    pub(crate) fn fired(&mut self, id: TriggerId, time: DateTime<Utc>) {
        if let Some(timer) = self.known.get_mut(&id) {
            timer.last = timer.last.max(time);
        }
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        self.known
            .values()
            .filter_map(|timer| timer.schedule.next_after(timer.last))
            .min()
    }
}

fn is_timer(type_ref: &str) -> bool {
    matches!(
        type_ref,
        "core.st2.IntervalTimer" | "core.st2.DateTimer" | "core.st2.CronTimer"
    )
}
