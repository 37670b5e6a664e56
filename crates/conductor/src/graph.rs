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
    joins: Arc<Joins>,
}

/// The joins behind each task.
#[derive(Debug, Default)]
pub(crate) struct Joins(HashMap<Arc<str>, Vec<Arc<str>>>);

impl Joins {
    /// The joins that a task leads to, each once.
    pub(crate) fn after(&self, task: &str) -> &[Arc<str>] {
        self.0.get(task).map_or(&[], Vec::as_slice)
    }
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

impl Node {
    pub(crate) fn is_join(&self) -> bool {
        self.join.is_some()
    }
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
        let cyclic = links.in_cycles();
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
                // Named twice in one entry, a target is led to once: the two stand side by side.
                .filter(|(at, link)| *at == 0 || links.outbound(&name)[at - 1] != **link)
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
                    starts_route: is_split && !cyclic.contains(&name),
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
        let joins = nodes.iter().map(|(source, node)| {
            let targets = node.outbound.iter().map(|edge| &edge.target);
            let is_join = |target: &&Arc<str>| nodes.get(&**target).is_some_and(Node::is_join);
            let mut joins: Vec<Arc<str>> = targets.filter(is_join).cloned().collect();
            joins.dedup();
            (Arc::clone(source), joins)
        });
        let joins = Arc::new(Joins(
            joins.filter(|(_, joins)| !joins.is_empty()).collect(),
        ));
        Self {
            nodes,
            roots,
            joins,
        }
    }

    pub(crate) fn joins(&self) -> &Arc<Joins> {
        &self.joins
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

    /// Tasks that lead to themselves again: those that are in one strongly connected part with another, or follow
    /// themselves directly (Tarjan's algorithm, without recursion).
    pub(crate) fn in_cycles(&self) -> HashSet<Arc<str>> {
        let mut search = Search::default();
        let mut names: Vec<&Arc<str>> = self.outbound.keys().collect();
        names.sort();
        for name in names {
            if !search.numbers.contains_key(&**name) {
                search.run(self, name);
            }
        }
        search.found
    }
}

/// A search for strongly connected parts.
#[derive(Default)]
struct Search<'l> {
    numbers: HashMap<&'l str, usize>,
    lowest: HashMap<&'l str, usize>,
    open: Vec<&'l Arc<str>>,
    is_open: HashSet<&'l str>,
    found: HashSet<Arc<str>>,
}

impl<'l> Search<'l> {
    fn run(&mut self, links: &'l Links, start: &'l Arc<str>) {
        let mut path: Vec<(&'l Arc<str>, usize)> = Vec::new();
        self.enter(start, &mut path);
        while let Some(&(name, next)) = path.last() {
            let Some((target, _)) = links.outbound(name).get(next) else {
                path.pop();
                self.leave(name);
                if let Some((before, _)) = path.last() {
                    self.reach(before, self.lowest[&**name]);
                }
                continue;
            };
            if let Some((_, next)) = path.last_mut() {
                *next += 1;
            }
            if target == name {
                self.found.insert(Arc::clone(name));
            }
            match self.numbers.get(&**target) {
                None => self.enter(target, &mut path),
                Some(number) if self.is_open.contains(&**target) => self.reach(name, *number),
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, name: &'l Arc<str>, path: &mut Vec<(&'l Arc<str>, usize)>) {
        let number = self.numbers.len();
        self.numbers.insert(name, number);
        self.lowest.insert(name, number);
        self.open.push(name);
        self.is_open.insert(name);
        path.push((name, 0));
    }

    fn reach(&mut self, name: &str, number: usize) {
        if let Some(lowest) = self.lowest.get_mut(name) {
            *lowest = number.min(*lowest);
        }
    }

    fn leave(&mut self, name: &'l Arc<str>) {
        if self.lowest[&**name] != self.numbers[&**name] {
            return;
        }
        let mut part = Vec::new();
        while let Some(member) = self.open.pop() {
            self.is_open.remove(&**member);
            part.push(member);
            if member == name {
                break;
            }
        }
        if part.len() > 1 {
            self.found.extend(part.into_iter().cloned());
        }
    }
}
