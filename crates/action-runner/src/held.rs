//! The executions that this process holds, and what is wanted of each.

use std::collections::HashMap;
use std::sync::Arc;

use model::ExecutionId;
use parking_lot::Mutex;
use tokio::sync::watch;

/// What is wanted of an execution that runs here. Once it is anything but `Run`, it stays what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Go on.
    Run,
    /// Somebody asked to cancel it.
    Cancel,
    /// Its lease is somebody else's, or it has ended elsewhere: stop, and tell nothing.
    Drop,
    /// This process is shutting down for good.
    Shutdown,
}

/// Tells an execution's run what is wanted of it.
pub(crate) type Signal = watch::Receiver<Wanted>;

/// The executions held here. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    entries: Arc<Mutex<HashMap<ExecutionId, Entry>>>,
    count: watch::Sender<usize>,
}

#[derive(Debug)]
struct Entry {
    /// The store has confirmed the claim; only then is the lease renewed.
    is_claimed: bool,
    wanted: watch::Sender<Wanted>,
}

impl Held {
    pub(crate) fn new() -> Self {
        Self {
            entries: Arc::default(),
            count: watch::Sender::new(0),
        }
    }

    /// Prepares to hold an execution, before it is claimed, so that no cancellation is missed. False where it is
    /// held already.
    pub(crate) fn expect(&self, id: ExecutionId) -> bool {
        let mut entries = self.entries.lock();
        if entries.contains_key(&id) {
            return false;
        }
        entries.insert(
            id,
            Entry {
                is_claimed: false,
                wanted: watch::Sender::new(Wanted::Run),
            },
        );
        self.counted(entries.len());
        true
    }

    /// The store has confirmed the claim.
    pub(crate) fn confirm(&self, id: ExecutionId) -> Option<Signal> {
        let mut entries = self.entries.lock();
        let entry = entries.get_mut(&id)?;
        entry.is_claimed = true;
        Some(entry.wanted.subscribe())
    }

    /// Lets go of executions.
    pub(crate) fn forget(&self, ids: impl IntoIterator<Item = ExecutionId>) {
        let mut entries = self.entries.lock();
        for id in ids {
            entries.remove(&id);
        }
        self.counted(entries.len());
    }

    fn counted(&self, count: usize) {
        crate::metrics::held(count);
        self.count.send_replace(count);
    }

    /// The executions whose leases are ours.
    pub(crate) fn claimed(&self) -> Vec<ExecutionId> {
        self.entries
            .lock()
            .iter()
            .filter(|(_, entry)| entry.is_claimed)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Says what is wanted of an execution, unless something else was said before. Unknown ones are none of ours.
    pub(crate) fn want(&self, id: ExecutionId, wanted: Wanted) {
        if let Some(entry) = self.entries.lock().get(&id) {
            entry.say(wanted);
        }
    }

    /// Says what is wanted of all of them.
    pub(crate) fn want_of_all(&self, wanted: Wanted) {
        for entry in self.entries.lock().values() {
            entry.say(wanted);
        }
    }

    /// Resolves when nothing is held.
    pub(crate) async fn emptied(&self) {
        // An error would mean that the sender is gone; `self` has it.
        drop(self.count.subscribe().wait_for(|count| *count == 0).await);
    }
}

impl Entry {
    fn say(&self, wanted: Wanted) {
        self.wanted.send_if_modified(|said| {
            let is_first = *said == Wanted::Run;
            if is_first {
                *said = wanted;
            }
            is_first
        });
    }
}

/// Resolves when anything but `Run` is wanted.
pub(crate) async fn interrupted(signal: &mut Signal) -> Wanted {
    match signal.wait_for(|wanted| *wanted != Wanted::Run).await {
        Ok(wanted) => *wanted,
        // Nobody holds the execution any more.
        Err(_) => Wanted::Drop,
    }
}

#[cfg(test)]
mod tests {
    use model::IdSource;

    use super::*;

    fn id() -> ExecutionId {
        IdSource::new().next("2026-01-01T00:00:00Z".parse().unwrap())
    }

    #[tokio::test]
    async fn hears_a_cancellation_that_comes_before_the_claim_is_confirmed() {
        let (held, id) = (Held::new(), id());
        held.expect(id);

        held.want(id, Wanted::Cancel);

        let mut signal = held.confirm(id).unwrap();
        assert_eq!(interrupted(&mut signal).await, Wanted::Cancel);
    }

    #[tokio::test]
    async fn keeps_to_what_was_wanted_first() {
        let (held, id) = (Held::new(), id());
        held.expect(id);
        let mut signal = held.confirm(id).unwrap();

        held.want(id, Wanted::Cancel);
        held.want_of_all(Wanted::Shutdown);

        assert_eq!(interrupted(&mut signal).await, Wanted::Cancel);
    }

    #[test]
    fn renews_only_what_was_claimed() {
        let (held, mine, other) = (Held::new(), id(), id());
        held.expect(mine);
        held.expect(other);

        held.confirm(mine);

        assert_eq!(held.claimed(), [mine]);
        assert!(!held.expect(mine));
    }

    #[tokio::test]
    async fn is_empty_once_everything_was_let_go() {
        let (held, id) = (Held::new(), id());
        held.expect(id);

        held.forget([id]);

        held.emptied().await;
    }
}
