//! The workflows that this process conducts, and what waits to be told to each.
//!
//! A workflow is in one pair of hands at a time: while a step of it is under way, what it is told waits.

use std::collections::{HashMap, HashSet, VecDeque};

use model::{Execution, ExecutionId, ExecutionStatus};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::effects::{Event, ReachDown};
use crate::flow::Flow;

/// A workflow in somebody's hands.
#[derive(Debug)]
pub(crate) struct Held {
    /// Its execution, with the state that its row has as far as is known here.
    pub(crate) execution: Execution,
    /// Where it stands; none until it was begun or restored.
    pub(crate) flow: Option<Flow>,
    /// Which taking it is in hand by.
    pub(crate) grip: Grip,
}

/// One time that a workflow was taken from the desk: it may be put back, and taken by other hands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Grip(u64);

/// The workflows of this process.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    inner: Mutex<Inner>,
    ready: Notify,
    settled: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    slots: HashMap<ExecutionId, Slot>,
    /// Those that are here and have been told something.
    ready: VecDeque<ExecutionId>,
    /// Those over which a step broke down: each takes its next step alone.
    suspects: HashSet<ExecutionId>,
    /// Wishes that are being passed on to the tasks of workflows.
    passing: HashSet<(ExecutionId, ReachDown)>,
    waiting: usize,
    in_hand: usize,
    admissions: u64,
    grips: u64,
}

#[derive(Debug, Default)]
struct Slot {
    /// Absent while a step is under way, and before the claim is confirmed.
    held: Option<Held>,
    inbox: Vec<Event>,
    /// Which of this desk's admissions it came by; none before the claim is confirmed.
    admission: Option<Admission>,
    /// Which taking it was taken by last.
    grip: Grip,
}

/// One time that a workflow was won here: it may be lost, and won again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Admission(u64);

/// Workflows to take a step with, and what each is told.
pub(crate) type Batch = Vec<(Held, Vec<Event>)>;

impl Desk {
    /// Prepares to hold a workflow, before it is claimed, so that nothing told to it is missed. False where it is held
    /// already.
    pub(crate) fn expect(&self, id: ExecutionId) -> bool {
        let mut inner = self.inner.lock();
        if inner.slots.contains_key(&id) {
            return false;
        }
        inner.slots.insert(id, Slot::default());
        true
    }

    /// The claim is confirmed: the workflow begins, or goes on.
    pub(crate) fn admit(&self, execution: Execution) {
        let id = execution.id;
        let mut inner = self.inner.lock();
        inner.admissions += 1;
        let admission = Admission(inner.admissions);
        let slot = inner.slots.entry(id).or_default();
        slot.admission = Some(admission);
        let wanted = execution.status;
        slot.held = Some(Held {
            execution,
            flow: None,
            grip: Grip::default(),
        });
        slot.inbox.insert(0, Event::Continue);
        let mut told = 1;
        if is_wish(wanted) {
            slot.inbox.push(Event::Wanted(wanted));
            told += 1;
        }
        inner.waiting += told;
        inner.ready.push_back(id);
        crate::metrics::held(inner.slots.len());
        drop(inner);
        self.ready.notify_one();
        self.settled.notify_waiters();
    }

    /// Tells a workflow something; false where it is not held here.
    pub(crate) fn tell(&self, id: ExecutionId, event: Event) -> bool {
        let mut inner = self.inner.lock();
        let Some(slot) = inner.slots.get_mut(&id) else {
            return false;
        };
        let was_idle = slot.held.is_some() && slot.inbox.is_empty();
        slot.inbox.push(event);
        inner.waiting += 1;
        if was_idle {
            inner.ready.push_back(id);
            drop(inner);
            self.ready.notify_one();
        }
        true
    }

    /// Takes up to `most` workflows that were told something, waiting for one at least.
    pub(crate) async fn take(&self, most: usize) -> Batch {
        loop {
            let heard = self.ready.notified();
            let batch = self.take_now(most);
            if !batch.is_empty() {
                return batch;
            }
            heard.await;
        }
    }

    fn take_now(&self, most: usize) -> Batch {
        let mut inner = self.inner.lock();
        let mut batch = Batch::new();
        while batch.len() < most {
            let Some(id) = inner.ready.pop_front() else {
                break;
            };
            if inner.suspects.contains(&id) && !batch.is_empty() {
                inner.ready.push_front(id);
                break;
            }
            let is_suspect = inner.suspects.remove(&id);
            if let Some(taken) = inner.take(id) {
                batch.push(taken);
            }
            if is_suspect {
                break;
            }
        }
        inner.in_hand += batch.len();
        let has_more = !inner.ready.is_empty();
        drop(inner);
        if has_more {
            // For another pair of hands.
            self.ready.notify_one();
        }
        batch
    }

    /// Gives a workflow back after a step, to be told more later.
    pub(crate) fn put_back(&self, held: Held, and_continue: bool) {
        let id = held.execution.id;
        let mut inner = self.inner.lock();
        inner.in_hand -= 1;
        let mut is_ready = false;
        if let Some(slot) = inner.slots.get_mut(&id) {
            slot.held = Some(held);
            if and_continue {
                slot.inbox.push(Event::Continue);
            }
            is_ready = !slot.inbox.is_empty();
        }
        if and_continue && is_ready {
            inner.waiting += 1;
        }
        if is_ready {
            inner.ready.push_back(id);
        }
        drop(inner);
        if is_ready {
            self.ready.notify_one();
        }
        self.settled.notify_waiters();
    }

    /// A workflow that was taken is held no more. What it was told meanwhile is given back.
    pub(crate) fn let_go(&self, id: ExecutionId) -> Vec<Event> {
        let mut inner = self.inner.lock();
        inner.in_hand -= 1;
        let told = inner.remove(id);
        drop(inner);
        self.settled.notify_waiters();
        told
    }

    /// A workflow that was taken so and never came back is held no more. False where it did come back, also if other
    /// hands have it by now.
    pub(crate) fn drop_taken(&self, id: ExecutionId, grip: Grip) -> bool {
        let mut inner = self.inner.lock();
        let is_lost = |slot: &Slot| slot.held.is_none() && slot.grip == grip;
        let is_taken = inner.slots.get(&id).is_some_and(is_lost);
        if is_taken {
            inner.in_hand -= 1;
            inner.remove(id);
        }
        drop(inner);
        self.settled.notify_waiters();
        is_taken
    }

    /// Whether a workflow is held here.
    pub(crate) fn holds(&self, id: ExecutionId) -> bool {
        self.inner.lock().slots.contains_key(&id)
    }

    /// Workflows that were not won after all. What they were told meanwhile is given back: it is for whoever holds them.
    pub(crate) fn forget(&self, ids: impl IntoIterator<Item = ExecutionId>) -> Vec<Event> {
        let mut inner = self.inner.lock();
        let mut told = Vec::new();
        for id in ids {
            told.append(&mut inner.remove(id));
        }
        drop(inner);
        self.settled.notify_waiters();
        told
    }

    /// A workflow has ended. If a step is under way, the store will refuse it.
    pub(crate) fn lose(&self, id: ExecutionId) {
        let mut inner = self.inner.lock();
        if inner.slots.get(&id).is_some_and(|slot| slot.held.is_some()) {
            inner.remove(id);
        }
    }

    /// Somebody else holds a workflow by now, unless it was won here again since then. If a step is under way, the store
    /// will refuse it.
    pub(crate) fn lose_since(&self, id: ExecutionId, admission: Admission) {
        let mut inner = self.inner.lock();
        let is_lost = |slot: &Slot| slot.held.is_some() && slot.admission == Some(admission);
        if inner.slots.get(&id).is_some_and(is_lost) {
            inner.remove(id);
        }
    }

    /// A wish is passed on to the tasks of a workflow from now on. False where that goes on already.
    pub(crate) fn begin_passing(&self, id: ExecutionId, reach_down: ReachDown) -> bool {
        self.inner.lock().passing.insert((id, reach_down))
    }

    /// A wish was passed on.
    pub(crate) fn end_passing(&self, id: ExecutionId, reach_down: ReachDown) {
        self.inner.lock().passing.remove(&(id, reach_down));
    }

    /// A step broke down over one of these: each takes its next step here alone.
    pub(crate) fn suspect(&self, ids: impl IntoIterator<Item = ExecutionId>) {
        self.inner.lock().suspects.extend(ids);
    }

    /// The workflows that were won, and when.
    pub(crate) fn won(&self) -> Vec<(ExecutionId, Admission)> {
        let inner = self.inner.lock();
        let won = inner.slots.iter();
        won.filter_map(|(id, slot)| Some((*id, slot.admission?)))
            .collect()
    }

    /// All workflows that are held here, or about to be won.
    pub(crate) fn ids(&self) -> Vec<ExecutionId> {
        self.inner.lock().slots.keys().copied().collect()
    }

    /// How much waits to be told.
    pub(crate) fn waiting(&self) -> usize {
        self.inner.lock().waiting
    }

    /// Resolves when nothing waits, no step is under way and no claim is unconfirmed.
    pub(crate) async fn quiet(&self) {
        loop {
            let settled = self.settled.notified();
            {
                let inner = self.inner.lock();
                let is_expecting = inner.slots.values().any(|slot| slot.admission.is_none());
                if inner.in_hand == 0 && inner.ready.is_empty() && !is_expecting {
                    return;
                }
            }
            settled.await;
        }
    }
}

impl Inner {
    fn take(&mut self, id: ExecutionId) -> Option<(Held, Vec<Event>)> {
        let slot = self.slots.get_mut(&id)?;
        let mut held = slot.held.take()?;
        self.grips += 1;
        slot.grip = Grip(self.grips);
        held.grip = slot.grip;
        let events = std::mem::take(&mut slot.inbox);
        self.waiting -= events.len();
        Some((held, events))
    }

    fn remove(&mut self, id: ExecutionId) -> Vec<Event> {
        let inbox = self.slots.remove(&id).map(|slot| slot.inbox);
        let inbox = inbox.unwrap_or_default();
        self.waiting -= inbox.len();
        crate::metrics::held(self.slots.len());
        inbox
    }
}

/// Whether a state of an execution is what somebody wants of it.
pub(crate) fn is_wish(status: ExecutionStatus) -> bool {
    matches!(
        status,
        ExecutionStatus::Pausing | ExecutionStatus::Resuming | ExecutionStatus::Canceling
    )
}

#[cfg(test)]
mod tests {
    use model::IdSource;

    use super::*;
    use crate::service::testing::execution;

    fn held(desk: &Desk) -> ExecutionId {
        let execution = execution("core.noop", "orquesta");
        let id = execution.id;
        assert!(desk.expect(id));
        desk.admit(execution);
        id
    }

    #[tokio::test]
    async fn a_workflow_is_in_one_pair_of_hands_at_a_time() {
        let desk = Desk::default();
        let id = held(&desk);
        let (first, _) = desk.take(10).await.remove(0);

        desk.tell(id, Event::Continue);

        assert!(desk.take_now(10).is_empty());
        desk.put_back(first, false);
        let (_, events) = desk.take(10).await.remove(0);
        assert_eq!(events.len(), 1);
    }

    #[tokio::test]
    async fn what_other_hands_have_by_now_is_not_dropped() {
        let desk = Desk::default();
        let id = held(&desk);
        let (first, _) = desk.take(1).await.remove(0);
        let before = first.grip;
        desk.tell(id, Event::Continue);
        desk.put_back(first, false);

        let (second, _) = desk.take(1).await.remove(0);

        assert!(!desk.drop_taken(id, before));
        assert!(desk.holds(id));
        assert!(desk.drop_taken(id, second.grip));
        assert!(!desk.holds(id));
    }

    #[tokio::test]
    async fn what_comes_before_the_claim_is_confirmed_is_not_missed() {
        let desk = Desk::default();
        let execution = execution("core.noop", "orquesta");
        desk.expect(execution.id);

        assert!(desk.tell(execution.id, Event::Continue));
        desk.admit(execution);

        let (_, events) = desk.take(1).await.remove(0);
        assert_eq!(events.len(), 2);
        assert_eq!(desk.waiting(), 0);
    }

    #[tokio::test]
    async fn a_suspect_takes_its_step_alone() {
        let desk = Desk::default();
        let (one, two) = (held(&desk), held(&desk));

        desk.suspect([one, two]);

        assert_eq!(desk.take(10).await.len(), 1);
        assert_eq!(desk.take(10).await.len(), 1);
    }

    #[test]
    fn what_was_won_again_since_is_not_lost() {
        let desk = Desk::default();
        let id = held(&desk);
        let (_, before) = desk.won().remove(0);
        desk.lose(id);
        let mut again = execution("core.noop", "orquesta");
        again.id = id;
        assert!(desk.expect(id));
        assert_eq!(desk.won(), []);
        desk.admit(again);

        desk.lose_since(id, before);
        assert!(desk.holds(id));

        let (_, now) = desk.won().remove(0);
        desk.lose_since(id, now);
        assert!(!desk.holds(id));
    }

    #[test]
    fn what_was_told_before_a_claim_failed_is_given_back() {
        let desk = Desk::default();
        let execution = execution("core.noop", "orquesta");
        desk.expect(execution.id);
        desk.tell(execution.id, Event::Continue);

        assert_eq!(desk.forget([execution.id]).len(), 1);
        assert_eq!(desk.waiting(), 0);
    }

    #[test]
    fn a_wish_is_passed_on_once_at_a_time() {
        let desk = Desk::default();
        let id = held(&desk);

        assert!(desk.begin_passing(id, ReachDown::Cancel));
        assert!(desk.begin_passing(id, ReachDown::Pause));
        assert!(!desk.begin_passing(id, ReachDown::Cancel));
        desk.end_passing(id, ReachDown::Cancel);
        assert!(desk.begin_passing(id, ReachDown::Cancel));
    }

    #[test]
    fn tells_nothing_to_what_is_not_held() {
        let id = IdSource::new().next("2026-01-01T00:00:00Z".parse().unwrap());

        assert!(!Desk::default().tell(id, Event::Continue));
    }
}
