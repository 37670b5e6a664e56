//! The tree: values with their places.

use serde_json::{Map, Number};

/// A place in the text, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// From where to where something stands; `end` is the first place behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// A value and its place. What an alias stands for has the place of its anchor.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// A value, as YAML 1.1 resolves it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A whole number that fits.
    Integer(i64),
    /// A whole number too big for [`Value::Integer`].
    Unsigned(u64),
    /// Any other number; whole numbers past 64 bits lose digits here.
    Float(f64),
    /// Text.
    Text(String),
    /// A date or a time, in ISO 8601.
    Timestamp(String),
    /// `- a` or `[a]`.
    List(Vec<Node>),
    /// `a: b`, each key once, in the order in which Python's dict holds them.
    Mapping(Vec<Entry>),
}

/// A key and its value. Keys that are not text are written as JSON would write them (`1`, `true`, `null`).
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Whether the key was text rather than a number, boolean, date or null.
    pub is_text_key: bool,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Something that loads, though its author hardly means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// What is odd.
    pub message: String,
}

/// A text that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its value; null for an empty text.
    pub root: Node,
    /// What its author should know: keys that stand twice.
    pub warnings: Vec<Warning>,
    /// Where mappings are merged (`<<`), for readers that refuse it.
    pub merges: Vec<Position>,
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key, where this is a mapping that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The entries of a mapping; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The text, where this is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The node at a path of keys and (for lists) indices written as text.
    #[must_use]
    pub fn locate<S: AsRef<str>>(&self, path: &[S]) -> Option<&Node> {
        path.iter()
            .try_fold(self, |node, step| node.child(step.as_ref()))
    }

    /// The node at a path, or the deepest one on the way there.
    #[must_use]
    pub fn nearest<S: AsRef<str>>(&self, path: &[S]) -> &Node {
        let mut node = self;
        for step in path {
            match node.child(step.as_ref()) {
                Some(child) => node = child,
                None => break,
            }
        }
        node
    }

    /// Where the last key of a path stands; the place of the value where that is a list item.
    #[must_use]
    pub fn key_position<S: AsRef<str>>(&self, path: &[S]) -> Option<Position> {
        let (last, parents) = path.split_last()?;
        let parent = self.locate(parents)?;
        match parent.entry(last.as_ref()) {
            Some(entry) => Some(entry.key_span.start),
            None => parent.child(last.as_ref()).map(|node| node.span.start),
        }
    }

    fn child(&self, step: &str) -> Option<&Node> {
        match &self.value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => self.get(step),
        }
    }

    /// As JSON: dates become ISO text, infinities and NaN the texts `inf`, `-inf` and `nan`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        self.clone().into_json()
    }

    /// As [`Node::to_json`], without copying texts.
    #[must_use]
    pub fn into_json(self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(value),
            Value::Integer(value) => Json::Number(value.into()),
            Value::Unsigned(value) => Json::Number(value.into()),
            Value::Float(value) => float_to_json(value),
            Value::Text(text) | Value::Timestamp(text) => Json::String(text),
            Value::List(items) => Json::Array(items.into_iter().map(Node::into_json).collect()),
            Value::Mapping(entries) => {
                let mut object = Map::with_capacity(entries.len());
                for entry in entries {
                    object.insert(entry.key, entry.value.into_json());
                }
                Json::Object(object)
            }
        }
    }

    /// How many nodes the tree holds.
    pub(crate) fn size(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::size).sum(),
            Value::Mapping(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
            _ => 0,
        }
    }
}

fn float_to_json(value: f64) -> serde_json::Value {
    let text = if value.is_nan() {
        "nan"
    } else if value > 0.0 {
        "inf"
    } else {
        "-inf"
    };
    Number::from_f64(value).map_or_else(
        || serde_json::Value::String(text.to_owned()),
        serde_json::Value::Number,
    )
}
