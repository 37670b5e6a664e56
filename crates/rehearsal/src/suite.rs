//! A test file: its cases, each with all that it gives and expects.

mod given;

use chrono::{DateTime, FixedOffset};
use conductor::is_command;
use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value as Json};
use yaml::{Node, Position};

use crate::compare::Expectations;
use crate::outcome::Outcomes;
use crate::reader::{Problem, Reader, unknown_name};

use given::{GIVEN, Given};

/// A test file.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The workflow's file, relative to the test file, where it is named.
    pub workflow: Option<(String, Position)>,
    /// The cases, at least one.
    pub cases: Vec<Case>,
}

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub position: Position,
    pub(crate) input: IndexMap<String, (Position, Json)>,
    pub(crate) context: Map<String, Json>,
    pub(crate) parent: Option<Map<String, Json>>,
    pub(crate) datastore: IndexMap<String, String>,
    pub(crate) tasks: IndexMap<String, Outcomes>,
    pub(crate) is_strict: bool,
    /// Most runs of tasks.
    pub(crate) limit: usize,
    pub(crate) now: DateTime<FixedOffset>,
    pub(crate) expected: Expectations,
}

impl Suite {
    /// Reads a test file; all that is wrong with it where it cannot be used.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let document = yaml::parse(text).map_err(|error| {
            let position = Position {
                line: error.line,
                column: error.column,
            };
            vec![Problem::at(position, error.message)]
        })?;
        let mut reader = Reader::default();
        for warning in &document.warnings {
            let position = Position {
                line: warning.line,
                column: warning.column,
            };
            reader.wrong(position, warning.message.clone());
        }
        let suite = Self::of(&mut reader, &document.root);
        let mut problems = reader.problems;
        if problems.is_empty() {
            return Ok(suite);
        }
        problems.sort();
        problems.dedup();
        Err(problems)
    }

    fn of(reader: &mut Reader, root: &Node) -> Self {
        let known: Vec<&str> = ["workflow", "cases"].into_iter().chain(GIVEN).collect();
        let mut file = Given::default();
        let mut workflow = None;
        let mut cases = None;
        for entry in reader.known(root, "a test file", &known) {
            match entry.key.as_str() {
                "workflow" => {
                    let text = reader.text(&entry.value, "`workflow`");
                    workflow = text.map(|text| (text, entry.value.span.start));
                }
                "cases" => cases = Some(&entry.value),
                _ => file.read(reader, entry),
            }
        }
        let nodes = cases.map_or(&[][..], |cases| reader.list(cases, "`cases`"));
        if nodes.is_empty() {
            let message = "a test file has `cases`: a list of at least one";
            reader.wrong(cases.unwrap_or(root).span.start, message);
        }
        let cases: Vec<Case> = nodes
            .iter()
            .map(|node| Case::read(reader, &file, node))
            .collect();
        let mut names = IndexSet::new();
        for case in &cases {
            if !names.insert(&case.name) {
                let message = format!("two cases are called `{}`", case.name);
                reader.wrong(case.position, message);
            }
        }
        Self { workflow, cases }
    }

    /// What cases name that a workflow does not have.
    #[must_use]
    pub fn check(&self, workflow: &crate::Workflow) -> Vec<Problem> {
        let (tasks, inputs) = (workflow.tasks(), workflow.inputs());
        let mut problems: Vec<Problem> = self
            .cases
            .iter()
            .flat_map(|case| case.check(&tasks, inputs.as_deref()))
            .collect();
        problems.sort();
        problems.dedup();
        problems
    }
}

impl Case {
    fn read(reader: &mut Reader, file: &Given, node: &Node) -> Self {
        let known: Vec<&str> = ["name", "expect"].into_iter().chain(GIVEN).collect();
        let mut given = Given::default();
        let mut name = None;
        let mut expected = Expectations::default();
        for entry in reader.known(node, "a case", &known) {
            match entry.key.as_str() {
                "name" => name = reader.text(&entry.value, "a case's `name`"),
                "expect" => expected = Expectations::read(reader, &entry.value),
                _ => given.read(reader, entry),
            }
        }
        if name.is_none() && node.get("name").is_none() {
            reader.wrong(node.span.start, "a case has a `name`");
        }
        given.case(file, name.unwrap_or_default(), node.span.start, expected)
    }

    fn check(&self, tasks: &[&str], inputs: Option<&[&str]>) -> Vec<Problem> {
        let given = self.input.iter().map(|(name, (at, _))| (name, *at));
        let unknown_input = given.filter_map(|(name, at)| {
            let inputs = inputs.filter(|inputs| !inputs.contains(&name.as_str()))?;
            let message = unknown_name("the workflow has no input", name, inputs, "inputs");
            Some(Problem::at(at, message))
        });
        let mocked = self.tasks.iter().map(|(name, task)| (name, task.position));
        let named = mocked.chain(self.expected.tasks());
        let unknown_task = named
            .filter(|(name, _)| !tasks.contains(&name.as_str()))
            .map(|(name, at)| {
                let message = if is_command(name) {
                    format!("`{name}` is a command, and no task: see the workflow's status")
                } else {
                    unknown_name("the workflow has no task", name, tasks, "tasks")
                };
                Problem::at(at, message)
            });
        unknown_input.chain(unknown_task).collect()
    }
}

#[cfg(test)]
mod tests;
