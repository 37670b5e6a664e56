//! Compares what happened with what a case expects.

mod expectations;
mod tasks;
mod values;

use serde_json::{Value as Json, json};
use yaml::Position;

use crate::{Case, Story};

pub(crate) use expectations::Expectations;
use expectations::ExpectedError;
use values::{compare_members, compare_value};

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// Where the expectation stands.
    pub position: Position,
    /// What it is about: `status`, `task deploy, run 2, input.host`.
    pub subject: String,
    /// What is expected; none where a sentence says it.
    pub expected: Option<Json>,
    /// What is there; none where there is nothing.
    pub actual: Option<Json>,
    /// What helps to understand it.
    pub notes: Vec<String>,
}

impl Mismatch {
    fn new(position: Position, subject: impl Into<String>, expected: Json, actual: Json) -> Self {
        Self {
            position,
            subject: subject.into(),
            expected: Some(expected),
            actual: Some(actual),
            notes: Vec::new(),
        }
    }

    /// Something that a sentence says.
    fn sentence(position: Position, subject: impl Into<String>) -> Self {
        Self {
            position,
            subject: subject.into(),
            expected: None,
            actual: None,
            notes: Vec::new(),
        }
    }
}

/// Everything that is not as expected.
pub(crate) fn compare(case: &Case, story: &Story) -> Vec<Mismatch> {
    let mut found = Vec::new();
    if let Some((position, reason)) = &story.stopped {
        return vec![Mismatch::sentence(*position, reason)];
    }
    for (position, message) in &story.unknown_items {
        found.push(Mismatch::sentence(*position, message));
    }
    let expected = &case.expected;
    compare_status(case, story, &mut found);
    if let Some(output) = &expected.output {
        compare_members(output, &story.output, "output", &mut found);
    }
    if let Some(vars) = &expected.vars {
        compare_members(vars, &json!(story.vars), "vars", &mut found);
    }
    if let Some((position, errors)) = &expected.errors {
        compare_errors(*position, errors, story, &mut found);
    }
    tasks::compare(expected, story, &mut found);
    if let Some((position, takes)) = expected.takes
        && takes != story.takes
    {
        found.push(Mismatch::new(
            position,
            "takes (seconds)",
            json!(takes),
            json!(story.takes),
        ));
    }
    found
}

fn compare_status(case: &Case, story: &Story, found: &mut Vec<Mismatch>) {
    let (position, status) = case.expected.status.unwrap_or_else(|| {
        let position = case.expected.position.unwrap_or(case.position);
        (position, conductor::Status::Succeeded)
    });
    if status == story.status {
        return;
    }
    let (status, actual) = (json!(status.as_str()), json!(story.status.as_str()));
    let mut mismatch = Mismatch::new(position, "status", status, actual);
    for error in &story.errors {
        let task = error.task.as_ref().map(|task| format!("task {task}: "));
        let task = task.unwrap_or_default();
        mismatch.notes.push(format!("{task}{}", error.message));
    }
    if !story.unnamed.is_empty() && story.status != conductor::Status::Succeeded {
        mismatch.notes.push(format!(
            "the case does not say what {} to: the result was null",
            match story.unnamed.as_slice() {
                [one] => format!("task {one} comes"),
                several => format!("tasks {} come", several.join(", ")),
            }
        ));
    }
    if story.status == conductor::Status::Paused {
        let waiting: Vec<&str> = story
            .runs
            .iter()
            .filter(|run| run.status == conductor::Status::Pending)
            .map(|run| run.task.as_str())
            .collect();
        mismatch.notes.push(format!(
            "nobody answers task {}: give it an `answer`",
            waiting.join(", ")
        ));
    }
    found.push(mismatch);
}

fn compare_errors(
    position: Position,
    expected: &[ExpectedError],
    story: &Story,
    found: &mut Vec<Mismatch>,
) {
    let actual = || -> Json {
        let shown = |error: &crate::StoryError| match &error.task {
            Some(task) => json!({ "task": task, "message": error.message }),
            None => json!(error.message),
        };
        story.errors.iter().map(shown).collect()
    };
    if expected.is_empty() && !story.errors.is_empty() {
        found.push(Mismatch::new(position, "errors", json!([]), actual()));
    }
    for error in expected {
        let is_there = story.errors.iter().any(|one| {
            one.message.contains(&error.message) && (error.task.is_none() || error.task == one.task)
        });
        if !is_there {
            let wanted = match &error.task {
                Some(task) => json!({ "task": task, "message": error.message }),
                None => json!(error.message),
            };
            found.push(Mismatch::new(error.position, "errors", wanted, actual()));
        }
    }
}

#[cfg(test)]
mod tests;
