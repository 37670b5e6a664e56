//! What tasks come to, as a test file says it.

use conductor::Status;
use indexmap::IndexMap;
use pyvalue::Value;
use serde_json::json;
use yaml::{Node, Position};

use crate::reader::Reader;

/// What the runs of a task come to.
#[derive(Debug, Clone)]
pub(crate) struct Outcomes {
    /// Where the task is named.
    pub(crate) position: Position,
    /// At least one; the last is for all further runs.
    runs: Vec<Outcome>,
}

/// What a run of a task, or an item of one, comes to.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    pub(crate) result: Value,
    /// Seconds.
    pub(crate) takes: u64,
    items: Items,
    /// What is responded to an inquiry.
    pub(crate) answer: Option<Value>,
}

#[derive(Debug, Clone, Default)]
enum Items {
    #[default]
    None,
    ByPosition(Vec<Option<Outcome>>),
    ByText(IndexMap<String, (Position, Outcome)>),
}

const OUTCOME: [&str; 5] = ["status", "result", "takes", "items", "answer"];
const ITEM: [&str; 3] = ["status", "result", "takes"];

impl Default for Outcome {
    fn default() -> Self {
        Self {
            status: Status::Succeeded,
            result: Value::None,
            takes: 0,
            items: Items::None,
            answer: None,
        }
    }
}

impl Outcomes {
    pub(crate) fn read(reader: &mut Reader, name: &str, position: Position, node: &Node) -> Self {
        let what = format!("what task `{name}` comes to");
        let runs = match &node.value {
            yaml::Value::List(runs) => runs
                .iter()
                .map(|run| Outcome::read(reader, &what, run, &OUTCOME))
                .collect(),
            _ => vec![Outcome::read(reader, &what, node, &OUTCOME)],
        };
        if runs.is_empty() {
            reader.wrong(
                node.span.start,
                format!("{what} is an empty list; write a mapping for each run"),
            );
        }
        Self { position, runs }
    }

    /// That of the run with this index.
    pub(crate) fn of_run(&self, run: usize) -> Outcome {
        let last = self.runs.len().saturating_sub(1);
        self.runs.get(run.min(last)).cloned().unwrap_or_default()
    }
}

impl Outcome {
    fn read(reader: &mut Reader, what: &str, node: &Node, known: &[&str]) -> Self {
        let mut outcome = Self::default();
        let mut is_answered_badly = None;
        for entry in reader.known(node, what, known) {
            let value = &entry.value;
            match entry.key.as_str() {
                "status" => {
                    let status = reader.end(value);
                    if status.is_some_and(|status| status != Status::Pending) {
                        is_answered_badly = Some(entry.key_span.start);
                    }
                    outcome.status = status.unwrap_or_default();
                }
                "result" => outcome.result = Value::from_json(&value.to_json()),
                "takes" => outcome.takes = reader.number(value, "`takes`").unwrap_or_default(),
                "items" => outcome.items = Items::read(reader, what, value),
                _ => outcome.answer = Some(Value::from_json(&value.to_json())),
            }
        }
        if let (Some(at), Some(_)) = (is_answered_badly, &outcome.answer) {
            reader.wrong(at, "an inquiry with an `answer` has no other `status`");
        }
        outcome
    }

    /// What an item comes to.
    pub(crate) fn of_item(&self, at: usize, text: &str) -> Outcome {
        let found = match &self.items {
            Items::None => None,
            Items::ByPosition(items) => items.get(at).and_then(Option::as_ref),
            Items::ByText(items) => items.get(text).map(|(_, outcome)| outcome),
        };
        let own = || Self {
            items: Items::None,
            answer: None,
            ..self.clone()
        };
        found.cloned().unwrap_or_else(own)
    }

    /// Items that are named here, but are none of these.
    pub(crate) fn unknown_items(&self, texts: &[String]) -> Vec<(Position, String)> {
        match &self.items {
            Items::ByText(items) => items
                .iter()
                .filter(|(text, _)| !texts.contains(text))
                .map(|(text, (position, _))| (*position, text.clone()))
                .collect(),
            Items::None | Items::ByPosition(_) => Vec::new(),
        }
    }

    /// The result of an inquiry that somebody responded to, as a server gives it.
    pub(crate) fn response(answer: &Value) -> Value {
        let mut result = Value::from_json(&json!({
            "schema": {}, "roles": [], "users": [], "route": "", "ttl": 1440, "response": {},
        }));
        if let Value::Dict(dict) = &mut result {
            dict.insert("response", answer.clone());
        }
        result
    }
}

impl Items {
    fn read(reader: &mut Reader, what: &str, node: &Node) -> Self {
        let what = format!("an item of {what}");
        match &node.value {
            yaml::Value::List(items) => Self::ByPosition(
                items
                    .iter()
                    .map(|item| {
                        (!item.is_null()).then(|| Outcome::read(reader, &what, item, &ITEM))
                    })
                    .collect(),
            ),
            yaml::Value::Mapping(items) => Self::ByText(
                items
                    .iter()
                    .map(|item| {
                        let outcome = Outcome::read(reader, &what, &item.value, &ITEM);
                        (item.key.clone(), (item.key_span.start, outcome))
                    })
                    .collect(),
            ),
            _ => {
                let message = "`items` must be a list (by position) or a mapping (by item)";
                reader.wrong(node.span.start, message);
                Self::None
            }
        }
    }
}
