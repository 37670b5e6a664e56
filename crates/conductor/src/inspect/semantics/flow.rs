//! Which task leads to which, and which are in cycles.

use std::collections::HashMap;

use crate::inspect::outline::Outline;

/// The tasks as a graph.
#[derive(Debug)]
pub(super) struct Flow {
    /// Tasks that none leads to, by name.
    pub(super) start: Vec<usize>,
    /// Tasks that follow, each as often as it is named; names that no task has are left out.
    pub(super) next: Vec<Vec<usize>>,
    /// How many transitions lead to a task.
    pub(super) inbound: Vec<usize>,
    /// Whether a task leads to itself.
    pub(super) is_in_cycle: Vec<bool>,
}

impl Flow {
    pub(super) fn of(outline: &Outline) -> Self {
        let mut next: Vec<Vec<usize>> = Vec::with_capacity(outline.tasks.len());
        let mut inbound = vec![0; outline.tasks.len()];
        for task in &outline.tasks {
            let targets = task.follow().iter().flat_map(|one| &one.targets);
            let mut targets: Vec<&String> = targets.collect();
            targets.sort();
            let known = targets.iter().filter_map(|name| outline.by_name.get(*name));
            let known: Vec<usize> = known.copied().collect();
            for at in &known {
                inbound[*at] += 1;
            }
            next.push(known);
        }
        Self {
            start: start_tasks(outline),
            is_in_cycle: cycles(&next),
            next,
            inbound,
        }
    }
}

/// Tasks that none leads to, by name.
pub(in crate::inspect) fn start_tasks(outline: &Outline) -> Vec<usize> {
    let mut names: HashMap<&str, usize> = outline
        .by_name
        .iter()
        .map(|(name, at)| (name.as_str(), *at))
        .collect();
    for target in outline
        .tasks
        .iter()
        .flat_map(|task| task.follow().iter().flat_map(|one| &one.targets))
    {
        names.remove(target.as_str());
    }
    let mut start: Vec<(&str, usize)> = names.into_iter().collect();
    start.sort_unstable();
    start.into_iter().map(|(_, at)| at).collect()
}

/// Tasks in strongly connected components with a cycle, by Tarjan's method, without recursion.
fn cycles(next: &[Vec<usize>]) -> Vec<bool> {
    let mut search = Search {
        next,
        order: vec![None; next.len()],
        low: vec![0; next.len()],
        is_open: vec![false; next.len()],
        open: Vec::new(),
        count: 0,
        is_in_cycle: vec![false; next.len()],
    };
    for node in 0..next.len() {
        if search.order[node].is_none() {
            search.from(node);
        }
    }
    search.is_in_cycle
}

struct Search<'n> {
    next: &'n [Vec<usize>],
    order: Vec<Option<usize>>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    count: usize,
    is_in_cycle: Vec<bool>,
}

impl Search<'_> {
    fn from(&mut self, root: usize) {
        self.enter(root);
        let mut path = vec![(root, 0)];
        while let Some((node, edge)) = path.pop() {
            if let Some(target) = self.next[node].get(edge).copied() {
                path.push((node, edge + 1));
                match self.order[target] {
                    None => {
                        self.enter(target);
                        path.push((target, 0));
                    }
                    Some(order) if self.is_open[target] => {
                        self.low[node] = self.low[node].min(order);
                    }
                    Some(_) => {}
                }
                continue;
            }
            if let Some((parent, _)) = path.last() {
                self.low[*parent] = self.low[*parent].min(self.low[node]);
            }
            if self.order[node] == Some(self.low[node]) {
                self.close(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.order[node] = Some(self.count);
        self.low[node] = self.count;
        self.count += 1;
        self.is_open[node] = true;
        self.open.push(node);
    }

    fn close(&mut self, node: usize) {
        let first = self
            .open
            .iter()
            .rposition(|open| *open == node)
            .unwrap_or(self.open.len());
        let component = self.open.split_off(first);
        let is_cycle = component.len() > 1 || self.next[node].contains(&node);
        for member in component {
            self.is_open[member] = false;
            self.is_in_cycle[member] = is_cycle;
        }
    }
}
