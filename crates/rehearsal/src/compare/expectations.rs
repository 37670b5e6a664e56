//! What a case expects, as it stands in the test file.

use conductor::Status;
use indexmap::IndexMap;
use yaml::{Node, Position};

use crate::reader::Reader;

/// What a case expects; nothing is compared that is not there, but for the status.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expectations {
    pub(super) position: Option<Position>,
    pub(super) status: Option<(Position, Status)>,
    pub(super) output: Option<Node>,
    pub(super) vars: Option<Node>,
    pub(super) errors: Option<(Position, Vec<ExpectedError>)>,
    pub(super) order: Option<(Position, Names)>,
    pub(super) ran: Option<(Position, Names)>,
    pub(super) not_run: Names,
    pub(super) tasks: IndexMap<String, (Position, ExpectedTask)>,
    pub(super) takes: Option<(Position, u64)>,
}

/// Names of tasks, and where they stand.
pub(super) type Names = Vec<(String, Position)>;

/// An error that must be there.
#[derive(Debug, Clone)]
pub(super) struct ExpectedError {
    pub(super) position: Position,
    pub(super) task: Option<String>,
    pub(super) message: String,
}

/// What is expected of a task.
#[derive(Debug, Clone)]
pub(super) enum ExpectedTask {
    /// Of its last run.
    Last(Box<ExpectedRun>),
    /// Of all of its runs.
    All(Position, Vec<ExpectedRun>),
}

/// What is expected of a run, or of an item.
#[derive(Debug, Clone, Default)]
pub(super) struct ExpectedRun {
    pub(super) position: Option<Position>,
    pub(super) runs: Option<(Position, u64)>,
    pub(super) status: Option<(Position, Status)>,
    pub(super) action: Option<Node>,
    pub(super) input: Option<Node>,
    pub(super) published: Option<Node>,
    pub(super) delay: Option<(Position, u64)>,
    pub(super) items: Option<ExpectedItems>,
}

#[derive(Debug, Clone)]
pub(super) enum ExpectedItems {
    ByPosition(Position, Vec<Option<ExpectedRun>>),
    ByText(Vec<(String, Position, ExpectedRun)>),
}

const EXPECT: [&str; 9] = [
    "status", "output", "vars", "errors", "order", "ran", "not_run", "tasks", "takes",
];
const TASK: [&str; 7] = [
    "runs",
    "status",
    "action",
    "input",
    "published",
    "delay",
    "items",
];
const RUN: [&str; 6] = ["status", "action", "input", "published", "delay", "items"];
const ITEM: [&str; 3] = ["status", "action", "input"];

impl Expectations {
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Self {
        let mut expected = Self {
            position: Some(node.span.start),
            ..Self::default()
        };
        for entry in reader.known(node, "`expect`", &EXPECT) {
            let value = &entry.value;
            let at = entry.key_span.start;
            match entry.key.as_str() {
                "status" => {
                    let status = reader.any_status(value);
                    expected.status = status.map(|status| (value.span.start, status));
                }
                "output" => expected.output = Some(value.clone()),
                "vars" => {
                    reader.entries(value, "`vars`");
                    expected.vars = Some(value.clone());
                }
                "errors" => expected.errors = Some((at, errors(reader, value))),
                "order" => expected.order = Some((at, names(reader, value, "`order`"))),
                "ran" => expected.ran = Some((at, names(reader, value, "`ran`"))),
                "not_run" => expected.not_run = names(reader, value, "`not_run`"),
                "tasks" => {
                    for entry in reader.entries(value, "`tasks`") {
                        let task = ExpectedTask::read(reader, &entry.key, &entry.value);
                        let task = (entry.key_span.start, task);
                        expected.tasks.insert(entry.key.clone(), task);
                    }
                }
                _ => {
                    let takes = reader.number(value, "`takes`");
                    expected.takes = takes.map(|takes| (value.span.start, takes));
                }
            }
        }
        expected
    }

    /// The tasks that are named, and where.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&String, Position)> {
        let lists = [&self.order, &self.ran];
        let listed = lists.into_iter().flatten().flat_map(|(_, names)| names);
        listed
            .chain(&self.not_run)
            .map(|(name, at)| (name, *at))
            .chain(self.tasks.iter().map(|(name, (at, _))| (name, *at)))
    }
}

fn names(reader: &mut Reader, node: &Node, what: &str) -> Names {
    let items = reader.list(node, what);
    let name = |item: &Node| {
        let name = reader.text(item, &format!("a task in {what}"))?;
        Some((name, item.span.start))
    };
    items.iter().filter_map(name).collect()
}

fn errors(reader: &mut Reader, node: &Node) -> Vec<ExpectedError> {
    let items = reader.list(node, "`errors`");
    let error = |item: &Node| {
        let mut error = ExpectedError {
            position: item.span.start,
            task: None,
            message: String::new(),
        };
        if let Some(message) = item.as_text() {
            message.clone_into(&mut error.message);
            return error;
        }
        for entry in reader.known(item, "an error", &["task", "message"]) {
            let text = reader.text(&entry.value, &format!("an error's `{}`", entry.key));
            if entry.key == "task" {
                error.task = text;
            } else {
                error.message = text.unwrap_or_default();
            }
        }
        error
    };
    items.iter().map(error).collect()
}

impl ExpectedTask {
    fn read(reader: &mut Reader, name: &str, node: &Node) -> Self {
        let what = format!("what is expected of task `{name}`");
        match &node.value {
            yaml::Value::List(runs) => {
                let run = |run| ExpectedRun::read(reader, &what, run, &RUN);
                Self::All(node.span.start, runs.iter().map(run).collect())
            }
            _ => Self::Last(Box::new(ExpectedRun::read(reader, &what, node, &TASK))),
        }
    }
}

impl ExpectedRun {
    fn read(reader: &mut Reader, what: &str, node: &Node, known: &[&str]) -> Self {
        let mut run = Self {
            position: Some(node.span.start),
            ..Self::default()
        };
        for entry in reader.known(node, what, known) {
            let value = &entry.value;
            let at = value.span.start;
            match entry.key.as_str() {
                "runs" => run.runs = reader.number(value, "`runs`").map(|runs| (at, runs)),
                "status" => run.status = reader.any_status(value).map(|status| (at, status)),
                "action" => run.action = Some(value.clone()),
                "input" => run.input = Some(value.clone()),
                "published" => run.published = Some(value.clone()),
                "delay" => run.delay = reader.number(value, "`delay`").map(|delay| (at, delay)),
                _ => run.items = ExpectedItems::read(reader, what, value),
            }
        }
        run
    }
}

impl ExpectedItems {
    fn read(reader: &mut Reader, what: &str, node: &Node) -> Option<Self> {
        let what = format!("an item in {what}");
        match &node.value {
            yaml::Value::List(items) => {
                let item = |item: &Node| {
                    (!item.is_null()).then(|| ExpectedRun::read(reader, &what, item, &ITEM))
                };
                let items = items.iter().map(item).collect();
                Some(Self::ByPosition(node.span.start, items))
            }
            yaml::Value::Mapping(items) => {
                let item = |item: &yaml::Entry| {
                    let run = ExpectedRun::read(reader, &what, &item.value, &ITEM);
                    (item.key.clone(), item.key_span.start, run)
                };
                Some(Self::ByText(items.iter().map(item).collect()))
            }
            _ => {
                let message = "`items` must be a list (by position) or a mapping (by item)";
                reader.wrong(node.span.start, message);
                None
            }
        }
    }
}
