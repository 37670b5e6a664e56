//! Compares which tasks ran, and how.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use yaml::{Node, Position};

use super::expectations::{ExpectedItems, ExpectedRun, ExpectedTask};
use super::{Expectations, Mismatch, compare_members, compare_value};
use crate::{ItemRun, Run, Story};

pub(super) fn compare(expected: &Expectations, story: &Story, found: &mut Vec<Mismatch>) {
    let order: Vec<&str> = story.runs.iter().map(|run| run.task.as_str()).collect();
    if let Some((at, names)) = &expected.order {
        let wanted: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        if wanted != order {
            found.push(Mismatch::new(*at, "order", json!(wanted), json!(order)));
        }
    }
    let ran: BTreeSet<&str> = order.iter().copied().collect();
    if let Some((at, names)) = &expected.ran {
        let wanted: BTreeSet<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        if wanted != ran {
            let mut mismatch = Mismatch::new(*at, "ran", json!(wanted), json!(ran));
            let lists = [
                ("did not run", wanted.difference(&ran)),
                ("ran too", ran.difference(&wanted)),
            ];
            for (what, names) in lists {
                let names: Vec<&str> = names.copied().collect();
                if !names.is_empty() {
                    mismatch.notes.push(format!("{what}: {}", names.join(", ")));
                }
            }
            found.push(mismatch);
        }
    }
    for (name, at) in &expected.not_run {
        let count = order.iter().filter(|task| *task == name).count();
        if count > 0 {
            let subject = format!("task {name}, runs");
            found.push(Mismatch::new(*at, subject, json!(0), json!(count)));
        }
    }
    for (name, (at, task)) in &expected.tasks {
        let runs: Vec<&Run> = story.runs.iter().filter(|run| run.task == *name).collect();
        compare_task(name, *at, task, &runs, found);
    }
}

fn compare_task(
    name: &str,
    at: Position,
    expected: &ExpectedTask,
    runs: &[&Run],
    found: &mut Vec<Mismatch>,
) {
    let subject = format!("task {name}");
    match expected {
        ExpectedTask::All(at, expected) => {
            if expected.len() != runs.len() {
                found.push(Mismatch::new(
                    *at,
                    format!("{subject}, runs"),
                    json!(expected.len()),
                    json!(runs.len()),
                ));
            }
            for (number, (expected, run)) in expected.iter().zip(runs).enumerate() {
                let subject = format!("{subject}, run {}", number + 1);
                compare_run(&subject, expected, &ran(run), found);
            }
        }
        ExpectedTask::Last(expected) => {
            let count = runs.len() as u64;
            if let Some((at, wanted)) = expected.runs
                && wanted != count
            {
                let subject = format!("{subject}, runs");
                found.push(Mismatch::new(at, subject, json!(wanted), json!(count)));
            }
            let wants_none = matches!(expected.runs, Some((_, 0)));
            match runs.last() {
                Some(_) if wants_none => {}
                Some(run) => {
                    let subject = match count {
                        1 => subject,
                        _ => format!("{subject}, run {count}"),
                    };
                    compare_run(&subject, expected, &ran(run), found);
                }
                None if expected.runs.is_some() => {}
                None => {
                    found.push(Mismatch::sentence(at, format!("{subject} did not run")));
                }
            }
        }
    }
}

/// A run, or one for an item.
struct Ran<'r> {
    status: conductor::Status,
    action: &'r Json,
    input: &'r Json,
    run: Option<&'r Run>,
}

fn ran(run: &Run) -> Ran<'_> {
    Ran {
        status: run.status,
        action: &run.action,
        input: &run.input,
        run: Some(run),
    }
}

fn compare_run(subject: &str, expected: &ExpectedRun, ran: &Ran<'_>, found: &mut Vec<Mismatch>) {
    let Ran {
        status,
        action,
        input,
        run,
    } = ran;
    if let Some((at, wanted)) = expected.status
        && wanted != *status
    {
        let (wanted, status) = (json!(wanted.as_str()), json!(status.as_str()));
        let subject = format!("{subject}, status");
        found.push(Mismatch::new(at, subject, wanted, status));
    }
    let is_of_items = run.is_some_and(|run| run.items.is_some());
    let about_items = |node: &Node, what: &str| {
        let sentence =
            format!("{subject} has items, each with {what} of its own: write them under `items`");
        Mismatch::sentence(node.span.start, sentence)
    };
    if let Some(wanted) = &expected.action {
        if is_of_items {
            found.push(about_items(wanted, "an action"));
        } else {
            compare_value(wanted, action, &format!("{subject}, action"), found);
        }
    }
    if let Some(wanted) = &expected.input {
        if is_of_items {
            found.push(about_items(wanted, "an input"));
        } else {
            compare_members(wanted, input, &format!("{subject}, input"), found);
        }
    }
    let Some(run) = run else { return };
    if let Some(wanted) = &expected.published {
        let subject = format!("{subject}, published");
        compare_members(wanted, &json!(run.published), &subject, found);
    }
    if let Some((at, wanted)) = expected.delay
        && wanted != run.delay
    {
        let subject = format!("{subject}, delay (seconds)");
        found.push(Mismatch::new(at, subject, json!(wanted), json!(run.delay)));
    }
    if let Some(wanted) = &expected.items {
        if let Some(items) = &run.items {
            compare_items(subject, wanted, items, found);
        } else {
            let at = expected.position.unwrap_or(Position { line: 1, column: 1 });
            found.push(Mismatch::sentence(at, format!("{subject} has no items")));
        }
    }
}

fn compare_items(
    subject: &str,
    expected: &ExpectedItems,
    items: &[ItemRun],
    found: &mut Vec<Mismatch>,
) {
    let one = |subject: String, expected, item: &ItemRun, found: &mut Vec<Mismatch>| {
        let ran = Ran {
            status: item.status,
            action: &item.action,
            input: &item.input,
            run: None,
        };
        compare_run(&subject, expected, &ran, found);
    };
    match expected {
        ExpectedItems::ByPosition(at, expected) => {
            if expected.len() != items.len() {
                let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
                let mut mismatch = Mismatch::new(
                    *at,
                    format!("{subject}, number of items"),
                    json!(expected.len()),
                    json!(items.len()),
                );
                mismatch.notes.push(format!("items: {}", texts.join(", ")));
                found.push(mismatch);
            }
            for (number, expected) in expected.iter().enumerate() {
                let item = items.iter().find(|item| item.at == number);
                if let (Some(expected), Some(item)) = (expected, item) {
                    one(format!("{subject}, item {number}"), expected, item, found);
                }
            }
        }
        ExpectedItems::ByText(expected) => {
            for (text, at, expected) in expected {
                let subject = format!("{subject}, item {text}");
                let Some(item) = items.iter().find(|item| item.text == *text) else {
                    let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
                    let mut mismatch = Mismatch::sentence(*at, format!("{subject} did not run"));
                    mismatch.notes.push(format!("items: {}", texts.join(", ")));
                    found.push(mismatch);
                    continue;
                };
                one(subject, expected, item, found);
            }
        }
    }
}
