//! Runs of tasks and routes, and the counts that answer in one step what would take a scan of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Arrival, ArrivalId, Entry, Route, TaskKey, TransitionId};
use crate::Status;
use crate::graph::Joins;

/// Every run of a task, the latest of each task, and the routes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    joins: Arc<Joins>,
    sequence: Vec<Entry>,
    arrivals: Vec<Arrival>,
    latest: HashMap<TaskKey, usize>,
    routes: Vec<Route>,
    /// Routes by their last step, in order.
    routes_by_step: HashMap<TransitionId, Vec<usize>>,
    /// Latest entries by status.
    counts: [usize; Status::ALL.len()],
    /// Latest entries that are active.
    active: BTreeSet<usize>,
    terminal: BTreeSet<usize>,
    /// By target, on the route of the sources.
    inbound: HashMap<TaskKey, Inbound>,
}

/// What is known of the tasks before a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Inbound {
    /// Tasks that have run; counted for joins only.
    pub(crate) known: usize,
    /// Tasks whose latest run led here.
    pub(crate) met: usize,
}

impl Progress {
    pub(crate) fn new(joins: Arc<Joins>) -> Self {
        Self {
            joins,
            ..Self::default()
        }
    }

    pub(crate) fn sequence(&self) -> &[Entry] {
        &self.sequence
    }

    pub(crate) fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }

    pub(crate) fn terminal(&self) -> impl Iterator<Item = usize> {
        self.terminal.iter().copied()
    }

    pub(crate) fn latest_index(&self, task: &TaskKey) -> Option<usize> {
        self.latest.get(task).copied()
    }

    pub(crate) fn latest(&self, task: &TaskKey) -> Option<&Entry> {
        self.sequence.get(self.latest_index(task)?)
    }

    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&TaskKey, usize)> {
        self.latest.iter().map(|(task, at)| (task, *at))
    }

    pub(crate) fn inbound(&self, target: &TaskKey) -> Inbound {
        self.inbound.get(target).copied().unwrap_or_default()
    }

    /// Whether the latest run of some task is in a status of a group.
    pub(crate) fn any(&self, group: impl Fn(Status) -> bool) -> bool {
        Status::ALL
            .into_iter()
            .any(|status| self.counts[status.index()] > 0 && group(status))
    }

    /// Latest runs that are active, in the order of their starts.
    pub(crate) fn active(&self) -> impl Iterator<Item = usize> {
        self.active.iter().copied()
    }

    /// The entries that led to a task, by the transitions that did.
    pub(crate) fn previous(&self, last: Option<ArrivalId>) -> BTreeMap<TransitionId, usize> {
        let mut previous = BTreeMap::new();
        let mut next = last;
        while let Some(arrival) = next.and_then(|id| self.arrivals.get(id.0)) {
            previous
                .entry(arrival.transition.clone())
                .or_insert(arrival.entry);
            next = arrival.before;
        }
        previous
    }

    /// The transitions that a route is made of.
    pub(crate) fn steps(&self, route: usize) -> Vec<TransitionId> {
        let mut steps = Vec::new();
        let mut at = self.routes.get(route);
        while let Some(Route {
            before: Some(before),
            step: Some(step),
        }) = at
        {
            steps.push(step.clone());
            at = self.routes.get(*before);
        }
        steps.reverse();
        steps
    }

    /// The nearest route before this one that has no step that this one has not.
    pub(super) fn earlier_route(&self, route: usize) -> Option<usize> {
        let steps: BTreeSet<TransitionId> = self.steps(route).into_iter().collect();
        let is_part = |at: &usize| self.steps(*at).iter().all(|step| steps.contains(step));
        let empty = (route > 0).then_some(0);
        steps
            .iter()
            .filter_map(|step| {
                let routes = self.routes_by_step.get(step)?;
                let before = &routes[..routes.partition_point(|at| *at < route)];
                before.iter().rev().copied().find(is_part)
            })
            .chain(empty)
            .max()
    }

    pub(super) fn add(&mut self, entry: Entry) -> Option<usize> {
        let at = self.sequence.len();
        let before = self.latest.get(&entry.task).copied();
        match before {
            Some(before) => self.discount(before),
            None => self.know(&entry.task, true),
        }
        self.latest.insert(entry.task.clone(), at);
        if entry.is_terminal {
            self.terminal.insert(at);
        }
        self.sequence.push(entry);
        self.count(at);
        before
    }

    /// Takes back the last entry.
    pub(super) fn take_back_entry(&mut self, task: &TaskKey, before: Option<usize>) {
        let Some(at) = self.sequence.len().checked_sub(1) else {
            return;
        };
        self.discount(at);
        self.terminal.remove(&at);
        self.sequence.pop();
        if let Some(before) = before {
            self.latest.insert(task.clone(), before);
            self.count(before);
        } else {
            self.latest.remove(task);
            self.know(task, false);
        }
    }

    pub(super) fn set_status(&mut self, at: usize, status: Status) -> Option<Status> {
        let entry = self.sequence.get_mut(at)?;
        let before = std::mem::replace(&mut entry.status, status);
        if self.is_latest(at) {
            self.count_status(at, before, false);
            self.count_status(at, status, true);
        }
        Some(before)
    }

    /// Sets whether a transition was taken; gives what was known of it.
    pub(super) fn set_next(
        &mut self,
        at: usize,
        transition: TransitionId,
        taken: Option<bool>,
    ) -> Option<bool> {
        let is_latest = self.is_latest(at);
        let entry = self.sequence.get_mut(at)?;
        let target = TaskKey {
            id: Arc::clone(&transition.task),
            route: entry.task.route,
        };
        let led_before = leads_to(entry, &transition.task);
        let before = match taken {
            Some(taken) => entry.next.insert(transition, taken),
            None => entry.next.remove(&transition),
        };
        let leads_now = leads_to(entry, &target.id);
        if is_latest && led_before != leads_now {
            self.count_met(&target, leads_now);
        }
        before
    }

    pub(super) fn set_terminal(&mut self, at: usize, is_terminal: bool) -> Option<bool> {
        let entry = self.sequence.get_mut(at)?;
        if is_terminal {
            self.terminal.insert(at);
        } else {
            self.terminal.remove(&at);
        }
        Some(std::mem::replace(&mut entry.is_terminal, is_terminal))
    }

    pub(super) fn set_tally(&mut self, at: usize, tally: i64) -> Option<i64> {
        let retry = self.sequence.get_mut(at)?.retry.as_mut()?;
        Some(std::mem::replace(&mut retry.tally, tally))
    }

    /// Changes what is not counted.
    pub(super) fn change<T>(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        self.sequence.get_mut(at).map(change)
    }

    pub(super) fn add_arrival(&mut self, arrival: Arrival) -> ArrivalId {
        self.arrivals.push(arrival);
        ArrivalId(self.arrivals.len() - 1)
    }

    pub(super) fn add_route(&mut self, route: Route) -> usize {
        let at = self.routes.len();
        if let Some(step) = &route.step {
            let same = self.routes_by_step.entry(step.clone()).or_default();
            same.push(at);
        }
        self.routes.push(route);
        at
    }

    /// Takes back arrivals and routes that were added.
    pub(super) fn shorten(&mut self, arrivals: usize, routes: usize) {
        self.arrivals.truncate(arrivals);
        while self.routes.len() > routes {
            let route = self.routes.pop();
            if let Some(step) = route.and_then(|route| route.step)
                && let Some(same) = self.routes_by_step.get_mut(&step)
            {
                same.pop();
                if same.is_empty() {
                    self.routes_by_step.remove(&step);
                }
            }
        }
    }

    /// All that is counted, for comparison.
    pub(super) fn tallies(&self) -> impl std::fmt::Debug + '_ {
        (
            self.latest.iter().collect::<BTreeMap<_, _>>(),
            self.routes_by_step.iter().collect::<BTreeMap<_, _>>(),
            self.counts,
            &self.active,
            &self.terminal,
            self.inbound.iter().collect::<BTreeMap<_, _>>(),
        )
    }

    fn is_latest(&self, at: usize) -> bool {
        self.sequence
            .get(at)
            .is_some_and(|entry| self.latest.get(&entry.task) == Some(&at))
    }

    fn count(&mut self, at: usize) {
        self.weigh(at, true);
    }

    fn discount(&mut self, at: usize) {
        self.weigh(at, false);
    }

    /// Adds or takes away what an entry counts for as the latest of its task.
    fn weigh(&mut self, at: usize, counts: bool) {
        let entry = &self.sequence[at];
        let route = entry.task.route;
        let status = entry.status;
        let mut targets: Vec<Arc<str>> = entry
            .next
            .iter()
            .filter(|(_, taken)| **taken)
            .map(|(transition, _)| Arc::clone(&transition.task))
            .collect();
        // In order already: transitions are sorted by their targets.
        targets.dedup();
        for id in targets {
            self.count_met(&TaskKey { id, route }, counts);
        }
        self.count_status(at, status, counts);
    }

    fn count_status(&mut self, at: usize, status: Status, counts: bool) {
        let place = &mut self.counts[status.index()];
        if counts {
            *place += 1;
        } else {
            *place -= 1;
        }
        if status.is_active() && counts {
            self.active.insert(at);
        } else if status.is_active() {
            self.active.remove(&at);
        }
    }

    fn count_met(&mut self, target: &TaskKey, counts: bool) {
        self.change_inbound(target, |inbound| {
            inbound.met = if counts {
                inbound.met + 1
            } else {
                inbound.met - 1
            };
        });
    }

    /// A task has begun to run on a route: joins behind it know one more.
    fn know(&mut self, task: &TaskKey, counts: bool) {
        let joins = Arc::clone(&self.joins);
        for target in joins.after(&task.id) {
            let target = TaskKey {
                id: Arc::clone(target),
                route: task.route,
            };
            self.change_inbound(&target, |inbound| {
                inbound.known = if counts {
                    inbound.known + 1
                } else {
                    inbound.known - 1
                };
            });
        }
    }

    fn change_inbound(&mut self, target: &TaskKey, change: impl FnOnce(&mut Inbound)) {
        let place = self.inbound.entry(target.clone()).or_default();
        change(place);
        if *place == Inbound::default() {
            self.inbound.remove(target);
        }
    }
}

/// Whether a run took any transition to a target.
fn leads_to(entry: &Entry, target: &Arc<str>) -> bool {
    let first = TransitionId {
        task: Arc::clone(target),
        key: 0,
    };
    entry
        .next
        .range(first..)
        .take_while(|(transition, _)| transition.task == *target)
        .any(|(_, taken)| *taken)
}
