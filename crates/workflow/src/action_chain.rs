//! An action chain under way: the run, and what it waits for.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::Arc;

use bus::TaskChange;
use chain::{Chain, Changes, Inputs, Refusal, Report, Request, Run, Status, Step, Surroundings};
use chrono::{DateTime, SecondsFormat, Utc};
use executions::{ExecutionRequest, Executions, PackError, ParameterError, RequestError};
use model::{Execution, ExecutionContext, ExecutionId, ExecutionStatus, Object};
use secrets::Vault;
use serde_json::{Value, json};
use store::{RecordChange, StoredWorkflow, WorkflowBeginning};

use crate::children::PREFIX;
use crate::definitions::{ReadError, decrypts};
use crate::effects::{Effects, Event, ReachDown};
use crate::learnt::{self, Learnt};
use crate::orquesta::{RestoreFailure, StepError};
use crate::surroundings::{Bench, chain as causes};

/// The key of whether a chain knows secrets: its records are sealed then.
const SEALED: &str = "sealed";
/// After so many tasks that could not be requested a step is stored before it goes on.
const ROUNDS: usize = 100;

/// A chain under way.
#[derive(Debug)]
pub(crate) struct ActionChain {
    chain: Arc<Chain>,
    run: Run,
    /// Its records are stored sealed.
    is_confidential: bool,
    learnt: Learnt,
    /// The execution of the task under way, and whether that is a workflow itself.
    active: Option<(ExecutionId, bool)>,
}

/// Why a chain does not begin.
enum Unbegun {
    /// The store does not answer.
    Now(StepError),
    /// It cannot.
    Ever(String),
}

impl<E: Into<StepError>> From<E> for Unbegun {
    fn from(error: E) -> Self {
        Self::Now(error.into())
    }
}

/// What a step has changed so far.
#[derive(Default)]
struct Taken {
    changes: Changes,
    /// Records that are not the run's own.
    records: Vec<RecordChange>,
    requests: Vec<Execution>,
    reach_down: Option<ReachDown>,
    end: Option<(ExecutionStatus, Value)>,
    is_unfinished: bool,
}

impl ActionChain {
    /// Begins a chain and takes its first step; without one where that ends it already.
    pub(crate) async fn begin(
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<(Option<Self>, Effects), StepError> {
        match Self::try_begin(bench, execution, events).await {
            Ok((chain, effects)) => Ok((Some(chain), effects)),
            Err(Unbegun::Now(error)) => Err(error),
            Err(Unbegun::Ever(error)) => {
                let result = json!({ "error": error, "traceback": "" });
                Ok((None, Effects::ended(ExecutionStatus::Failed, result)))
            }
        }
    }

    async fn try_begin(
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<(Self, Effects), Unbegun> {
        let (text, chain) = read(bench, execution).await?;
        let may_open_secrets = decrypts(&text) || chain.reads_config();
        let parameters = match bench.executions.final_parameters(execution).await {
            Ok(parameters) => parameters,
            Err(error @ ParameterError::Datastore(_)) => {
                return Err(StepError::Datastore(error).into());
            }
            Err(error) => return Err(Unbegun::Ever(error.to_string())),
        };
        let knows_secrets = bench.executions.knows_secrets(execution).await;
        let knows_secrets = knows_secrets.map_err(|error| match error {
            ParameterError::Datastore(_) => StepError::Datastore(error).into(),
            error => Unbegun::Ever(error.to_string()),
        })?;
        let is_confidential = knows_secrets || may_open_secrets;
        let skipped = parameters.runner.get("skip_notify");
        let skipped = skipped.and_then(Value::as_array).into_iter().flatten();
        let inputs = Inputs {
            execution_id: execution.id.to_string(),
            display_published: parameters.runner.get("display_published")
                != Some(&Value::Bool(false)),
            skip_notify: skipped
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            notify: (!execution.notify.is_empty()).then(|| execution.notify.clone().into()),
            context: Executions::context_view(&execution.context),
            parameters: parameters.action,
        };
        let surroundings = surroundings(bench, &chain, execution).await?;
        let (run, changes) = Run::start(&chain, inputs, &surroundings);
        let mut this = Self {
            chain,
            run,
            is_confidential,
            learnt: Learnt::default(),
            active: None,
        };
        let mut taken = Taken {
            changes,
            ..Taken::default()
        };
        for event in events {
            if let Event::Wanted(status) = event {
                this.want(&mut taken, status);
            }
        }
        this.go_on(bench, execution, &surroundings, &mut taken)
            .await?;
        let mut effects = this.effects(bench, execution.status, taken);
        effects.changes.push(sealed_record(is_confidential));
        let mut context = execution.context.clone();
        context.workflow_execution = Some(bench.ids.next(bench.clock.now()));
        effects.beginning = Some(WorkflowBeginning {
            definition: text,
            context,
        });
        Ok((this, effects))
    }

    /// Makes the chain of an execution anew from what is stored, with what has become of its task since.
    pub(crate) async fn restore(
        bench: &Bench,
        execution: &Execution,
        stored: StoredWorkflow,
    ) -> Result<(Self, Vec<Event>), RestoreFailure> {
        let unreadable = |reason: String| RestoreFailure::Child {
            key: "chain".to_owned(),
            reason,
        };
        let chain = compile(&stored.definition).map_err(unreadable)?;
        let mut records = Vec::with_capacity(stored.records.len());
        let mut is_confidential = false;
        let mut secrets = Learnt::default();
        for (key, body) in stored.records {
            if key == SEALED {
                is_confidential = body == "true";
            } else if key.starts_with(learnt::PREFIX) {
                let restored = secrets.restore(&body, &bench.vault);
                restored.map_err(unreadable)?;
            } else if !key.starts_with(PREFIX) {
                records.push((key, opened(&body, &bench.vault).map_err(unreadable)?));
            }
        }
        let run = Run::restore(records).map_err(|error| unreadable(error.to_string()))?;
        let mut this = Self {
            chain,
            run,
            is_confidential,
            learnt: secrets,
            active: None,
        };
        let id = this
            .run
            .active()
            .and_then(|task| task.execution_id.as_deref());
        let id = id.and_then(|id| ExecutionId::from_str(id).ok());
        let mut events = Vec::new();
        if let Some(id) = id {
            let found = bench.executions.states(&[id]).await?;
            let is_workflow = found.iter().any(|one| model::is_conducted(&one.runner));
            this.active = Some((id, is_workflow));
            let changes = bench.executions.task_changes(execution.id).await?;
            for mut change in changes.into_iter().filter(|one| one.asked_for() == id) {
                let results = bench.store.results(&[change.id]).await?;
                change.result = results.into_iter().next().map(|(_, result)| result);
                events.push(Event::Changed(Box::new(change)));
            }
        }
        events.push(Event::Continue);
        Ok((this, events))
    }

    /// Tells it what has happened; all that follows from it.
    pub(crate) async fn take(
        &mut self,
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<Effects, StepError> {
        let surroundings = surroundings(bench, &self.chain, execution).await?;
        let mut taken = Taken::default();
        for event in events {
            match event {
                Event::Changed(change) => self.hear(bench, &surroundings, &mut taken, *change),
                Event::Wanted(status) => self.want(&mut taken, status),
                Event::Continue => {}
            }
        }
        self.go_on(bench, execution, &surroundings, &mut taken)
            .await?;
        Ok(self.effects(bench, execution.status, taken))
    }

    /// The execution that it waits for, if any, and whether that is a workflow itself.
    pub(crate) fn active(&self) -> Option<(ExecutionId, bool)> {
        self.active
    }

    fn hear(
        &mut self,
        bench: &Bench,
        surroundings: &Surroundings,
        taken: &mut Taken,
        change: TaskChange,
    ) {
        let asked_for = change.asked_for();
        if self.active.is_none_or(|(id, _)| id != asked_for) {
            return;
        }
        let Ok(status) = Status::from_str(change.status.as_str()) else {
            return;
        };
        let mut result = change.result.unwrap_or_default();
        if self.learnt.open(&mut result, &bench.vault) && !self.is_confidential {
            self.is_confidential = true;
            taken.records.push(sealed_record(true));
        }
        let report = Report {
            execution_id: asked_for.to_string(),
            status,
            result,
            at: iso(change.at),
        };
        match self.run.report(&self.chain, surroundings, report) {
            Ok(changes) => taken.changes.extend(changes),
            Err(refusal) => tracing::debug!("a report changes nothing: {refusal}"),
        }
        if change.status.is_final() {
            self.active = None;
            let key = format!("{PREFIX}{asked_for}");
            taken.records.push(RecordChange::Remove { key });
        }
    }

    fn want(&mut self, taken: &mut Taken, status: ExecutionStatus) {
        let (done, reach_down) = match status {
            ExecutionStatus::Pausing => (self.run.pause(), ReachDown::Pause),
            ExecutionStatus::Resuming => (self.run.resume(), ReachDown::Resume),
            ExecutionStatus::Canceling => (self.run.cancel(), ReachDown::Cancel),
            _ => return,
        };
        match done {
            Ok(changes) => taken.changes.extend(changes),
            Err(refusal) => tracing::debug!("a chain stays as it is: {refusal}"),
        }
        taken.reach_down = Some(reach_down);
    }

    async fn go_on(
        &mut self,
        bench: &Bench,
        execution: &Execution,
        surroundings: &Surroundings,
        taken: &mut Taken,
    ) -> Result<(), StepError> {
        for _ in 0..ROUNDS {
            self.check_length(bench, taken);
            let (step, changes) = self.run.next(&self.chain, surroundings);
            taken.changes.extend(changes);
            match step {
                Step::Request(request) => {
                    self.request(bench, execution, taken, *request).await?;
                }
                Step::Resume { .. } => {
                    taken.reach_down = Some(ReachDown::Resume);
                    return Ok(());
                }
                Step::Wait | Step::Rest { .. } => return Ok(()),
                Step::End { status, result } => {
                    taken.end = Some((row_status(status), result));
                    return Ok(());
                }
            }
        }
        taken.is_unfinished = true;
        Ok(())
    }

    /// Ends a chain that runs in a circle for ever.
    fn check_length(&mut self, bench: &Bench, taken: &mut Taken) {
        let most = bench.options.max_task_runs;
        if self.run.tasks().len() < most || self.active.is_some() {
            return;
        }
        let reason = format!(
            "The chain has run {most} tasks, which is as many as it may (`max_task_runs`): does it run in a circle?"
        );
        if let Ok(changes) = self.run.give_up(&reason) {
            taken.changes.extend(changes);
        }
    }

    async fn request(
        &mut self,
        bench: &Bench,
        parent: &Execution,
        taken: &mut Taken,
        request: Request,
    ) -> Result<(), StepError> {
        let at = iso(bench.clock.now());
        let told = match prepare(bench, parent, request).await {
            Ok(execution) => {
                let id = execution.id;
                self.active = Some((id, model::is_conducted(&execution.runner)));
                taken.records.push(RecordChange::Put {
                    key: format!("{PREFIX}{id}"),
                    body: "null".to_owned(),
                });
                taken.requests.push(execution);
                self.run.requested(&id.to_string(), &at)
            }
            Err(error @ RequestError::Store(_)) => return Err(error.into()),
            Err(error) => {
                let refusal = match error {
                    RequestError::UnknownAction(_) => Refusal::NoSuchAction,
                    RequestError::Parameters(error @ ParameterError::Cast { .. }) => {
                        Refusal::Parameters(error.to_string())
                    }
                    other => Refusal::Request(other.to_string()),
                };
                self.run.refused(&self.chain, &refusal, &at)
            }
        };
        match told {
            Ok(changes) => taken.changes.extend(changes),
            Err(refusal) => {
                tracing::error!(execution.id = %parent.id, "a chain does not go on: {refusal}");
            }
        }
        Ok(())
    }

    fn effects(&mut self, bench: &Bench, before: ExecutionStatus, mut taken: Taken) -> Effects {
        // Of equal keys the last counts.
        let mut seen = HashSet::new();
        let mut changes: Vec<RecordChange> = taken
            .changes
            .into_iter()
            .rev()
            .filter(|(key, _)| seen.insert(key.clone()))
            .map(|(key, body)| RecordChange::Put {
                body: self.stored(body, &bench.vault),
                key,
            })
            .collect();
        changes.reverse();
        changes.extend(taken.records);
        changes.append(&mut self.learnt.changes(&bench.vault));
        let now = row_status(self.run.status());
        let is_over = taken.end.is_some();
        if let Some((_, result)) = &mut taken.end {
            self.learnt.hide(result, &bench.vault);
        }
        Effects {
            beginning: None,
            changes,
            requests: taken.requests,
            status: (!is_over && now != before && !now.is_final()).then_some(now),
            end: taken.end,
            reach_down: taken.reach_down,
            is_unfinished: taken.is_unfinished && !is_over,
        }
    }

    /// A record as it is stored.
    fn stored(&self, body: String, vault: &Vault) -> String {
        if self.is_confidential {
            Value::String(vault.seal(&body)).to_string()
        } else {
            body
        }
    }
}

/// The record of whether a chain knows secrets.
fn sealed_record(is_confidential: bool) -> RecordChange {
    RecordChange::Put {
        key: SEALED.to_owned(),
        body: is_confidential.to_string(),
    }
}

fn opened(body: &str, vault: &Vault) -> Result<String, String> {
    if !body.starts_with('"') {
        return Ok(body.to_owned());
    }
    let sealed: String = serde_json::from_str(body).map_err(|error| error.to_string())?;
    vault.open(&sealed).map_err(|error| error.to_string())
}

async fn read(bench: &Bench, execution: &Execution) -> Result<(String, Arc<Chain>), Unbegun> {
    let snapshot = bench.store.snapshot(&execution.snapshot).await?;
    let snapshot = snapshot.ok_or_else(|| {
        Unbegun::Ever(format!(
            "the action \"{}\" as it was requested is not stored",
            execution.action_ref
        ))
    })?;
    let action = &snapshot.action;
    let text = bench
        .definitions
        .text(&action.pack, &action.entry_point)
        .await
        .map_err(|error| match error {
            ReadError::Pack(PackError::Store(_, error)) => error.into(),
            error => Unbegun::Ever(causes(&error)),
        })?;
    let chain = compile(&text).map_err(Unbegun::Ever)?;
    Ok((text, chain))
}

fn compile(text: &str) -> Result<Arc<Chain>, String> {
    let document = yaml::to_json(text).map_err(|error| error.to_string())?;
    let chain = Chain::from_json(&document).map_err(|error| error.to_string())?;
    Ok(Arc::new(chain))
}

async fn surroundings(
    bench: &Bench,
    chain: &Chain,
    execution: &Execution,
) -> Result<Surroundings, StepError> {
    let user = &execution.context.user;
    let mut surroundings = Surroundings::default();
    if !chain.datastore().is_empty() {
        let items = bench.executions.datastore(chain.datastore(), user);
        surroundings.datastore = Some(items.await?);
    }
    if chain.reads_config() {
        let config = bench.executions.pack_config(&execution.context.pack, user);
        let config = config.await.map_err(StepError::Datastore)?;
        if let Value::Object(config) = &*config {
            surroundings.config.clone_from(config);
        }
    }
    Ok(surroundings)
}

async fn prepare(
    bench: &Bench,
    parent: &Execution,
    request: Request,
) -> Result<Execution, RequestError> {
    let notify = match request.notify {
        Some(Value::Object(notify)) => notify,
        _ => Object::new(),
    };
    let of_parent = &parent.context;
    let context = ExecutionContext {
        user: of_parent.user.clone(),
        trace: of_parent.trace.clone(),
        parent: Some(parent.id),
        extra: request.context,
        ..ExecutionContext::default()
    };
    let request = ExecutionRequest {
        action: request.action,
        parameters: request.parameters,
        context,
        delay: None,
        notify,
        variables: Vec::new(),
    };
    bench.executions.prepare_task(request).await
}

/// The state of an execution whose chain is in this one.
fn row_status(status: Status) -> ExecutionStatus {
    match status {
        Status::Requested
        | Status::Scheduled
        | Status::Delayed
        | Status::Running
        | Status::Resuming
        | Status::Pending => ExecutionStatus::Running,
        Status::Pausing => ExecutionStatus::Pausing,
        Status::Paused => ExecutionStatus::Paused,
        Status::Canceling => ExecutionStatus::Canceling,
        Status::Canceled => ExecutionStatus::Canceled,
        Status::Succeeded => ExecutionStatus::Succeeded,
        Status::Failed => ExecutionStatus::Failed,
        Status::Timeout => ExecutionStatus::TimedOut,
        Status::Abandoned => ExecutionStatus::Abandoned,
    }
}

/// As StackStorm writes times.
fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
