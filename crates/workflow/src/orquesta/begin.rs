//! A workflow begins: its definition is read and inspected, its inputs are rendered, its first tasks are asked for.

use std::collections::HashSet;
use std::sync::Arc;

use conductor::{Conductor, Status, Surroundings};
use executions::{FinalParameters, PackError, ParameterError};
use model::{ActionSnapshot, Execution, ExecutionId, ExecutionStatus};
use pyvalue::{Dict, Value};
use serde_json::json;
use store::WorkflowBeginning;

use super::request::parent_view;
use super::{Meta, Orquesta, Step, StepError};
use crate::children::Children;
use crate::definitions::{Compiled, ReadError};
use crate::effects::{Effects, Event};
use crate::learnt::Learnt;
use crate::surroundings::{Bench, chain};
use crate::tasks::TaskRuns;

/// Why a workflow does not begin.
enum Unbegun {
    /// The store does not answer: it is to be tried again.
    Now(StepError),
    /// It cannot: its execution fails with these errors.
    Ever(serde_json::Value),
}

impl<E: Into<StepError>> From<E> for Unbegun {
    fn from(error: E) -> Self {
        Self::Now(error.into())
    }
}

impl Unbegun {
    fn because(message: impl Into<String>) -> Self {
        Self::Ever(json!([{ "message": message.into() }]))
    }
}

impl Orquesta {
    /// Begins a workflow and takes its first step; without a workflow where that ends it already.
    pub(crate) async fn begin(
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<(Option<Self>, Effects), StepError> {
        match Self::try_begin(bench, execution, events).await {
            Ok((workflow, effects)) => Ok((Some(workflow), effects)),
            Err(Unbegun::Now(error)) => Err(error),
            Err(Unbegun::Ever(errors)) => {
                let result = json!({ "errors": errors, "output": null });
                Ok((None, Effects::ended(ExecutionStatus::Failed, result)))
            }
        }
    }

    async fn try_begin(
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<(Self, Effects), Unbegun> {
        check_depth(bench, execution).await?;
        let snapshot = snapshot(bench, execution).await?;
        let compiled = compile(bench, &snapshot).await?;
        let parameters = match bench.executions.final_parameters(execution).await {
            Ok(parameters) => parameters,
            Err(error @ ParameterError::Datastore(_)) => {
                return Err(StepError::Datastore(error).into());
            }
            Err(error) => return Err(Unbegun::because(error.to_string())),
        };
        let meta = Meta {
            workflow_execution: bench.ids.next(bench.clock.now()),
            is_confidential: compiled.decrypts || knows_secrets(bench, execution).await?,
            is_pause_wanted: false,
            notify: notified_tasks(&compiled, &parameters)?,
            before: Vec::new(),
        };
        let tasks = TaskRuns::default();
        let user = &execution.context.user;
        let conductor = conductor(bench, &compiled, user, &tasks).await?;
        let inputs = dict(&serde_json::Value::Object(parameters.action));
        let (state, changes) = conductor.start(&inputs, &context(bench, execution, &meta));
        let mut workflow = Self {
            compiled: Arc::clone(&compiled),
            conductor,
            state,
            children: Children::default(),
            tasks,
            learnt: Learnt::default(),
            meta,
        };
        let mut step = Step {
            state: changes,
            meta_changed: true,
            ..Step::default()
        };
        workflow.get_going(&mut step);
        for event in events {
            if let Event::Wanted(status) = event {
                workflow.want(&mut step, status);
            }
        }
        workflow.go_on(bench, execution, &mut step).await?;
        let mut effects = workflow.effects(bench, execution.status, step)?;
        let mut begun = execution.context.clone();
        // One that failed before it began is none.
        if workflow.state.route_count() > 0 {
            begun.workflow_execution = Some(workflow.meta.workflow_execution);
        }
        effects.beginning = Some(WorkflowBeginning {
            definition: compiled.text.clone(),
            context: begun,
        });
        Ok((workflow, effects))
    }

    /// From `requested` to `running`, unless the start failed already.
    pub(super) fn get_going(&mut self, step: &mut Step) {
        for status in [Status::Requested, Status::Running] {
            if self.state.status().is_completed() {
                return;
            }
            match self.conductor.request(&mut self.state, status) {
                Ok(changes) => step.state.extend(changes),
                Err(refusal) => tracing::error!("a workflow does not begin: {refusal}"),
            }
        }
    }
}

/// Sub-workflows that are too deep do not begin: one that calls itself would never end.
async fn check_depth(bench: &Bench, execution: &Execution) -> Result<(), Unbegun> {
    let most = bench.options.max_depth;
    let mut above: Option<ExecutionId> = execution.context.parent;
    for _ in 0..most {
        let Some(id) = above else {
            return Ok(());
        };
        above = bench
            .store
            .execution(id)
            .await?
            .and_then(|parent| parent.context.parent);
    }
    Err(Unbegun::because(format!(
        "The workflow \"{}\" is {most} sub-workflows deep, which is as deep as they may be (`max_depth`): does it call itself?",
        execution.action_ref
    )))
}

async fn snapshot(bench: &Bench, execution: &Execution) -> Result<Arc<ActionSnapshot>, Unbegun> {
    let snapshot = bench.store.snapshot(&execution.snapshot).await?;
    snapshot.ok_or_else(|| {
        Unbegun::because(format!(
            "The action \"{}\" as it was requested is not stored.",
            execution.action_ref
        ))
    })
}

async fn compile(bench: &Bench, snapshot: &ActionSnapshot) -> Result<Arc<Compiled>, Unbegun> {
    let action = &snapshot.action;
    let text = bench
        .definitions
        .text(&action.pack, &action.entry_point)
        .await
        .map_err(unread)?;
    let inspection = bench.definitions.inspected(&text);
    let errors = bench.executions.inspect_with(&inspection).await?;
    if !errors.is_empty() {
        return Err(Unbegun::Ever(errors.into()));
    }
    bench
        .definitions
        .compiled(&text)
        .map_err(|error| Unbegun::because(chain(&error)))
}

fn unread(error: ReadError) -> Unbegun {
    match error {
        ReadError::Pack(PackError::Store(_, error)) => error.into(),
        error => Unbegun::because(chain(&error)),
    }
}

async fn knows_secrets(bench: &Bench, execution: &Execution) -> Result<bool, Unbegun> {
    let known = bench.executions.knows_secrets(execution).await;
    known.map_err(|error| match error {
        ParameterError::Datastore(_) => StepError::Datastore(error).into(),
        error => Unbegun::because(error.to_string()),
    })
}

/// The tasks whose ends are told of too; the definition must have them.
fn notified_tasks(
    compiled: &Compiled,
    parameters: &FinalParameters,
) -> Result<HashSet<String>, Unbegun> {
    let named = parameters.runner.get("notify");
    let named = named.and_then(serde_json::Value::as_array);
    let named: HashSet<String> = named
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .map(str::to_owned)
        .collect();
    let mut unknown: Vec<&str> = named
        .iter()
        .map(String::as_str)
        .filter(|task| !compiled.definition.tasks.contains_key(*task))
        .collect();
    if unknown.is_empty() {
        return Ok(named);
    }
    unknown.sort_unstable();
    Err(Unbegun::because(format!(
        "The following tasks in the notify parameter do not exist in the workflow definition: {}.",
        unknown.join(", ")
    )))
}

/// A conductor, with what its expressions read beside the state.
pub(super) async fn conductor(
    bench: &Bench,
    compiled: &Compiled,
    user: &str,
    tasks: &TaskRuns,
) -> Result<Conductor, StepError> {
    let datastore = if compiled.datastore.is_empty() {
        None
    } else {
        let items = bench.executions.datastore(&compiled.datastore, user);
        Some(items.await?)
    };
    let mut options = expr::orquesta::Options::default();
    options.reevaluate = bench.options.reevaluate;
    let surroundings = Surroundings {
        options,
        datastore,
        tasks: Some(Arc::new(tasks.clone())),
    };
    let definition = Arc::clone(&compiled.definition);
    Ok(Conductor::new(definition, surroundings))
}

/// What a workflow finds in its context: `st2` and `parent`.
pub(super) fn context(bench: &Bench, execution: &Execution, meta: &Meta) -> Dict {
    let mut st2 = json!({
        "action_execution_id": execution.id,
        "api_url": bench.options.api_url,
        "user": execution.context.user,
        "pack": execution.context.pack,
        "action": execution.action_ref,
        "runner": execution.runner,
        "workflow_execution_id": meta.workflow_execution,
    });
    if let Some(user) = execution.context.extra.get("api_user") {
        st2["api_user"] = user.clone();
    }
    dict(&json!({ "st2": st2, "parent": parent_view(execution) }))
}

fn dict(json: &serde_json::Value) -> Dict {
    match Value::from_json(json) {
        Value::Dict(dict) => dict,
        _ => Dict::default(),
    }
}
