//! The semantics: where tasks lead, and whether joins can be met.

mod flow;
mod joins;

use std::collections::{HashSet, VecDeque};

use super::allowance::Allowance;
use super::outline::{Outline, Task};
use super::place::Place;
use super::{Category, Found};
use crate::definition::is_command;

pub(super) use flow::start_tasks;

/// Visits of tasks and their targets before a walk goes to each task only once.
const PATIENCE: usize = 20_000;

/// Everything that is wrong with the order of tasks.
pub(super) fn check(outline: &Outline) -> Vec<Found> {
    let flow = flow::Flow::of(outline);
    let mut found: Vec<Found> = outline.tasks.iter().flat_map(check_task).collect();
    if !outline.tasks.is_empty() && flow.start.is_empty() {
        found.push(no_start());
    }
    found.extend(undefined_tasks(outline, &flow.start));
    found.extend(joins::unreachable(outline, &flow));
    found
}

fn check_task(task: &Task) -> Vec<Found> {
    let mut found = Vec::new();
    let fault = |message: String| {
        Found::new(
            Category::Semantics,
            &Place::task(&task.name).at_own_key(),
            message,
        )
    };
    if task.is_command {
        found.push(fault(format!(
            "The task name \"{}\" is reserved with special function.",
            task.name
        )));
    }
    if task.has_items && super::python::is_falsy(&task.action) {
        found.push(fault(
            "The action property is required for with items task.".to_owned(),
        ));
    }
    found
}

fn no_start() -> Found {
    let message = "Unable to identify any tasks to start the workflow. If the workflow has a loop, please add a task \
                   that serves as an entry point (or lead) into the loop.";
    Found::new(Category::Semantics, &Place::tasks().at_own_key(), message)
}

/// Targets that are no tasks, found by a walk from the start tasks.
///
/// As upstream the walk goes to a task as often as it was found before it was visited, and tells the same again.
fn undefined_tasks(outline: &Outline, start: &[usize]) -> Vec<Found> {
    let mut allowance = Allowance::new(PATIENCE);
    let mut found = Vec::new();
    let mut visited = HashSet::new();
    let mut queue: VecDeque<usize> = start.iter().copied().collect();
    while let Some(at) = queue.pop_front() {
        if !visited.insert(at) && allowance.is_spent() {
            continue;
        }
        let task = &outline.tasks[at];
        for (index, transition) in task.follow().iter().enumerate() {
            allowance.take(1 + transition.targets.len());
            for target in &transition.targets {
                match outline.by_name.get(target) {
                    _ if is_command(target) => {}
                    Some(next) if visited.contains(next) => {}
                    Some(next) => queue.push_back(*next),
                    None => found.push(undefined(task, index, target)),
                }
            }
        }
    }
    found
}

fn undefined(task: &Task, index: usize, target: &str) -> Found {
    let place = Place::task(&task.name)
        .property("next")
        .index(index)
        .keyword("items")
        .property("do");
    Found::new(
        Category::Semantics,
        &place,
        format!("The task \"{target}\" is not defined."),
    )
}
