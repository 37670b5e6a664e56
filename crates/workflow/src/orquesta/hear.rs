//! What has become of executions that a workflow asked for, and what others want of it.

use bus::TaskChange;
use conductor::{ItemReport, Report, Status};
use model::ExecutionStatus;
use pyvalue::Value;

use super::{Orquesta, Step, conductor_status};
use crate::children::Awaited;
use crate::effects::ReachDown;
use crate::surroundings::Bench;
use crate::tasks::TaskRun;

impl Orquesta {
    /// Takes in what has become of an execution; nothing where it is not waited for (any more).
    pub(super) fn hear(&mut self, bench: &Bench, step: &mut Step, change: TaskChange) {
        let Some(awaited) = self.children.get_mut(change.asked_for()) else {
            return;
        };
        let Some(status) = conductor_status(change.status) else {
            return;
        };
        let before = std::mem::replace(&mut awaited.status, change.status);
        if change.status.is_final() {
            self.settle(bench, step, change, status, before);
        } else if before != change.status {
            let awaited = awaited.clone();
            self.stand_still_or_go_on(step, &awaited, status);
        }
    }

    /// An execution is `pending`, `paused`, or goes on after that.
    fn stand_still_or_go_on(&mut self, step: &mut Step, awaited: &Awaited, status: Status) {
        if status == Status::Running {
            self.request(step, Status::Running);
        }
        self.report(step, awaited, status, Value::None);
    }

    /// An execution has ended.
    fn settle(
        &mut self,
        bench: &Bench,
        step: &mut Step,
        change: TaskChange,
        status: Status,
        before: ExecutionStatus,
    ) {
        let Some((awaited, record)) = self.children.settle(change.asked_for()) else {
            return;
        };
        step.records.push(record);
        let mut result = change.result.unwrap_or_default();
        if self.learnt.open(&mut result, &bench.vault) && !self.meta.is_confidential {
            self.meta.is_confidential = true;
            step.meta_changed = true;
        }
        let result = Value::from_json(&result);
        if self.compiled.asks_for_tasks {
            let run = TaskRun {
                workflow: self.meta.workflow_execution,
                run: awaited.run,
                status: change.status,
                result: result.clone(),
                ended_at: change.at,
            };
            self.tasks.keep(awaited.task.clone(), run);
        }
        if before == ExecutionStatus::Pending {
            self.go_on_after_answer(step, &awaited);
        }
        // What was paused and has come to an end by itself has gone on before, though nobody said so.
        if before == ExecutionStatus::Paused && status != Status::Canceled {
            self.stand_still_or_go_on(step, &awaited, Status::Running);
        }
        self.report(step, &awaited, status, result);
    }

    /// Whoever answers an inquiry wants what stood still for it to go on. Where there are other answers to wait for, the
    /// report of this one brings it to a stand again. (A task with items is paused by one that is pending, and hears of
    /// its end only if that item runs before.)
    fn go_on_after_answer(&mut self, step: &mut Step, awaited: &Awaited) {
        let status = self.state.status();
        if awaited.item.is_some() && !status.is_cancel() {
            self.report(step, awaited, Status::Running, Value::None);
        } else if status.is_pause() {
            self.request(step, Status::Resuming);
        }
    }

    /// Reports on a task or an item of one.
    fn report(&mut self, step: &mut Step, awaited: &Awaited, status: Status, result: Value) {
        let item = awaited
            .item
            .map(|item| self.item_report(awaited, item, status, &result));
        let report = Report {
            task: awaited.task.clone(),
            status,
            result,
            item,
        };
        match self.conductor.report(&mut self.state, &report) {
            Ok(changes) => step.state.extend(changes),
            Err(refusal) if status.is_completed() => {
                self.give_up(step, &awaited.task, &refusal.to_string());
            }
            Err(refusal) => {
                tracing::debug!(task = %awaited.task, %status, "a report changes nothing: {refusal}");
            }
        }
        let has_ended = self
            .state
            .latest(&awaited.task)
            .and_then(|at| self.state.sequence().get(at))
            .is_none_or(|entry| !entry.status.is_active());
        let is_over =
            status.is_completed() && has_ended && self.state.items(&awaited.task).is_none();
        if awaited.item.is_some() && is_over {
            self.children.forget_items(&awaited.task);
        }
    }

    fn item_report(
        &mut self,
        awaited: &Awaited,
        item: usize,
        status: Status,
        result: &Value,
    ) -> ItemReport {
        if status.is_completed() {
            let (task, run) = (&awaited.task, awaited.run);
            self.children.keep_item(task, run, item, result.clone());
        }
        let ends = self
            .conductor
            .ends(&self.state, &awaited.task, item, status);
        let results = if ends {
            Value::list(self.children.item_results(&awaited.task))
        } else {
            Value::None
        };
        ItemReport { item, results }
    }

    /// Somebody wants the workflow to pause, to go on, or to be canceled.
    pub(super) fn want(&mut self, step: &mut Step, status: ExecutionStatus) {
        let (status, reach_down) = match status {
            // It stands still for one of its tasks; nobody wants that of the others.
            ExecutionStatus::Pausing
                if self.state.status().is_pause() && !self.meta.is_pause_wanted =>
            {
                return;
            }
            ExecutionStatus::Pausing => (Status::Paused, ReachDown::Pause),
            ExecutionStatus::Resuming => (Status::Resuming, ReachDown::Resume),
            ExecutionStatus::Canceling => (Status::Canceled, ReachDown::Cancel),
            _ => return,
        };
        self.request(step, status);
        if reach_down == ReachDown::Pause && !self.meta.is_pause_wanted {
            self.meta.is_pause_wanted = true;
            step.meta_changed = true;
        }
        step.reach_down = Some(reach_down);
    }

    /// Asks the conductor for a status; what it refuses is so already, or too late.
    fn request(&mut self, step: &mut Step, status: Status) {
        match self.conductor.request(&mut self.state, status) {
            Ok(changes) => step.state.extend(changes),
            Err(refusal) => tracing::debug!("a workflow stays as it is: {refusal}"),
        }
    }
}
