//! A task, or an item of one, reports a status.

use std::collections::VecDeque;
use std::sync::Arc;

use expr::orquesta::Statement;
use pyvalue::Value;

use super::machines::{self, TaskEvent};
use super::{Conductor, Refusal};
use crate::definition::{Retry, is_command};
use crate::state::{ArrivalId, Entry, RetryState, Staged, StagedId};
use crate::{Changes, ErrorEntry, ListId, State, Status, TaskKey};

/// What a task reports.
#[derive(Debug, Clone)]
pub struct Report {
    /// The task and its route.
    pub task: TaskKey,
    /// Its status.
    pub status: Status,
    /// Its result, null where there is none yet.
    pub result: Value,
    /// The item, where it is one that reports.
    pub item: Option<ItemReport>,
}

/// Which item of a task reports.
#[derive(Debug, Clone)]
pub struct ItemReport {
    /// Its index.
    pub item: usize,
    /// The results of all items so far, null where there is none yet: what `result()` gives when the task ends.
    pub results: Value,
}

/// What is fed to a task: a report, or a command of the engine.
enum Fed<'r> {
    Report(&'r Report),
    Command(&'static str, Status),
    Retry,
}

impl Fed<'_> {
    fn status(&self) -> Status {
        match self {
            Self::Report(report) => report.status,
            Self::Command(_, status) => *status,
            Self::Retry => Status::Retrying,
        }
    }
}

impl Conductor {
    /// Takes a report in. A task that has ended leads on to others.
    pub fn report(&self, state: &mut State, report: &Report) -> Result<Changes, Refusal> {
        self.operate(state, |state| {
            self.feed(state, &report.task, &Fed::Report(report))
        })
        .map(|((), changes)| changes)
    }

    /// Whether a report of an item ends its task, which then asks for the results of all items.
    #[must_use]
    pub fn ends(&self, state: &State, task: &TaskKey, item: usize, status: Status) -> bool {
        let Some(staged) = state.staging.find(task) else {
            return false;
        };
        let latest = state.progress.latest(task);
        let before = latest.map_or(Status::Unset, |entry| entry.status);
        let event = TaskEvent::Item(staged, item, status);
        machines::task_status(state, before, event).is_ok_and(Status::is_completed)
    }

    /// Fails a workflow over a report that was refused, or anything else that the task cannot go on from.
    pub fn give_up(
        &self,
        state: &mut State,
        task: &TaskKey,
        reason: &str,
    ) -> Result<Changes, Refusal> {
        self.operate(state, |state| {
            state.add_failure(reason.to_owned(), Some(task), None);
            state.fail();
            Ok(())
        })
        .map(|((), changes)| changes)
    }

    fn feed(&self, state: &mut State, task: &TaskKey, fed: &Fed<'_>) -> Result<(), Refusal> {
        if self.definition.graph.node(&task.id).is_none() {
            return Err(Refusal::UnknownTask(task.id.to_string()));
        }
        let staged = state.staging.find(task);
        let is_late_item = matches!(fed, Fed::Report(report)
            if report.item.is_some() && machines::decides(report.status) && staged.is_none());
        if is_late_item {
            return Err(Refusal::NotStaged(task.id.to_string()));
        }
        let at = self.entry_for(state, task, staged, fed.status())?;
        if let Some(staged) = staged {
            take_from_staging(state, staged, fed)?;
        }
        if let Fed::Report(report) = fed
            && report.status == Status::Failed
        {
            log_failure(state, task, &report.result);
        } else if let Fed::Command(_, Status::Failed) = fed {
            log_failure(state, task, &Value::None);
        }

        let before = state.sequence()[at].status;
        let event = match fed {
            Fed::Report(Report {
                status,
                item: Some(item),
                ..
            }) => match staged {
                Some(staged) => TaskEvent::Item(staged, item.item, *status),
                None => TaskEvent::Action(*status),
            },
            Fed::Report(report) => TaskEvent::Action(report.status),
            Fed::Command(name, _) => TaskEvent::Command(name),
            Fed::Retry => TaskEvent::Command("task_retry_requested"),
        };
        let after = machines::task_status(state, before, event)?;
        state.set_entry_status(at, after);
        if after == Status::Retrying {
            stage_again(state, at);
        }

        let mut commands = VecDeque::new();
        if after.is_completed() {
            self.leave_staging(state, task, after)?;
            let result = self.result(task, fed);
            if self.wants_retry(state, at, &result)? {
                return self.feed(state, task, &Fed::Retry);
            }
            if after != before {
                commands = self.follow_transitions(state, at, &result);
            }
        }
        let status = state.sequence()[at].status;
        machines::task_reported(&self.definition, state, task, status)?;
        while let Some(command) = commands.pop_front() {
            let (event, status) = match &*command.id {
                "fail" => ("task_fail_requested", Status::Failed),
                "continue" => ("task_continue_requested", Status::Succeeded),
                _ => ("task_noop_requested", Status::Succeeded),
            };
            self.feed(state, &command, &Fed::Command(event, status))?;
        }
        if state.status.is_completed() {
            state.set_terminal(at, true);
        }
        Ok(())
    }

    /// The entry that a report is about; a new one where the task starts, or starts again.
    fn entry_for(
        &self,
        state: &mut State,
        task: &TaskKey,
        staged: Option<StagedId>,
        status: Status,
    ) -> Result<usize, Refusal> {
        let latest = state.progress.latest_index(task);
        let needs_new = match latest {
            None => true,
            Some(at) => {
                is_command(&task.id)
                    || (state.sequence()[at].status.is_completed() && status.is_starting())
            }
        };
        match (latest, staged.and_then(|staged| state.staging.get(staged))) {
            (Some(at), _) if !needs_new => Ok(at),
            (_, Some(staged)) => {
                let staged = staged.clone();
                self.add_entry(state, &staged.task, staged.contexts, staged.previous)
            }
            (_, None) => Err(Refusal::NotStaged(task.id.to_string())),
        }
    }

    /// Appends an entry for a task; its retries are evaluated in what it sees.
    pub(super) fn add_entry(
        &self,
        state: &mut State,
        task: &TaskKey,
        contexts: ListId,
        previous: Option<ArrivalId>,
    ) -> Result<usize, Refusal> {
        let retry = match self.retry_of(task) {
            Some(retry) => Some(self.evaluate_retry(state, task, contexts, retry)?),
            None => None,
        };
        Ok(state.add_entry(Entry {
            task: task.clone(),
            status: Status::Unset,
            contexts,
            published: None,
            previous,
            next: std::collections::BTreeMap::new(),
            is_terminal: false,
            retry,
        }))
    }

    fn retry_of(&self, task: &TaskKey) -> Option<&Retry> {
        self.definition.tasks.get(&*task.id)?.retry.as_ref()
    }

    fn evaluate_retry(
        &self,
        state: &mut State,
        task: &TaskKey,
        contexts: ListId,
        retry: &Retry,
    ) -> Result<RetryState, Refusal> {
        let scope = state.contexts.merged(contexts).scope;
        let scope = self.surround(scope, &state.progress);
        let number = |statement: &Statement, field| match self.evaluate(statement, &scope)? {
            Value::Int(number) => Ok(number),
            Value::Bool(truth) => Ok(i64::from(truth)),
            _ => Err(Refusal::RetryNotInteger {
                field,
                task: task.id.to_string(),
            }),
        };
        Ok(RetryState {
            delay: match &retry.delay {
                Some(delay) => Some(number(delay, "delay")?),
                None => None,
            },
            count: number(&retry.count, "count")?,
            tally: 0,
        })
    }

    /// A task that has ended is no longer staged; one with items that ended badly stays, to be run again by request.
    fn leave_staging(
        &self,
        state: &mut State,
        task: &TaskKey,
        status: Status,
    ) -> Result<(), Refusal> {
        let has_items = self
            .definition
            .tasks
            .get(&*task.id)
            .is_some_and(|task| task.with.is_some());
        let is_kept = has_items && status.is_abended();
        let Some(staged) = state.staging.find(task) else {
            // A late report of an item: its task has ended and is gone.
            return if is_kept {
                Err(Refusal::NotStaged(task.id.to_string()))
            } else {
                Ok(())
            };
        };
        if is_kept {
            state.change_staged(staged, |staged| staged.is_completed = true);
            return Ok(());
        }
        leave(state, task);
        Ok(())
    }

    /// What `result()` gives.
    fn result(&self, task: &TaskKey, fed: &Fed<'_>) -> Value {
        let Fed::Report(report) = fed else {
            return Value::None;
        };
        let has_items = self
            .definition
            .tasks
            .get(&*task.id)
            .is_some_and(|task| task.with.is_some());
        let result = report
            .item
            .as_ref()
            .map_or(&report.result, |item| &item.results);
        if has_items && !result.is_true() {
            return Value::list(Vec::new());
        }
        if has_items {
            result.clone()
        } else {
            report.result.clone()
        }
    }

    /// Whether a task that has ended is to be tried again. One that was canceled never is.
    fn wants_retry(&self, state: &mut State, at: usize, result: &Value) -> Result<bool, Refusal> {
        let entry = &state.sequence()[at];
        let (status, contexts, task) = (entry.status, entry.contexts, entry.task.clone());
        let Some(retry) = &entry.retry else {
            return Ok(false);
        };
        if retry.tally >= retry.count || !state.status.is_active() {
            return Ok(false);
        }
        let when = self.retry_of(&task).and_then(|retry| retry.when.as_ref());
        let Some(when) = when else {
            return Ok(status.is_abended());
        };
        let scope = self.task_scope(state, &task, contexts, Some(result));
        let is_wanted = self.evaluate(when, &scope)?.is_true();
        Ok(is_wanted && status != Status::Canceled)
    }
}

/// A task that reports leaves staging; one with items stays, and its item's status is noted.
fn take_from_staging(state: &mut State, staged: StagedId, fed: &Fed<'_>) -> Result<(), Refusal> {
    let Some(items) = state.staging.items(staged) else {
        if let Fed::Report(Report {
            task,
            item: Some(item),
            ..
        }) = fed
        {
            return Err(Refusal::UnknownItem {
                task: task.id.to_string(),
                item: item.item,
            });
        }
        if fed.status() != Status::Unset {
            state.unstage(staged);
        }
        return Ok(());
    };
    if let Fed::Report(Report {
        task,
        status,
        item: Some(item),
        ..
    }) = fed
    {
        if item.item >= items.statuses().len() {
            return Err(Refusal::UnknownItem {
                task: task.id.to_string(),
                item: item.item,
            });
        }
        state.set_item(staged, item.item, *status);
    }
    Ok(())
}

/// Takes a task out of staging, unless items of it are under way.
fn leave(state: &mut State, task: &TaskKey) {
    let Some(staged) = state.staging.find(task) else {
        return;
    };
    let is_under_way = state
        .staging
        .items(staged)
        .is_some_and(|items| items.any(Status::is_active, None));
    if !is_under_way {
        state.unstage(staged);
    }
}

fn log_failure(state: &mut State, task: &TaskKey, result: &Value) {
    state.add_error(ErrorEntry {
        message: "Execution failed. See result for details.".to_owned(),
        task_id: Some(Arc::clone(&task.id)),
        route: None,
        transition: None,
        result: Some(result.clone()).filter(|result| !result.is_none()),
    });
}

/// Stages a task for another try.
fn stage_again(state: &mut State, at: usize) {
    let entry = &state.sequence()[at];
    let task = entry.task.clone();
    let (contexts, previous) = (entry.contexts, entry.previous);
    let retry = entry.retry.clone();
    if let Some(retry) = &retry {
        state.set_tally(at, retry.tally.saturating_add(1));
    }
    leave(state, &task);
    state.stage(Staged {
        task,
        contexts,
        previous,
        is_ready: true,
        is_completed: false,
        runs_on_fail: false,
        retry_delay: Some(retry.and_then(|retry| retry.delay).unwrap_or(0)),
    });
}
