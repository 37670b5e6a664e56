//! Delayed executions, in the order in which they are due. No I/O.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use model::{Execution, ExecutionId};

/// The delayed executions that are known.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    entries: BTreeMap<(DateTime<Utc>, ExecutionId), Execution>,
}

impl Agenda {
    /// Replaces what is known. Those whose delay ends beyond all calendars are left out.
    pub(crate) fn replace(&mut self, delayed: Vec<Execution>) {
        let entry = |execution: Execution| Some(((due(&execution)?, execution.id), execution));
        self.entries = delayed.into_iter().filter_map(entry).collect();
    }

    /// Takes out those that are due, the longest due first.
    pub(crate) fn take_due(&mut self, now: DateTime<Utc>) -> Vec<Execution> {
        let mut due = Vec::new();
        while let Some(entry) = self
            .entries
            .first_entry()
            .filter(|entry| entry.key().0 <= now)
        {
            due.push(entry.remove());
        }
        due
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<DateTime<Utc>> {
        self.entries.first_key_value().map(|((due, _), _)| *due)
    }
}

fn due(execution: &Execution) -> Option<DateTime<Utc>> {
    let delay = TimeDelta::try_milliseconds(execution.delay_ms.unwrap_or(0).try_into().ok()?)?;
    execution.start_timestamp.checked_add_signed(delay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::testing::{at, execution};

    fn delayed(delay_ms: u64) -> Execution {
        let mut execution = execution(at(0));
        execution.delay_ms = Some(delay_ms);
        execution
    }

    #[test]
    fn gives_out_what_is_due_in_order() {
        let mut agenda = Agenda::default();
        let (late, early, never) = (delayed(2000), delayed(1000), delayed(u64::MAX));

        agenda.replace(vec![late.clone(), early.clone(), never]);

        assert_eq!(agenda.next_due(), Some(at(1)));
        assert!(agenda.take_due(at(0)).is_empty());
        assert_eq!(agenda.take_due(at(3)), [early, late]);
        assert_eq!(agenda.next_due(), None);
    }
}
