//! Beginning to wait for an answer.

use bus::TaskChange;
use model::{Execution, ExecutionStatus, LogEntry};
use serde_json::json;
use store::{PendingExecution, StoreError};

use super::waits_until;
use crate::finish::{Patience, travels};
use crate::mask::mask_sealed;
use crate::retry::first_try;
use crate::{Executions, Outcome};

/// What rules hear of each new inquiry.
const TRIGGER: &str = "core.st2.generic.inquiry";

/// A question as it is to be stored, and what is announced of it then.
struct Question {
    stored: PendingExecution,
    /// The execution as streams show it.
    shown: Execution,
}

impl Executions {
    /// Stores questions, and dispatches a trigger for each, in one transaction; then tells rules, streams and the
    /// workflows that wait. Returns how those come out that were cancelled before they could ask.
    pub(crate) async fn ask(&self, outcomes: Vec<Outcome>) -> Result<Vec<Outcome>, StoreError> {
        let mut questions = Vec::with_capacity(outcomes.len());
        for outcome in &outcomes {
            questions.push(self.question(outcome).await?);
        }
        let stored: Vec<PendingExecution> = questions
            .iter()
            .map(|question| question.stored.clone())
            .collect();
        let mut patience = Patience::default();
        let waiting = loop {
            match self.store.await_answers(&stored).await {
                Err(error) => patience.wait(error, stored.len()).await?,
                Ok(waiting) => break waiting,
            }
        };
        let (mut follow_ups, mut changes, mut cancelled) = (Vec::new(), Vec::new(), Vec::new());
        for (question, outcome) in questions.into_iter().zip(outcomes) {
            if waiting.contains(&question.stored.id) {
                changes.extend(task_change(&question));
                follow_ups.extend(question.stored.follow_ups);
                self.tell_update(question.shown);
            } else {
                cancelled.extend(self.cancelled_before(outcome.execution).await?);
            }
        }
        self.announce_task_changes(changes);
        self.announce_follow_ups(follow_ups);
        Ok(cancelled)
    }

    async fn question(&self, outcome: &Outcome) -> Result<Question, StoreError> {
        let mut shown = outcome.execution.clone();
        let mut result = outcome.result.clone();
        if let Some(plan) = self.plan_for_masking(&shown).await? {
            self.hide_secrets(&plan, &shown, &mut result);
        }
        let at = self.clock.now();
        let lease = shown.lease.take();
        shown.status = ExecutionStatus::Pending;
        shown.log.push(LogEntry {
            timestamp: at,
            status: ExecutionStatus::Pending,
        });
        shown.parameters.values_mut().for_each(mask_sealed);
        let mut shown_result = result.clone();
        mask_sealed(&mut shown_result);
        let payload = json!({ "id": shown.id, "route": shown_result["route"] });
        let follow_ups = self
            .follow_up(&shown, TRIGGER, payload)
            .into_iter()
            .collect();
        shown.result = travels(&shown_result).then_some(shown_result);
        let stored = PendingExecution {
            id: shown.id,
            holder: lease.map(|lease| lease.holder).unwrap_or_default(),
            until: waits_until(&result, at),
            result,
            at,
            follow_ups,
        };
        Ok(Question { stored, shown })
    }

    /// How an execution comes out that was cancelled while it was about to ask; nothing where it is somebody else's.
    async fn cancelled_before(&self, execution: Execution) -> Result<Option<Outcome>, StoreError> {
        let now = self.store.execution(execution.id).await?;
        let now = now.filter(|now| now.status == ExecutionStatus::Canceling);
        Ok(now.map(|now| Outcome {
            execution,
            status: ExecutionStatus::Canceled,
            result: now
                .result
                .unwrap_or_else(|| json!({ "message": "Action canceled by user." })),
        }))
    }
}

/// What the workflow hears that waits for it; nothing where none asked for it.
fn task_change(question: &Question) -> Option<TaskChange> {
    let Question { stored, shown } = question;
    Some(TaskChange {
        id: stored.id,
        workflow: shown.context.parent?,
        task: shown.context.task.clone(),
        first_try: first_try(shown),
        status: ExecutionStatus::Pending,
        result: travels(&stored.result).then(|| stored.result.clone()),
        at: stored.at,
    })
}
