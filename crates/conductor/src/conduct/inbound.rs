//! Whether enough tasks before a task have led to it, and whether a task has led anywhere.

use crate::definition::Definition;
use crate::graph::Node;
use crate::{Join, State, Status, TaskKey};

/// What is known of the tasks before a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Criteria {
    /// Enough have led to it.
    Met,
    /// Enough may still.
    Open,
    /// Enough never will.
    Unmet,
}

impl Criteria {
    pub(super) fn is_met(self) -> bool {
        self == Self::Met
    }

    pub(super) fn is_unmet(self) -> bool {
        self == Self::Unmet
    }
}

/// Counts the tasks that have led to `task`, on the route that they ran on.
pub(super) fn criteria(
    definition: &Definition,
    state: &State,
    task: &str,
    route: usize,
) -> Criteria {
    let Some(node) = definition.graph.node(task) else {
        return Criteria::Unmet;
    };
    let wanted = match node.join {
        Some(Join::All) => node.inbound.len(),
        Some(Join::Count(count)) => count.max(1),
        None => 1,
    };
    let inbound = state.progress.inbound(&TaskKey {
        id: task.into(),
        route,
    });
    if inbound.met >= wanted {
        return Criteria::Met;
    }
    let has_unknown = inbound.known < node.inbound.len();
    let goes_on = state.progress.any(Status::is_active) || state.staging.has_ready();
    if has_unknown && goes_on {
        Criteria::Open
    } else {
        Criteria::Unmet
    }
}

/// Whether a task that has ended led to anything but `continue`.
pub(super) fn has_led_on(definition: &Definition, state: &State, task: &TaskKey) -> bool {
    targets(definition, state, task).next().is_some()
}

/// The same, joins that cannot be met left out.
pub(super) fn has_next_tasks(definition: &Definition, state: &State, task: &TaskKey) -> bool {
    targets(definition, state, task).any(|target| {
        let is_join = definition.graph.node(target).is_some_and(Node::is_join);
        !is_join || !criteria(definition, state, target, task.route).is_unmet()
    })
}

/// Targets of the transitions that a task took when it ended, without `continue`.
fn targets<'s>(
    definition: &'s Definition,
    state: &'s State,
    task: &TaskKey,
) -> impl Iterator<Item = &'s str> {
    let entry = state.progress.latest(task);
    let entry = entry.filter(|entry| entry.status.is_completed());
    let node = definition.graph.node(&task.id);
    entry.zip(node).into_iter().flat_map(|(entry, node)| {
        node.outbound
            .iter()
            .filter(|edge| *edge.target != *"continue")
            .filter(|edge| entry.next.get(&edge.forward()) == Some(&true))
            .map(|edge| &*edge.target)
    })
}
