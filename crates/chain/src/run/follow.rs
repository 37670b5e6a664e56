//! What follows a task.

use std::sync::Arc;

use super::{Next, Run};
use crate::{Chain, Status};

impl Run {
    /// Goes to the task that runs first.
    pub(super) fn begin(&mut self, chain: &Chain) {
        let name = chain.default_task();
        self.go_to(chain, name, || "Failed to get starting node.".to_owned());
    }

    /// Goes on from the last task, which has ended: a success leads to `on-success`, a failure to `on-failure`.
    pub(super) fn follow(&mut self, chain: &Chain) {
        let Some(last) = self.tasks.last() else {
            return;
        };
        let task = chain.task(&last.name);
        let on_success = task.and_then(|task| task.on_success.as_ref());
        let on_failure = task.and_then(|task| task.on_failure.as_ref());
        let (outcome, target) = match last.state {
            Status::Succeeded => (Status::Succeeded, on_success),
            Status::Timeout => (Status::Timeout, on_failure),
            Status::Failed | Status::Abandoned => (Status::Failed, on_failure),
            Status::Canceled => (Status::Canceled, None),
            Status::Requested
            | Status::Scheduled
            | Status::Delayed
            | Status::Running
            | Status::Pausing
            | Status::Paused
            | Status::Resuming
            | Status::Pending
            | Status::Canceling => return,
        };
        self.current.outcome = outcome;
        let Some(target) = target else {
            self.current.next = Next::Nothing;
            return;
        };
        let last = Arc::clone(&last.name);
        self.go_to(chain, target, || {
            format!("Failed to get next node \"{last}\".")
        });
    }

    /// Makes a task the next; fails the chain where there is none of that name.
    fn go_to(&mut self, chain: &Chain, name: &str, failed: impl FnOnce() -> String) {
        if let Some(task) = chain.task(name) {
            self.current.next = Next::Task(Arc::clone(&task.name));
        } else {
            let failed = failed();
            self.end_with_error(format!(
                "{failed} Unable to find node with name \"{name}\"."
            ));
        }
    }

    /// A chain that runs and has nothing to do any more has ended.
    pub(super) fn settle(&mut self) {
        if self.current.status == Status::Running && self.current.next == Next::Nothing {
            self.current.status = self.current.outcome;
        }
    }

    /// Ends the chain.
    pub(super) fn end_as(&mut self, status: Status) {
        self.current.status = status;
        self.current.next = Next::Nothing;
    }

    /// Fails the chain.
    pub(super) fn end_with_error(&mut self, message: String) {
        self.current.error = Some(message);
        self.end_as(Status::Failed);
    }
}
