//! What a workflow has done, told line by line as StackStorm's engine tells it while it does.
//!
//! StackStorm stores these lines one by one. Here they are made of what is stored anyway: the states that the workflow
//! and the executions of its tasks have passed, and when. Tasks without an action leave no execution, so they are not in it.

use std::collections::HashSet;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionStatus, TaskExecutionId, TaskOrigin};
use pyvalue::Value as Python;
use serde_json::Value;

/// The lines of a workflow by Orquesta; nothing before it begins. `children` are the executions of its tasks, oldest
/// first; results need not be there.
#[must_use]
pub fn progress(workflow: &Execution, children: &[Execution]) -> String {
    let Some(id) = &workflow.context.workflow_execution else {
        return String::new();
    };
    let children: Vec<Child<'_>> = children.iter().filter_map(Child::of).collect();
    let mut teller = Teller {
        workflow,
        children: &children,
        created: HashSet::new(),
        text: String::new(),
    };
    teller.line(&format!("Workflow execution \"{id}\" is created."));
    teller.line("Processing request for workflow execution.");
    teller.line("Requesting conductor to start running workflow execution.");
    teller.tell(&events(workflow, &children));
    teller.text
}

/// The execution of a task.
struct Child<'e> {
    execution: &'e Execution,
    task: &'e TaskOrigin,
}

impl<'e> Child<'e> {
    fn of(execution: &'e Execution) -> Option<Self> {
        let task = execution.context.task.as_ref()?;
        Some(Self { execution, task })
    }
}

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// The workflow asked for the execution at this place in the list.
    Requested(usize),
    /// That one came into a state.
    Child(usize, ExecutionStatus),
    /// The workflow itself left a state for another.
    Own(ExecutionStatus, ExecutionStatus),
}

/// Everything in the order of time. What happened at once is told in the order of the executions, and the workflow's
/// own changes come after what led to them.
fn events(workflow: &Execution, children: &[Child<'_>]) -> Vec<Event> {
    let mut timed: Vec<(DateTime<Utc>, usize, Event)> = Vec::new();
    for (at, child) in children.iter().enumerate() {
        let place = at + 1;
        timed.push((child.execution.start_timestamp, place, Event::Requested(at)));
        let later = child.execution.log.iter().skip(1);
        timed.extend(later.map(|entry| (entry.timestamp, place, Event::Child(at, entry.status))));
    }
    for pair in workflow.log.windows(2) {
        let event = Event::Own(pair[0].status, pair[1].status);
        // What it asks for because it goes on is asked for at the same time.
        let place = if event.leads_on() { 0 } else { usize::MAX };
        timed.push((pair[1].timestamp, place, event));
    }
    timed.sort_by_key(|(time, at, _)| (*time, *at));
    timed.into_iter().map(|(_, _, event)| event).collect()
}

impl Event {
    /// Whether the workflow looks for what is next after it.
    fn leads_on(self) -> bool {
        match self {
            Self::Requested(_) => false,
            Self::Child(_, status) => status.is_final(),
            Self::Own(before, now) => is_resumption(before, now),
        }
    }
}

fn is_resumption(before: ExecutionStatus, now: ExecutionStatus) -> bool {
    now == ExecutionStatus::Running
        && matches!(before, ExecutionStatus::Resuming | ExecutionStatus::Paused)
}

struct Teller<'e> {
    workflow: &'e Execution,
    children: &'e [Child<'e>],
    /// The runs of tasks that were told of.
    created: HashSet<TaskExecutionId>,
    text: String,
}

impl Teller<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn gap(&mut self) {
        self.text.push_str("\n\n");
    }

    fn tell(&mut self, events: &[Event]) {
        let first = events.iter().position(|event| event.leads_on());
        let before = &events[..first.unwrap_or(events.len())];
        let asks = "for workflow execution in status \"running\"";
        self.look_for_more(asks, before, Some(("requested", "running")));
        self.rest(before);
        let Some(mut at) = first else { return };
        while let Some(event) = events.get(at) {
            let rest = &events[at + 1..];
            let until = rest.iter().position(|event| event.leads_on());
            let after = &rest[..until.unwrap_or(rest.len())];
            self.step(*event, after);
            at += 1 + after.len();
        }
    }

    /// Something that the workflow looks for more after, and what happened until it looked again.
    fn step(&mut self, event: Event, after: &[Event]) {
        match event {
            Event::Child(at, status) => {
                self.state(at, status);
                self.completion(at, status);
                let ended = self.end(after);
                let task = self.children[at].task;
                let asks = format!(
                    "after completion of task \"{}\", route \"{}\"",
                    task.task_id, task.task_route
                );
                self.look_for_more(&asks, after, None);
                if let Some(status) = ended {
                    self.line(&format!(
                        "The workflow execution is completed with status \"{status}\"."
                    ));
                    self.gap();
                }
            }
            Event::Own(before, now) => {
                self.change(before.as_str(), now.as_str());
                let asks = format!("for workflow execution in status \"{now}\"");
                self.look_for_more(&asks, after, None);
            }
            Event::Requested(_) => {}
        }
        self.rest(after);
    }

    /// The workflow asks what is next, and asks for it.
    fn look_for_more(&mut self, asks: &str, after: &[Event], change: Option<(&str, &str)>) {
        let requested: Vec<usize> = after
            .iter()
            .filter_map(|event| match event {
                Event::Requested(at) => Some(*at),
                Event::Child(..) | Event::Own(..) => None,
            })
            .collect();
        self.line(&format!("Identifying next set (iter 0) of tasks {asks}."));
        if !requested.is_empty() {
            self.requests(&requested, change);
            self.line(
                "Identifying next set (iter 1) of tasks for workflow execution in status \"running\".",
            );
        }
        self.line("No tasks identified to execute next.");
        self.gap();
    }

    fn requests(&mut self, requested: &[usize], change: Option<(&str, &str)>) {
        let children = self.children;
        let mut tasks: Vec<&TaskOrigin> = Vec::new();
        for task in requested.iter().map(|at| children[*at].task) {
            let is_same = |one: &&TaskOrigin| one.task_execution_id == task.task_execution_id;
            if !tasks.iter().any(is_same) {
                tasks.push(task);
            }
        }
        let names: Vec<String> = tasks
            .iter()
            .map(|task| format!("{} (route {})", task.task_id, task.task_route))
            .collect();
        let names = names.join(", ");
        self.line(&format!(
            "Identified the following set of tasks to execute next: {names}"
        ));
        for task in requested.iter().map(|at| children[*at].task) {
            if let Some(item) = task.item_id {
                let place = place(task);
                self.line(&format!(
                    "Mark {place}, item \"{item}\" in conductor as running."
                ));
            }
        }
        if let Some((before, now)) = change {
            self.change(before, now);
        }
        for task in tasks {
            let (place, id) = (place(task), &task.task_execution_id);
            let is_new = self.created.insert(*id);
            let verb = if is_new { "created" } else { "retrieved" };
            self.line(&format!("Requesting execution for {place}."));
            self.line(&format!("Task execution \"{id}\" {verb} for {place}."));
            for child in requested.iter().map(|at| &children[*at]) {
                if child.task.task_execution_id == *id {
                    let execution = child.execution.id;
                    self.line(&format!(
                        "Action execution \"{execution}\" requested for {place}."
                    ));
                }
            }
        }
    }

    /// What happened that leads to nothing more.
    fn rest(&mut self, events: &[Event]) {
        for event in events {
            match *event {
                Event::Child(at, status) => self.state(at, status),
                Event::Own(before, now) if is_told_apart(before, now) => {
                    self.change(before.as_str(), now.as_str());
                }
                Event::Requested(_) | Event::Own(..) => {}
            }
        }
    }

    fn state(&mut self, at: usize, status: ExecutionStatus) {
        let Child { execution, task } = &self.children[at];
        let (id, name) = (execution.id, &task.task_id);
        self.line(&format!(
            "Action execution \"{id}\" for task \"{name}\" is updated and in \"{status}\" state."
        ));
        let what = match status {
            ExecutionStatus::Pending => "pending",
            ExecutionStatus::Paused => "pause",
            _ => return,
        };
        let place = place(task);
        self.line(&format!(
            "Handling {what} of action execution \"{id}\" for {place}."
        ));
    }

    fn completion(&mut self, at: usize, status: ExecutionStatus) {
        let Child { execution, task } = &self.children[at];
        let (id, place) = (execution.id, place(task));
        self.line(&format!(
            "Handling completion of action execution \"{id}\" in status \"{status}\" for {place}."
        ));
        match task.item_id {
            Some(item) => self.line(&format!(
                "Processing action execution for {place}, item \"{item}\"."
            )),
            None => self.line(&format!(
                "Updating task execution \"{}\" for task \"{}\" from status \"running\" to \"{status}\".",
                task.task_execution_id, task.task_id
            )),
        }
    }

    /// Tells the end of the workflow, if it is in what follows.
    fn end(&mut self, after: &[Event]) -> Option<ExecutionStatus> {
        let (before, now) = after.iter().find_map(|event| match event {
            Event::Own(before, now) if now.is_final() => Some((*before, *now)),
            _ => None,
        })?;
        self.change(before.as_str(), now.as_str());
        let result = self.workflow.result.as_ref();
        let errors = result.and_then(|result| result.get("errors")?.as_array());
        if let Some(errors) = errors.filter(|errors| !errors.is_empty()) {
            self.line("Workflow execution completed with errors.");
            for error in errors {
                self.error(error);
            }
        }
        self.line("Workflow action execution is completed and invoking post run.");
        Some(now)
    }

    fn error(&mut self, error: &Value) {
        // Writing to a text cannot fail.
        let _infallible = writeln!(self.text, "{}", Python::from_json(error).repr());
    }

    fn change(&mut self, before: &str, now: &str) {
        self.line(&format!(
            "Updating workflow execution from status \"{before}\" to \"{now}\"."
        ));
    }
}

/// The workflow's changes that are told by themselves: not how it begins, nor its end.
fn is_told_apart(before: ExecutionStatus, now: ExecutionStatus) -> bool {
    let has_begun = !matches!(
        before,
        ExecutionStatus::Requested | ExecutionStatus::Scheduled | ExecutionStatus::Delayed
    );
    has_begun && !now.is_final()
}

fn place(task: &TaskOrigin) -> String {
    format!("task \"{}\", route \"{}\"", task.task_id, task.task_route)
}

#[cfg(test)]
mod tests;
