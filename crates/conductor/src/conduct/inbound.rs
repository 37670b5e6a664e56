//! Whether enough tasks before a task have led to it, and whether a task has led anywhere.

use std::sync::Arc;

use crate::definition::Definition;
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
    let (mut met, mut has_unknown) = (0, false);
    for (source, transitions) in &node.inbound {
        let key = TaskKey {
            id: Arc::clone(source),
            route,
        };
        match state.progress.latest(&key) {
            Some(entry) => {
                let leads_here = |transition| entry.next.get(transition) == Some(&true);
                met += usize::from(transitions.iter().any(leads_here));
            }
            None => has_unknown = true,
        }
    }
    if met >= wanted {
        return Criteria::Met;
    }
    let goes_on = state.progress.any(Status::is_active) || state.staging.has_ready();
    if has_unknown && goes_on {
        Criteria::Open
    } else {
        Criteria::Unmet
    }
}

/// Whether a task that has ended led to anything but `continue`.
pub(super) fn has_led_on(definition: &Definition, state: &State, task: &TaskKey) -> bool {
    !targets(definition, state, task).is_empty()
}

/// The same, joins that cannot be met left out.
pub(super) fn has_next_tasks(definition: &Definition, state: &State, task: &TaskKey) -> bool {
    targets(definition, state, task).into_iter().any(|target| {
        let is_join = definition
            .graph
            .node(target)
            .is_some_and(|node| node.join.is_some());
        !is_join || !criteria(definition, state, target, task.route).is_unmet()
    })
}

fn targets<'d>(definition: &'d Definition, state: &State, task: &TaskKey) -> Vec<&'d str> {
    let entry = state.progress.latest(task);
    let node = definition.graph.node(&task.id);
    let (Some(entry), Some(node)) = (entry, node) else {
        return Vec::new();
    };
    if !entry.status.is_completed() {
        return Vec::new();
    }
    node.outbound
        .iter()
        .filter(|edge| *edge.target != *"continue")
        .filter(|edge| entry.next.get(&edge.forward()) == Some(&true))
        .map(|edge| &*edge.target)
        .collect()
}
