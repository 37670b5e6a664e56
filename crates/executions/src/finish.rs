//! Ending executions.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ::secrets::Vault;
use bus::{Announcement, News, TaskChange, TasksChanged};
use model::{Execution, ExecutionId, ExecutionStatus, LogEntry};
use serde_json::{Value, json};
use store::{FinishedExecution, StoreError};

use crate::Executions;
use crate::mask::{mask_printed, mask_sealed, mask_texts, secret_texts};
use crate::output;
use crate::parameters::secrets;
use crate::plan::Plan;
use crate::retry::first_try;

/// The first pause before an end is stored again; it doubles up to `LONGEST_PAUSE`.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Streams show no results that are bigger than about this many bytes.
const SHOWN_RESULT: usize = 64 * 1024;

/// How one run came out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The execution as it was claimed.
    pub execution: Execution,
    /// A final state; or `pending`, where it waits for an answer now.
    pub status: ExecutionStatus,
    /// What it ended with, or asks.
    pub result: Value,
}

/// An end as it is to be stored, and what is announced of it then.
#[derive(Debug, Clone)]
pub struct End {
    /// For the store.
    pub stored: FinishedExecution,
    /// The execution as streams show it.
    shown: Execution,
}

/// What a workflow is told of an end; nothing where none asked for the execution.
fn task_change(execution: &Execution, end: &FinishedExecution) -> Option<TaskChange> {
    let context = &execution.context;
    let workflow = context.parent?;
    // It is told of the last try alone.
    if end.retry.is_some() {
        return None;
    }
    Some(TaskChange {
        id: end.id,
        workflow,
        task: context.task.clone(),
        first_try: first_try(execution),
        status: end.status,
        result: travels(&end.result).then(|| end.result.clone()),
        at: end.at,
    })
}

/// Whether a result is small enough for a message.
pub(crate) fn travels(result: &Value) -> bool {
    u64::try_from(size(result)).is_ok_and(|size| size <= TaskChange::RESULT_UP_TO)
}

impl Executions {
    /// Stores outcomes in one transaction, together with the trigger instances that rules want to hear of
    /// (`core.st2.generic.actiontrigger`, `notifytrigger`; [`intake::Intake::is_wanted`] says which), then tells the streams.
    /// Secrets in results are masked first. Repeats while the database is away; gives up only for outcomes that
    /// somebody else has settled meanwhile. Those that are `pending` now wait for an answer.
    pub async fn finish(&self, outcomes: Vec<Outcome>) -> Result<(), StoreError> {
        let (asked, mut outcomes): (Vec<_>, Vec<_>) = outcomes
            .into_iter()
            .partition(|outcome| outcome.status == ExecutionStatus::Pending);
        if !asked.is_empty() {
            outcomes.extend(Box::pin(self.ask(asked)).await?);
        }
        let mut ends = Vec::with_capacity(outcomes.len());
        let mut shown = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            let end = self.end(outcome).await;
            ends.push(end.stored);
            shown.push(end.shown);
        }
        let changed = self.store_ends(&ends).await?;
        let ends = ends.into_iter().zip(shown);
        let changed = ends
            .filter(|(end, _)| changed.contains(&end.id))
            .map(|(stored, shown)| End { stored, shown });
        self.announce_ends(changed.collect());
        Ok(())
    }

    /// Announces ends that were stored: to workflows that wait for them, to rules, to streams.
    pub fn announce_ends(&self, ends: Vec<End>) {
        let mut follow_ups = Vec::new();
        let mut changes = Vec::new();
        let mut retries = Vec::new();
        self.free_places(ends.iter().map(|end| &end.shown));
        for End { stored, shown } in ends {
            changes.extend(task_change(&shown, &stored));
            follow_ups.extend(stored.follow_ups);
            retries.extend(stored.retry.map(|retry| *retry));
            self.tell_update(shown);
        }
        self.announce_task_changes(changes);
        self.announce_follow_ups(follow_ups);
        self.announce(retries);
    }

    /// Tells workflows what has become of the executions that they asked for.
    pub fn announce_task_changes(&self, changes: Vec<TaskChange>) {
        if !changes.is_empty() {
            self.bus.announce(TasksChanged { changes });
        }
    }

    /// What is to be stored of an outcome, secrets masked, and checked against the action's `output_schema`; whoever stores it announces it by
    /// [`Executions::announce_ends`] then.
    pub async fn end(&self, outcome: Outcome) -> End {
        let Outcome {
            mut execution,
            mut status,
            mut result,
        } = outcome;
        let at = self.clock.now();
        match self.plan_for_masking(&execution).await {
            Ok(Some(plan)) => {
                output::check(&plan, &mut status, &mut result);
                self.hide_secrets(&plan, &execution, &mut result);
                self.hide_configured(&execution, &mut result).await;
            }
            Ok(None) => tracing::warn!(
                execution.id = %execution.id,
                "the action as it was requested is not stored, so secrets in the result are not masked"
            ),
            Err(error) => {
                tracing::error!(
                    execution.id = %execution.id,
                    error = %error,
                    "the action as it was requested cannot be read, so the result is not stored: it may hold secrets"
                );
                result = json!({ "error": "the result is withheld: it cannot be told what in it is secret" });
            }
        }
        let retry = self.next_try(&execution, status).await;
        let holder = execution
            .lease
            .as_ref()
            .map(|lease| lease.holder.clone())
            .unwrap_or_default();
        execution.status = status;
        execution.end_timestamp = Some(at);
        execution.log.push(LogEntry {
            timestamp: at,
            status,
        });
        execution.lease = None;
        execution.parameters.values_mut().for_each(mask_sealed);
        let follow_ups = self.follow_ups(&execution, &result).await;
        if size(&result) <= SHOWN_RESULT {
            let mut shown = result.clone();
            mask_sealed(&mut shown);
            execution.result = Some(shown);
        }
        End {
            stored: FinishedExecution {
                id: execution.id,
                holder,
                status,
                result,
                at,
                follow_ups,
                retry,
            },
            shown: execution,
        }
    }

    /// Masks the secret parameters that a result repeats, and seals what its schema marks as secret.
    pub(crate) fn hide_secrets(&self, plan: &Plan, execution: &Execution, result: &mut Value) {
        if !plan.secrets.is_empty() {
            match secrets::open(&plan.secrets, &execution.parameters, &self.vault) {
                Ok(opened) => {
                    let mut known = Value::Object(plan.defaults.filled_in(opened));
                    mask_texts(&secret_texts(&plan.secrets, &mut known), result);
                }
                Err(error) => tracing::warn!(
                    execution.id = %execution.id,
                    error = %error,
                    "secret parameters cannot be opened, so they are not masked in the result"
                ),
            }
        }
        let sealed = plan.output_secrets.each(result, &mut |secret| {
            if !secret.as_str().is_some_and(Vault::is_sealed) {
                *secret = self.vault.seal_value(secret);
            }
            Ok::<(), std::convert::Infallible>(())
        });
        match sealed {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }

    /// Masks what the pack's configuration keeps secret, in what was printed.
    async fn hide_configured(&self, execution: &Execution, result: &mut Value) {
        let context = &execution.context;
        // Where it cannot be read, the action was not given it either.
        if let Ok(settings) = self.known_settings(&context.pack).await {
            let texts = self.secrets_in(&settings, &context.user).await;
            mask_printed(&texts, result);
        }
    }

    pub(crate) async fn plan_for_masking(
        &self,
        execution: &Execution,
    ) -> Result<Option<Arc<Plan>>, StoreError> {
        let mut patience = Patience::default();
        loop {
            match self.find_plan(execution).await {
                Err(error) => patience.wait(error, 1).await?,
                Ok(plan) => return Ok(plan),
            }
        }
    }

    async fn store_ends(
        &self,
        ends: &[FinishedExecution],
    ) -> Result<HashSet<ExecutionId>, StoreError> {
        let mut patience = Patience::default();
        loop {
            match self.store.finish_executions(ends).await {
                Err(error) => patience.wait(error, ends.len()).await?,
                Ok(changed) => return Ok(changed.into_iter().collect()),
            }
        }
    }

    /// Tells the streams how an execution stands; secrets must be masked already.
    pub(crate) fn tell_update(&self, execution: Execution) {
        self.bus
            .tell(News::Announcement(Announcement::ExecutionUpdated(
                Box::new(execution),
            )));
    }
}

/// Waits for a database that is away, longer each time.
pub(crate) struct Patience(Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Patience {
    /// Returns after a pause if trying again may help, else gives the error back.
    pub(crate) async fn wait(
        &mut self,
        error: StoreError,
        executions: usize,
    ) -> Result<(), StoreError> {
        if !matches!(
            error,
            StoreError::Unavailable(_) | StoreError::CannotWrite(..)
        ) {
            return Err(error);
        }
        let pause_ms = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(error = %error, executions, pause_ms, "ends of executions cannot be stored yet");
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// About how many bytes a value has as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::Object(members) => {
            members
                .iter()
                .map(|(key, member)| key.len() + size(member) + 4)
                .sum::<usize>()
                + 2
        }
    }
}
