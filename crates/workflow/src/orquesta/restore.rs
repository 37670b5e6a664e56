//! A workflow is taken up from what is stored of it: after its process was lost, after a pause, or to run some of its
//! tasks again.

use std::collections::HashMap;
use std::sync::Arc;

use bus::TaskChange;
use conductor::{Refusal, RerunRequest, RestoreError, State, Status, TaskKey};
use model::{Execution, ExecutionId, ExecutionStatus, TaskExecutionId};
use pyvalue::Value;
use serde_json::json;
use store::{RecordChange, StoredWorkflow, WorkflowBeginning};

use super::{Meta, Orquesta, Step, StepError, begin};
use crate::children::{Awaited, Children, PREFIX};
use crate::definitions::ReadError;
use crate::effects::{Effects, Event};
use crate::learnt::{self, Learnt};
use crate::records::{self, META, RecordError};
use crate::surroundings::{Bench, chain};
use crate::tasks::{TaskRun, TaskRuns};

/// Why a stored workflow cannot go on, now or ever.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreFailure {
    /// To be tried again.
    #[error(transparent)]
    Now(#[from] StepError),
    #[error("the workflow's definition cannot be read any more")]
    Definition(#[from] ReadError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("the workflow's state is incomplete")]
    State(#[from] RestoreError),
    #[error("the workflow's state has no record of how it began")]
    NoMeta,
    #[error("the record `{key}` cannot be read: {reason}")]
    Child { key: String, reason: String },
    #[error("the workflow that is to be run again, {0}, is not stored any more")]
    Gone(ExecutionId),
    #[error("Unable to rerun workflow because one or more tasks is not found: {0}")]
    UnknownTasks(String),
    #[error(
        "Unable to rerun workflow because tasks of it still run: {0}. Wait for their ends, or cancel them."
    )]
    StillRunning(String),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<store::StoreError> for RestoreFailure {
    fn from(error: store::StoreError) -> Self {
        Self::Now(error.into())
    }
}

/// A run of a task, by what it was last.
type LastRuns = HashMap<(TaskKey, Option<usize>), Execution>;

impl Orquesta {
    /// Makes the workflow of an execution anew from what is stored; with what has become of the executions that it waits for
    /// since somebody looked last.
    pub(crate) async fn restore(
        bench: &Bench,
        execution: &Execution,
        stored: StoredWorkflow,
    ) -> Result<(Self, Vec<Event>), RestoreFailure> {
        let mut workflow = Self::read(bench, execution, stored).await?;
        workflow.remember_results(bench, execution.id).await?;
        let mut events = workflow.missed(bench, execution.id).await?;
        if workflow.is_left_behind() {
            events.push(Event::Wanted(ExecutionStatus::Resuming));
        }
        Ok((workflow, events))
    }

    /// Whether it goes on while a sub-workflow is paused: that one may not have been told to go on as well, since the process
    /// died that was to say so.
    fn is_left_behind(&self) -> bool {
        let is_paused =
            |awaited: &Awaited| awaited.is_workflow && awaited.status == ExecutionStatus::Paused;
        let status = self.state.status();
        let goes_on = matches!(status, Status::Running | Status::Resuming);
        goes_on && self.children.iter().any(|(_, awaited)| is_paused(awaited))
    }

    async fn read(
        bench: &Bench,
        execution: &Execution,
        stored: StoredWorkflow,
    ) -> Result<Self, RestoreFailure> {
        let compiled = bench.definitions.compiled(&stored.definition)?;
        let mut children = Children::default();
        let mut secrets = Learnt::default();
        let mut meta = None;
        let mut of_state = Vec::with_capacity(stored.records.len());
        for (key, body) in stored.records {
            if key == META {
                let read = serde_json::from_str::<Meta>(&body);
                meta = Some(read.map_err(|error| RestoreFailure::Child {
                    key,
                    reason: error.to_string(),
                })?);
            } else if key.starts_with(PREFIX) {
                let restored = children.restore(&key, &body);
                restored.map_err(|reason| RestoreFailure::Child { key, reason })?;
            } else if key.starts_with(learnt::PREFIX) {
                let restored = secrets.restore(&body, &bench.vault);
                restored.map_err(|reason| RestoreFailure::Child { key, reason })?;
            } else {
                of_state.push(records::read(&key, &body, &bench.vault)?);
            }
        }
        let tasks = TaskRuns::default();
        let user = &execution.context.user;
        let conductor = begin::conductor(bench, &compiled, user, &tasks).await?;
        let state = conductor.restore(of_state)?;
        for awaited in children.awaited_mut() {
            awaited.status = told(&state, awaited);
        }
        Ok(Self {
            state,
            compiled,
            conductor,
            children,
            tasks,
            learnt: secrets,
            meta: meta.ok_or(RestoreFailure::NoMeta)?,
        })
    }

    /// Reads results that expressions may still ask for: of items whose task is under way, and, where the definition uses
    /// `task()`, of all tasks.
    async fn remember_results(
        &mut self,
        bench: &Bench,
        id: ExecutionId,
    ) -> Result<(), RestoreFailure> {
        let has_items = self
            .state
            .staged()
            .any(|(_, staged)| self.state.items(&staged.task).is_some());
        if !has_items && !self.compiled.asks_for_tasks {
            return Ok(());
        }
        let last = self.last_runs(bench, id).await?;
        let wanted: Vec<ExecutionId> = last
            .iter()
            .filter(|((task, _), child)| {
                child.status.is_final()
                    && (self.compiled.asks_for_tasks || self.state.items(task).is_some())
            })
            .map(|(_, child)| child.id)
            .collect();
        let mut results: HashMap<_, _> = bench.store.results(&wanted).await?.into_iter().collect();
        for ((task, item), child) in last {
            let Some(mut result) = results.remove(&child.id) else {
                continue;
            };
            let Some(run) = child
                .context
                .task
                .as_ref()
                .map(|task| task.task_execution_id)
            else {
                continue;
            };
            self.learnt.open(&mut result, &bench.vault);
            self.remember(&task, item, run, &child, Value::from_json(&result));
        }
        Ok(())
    }

    fn remember(
        &mut self,
        task: &TaskKey,
        item: Option<usize>,
        run: TaskExecutionId,
        child: &Execution,
        result: Value,
    ) {
        if self.compiled.asks_for_tasks {
            let run = TaskRun {
                workflow: self.meta.workflow_execution,
                run,
                status: child.status,
                result: result.clone(),
                ended_at: child.end_timestamp.unwrap_or(child.start_timestamp),
            };
            self.tasks.keep(task.clone(), run);
        }
        // An item that is to run (again) has no result.
        let has_ended = item.is_some_and(|item| {
            let items = self.state.items(task);
            let status = items.and_then(|items| items.statuses().get(item));
            status.is_some_and(|status| status.is_completed())
        });
        if let Some(item) = item.filter(|_| has_ended) {
            self.children.keep_item(task, run, item, result);
        }
    }

    /// The last execution of each task and item, also from before the workflow was run again.
    async fn last_runs(&self, bench: &Bench, id: ExecutionId) -> Result<LastRuns, RestoreFailure> {
        let mut last = LastRuns::new();
        for workflow in self.meta.before.iter().copied().chain([id]) {
            for child in bench.store.task_executions(workflow).await? {
                if let Some(origin) = &child.context.task {
                    let task = TaskKey {
                        id: origin.task_id.as_str().into(),
                        route: origin.task_route,
                    };
                    last.insert((task, origin.item_id), child);
                }
            }
        }
        Ok(last)
    }

    /// What has become of the executions that are waited for.
    async fn missed(&self, bench: &Bench, id: ExecutionId) -> Result<Vec<Event>, RestoreFailure> {
        let found = bench.executions.task_changes(id).await?;
        let is_news = |change: &TaskChange| {
            let awaited = self.children.get(change.asked_for());
            awaited.is_some_and(|awaited| is_news(awaited.status, change.status))
        };
        let news = found.into_iter().filter(is_news).collect();
        let mut events: Vec<Event> = with_results(bench, news)
            .await?
            .into_iter()
            .map(|change| Event::Changed(Box::new(change)))
            .collect();
        events.push(Event::Continue);
        Ok(events)
    }
}

/// What the conductor was told last of an execution that is waited for.
fn told(state: &State, awaited: &Awaited) -> ExecutionStatus {
    let entry = state.latest(&awaited.task);
    let status = match awaited.item {
        Some(item) => state
            .items(&awaited.task)
            .and_then(|items| items.statuses().get(item).copied()),
        None => entry.map(|at| state.sequence()[at].status),
    };
    match status {
        Some(Status::Paused) => ExecutionStatus::Paused,
        Some(Status::Pending) => ExecutionStatus::Pending,
        _ => ExecutionStatus::Running,
    }
}

/// Whether an execution stands otherwise than the conductor was told.
fn is_news(told: ExecutionStatus, now: ExecutionStatus) -> bool {
    let stands_still =
        |status| matches!(status, ExecutionStatus::Pending | ExecutionStatus::Paused);
    match now {
        ExecutionStatus::Running => stands_still(told),
        now => now.is_final() || (stands_still(now) && now != told),
    }
}

/// Reads the results of executions that have ended.
async fn with_results(
    bench: &Bench,
    mut changes: Vec<TaskChange>,
) -> Result<Vec<TaskChange>, store::StoreError> {
    let ended = changes.iter().filter(|change| change.status.is_final());
    let ended: Vec<ExecutionId> = ended.map(|change| change.id).collect();
    let mut results: HashMap<_, _> = bench.store.results(&ended).await?.into_iter().collect();
    for change in &mut changes {
        change.result = results.remove(&change.id);
    }
    Ok(changes)
}

/// Running some of its tasks again.
impl Orquesta {
    /// Takes a workflow up that ran as another execution and has ended, from the tasks that the request names.
    pub(crate) async fn rerun(
        bench: &Bench,
        execution: &Execution,
        from: ExecutionId,
    ) -> Result<(Option<Self>, Effects), StepError> {
        match Self::try_rerun(bench, execution, from).await {
            Ok((workflow, effects)) => Ok((Some(workflow), effects)),
            Err(RestoreFailure::Now(error)) => Err(error),
            Err(failure) => {
                let errors = json!([{ "message": chain(&failure) }]);
                let result = json!({ "errors": errors, "output": null });
                Ok((None, Effects::ended(ExecutionStatus::Failed, result)))
            }
        }
    }

    async fn try_rerun(
        bench: &Bench,
        execution: &Execution,
        from: ExecutionId,
    ) -> Result<(Self, Effects), RestoreFailure> {
        let stored = bench.store.workflow(from).await?;
        let stored = stored.ok_or(RestoreFailure::Gone(from))?;
        let definition = stored.definition.clone();
        let mut workflow = Self::read(bench, execution, stored).await?;
        workflow.hear_late_ends(bench, from).await?;
        workflow.meta.before.push(from);
        workflow.learnt.begin_anew();
        workflow.remember_results(bench, execution.id).await?;
        let requests = requests(&workflow.state, execution)?;
        let changes = workflow
            .conductor
            .rerun(&mut workflow.state, requests.as_deref())?;
        let mut step = Step {
            state: changes,
            meta_changed: true,
            ..Step::default()
        };
        workflow.go_on(bench, execution, &mut step).await?;
        let mut effects = workflow.effects(bench, execution.status, step)?;
        // All of it is new to this execution.
        let mut all = workflow.all_records(bench).map_err(StepError::from)?;
        all.append(&mut effects.changes);
        effects.changes = all;
        let mut begun = execution.context.clone();
        begun.workflow_execution = Some(workflow.meta.workflow_execution);
        effects.beginning = Some(WorkflowBeginning {
            definition,
            context: begun,
        });
        Ok((workflow, effects))
    }

    /// A workflow may end while tasks of it still run. Their ends are taken in now; as long as one has not ended, nobody could
    /// say what became of it.
    async fn hear_late_ends(
        &mut self,
        bench: &Bench,
        from: ExecutionId,
    ) -> Result<(), RestoreFailure> {
        let mut step = Step::default();
        for event in self.missed(bench, from).await? {
            if let Event::Changed(change) = event
                && change.status.is_final()
            {
                self.hear(bench, &mut step, *change);
            }
        }
        let running = self.children.iter();
        let mut running: Vec<String> = running
            .map(|(_, awaited)| awaited.task.id.to_string())
            .collect();
        if running.is_empty() {
            return Ok(());
        }
        running.sort_unstable();
        running.dedup();
        Err(RestoreFailure::StillRunning(running.join(", ")))
    }

    fn all_records(&self, bench: &Bench) -> Result<Vec<RecordChange>, RecordError> {
        let vault = self.meta.is_confidential.then_some(&bench.vault);
        records::all_of(&self.state, vault)
    }
}

/// The tasks that a request names, on every route that they ran on; none where it names none.
fn requests(
    state: &State,
    execution: &Execution,
) -> Result<Option<Vec<RerunRequest>>, RestoreFailure> {
    let options = execution.context.extra.get("re-run");
    let names = |member: &str| -> Vec<String> {
        let list = options.and_then(|options| options.get(member)?.as_array());
        let texts = list.into_iter().flatten().filter_map(|name| name.as_str());
        texts.map(str::to_owned).collect()
    };
    let (tasks, reset) = (names("tasks"), names("reset"));
    if tasks.is_empty() {
        return Ok(None);
    }
    let (mut requests, mut unknown) = (Vec::new(), Vec::new());
    for task in &tasks {
        let mut routes: Vec<usize> = state
            .sequence()
            .iter()
            .filter(|entry| *entry.task.id == **task && entry.status != Status::Unset)
            .map(|entry| entry.task.route)
            .collect();
        routes.sort_unstable();
        routes.dedup();
        if routes.is_empty() {
            unknown.push(task.clone());
        }
        requests.extend(routes.into_iter().map(|route| RerunRequest {
            task: TaskKey {
                id: Arc::from(task.as_str()),
                route,
            },
            reset_items: reset.contains(task),
        }));
    }
    if unknown.is_empty() {
        Ok(Some(requests))
    } else {
        Err(RestoreFailure::UnknownTasks(unknown.join(",")))
    }
}
