//! What a case gives to its workflow; the file gives it to all of them.

use chrono::{DateTime, FixedOffset};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use yaml::{Entry, Position};

use super::Case;
use crate::compare::Expectations;
use crate::outcome::Outcomes;
use crate::reader::Reader;

/// Keys of what is given.
pub(super) const GIVEN: [&str; 8] = [
    "input",
    "context",
    "parent",
    "datastore",
    "tasks",
    "strict",
    "limit",
    "now",
];

/// Most runs of tasks, unless a case says more.
const LIMIT: usize = 1000;

/// The time at the start: 2024-01-01T00:00:00Z, in seconds.
const START: i64 = 1_704_067_200;

#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    input: IndexMap<String, (Position, Json)>,
    context: Map<String, Json>,
    parent: Option<Map<String, Json>>,
    datastore: IndexMap<String, String>,
    tasks: IndexMap<String, Outcomes>,
    is_strict: Option<bool>,
    limit: Option<usize>,
    now: Option<DateTime<FixedOffset>>,
}

impl Given {
    /// Takes in the entry of one of the keys.
    pub(super) fn read(&mut self, reader: &mut Reader, entry: &Entry) {
        let value = &entry.value;
        match entry.key.as_str() {
            "input" => {
                let member = |entry: &Entry| {
                    let value = entry.value.to_json();
                    (entry.key.clone(), (entry.key_span.start, value))
                };
                self.input = reader
                    .entries(value, "`input`")
                    .iter()
                    .map(member)
                    .collect();
            }
            "context" => self.context = reader.members(value, "`context`"),
            "parent" => self.parent = Some(reader.members(value, "`parent`")),
            "datastore" => {
                let items = reader.members(value, "`datastore`");
                self.datastore = items
                    .into_iter()
                    .map(|(name, value)| (name, text(value)))
                    .collect();
            }
            "tasks" => {
                for entry in reader.entries(value, "`tasks`") {
                    let at = entry.key_span.start;
                    let outcomes = Outcomes::read(reader, &entry.key, at, &entry.value);
                    self.tasks.insert(entry.key.clone(), outcomes);
                }
            }
            "strict" => self.is_strict = reader.flag(value, "`strict`"),
            "limit" => {
                let limit = reader.number(value, "`limit`");
                self.limit = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
            }
            _ => self.now = moment(reader, value),
        }
    }

    /// The case that this and the file's give.
    pub(super) fn case(
        self,
        file: &Self,
        name: String,
        position: Position,
        expected: Expectations,
    ) -> Case {
        let mut case = file.clone();
        case.input.extend(self.input);
        case.context.extend(self.context);
        case.datastore.extend(self.datastore);
        case.tasks.extend(self.tasks);
        Case {
            name,
            position,
            input: case.input,
            context: case.context,
            parent: self.parent.or(case.parent),
            datastore: case.datastore,
            tasks: case.tasks,
            is_strict: self.is_strict.or(case.is_strict).unwrap_or_default(),
            limit: self.limit.or(case.limit).unwrap_or(LIMIT),
            now: self.now.or(case.now).unwrap_or_else(start),
            expected,
        }
    }
}

fn start() -> DateTime<FixedOffset> {
    DateTime::from_timestamp(START, 0)
        .unwrap_or_default()
        .fixed_offset()
}

/// The datastore holds texts.
fn text(value: Json) -> String {
    match value {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

fn moment(reader: &mut Reader, node: &yaml::Node) -> Option<DateTime<FixedOffset>> {
    let text = reader.text(node, "`now`")?;
    let with_zone = DateTime::parse_from_rfc3339(&text).ok();
    let found = with_zone.or_else(|| {
        let naive: chrono::NaiveDateTime = text.parse().ok()?;
        Some(naive.and_utc().fixed_offset())
    });
    if found.is_none() {
        let message = "`now` is a time, such as 2024-01-01T00:00:00Z";
        reader.wrong(node.span.start, message);
    }
    found
}
