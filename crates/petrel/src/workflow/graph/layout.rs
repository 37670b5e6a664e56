//! Where boxes and arrows stand: a layered layout, the same for the same graph.
//!
//! Arrows that close a cycle are turned round first. Then each task stands below all that lead to it, arrows over
//! several layers get a place in each, places are ordered so that few arrows cross, and moved so that arrows are
//! straight.

mod place;

use std::collections::BTreeSet;

use super::chart::{Chart, Edge};

pub(super) use place::{Layout, Point, Rect, Size, as_float};

/// Which layer each node is in, and which arrows lead back.
#[derive(Debug)]
pub(super) struct Layers {
    /// By node.
    pub(super) layers: Vec<usize>,
    /// Pairs of nodes whose arrows close a cycle.
    back: BTreeSet<(usize, usize)>,
}

impl Layers {
    pub(super) fn of(chart: &Chart) -> Self {
        let count = chart.nodes.len();
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut inbound = vec![0_usize; count];
        for edge in &chart.edges {
            next[edge.from].push(edge.to);
            inbound[edge.to] += 1;
        }
        let roots = (0..count).filter(|node| inbound[*node] == 0);
        let starts: Vec<usize> = roots.chain(0..count).collect();
        let (back, order) = search(&next, &starts);
        let mut layers = vec![0; count];
        // Last left is first: every node comes after all that lead to it.
        for &node in order.iter().rev() {
            for &target in &next[node] {
                if !back.contains(&(node, target)) {
                    layers[target] = layers[target].max(layers[node] + 1);
                }
            }
        }
        Self { layers, back }
    }

    /// Whether an arrow leads back to what was before.
    pub(super) fn is_back(&self, edge: &Edge) -> bool {
        self.back.contains(&(edge.from, edge.to))
    }

    /// Nodes from top to bottom.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.layers.len()).collect();
        order.sort_by_key(|node| self.layers[*node]);
        order
    }
}

/// Goes through all nodes, deep first: the arrows that lead back, and the nodes in the order in which they are left.
fn search(next: &[Vec<usize>], starts: &[usize]) -> (BTreeSet<(usize, usize)>, Vec<usize>) {
    let mut back = BTreeSet::new();
    let mut left = Vec::new();
    let mut is_seen = vec![false; next.len()];
    let mut is_open = vec![false; next.len()];
    for &start in starts {
        if is_seen[start] {
            continue;
        }
        is_seen[start] = true;
        is_open[start] = true;
        let mut path = vec![(start, 0)];
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            let Some(&target) = next[node].get(*at) else {
                path.pop();
                is_open[node] = false;
                left.push(node);
                continue;
            };
            *at += 1;
            if is_open[target] {
                back.insert((node, target));
            } else if !is_seen[target] {
                is_seen[target] = true;
                is_open[target] = true;
                path.push((target, 0));
            }
        }
    }
    (back, left)
}
