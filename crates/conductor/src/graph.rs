//! How tasks follow one another: computed once from the tasks.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::definition::{Task, is_command};
use crate::{Join, TransitionId};

/// The command that is no transition: it sets a task's retry.
const RETRY: &str = "retry";

/// The tasks that can be reached from the start, and the commands they use.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: IndexMap<Arc<str>, Node>,
    roots: Vec<Arc<str>>,
}

/// A task or a command.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// What follows, by the target's name.
    pub(crate) outbound: Vec<Edge>,
    /// Sources, in order, each with its transitions to here.
    pub(crate) inbound: IndexMap<Arc<str>, Vec<TransitionId>>,
    pub(crate) join: Option<Join>,
    /// Every arrival runs it on a route of its own.
    pub(crate) starts_route: bool,
}

/// A transition.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) target: Arc<str>,
    /// Which of the transitions between the two.
    pub(crate) key: usize,
    /// The entry of the source's `next`.
    pub(crate) entry: usize,
}

impl Edge {
    /// Named after the target, as the source's entry records it.
    pub(crate) fn forward(&self) -> TransitionId {
        TransitionId {
            task: Arc::clone(&self.target),
            key: self.key,
        }
    }

    /// Named after the source, as the target's entry and routes record it.
    pub(crate) fn backward(&self, source: &Arc<str>) -> TransitionId {
        TransitionId {
            task: Arc::clone(source),
            key: self.key,
        }
    }
}

impl Graph {
    /// Builds it from the tasks. Targets that are no tasks are passed over: inspection reports them.
    pub(crate) fn new(tasks: &IndexMap<Arc<str>, Task>) -> Self {
        let links = Links::new(tasks);
        let roots = links.roots(tasks);
        let mut nodes: IndexMap<Arc<str>, Node> = IndexMap::new();
        let mut waiting: VecDeque<Arc<str>> = roots.iter().cloned().collect();
        while let Some(name) = waiting.pop_front() {
            if nodes.contains_key(&name) {
                continue;
            }
            let mut keys: HashMap<&Arc<str>, usize> = HashMap::new();
            let outbound: Vec<Edge> = links
                .outbound(&name)
                .iter()
                .enumerate()
                // Named twice in one entry, a target is led to once.
                .filter(|(at, link)| !links.outbound(&name)[..*at].contains(link))
                .map(|(_, link)| link)
                .filter(|(target, _)| **target != *RETRY)
                .map(|(target, entry)| {
                    let key = keys.entry(target).or_default();
                    *key += 1;
                    Edge {
                        target: Arc::clone(target),
                        key: *key - 1,
                        entry: *entry,
                    }
                })
                .collect();
            waiting.extend(outbound.iter().map(|edge| Arc::clone(&edge.target)));
            let join = tasks.get(&name).and_then(|task| task.join);
            let is_split = join.is_none() && links.inbound_count(&name) > 1;
            nodes.insert(
                Arc::clone(&name),
                Node {
                    starts_route: is_split && !links.is_in_cycle(&name),
                    join,
                    outbound,
                    inbound: IndexMap::new(),
                },
            );
        }
        let edges: Vec<(Arc<str>, Edge)> = nodes
            .iter()
            .flat_map(|(source, node)| {
                node.outbound
                    .iter()
                    .map(|edge| (Arc::clone(source), edge.clone()))
            })
            .collect();
        for (source, edge) in edges {
            if let Some(node) = nodes.get_mut(&edge.target) {
                node.inbound.entry(source).or_default().push(edge.forward());
            }
        }
        Self { nodes, roots }
    }

    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// Tasks that nothing leads to, by name.
    #[must_use]
    pub fn roots(&self) -> &[Arc<str>] {
        &self.roots
    }

    /// Transitions as (source, target, entry of the source's `next`), by source in the order they are reached.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.nodes.iter().flat_map(|(source, node)| {
            node.outbound
                .iter()
                .map(|edge| (&**source, &*edge.target, edge.entry))
        })
    }

    /// Tasks and commands in the order they are reached.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(|name| &**name)
    }
}

/// Targets of all tasks, also of those that are not reached.
pub(crate) struct Links {
    outbound: HashMap<Arc<str>, Vec<(Arc<str>, usize)>>,
    inbound: HashMap<Arc<str>, usize>,
}

impl Links {
    pub(crate) fn new(tasks: &IndexMap<Arc<str>, Task>) -> Self {
        let mut links = Self {
            outbound: HashMap::new(),
            inbound: HashMap::new(),
        };
        for (name, task) in tasks {
            let mut targets: Vec<(Arc<str>, usize)> = task
                .next
                .iter()
                .enumerate()
                .flat_map(|(at, transition)| {
                    transition
                        .targets
                        .iter()
                        .map(move |target| (Arc::clone(target), at))
                })
                .filter(|(target, _)| tasks.contains_key(target) || is_command(target))
                .collect();
            targets.sort_by(|(one, _), (other, _)| one.cmp(other));
            for (target, _) in &targets {
                *links.inbound.entry(Arc::clone(target)).or_default() += 1;
            }
            links.outbound.insert(Arc::clone(name), targets);
        }
        links
    }

    pub(crate) fn outbound(&self, name: &str) -> &[(Arc<str>, usize)] {
        self.outbound.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn inbound_count(&self, name: &str) -> usize {
        self.inbound.get(name).copied().unwrap_or_default()
    }

    /// Tasks that nothing leads to, by name.
    pub(crate) fn roots(&self, tasks: &IndexMap<Arc<str>, Task>) -> Vec<Arc<str>> {
        let mut roots: Vec<Arc<str>> = tasks
            .keys()
            .filter(|name| self.inbound_count(name) == 0)
            .cloned()
            .collect();
        roots.sort();
        roots
    }

    /// Whether a task leads to itself again.
    pub(crate) fn is_in_cycle(&self, name: &str) -> bool {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut waiting: Vec<&str> = vec![name];
        while let Some(at) = waiting.pop() {
            for (target, _) in self.outbound(at) {
                if **target == *name {
                    return true;
                }
                if seen.insert(target) {
                    waiting.push(target);
                }
            }
        }
        false
    }
}
