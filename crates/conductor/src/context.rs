//! Contexts: what tasks see.
//!
//! A workflow's contexts are kept once each. What a task sees is a list of them, merged in order; a list is another
//! list and what was added to it, so that a task's record stays small however long the way to it was. A list that
//! arrives at a join may repeat most of what is there already, so that lists written out would double with each turn of
//! a loop: merged is not the list, but what it comes to ([`Overlay`]).

mod kept;
mod overlay;

use std::collections::{BTreeMap, HashMap};

use expr::orquesta;
use pyvalue::{Dict, Value};
use serde::{Deserialize, Serialize};

use kept::Kept;
pub(crate) use overlay::{Overlay, merge};

/// A list of contexts; the first is of context 0 alone.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ListId(pub usize);

/// How a list came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    merged: Kept<Merged>,
    overlays: Kept<Overlay>,
}

/// What a list comes to.
#[derive(Debug, Clone)]
pub(crate) struct Merged {
    pub(crate) context: Dict,
    /// The same for expressions.
    pub(crate) scope: orquesta::State,
}

impl Merged {
    fn new(context: Dict) -> Self {
        Self {
            scope: orquesta::State::new(context.clone()),
            context,
        }
    }
}

impl Contexts {
    /// Those of a workflow that starts with `first`.
    pub(crate) fn new(first: Dict) -> Self {
        Self {
            values: vec![first],
            lists: vec![ListNode::Start],
            ..Self::default()
        }
    }

    /// Those of a workflow that was stored.
    pub(crate) fn restored(values: Vec<Dict>, lists: Vec<ListNode>) -> Self {
        Self {
            values,
            lists,
            ..Self::default()
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
        if lists < self.lists.len() {
            self.lists.truncate(lists);
            self.merged.retain(|list| list.0 < lists);
            self.overlays.retain(|list| list.0 < lists);
        }
    }

    /// What a list gives, merged in order.
    pub(crate) fn merged(&mut self, list: ListId) -> Merged {
        // From the list down to one that is known, then up again: lists may be longer than the stack is deep.
        let mut pending = Vec::new();
        let mut at = list;
        let mut dict = loop {
            if let Some(known) = self.merged.get(at) {
                if pending.is_empty() {
                    return known;
                }
                break known.context;
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
                Some(ListNode::Added(_, context)) => {
                    if let Some(values) = self.values.get(context) {
                        merge(&mut dict, values);
                    }
                }
                Some(ListNode::Joined(_, other)) => self.overlay(other).lay_on(&mut dict),
                Some(ListNode::Start) | None => {}
            }
        }
        let merged = Merged::new(dict);
        self.merged.keep(list, merged.clone());
        merged
    }

    /// What a list without context 0 comes to.
    pub(crate) fn overlay(&mut self, list: ListId) -> Overlay {
        let (mut known, uses) = self.needed(list);
        // A list is made of earlier ones, which are therefore there when it is its turn.
        let order: Vec<ListId> = uses.keys().copied().collect();
        let mut left = uses;
        for at in order {
            let Some(node) = self.lists.get(at.0).copied() else {
                continue;
            };
            let overlay = match node {
                ListNode::Start => Overlay::default(),
                ListNode::Added(before, context) => {
                    let mut overlay = take(&mut known, &mut left, before);
                    if let Some(values) = self.values.get(context) {
                        overlay.add(values);
                    }
                    overlay
                }
                ListNode::Joined(before, other) => {
                    let other = take(&mut known, &mut left, other);
                    let mut overlay = take(&mut known, &mut left, before);
                    overlay.then(&other);
                    self.overlays.keep(at, overlay.clone());
                    overlay
                }
            };
            known.insert(at, overlay);
        }
        let overlay = known.remove(&list).unwrap_or_default();
        self.overlays.keep(list, overlay.clone());
        overlay
    }

    /// The lists behind a list whose overlays are known, and those that are not, each with how often it is used.
    fn needed(&mut self, list: ListId) -> (HashMap<ListId, Overlay>, BTreeMap<ListId, usize>) {
        let mut known = HashMap::new();
        let mut uses: BTreeMap<ListId, usize> = BTreeMap::new();
        let mut waiting = vec![list];
        while let Some(at) = waiting.pop() {
            if known.contains_key(&at) {
                continue;
            }
            if let Some(count) = uses.get_mut(&at) {
                *count += 1;
                continue;
            }
            if let Some(overlay) = self.overlays.get(at) {
                known.insert(at, overlay);
                continue;
            }
            uses.insert(at, 1);
            match self.lists.get(at.0) {
                Some(ListNode::Added(before, _)) => waiting.push(*before),
                Some(ListNode::Joined(before, other)) => waiting.extend([*before, *other]),
                Some(ListNode::Start) | None => {}
            }
        }
        (known, uses)
    }
}

/// The overlay of a list; the last one to use it gets it itself.
fn take(
    known: &mut HashMap<ListId, Overlay>,
    left: &mut BTreeMap<ListId, usize>,
    list: ListId,
) -> Overlay {
    match left.get_mut(&list) {
        Some(uses) if *uses > 1 => {
            *uses -= 1;
            known.get(&list).cloned().unwrap_or_default()
        }
        Some(_) => known.remove(&list).unwrap_or_default(),
        None => known.get(&list).cloned().unwrap_or_default(),
    }
}

/// Without Orquesta's own variables.
pub(crate) fn visible(context: &Dict) -> Dict {
    let is_own = |key: &Value| key.as_str().is_some_and(|key| key.starts_with("__"));
    if !context.keys().any(is_own) {
        return context.clone();
    }
    context
        .iter()
        .filter(|(key, _)| !is_own(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
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

        let merged = contexts.merged(list).context;

        assert_eq!(merged, dict(&json!({"a": 1, "m": {"x": 1, "y": 2}})));
        // What was there first has not changed.
        assert_eq!(
            contexts.merged(ListId(0)).context,
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

        assert_eq!(
            contexts.merged(joined).context,
            dict(&json!({"a": 1, "b": 2}))
        );
    }

    #[test]
    fn long_ways_need_no_deep_stack() {
        let mut contexts = Contexts::new(Dict::default());
        let mut list = ListId(0);
        for turn in 0..100_000 {
            let context = contexts.add_context(dict(&json!({"turn": turn})));
            list = contexts.add_list(ListNode::Added(list, context));
        }

        assert_eq!(
            contexts.merged(list).context,
            dict(&json!({"turn": 99_999}))
        );
    }

    #[test]
    fn a_loop_of_joins_takes_as_long_at_the_end_as_at_the_start() {
        let mut contexts = Contexts::new(dict(&json!({"turn": 0})));
        let mut list = ListId(0);
        for turn in 1..=2_000 {
            let left = contexts.add_context(dict(&json!({"turn": turn})));
            let left = contexts.add_list(ListNode::Added(list, left));
            let right = contexts.add_context(dict(&json!({"seen": {"last": turn}})));
            let right = contexts.add_list(ListNode::Added(list, right));
            list = contexts.add_list(ListNode::Joined(left, right));
            // What arrives last wins, although what it says of the turn is older.
            let expected = json!({"turn": 1, "seen": {"last": turn}});
            assert_eq!(contexts.merged(list).context, dict(&expected));
        }
    }

    #[test]
    fn joins_that_hang_on_their_later_arrival_need_no_deep_stack() {
        let mut contexts = Contexts::new(Dict::default());
        let mut list = ListId(0);
        for turn in 0..50_000 {
            let context = contexts.add_context(dict(&json!({"turn": turn})));
            let fresh = contexts.add_list(ListNode::Added(ListId(0), context));
            list = contexts.add_list(ListNode::Joined(fresh, list));
        }

        assert_eq!(contexts.merged(list).context, dict(&json!({"turn": 0})));
    }
}
