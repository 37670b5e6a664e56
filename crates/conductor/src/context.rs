//! Contexts: what tasks see.
//!
//! A workflow's contexts are kept once each. What a task sees is a list of them, merged in order; a list is another
//! list and what was added to it, so that a task's record stays small however long the way to it was.

use std::collections::HashMap;

use pyvalue::{Dict, Value};
use serde::{Deserialize, Serialize};

/// Merged lists that are kept at hand.
const KEPT: usize = 256;

/// A list of contexts; the first is of context 0 alone.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ListId(pub usize);

/// How a list came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListNode {
    /// Context 0.
    Start,
    /// Another list, and a context behind it.
    Added(ListId, usize),
    /// Another list, and behind it a third one without its context 0: what arrives at a join.
    Joined(ListId, ListId),
}

/// All contexts and lists of a workflow. Both only grow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contexts {
    pub(crate) values: Vec<Dict>,
    pub(crate) lists: Vec<ListNode>,
    merged: HashMap<ListId, Dict>,
}

impl Contexts {
    /// Those of a workflow that starts with `first`.
    pub(crate) fn new(first: Dict) -> Self {
        Self {
            values: vec![first],
            lists: vec![ListNode::Start],
            merged: HashMap::new(),
        }
    }

    pub(crate) fn add_context(&mut self, values: Dict) -> usize {
        self.values.push(values);
        self.values.len() - 1
    }

    pub(crate) fn add_list(&mut self, node: ListNode) -> ListId {
        self.lists.push(node);
        ListId(self.lists.len() - 1)
    }

    /// Takes back what was added after there were so many.
    pub(crate) fn truncate(&mut self, values: usize, lists: usize) {
        self.values.truncate(values);
        self.lists.truncate(lists);
        self.merged.retain(|list, _| list.0 < lists);
    }

    /// What a list gives, merged in order.
    pub(crate) fn merged(&mut self, list: ListId) -> Dict {
        // From the list down to one that is known, then up again: lists may be longer than the stack is deep.
        let mut pending = Vec::new();
        let mut at = list;
        let mut dict = loop {
            if let Some(known) = self.merged.get(&at) {
                break known.clone();
            }
            match self.lists.get(at.0) {
                Some(ListNode::Added(before, _) | ListNode::Joined(before, _)) => {
                    pending.push(at);
                    at = *before;
                }
                Some(ListNode::Start) | None => {
                    break self.values.first().cloned().unwrap_or_default();
                }
            }
        };
        while let Some(next) = pending.pop() {
            match self.lists.get(next.0).copied() {
                Some(ListNode::Added(_, context)) => self.merge_into(&mut dict, context),
                Some(ListNode::Joined(_, other)) => {
                    for context in self.added(other) {
                        self.merge_into(&mut dict, context);
                    }
                }
                Some(ListNode::Start) | None => {}
            }
        }
        if self.merged.len() >= KEPT {
            self.merged.clear();
        }
        self.merged.insert(list, dict.clone());
        dict
    }

    /// The contexts of a list without the first, in order.
    pub(crate) fn added(&self, list: ListId) -> Vec<usize> {
        let mut reversed = Vec::new();
        let mut waiting = vec![list];
        while let Some(at) = waiting.pop() {
            match self.lists.get(at.0) {
                Some(ListNode::Added(before, context)) => {
                    reversed.push(*context);
                    waiting.push(*before);
                }
                // The joined list stands behind: it comes first, from the end.
                Some(ListNode::Joined(before, other)) => {
                    waiting.push(*before);
                    waiting.push(*other);
                }
                Some(ListNode::Start) | None => {}
            }
        }
        reversed.reverse();
        reversed
    }

    fn merge_into(&self, dict: &mut Dict, context: usize) {
        if let Some(values) = self.values.get(context) {
            merge(dict, values);
        }
    }
}

/// Merges dictionaries as Orquesta does: those inside too, anything else is replaced. Neither's parts are changed for
/// others that hold them.
pub(crate) fn merge(left: &mut Dict, right: &Dict) {
    for (key, value) in right.iter() {
        let both = matches!(
            (left.get_value(key), value),
            (Some(Value::Dict(_)), Value::Dict(_))
        );
        if !both {
            left.insert(key.clone(), value.clone());
            continue;
        }
        left.update_value(key, |mine| {
            if let (Value::Dict(mine), Value::Dict(theirs)) = (mine, value) {
                merge(mine, theirs);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dict(json: &serde_json::Value) -> Dict {
        Value::from_json(json)
            .as_dict()
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn later_contexts_win_and_maps_grow() {
        let mut contexts = Contexts::new(dict(&json!({"a": 1, "m": {"x": 1}})));
        let one = contexts.add_context(dict(&json!({"m": {"y": 2}})));
        let list = contexts.add_list(ListNode::Added(ListId(0), one));

        let merged = contexts.merged(list);

        assert_eq!(merged, dict(&json!({"a": 1, "m": {"x": 1, "y": 2}})));
        // What was there first has not changed.
        assert_eq!(
            contexts.merged(ListId(0)),
            dict(&json!({"a": 1, "m": {"x": 1}}))
        );
    }

    #[test]
    fn a_join_appends_what_arrives() {
        let mut contexts = Contexts::new(dict(&json!({"a": 0})));
        let one = contexts.add_context(dict(&json!({"a": 1})));
        let two = contexts.add_context(dict(&json!({"b": 2})));
        let left = contexts.add_list(ListNode::Added(ListId(0), one));
        let right = contexts.add_list(ListNode::Added(ListId(0), two));

        let joined = contexts.add_list(ListNode::Joined(left, right));

        assert_eq!(contexts.added(joined), [one, two]);
        assert_eq!(contexts.merged(joined), dict(&json!({"a": 1, "b": 2})));
    }

    #[test]
    fn long_ways_need_no_deep_stack() {
        let mut contexts = Contexts::new(Dict::default());
        let mut list = ListId(0);
        for turn in 0..100_000 {
            let context = contexts.add_context(dict(&json!({"turn": turn})));
            list = contexts.add_list(ListNode::Added(list, context));
        }

        assert_eq!(contexts.merged(list), dict(&json!({"turn": 99_999})));
    }
}
