//! Reads nodes of a test file, and collects all that is wrong with them.

use conductor::Status;
use serde_json::{Map, Value as Json};
use yaml::{Entry, Node, Position, Value};

/// Something that is wrong with a test file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {}, column {}: {message}", position.line, position.column)]
pub struct Problem {
    /// Where.
    pub position: Position,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl Problem {
    pub(crate) fn at(position: Position, message: impl Into<String>) -> Self {
        Self {
            position,
            message: message.into(),
        }
    }
}

/// What a task, an item or a workflow may come to.
const ENDS: [Status; 6] = [
    Status::Succeeded,
    Status::Failed,
    Status::Timeout,
    Status::Abandoned,
    Status::Canceled,
    Status::Pending,
];

/// Collects problems on the way.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Problem>,
}

impl Reader {
    pub(crate) fn wrong(&mut self, position: Position, message: impl Into<String>) {
        self.problems.push(Problem::at(position, message));
    }

    /// The entries of a mapping that `what` must be, with any keys.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        match &node.value {
            Value::Mapping(entries) => entries,
            Value::Null => &[],
            _ => {
                self.wrong(node.span.start, format!("{what} must be a mapping"));
                &[]
            }
        }
    }

    /// The same with these keys only.
    pub(crate) fn known<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&str],
    ) -> Vec<&'n Entry> {
        let entries = self.entries(node, what);
        let (good, unknown): (Vec<_>, Vec<_>) = entries
            .iter()
            .partition(|entry| known.contains(&entry.key.as_str()));
        for entry in unknown {
            self.wrong(
                entry.key_span.start,
                unknown_name(&format!("{what} has no key"), &entry.key, known, "keys"),
            );
        }
        good
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => {
                self.wrong(node.span.start, format!("{what} must be a list"));
                &[]
            }
        }
    }

    pub(crate) fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) | Value::Timestamp(text) => Some(text.clone()),
            _ => {
                self.wrong(node.span.start, format!("{what} must be a text"));
                None
            }
        }
    }

    pub(crate) fn flag(&mut self, node: &Node, what: &str) -> Option<bool> {
        if let Value::Bool(truth) = node.value {
            return Some(truth);
        }
        self.wrong(node.span.start, format!("{what} is true or false"));
        None
    }

    /// A whole number that is not below zero.
    pub(crate) fn number(&mut self, node: &Node, what: &str) -> Option<u64> {
        let number = match node.value {
            Value::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        };
        if number.is_none() {
            let message = format!("{what} must be a whole number, 0 or more");
            self.wrong(node.span.start, message);
        }
        number
    }

    /// The members of a mapping, as JSON.
    pub(crate) fn members(&mut self, node: &Node, what: &str) -> Map<String, Json> {
        self.entries(node, what)
            .iter()
            .map(|entry| (entry.key.clone(), entry.value.to_json()))
            .collect()
    }

    /// What something comes to.
    pub(crate) fn end(&mut self, node: &Node) -> Option<Status> {
        self.status(node, &ENDS)
    }

    /// Any status.
    pub(crate) fn any_status(&mut self, node: &Node) -> Option<Status> {
        self.status(node, &Status::ALL)
    }

    fn status(&mut self, node: &Node, known: &[Status]) -> Option<Status> {
        let text = self.text(node, "`status`")?;
        let found = known.iter().find(|status| status.as_str() == text);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|status| status.as_str()).collect();
            let message = unknown_name("there is no status", &text, &names, "statuses");
            self.wrong(node.span.start, message);
        }
        found.copied()
    }
}

/// `there is no task `bild`; did you mean `build`?`, or which there are.
pub(crate) fn unknown_name(prefix: &str, wrong: &str, known: &[&str], kind: &str) -> String {
    match diagnostic::nearest(wrong, known.iter().copied()) {
        Some(near) => format!("{prefix} `{wrong}`; did you mean `{near}`?"),
        None if known.is_empty() => format!("{prefix} `{wrong}`; there are no {kind}"),
        None => format!("{prefix} `{wrong}`; {kind} are {}", known.join(", ")),
    }
}
