//! A step of several workflows: what each is told, all that follows, one transaction, and then what others must hear.

use std::collections::HashMap;
use std::time::Duration;

use bus::TaskChange;
use chrono::{DateTime, Utc};
use executions::{End, Outcome};
use lifecycle::Shutdown;
use model::{Execution, ExecutionContext, ExecutionId, ExecutionStatus};
use serde_json::json;
use store::{StoreError, WorkflowStep};

use crate::desk::{Batch, Desk, Grip, Held};
use crate::effects::{Effects, Event};
use crate::flow::Flow;
use crate::orquesta::StepError;
use crate::reach::{self, Reach};
use crate::surroundings::{Bench, chain};

/// The first pause before something is tried again; it doubles up to `LONGEST_PAUSE`.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The member of contexts that says who canceled.
const CANCELLED_BY: &str = "cancelled_by";

/// A workflow with what its step came to.
struct Taken {
    held: Held,
    effects: Effects,
    end: Option<End>,
}

/// Takes a step with each workflow of a batch, and gives each back to the desk, or lets it go.
pub(crate) async fn step(bench: &Bench, desk: &Desk, batch: Batch) {
    let Some(batch) = inputs::with_results(bench, desk, batch).await else {
        return;
    };
    let Some(batch) = inputs::with_wishes(bench, desk, batch).await else {
        return;
    };
    let mut taken = Vec::with_capacity(batch.len());
    for (held, events) in batch {
        let id = held.execution.id;
        match advance(bench, held, events).await {
            Ok(one) => taken.push(one),
            Err(error) => {
                tracing::warn!(execution.id = %id, "a workflow's step was not taken, it is tried again: {}", chain(&error));
                give_back(bench, desk, id).await;
            }
        }
    }
    Box::pin(store(bench, desk, taken)).await;
}

/// One workflow's part: nothing is stored yet.
async fn advance(bench: &Bench, mut held: Held, events: Vec<Event>) -> Result<Taken, StepError> {
    let effects = if let Some(flow) = &mut held.flow {
        flow.take(bench, &held.execution, events).await?
    } else {
        let (flow, effects) = Flow::load(bench, &held.execution, events).await?;
        held.flow = flow;
        effects
    };
    let end = match &effects.end {
        Some((status, result)) => {
            if *status == ExecutionStatus::Canceled {
                name_who_canceled(bench, &mut held.execution).await?;
            }
            let outcome = Outcome {
                execution: held.execution.clone(),
                status: *status,
                result: result.clone(),
            };
            Some(bench.executions.end(outcome).await)
        }
        None => None,
    };
    Ok(Taken { held, effects, end })
}

/// Keeps in a canceled workflow's context who asked for it: until its end, its row's result says so.
async fn name_who_canceled(bench: &Bench, execution: &mut Execution) -> Result<(), StepError> {
    let stored = bench.store.execution(execution.id).await?;
    let user = stored.and_then(|stored| stored.result?.get("user").cloned());
    if let Some(user) = user {
        let extra = &mut execution.context.extra;
        extra.insert(CANCELLED_BY.to_owned(), user);
    }
    Ok(())
}

async fn store(bench: &Bench, desk: &Desk, taken: Vec<Taken>) {
    let (idle, taken): (Vec<Taken>, Vec<Taken>) = taken.into_iter().partition(Taken::is_idle);
    for one in idle {
        desk.put_back(one.held, one.effects.is_unfinished);
    }
    if taken.is_empty() {
        return;
    }
    let steps: Vec<WorkflowStep> = taken.iter().map(|one| one.as_step(bench)).collect();
    match patiently(&bench.shutdown, "steps", || {
        bench.store.advance_workflows(&steps)
    })
    .await
    {
        Ok(stored) => {
            crate::metrics::steps(stored.len());
            announce(bench, desk, taken, &stored.into_iter().collect()).await;
        }
        // Nothing was stored: whoever takes them up when their leases are over takes the same steps.
        Err(error) if is_away(&error) => {
            for one in taken {
                desk.let_go(one.held.execution.id);
            }
        }
        Err(error) if taken.len() > 1 => {
            tracing::warn!(
                workflows = taken.len(),
                "steps were not stored together, trying each alone: {}",
                chain(&error)
            );
            for one in taken {
                Box::pin(store(bench, desk, vec![one])).await;
            }
        }
        Err(error) => {
            for one in taken {
                fail(bench, desk, one.held, &chain(&error)).await;
            }
        }
    }
}

impl Taken {
    /// Nothing came of it that is to be stored.
    fn is_idle(&self) -> bool {
        let effects = &self.effects;
        effects.beginning.is_none()
            && effects.changes.is_empty()
            && effects.requests.is_empty()
            && effects.status.is_none()
            && effects.reach_down.is_none()
            && self.end.is_none()
            && !self.is_released()
    }

    fn as_step(&self, bench: &Bench) -> WorkflowStep {
        WorkflowStep {
            id: self.held.execution.id,
            holder: bench.holder.clone(),
            beginning: self.effects.beginning.clone(),
            context: self.new_context(),
            changes: self.effects.changes.clone(),
            requests: self.effects.requests.clone(),
            status: self.effects.status,
            end: self.end.as_ref().map(|end| end.stored.clone()),
            is_released: self.is_released(),
            at: bench.clock.now(),
        }
    }

    /// The context of a workflow that was canceled.
    fn new_context(&self) -> Option<ExecutionContext> {
        let context = &self.held.execution.context;
        let mut changed = context
            .extra
            .contains_key(CANCELLED_BY)
            .then(|| context.clone())?;
        if let Some(beginning) = &self.effects.beginning {
            changed.workflow_execution = beginning.context.workflow_execution;
        }
        Some(changed)
    }

    /// A paused workflow needs nobody until somebody wants something of it; also one that was taken up in vain.
    fn is_released(&self) -> bool {
        let status = self.effects.status.unwrap_or(self.held.execution.status);
        status == ExecutionStatus::Paused && self.end.is_none()
    }
}

/// Says what was stored to all who must hear of it.
async fn announce(
    bench: &Bench,
    desk: &Desk,
    taken: Vec<Taken>,
    stored: &HashMap<ExecutionId, ExecutionStatus>,
) {
    let (mut requests, mut ends, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let mut reached = Vec::new();
    for mut one in taken {
        let id = one.held.execution.id;
        let Some(status) = stored.get(&id).copied() else {
            tracing::warn!(execution.id = %id, "a workflow is conducted by somebody else by now, or was ended by hand");
            desk.let_go(id);
            continue;
        };
        requests.append(&mut one.effects.requests);
        changes.extend(one.change(status, bench.clock.now()));
        if let (Some(flow), Some(reach_down)) = (&one.held.flow, one.effects.reach_down) {
            reached.push(Reach {
                workflow: id,
                wish: reach_down,
                ids: flow.reached_by(reach_down),
                user: one.held.execution.context.user.clone(),
            });
        }
        if let Some(end) = one.end.take() {
            crate::metrics::ended(end.stored.status);
            ends.push(end);
            desk.let_go(id);
        } else {
            settle(bench, desk, one, status);
        }
    }
    bench.executions.announce(requests);
    bench.executions.announce_task_changes(changes);
    bench.executions.announce_ends(ends);
    for reach in reached {
        // One that is being passed on need not be again; what is wanted still is told at the next renewal of the lease.
        let (id, reach_down) = (reach.workflow, reach.wish);
        if desk.begin_passing(id, reach_down) {
            reach::pass_on(bench, reach).await;
            desk.end_passing(id, reach_down);
        }
    }
}

/// What becomes of a workflow after a step that did not end it.
fn settle(bench: &Bench, desk: &Desk, mut one: Taken, status: ExecutionStatus) {
    let id = one.held.execution.id;
    let is_released = one.is_released();
    if let Some(beginning) = one.effects.beginning.take() {
        one.held.execution.context = beginning.context;
    }
    let was = std::mem::replace(&mut one.held.execution.status, status);
    if status != was && bench.executions.has_audience() {
        bench.executions.tell_state(&one.held.execution);
    }
    if is_released {
        let mut execution = one.held.execution;
        execution.lease = None;
        let told = desk.let_go(id);
        if status == ExecutionStatus::Paused {
            bench.executions.free_places([&execution]);
        }
        // Told while the step was stored, or somebody wants something of it by now: it is to be taken up again at once.
        if !told.is_empty() || status != ExecutionStatus::Paused {
            bench.executions.hand_out(vec![execution]);
        }
        return;
    }
    desk.put_back(one.held, one.effects.is_unfinished);
}

impl Taken {
    /// What the workflow above it must hear: that this one stands still, or goes on.
    fn change(&self, status: ExecutionStatus, at: DateTime<Utc>) -> Option<TaskChange> {
        let execution = &self.held.execution;
        let is_telling = match self.effects.status {
            Some(ExecutionStatus::Paused) => status == ExecutionStatus::Paused,
            Some(ExecutionStatus::Running) => matches!(
                execution.status,
                ExecutionStatus::Paused | ExecutionStatus::Resuming
            ),
            _ => false,
        };
        let workflow = execution.context.parent.filter(|_| is_telling)?;
        Some(TaskChange {
            id: execution.id,
            workflow,
            first_try: None,
            task: execution.context.task.clone(),
            status,
            result: None,
            at,
        })
    }
}

/// A workflow whose steps cannot be stored fails, if that can be stored.
pub(crate) async fn fail(bench: &Bench, desk: &Desk, held: Held, reason: &str) {
    let id = held.execution.id;
    tracing::error!(execution.id = %id, "a workflow cannot go on: {reason}");
    let message = format!("The workflow cannot go on: {reason}");
    let outcome = Outcome {
        execution: held.execution,
        status: ExecutionStatus::Failed,
        result: json!({ "errors": [{ "message": message }], "output": null }),
    };
    if let Err(error) = bench.executions.finish(vec![outcome]).await {
        tracing::error!(execution.id = %id, "the end of a workflow was not stored: {}", chain(&error));
    }
    desk.let_go(id);
}

/// A workflow over which a step broke down although it was alone fails.
pub(crate) async fn fail_broken(bench: &Bench, id: ExecutionId) {
    let found = patiently(&bench.shutdown, "workflows", || bench.store.execution(id)).await;
    let Ok(Some(execution)) = found else {
        return;
    };
    // Another process may have taken it over.
    let holder = execution.lease.as_ref().map(|lease| &lease.holder);
    if holder != Some(&bench.holder) {
        return;
    }
    let message =
        "The workflow role failed internally over this workflow: its log has the details.";
    let outcome = Outcome {
        execution,
        status: ExecutionStatus::Failed,
        result: json!({ "errors": [{ "message": message }], "output": null }),
    };
    if let Err(error) = bench.executions.finish(vec![outcome]).await {
        tracing::error!(execution.id = %id, "the end of a workflow was not stored: {}", chain(&error));
    }
}

/// Lets a workflow go, for whoever takes it up next: its state here is not what is stored.
pub(crate) async fn give_back(bench: &Bench, desk: &Desk, id: ExecutionId) {
    let released = bench.store.release_workflows(&[id], &bench.holder).await;
    if let Err(error) = released {
        tracing::warn!(execution.id = %id, "a workflow's lease was not given back, it runs out: {}", chain(&error));
    }
    desk.let_go(id);
}

/// Tries again while the database is away, until this process must stop.
pub(crate) async fn patiently<T, F>(
    shutdown: &Shutdown,
    what: &str,
    work: impl Fn() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match work().await {
            Err(error) if is_away(&error) => error,
            done => return done,
        };
        tracing::warn!("{what} wait for the database: {}", chain(&error));
        tokio::select! {
            () = shutdown.stopping() => return Err(error),
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether the database may take later what it does not take now.
fn is_away(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Unavailable(_) | StoreError::CannotWrite(..)
    )
}

/// The workflows of a batch, and how they are held, for when it breaks down.
pub(crate) fn grips(batch: &Batch) -> Vec<(ExecutionId, Grip)> {
    let held = batch.iter().map(|(held, _)| held);
    held.map(|held| (held.execution.id, held.grip)).collect()
}

mod inputs;
#[cfg(test)]
mod tests;
