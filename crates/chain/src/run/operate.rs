//! What happens to a run: requests that were made or refused, reports, and what people ask for.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Changes, Next, Run, TaskRun, result};
use crate::{Chain, Status, Surroundings};

/// What became of a task's execution.
#[derive(Clone, PartialEq)]
pub struct Report {
    /// The execution.
    pub execution_id: String,
    /// How it stands.
    pub status: Status,
    /// Its result, whole; null while there is none.
    pub result: Value,
    /// When that was, as StackStorm writes times.
    pub at: String,
}

/// Why a task's execution could not be requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such action: ends the chain.
    NoSuchAction,
    /// The rendered parameters cannot be cast to the action's types: ends the chain.
    Parameters(String),
    /// Anything else, as parameters that do not fit the action's schema: the task has failed.
    Request(String),
}

/// The run does not expect that; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotExpected {
    /// No task is to be requested.
    #[error("no task of the chain is to be requested: it is {0}")]
    Request(Status),
    /// The execution is not that of the task under way; most likely its end was reported before.
    #[error("execution {0} is not that of the chain's task under way")]
    Report(String),
    /// The chain has ended.
    #[error("the chain has ended: it is {0}")]
    Ended(Status),
}

/// Without the result: it may be secret.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("execution_id", &self.execution_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Run {
    /// The execution of the task that was to be requested exists. Said again with another id, that one takes its place
    /// (as when a policy tries it again).
    pub fn requested(&mut self, execution_id: &str, at: &str) -> Result<Changes, NotExpected> {
        match &self.current.next {
            Next::Task(name) => {
                let name = Arc::clone(name);
                self.add(name, Some(execution_id), at);
                self.current.next = Next::Report;
                if self.current.status == Status::Paused {
                    self.current.status = Status::Pausing;
                }
            }
            Next::Report => {
                let at = self.tasks.len() - 1;
                self.tasks[at].execution_id = Some(execution_id.to_owned());
            }
            Next::Nothing => return Err(NotExpected::Request(self.current.status)),
        }
        Ok(self.step_records())
    }

    /// The execution of the task that was to be requested could not be.
    pub fn refused(
        &mut self,
        chain: &Chain,
        refusal: &Refusal,
        at: &str,
    ) -> Result<Changes, NotExpected> {
        let Next::Task(name) = self.current.next.clone() else {
            return Err(NotExpected::Request(self.current.status));
        };
        match refusal {
            Refusal::NoSuchAction => {
                let action = chain.task(&name).map_or("", |task| task.action.as_str());
                self.end_with_error(format!(
                    "Failed to run task \"{name}\". Action with reference \"{action}\" doesn't exist."
                ));
                Ok(vec![self.current_record()])
            }
            Refusal::Parameters(reason) => {
                self.end_with_error(format!("Failed to run task \"{name}\". {reason}"));
                Ok(vec![self.current_record()])
            }
            Refusal::Request(reason) => {
                let error = format!("Failed running task \"{name}\". {reason}");
                let task = self.add(name, None, at);
                task.state = Status::Failed;
                task.updated_at = Some(at.to_owned());
                task.result = Value::Object(result::failure(&error));
                self.note_result();
                self.follow(chain);
                self.settle();
                Ok(self.step_records())
            }
        }
    }

    /// Something became of the task under way.
    ///
    /// A success leads to `on-success`; failed, timed out or abandoned to `on-failure`; a canceled task cancels the
    /// chain. Paused and pending tasks pause it. What a task publishes is rendered when it has ended, whatever its end
    /// (unless that ends the chain as canceled); what cannot be rendered fails the chain.
    pub fn report(
        &mut self,
        chain: &Chain,
        surroundings: &Surroundings,
        report: Report,
    ) -> Result<Changes, NotExpected> {
        let active = self
            .active_index()
            .filter(|at| self.tasks[*at].execution_id.as_ref() == Some(&report.execution_id));
        let Some(at) = active else {
            return Err(NotExpected::Report(report.execution_id));
        };
        let task = &mut self.tasks[at];
        let before = std::mem::replace(&mut task.state, report.status);
        task.updated_at = Some(report.at);
        task.result = report.result;
        if report.status.is_at_rest() {
            if matches!(self.current.status, Status::Running | Status::Pausing) {
                self.current.status = Status::Paused;
            }
        } else if report.status.is_final() {
            self.note_result();
            self.ended(chain, surroundings, before);
        }
        Ok(self.step_records())
    }

    /// The last task has ended.
    fn ended(&mut self, chain: &Chain, surroundings: &Surroundings, before: Status) {
        let at = self.tasks.len() - 1;
        if self.current.status == Status::Canceling || self.tasks[at].state == Status::Canceled {
            self.end_as(Status::Canceled);
            return;
        }
        if let Some(task) = chain.task(&self.tasks[at].name) {
            match self.render_publish(chain, task, surroundings) {
                Ok(published) => {
                    self.known.publish(&published);
                    self.tasks[at].published = published;
                }
                Err(message) => {
                    self.end_with_error(message);
                    return;
                }
            }
        }
        self.follow(chain);
        // An answer lets the chain go on, unless somebody paused it meanwhile.
        let is_answered = before == Status::Pending && !self.current.is_pause_wanted;
        if self.current.status == Status::Pausing {
            self.current.status = Status::Paused;
        } else if self.current.status == Status::Paused && is_answered {
            self.current.status = Status::Running;
        }
        self.settle();
    }

    /// Somebody asks the chain to pause: it does when the task under way has ended, is paused or pending; at once where
    /// there is none.
    pub fn pause(&mut self) -> Result<Changes, NotExpected> {
        self.must_not_have_ended()?;
        if self.current.status == Status::Canceling {
            return Ok(Changes::new());
        }
        let is_busy = self.active().is_some_and(|task| !task.state.is_at_rest());
        self.current.is_pause_wanted = true;
        self.current.status = if is_busy && self.current.status != Status::Paused {
            Status::Pausing
        } else {
            Status::Paused
        };
        Ok(vec![self.current_record()])
    }

    /// Somebody asks the chain to go on: from the end of its last task, or by resuming that task. While the last task
    /// waits for an answer the chain stays paused.
    pub fn resume(&mut self) -> Result<Changes, NotExpected> {
        self.must_not_have_ended()?;
        if self.current.status == Status::Canceling {
            return Ok(Changes::new());
        }
        self.current.is_pause_wanted = false;
        let is_pending = self
            .active()
            .is_some_and(|task| task.state == Status::Pending);
        if !is_pending {
            self.current.status = Status::Running;
            self.settle();
        }
        Ok(vec![self.current_record()])
    }

    /// Somebody asks the chain to end: it does when the task under way has ended, however; at once where there is none.
    pub fn cancel(&mut self) -> Result<Changes, NotExpected> {
        self.must_not_have_ended()?;
        if self.active().is_some() {
            self.current.status = Status::Canceling;
        } else {
            self.end_as(Status::Canceled);
        }
        Ok(vec![self.current_record()])
    }

    /// Fails the chain for a reason of its surroundings (a limit, a definition that is gone). The task under way, if
    /// any, is left to whoever runs it.
    pub fn give_up(&mut self, reason: &str) -> Result<Changes, NotExpected> {
        self.must_not_have_ended()?;
        self.end_with_error(reason.to_owned());
        Ok(vec![self.current_record()])
    }

    fn must_not_have_ended(&self) -> Result<(), NotExpected> {
        if self.current.status.is_final() {
            return Err(NotExpected::Ended(self.current.status));
        }
        Ok(())
    }

    fn add(&mut self, name: Arc<str>, execution_id: Option<&str>, at: &str) -> &mut TaskRun {
        self.tasks.push(TaskRun {
            name,
            execution_id: execution_id.map(str::to_owned),
            created_at: at.to_owned(),
            updated_at: None,
            state: Status::Requested,
            result: Value::Null,
            published: Map::new(),
        });
        let last = self.tasks.len() - 1;
        &mut self.tasks[last]
    }

    /// Expressions see the last task's result from now on.
    fn note_result(&mut self) {
        if let Some(task) = self.tasks.last() {
            self.known.yielded(task);
        }
    }

    /// What a step of the last task has changed.
    fn step_records(&self) -> Changes {
        let task = self.tasks.len().checked_sub(1);
        let mut changes: Changes = task.map(|at| self.task_record(at)).into_iter().collect();
        changes.push(self.current_record());
        changes
    }
}
