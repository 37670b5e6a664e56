//! A workflow of either language under way.

use model::{Execution, ExecutionId};

use crate::action_chain::ActionChain;
use crate::effects::{Effects, Event, ReachDown};
use crate::orquesta::{Orquesta, RestoreFailure, StepError};
use crate::surroundings::{Bench, chain};
use store::StoredWorkflow;

/// A workflow under way.
#[derive(Debug)]
pub(crate) enum Flow {
    Orquesta(Box<Orquesta>),
    Chain(Box<ActionChain>),
}

/// The runner of action chains.
const ACTION_CHAIN: &str = "action-chain";

/// What a first step comes to: the workflow, unless it has ended, and what is to be stored.
type First = (Option<Flow>, Effects);

impl Flow {
    /// Begins a workflow, or takes up what is stored of it, and takes a step.
    pub(crate) async fn load(
        bench: &Bench,
        execution: &Execution,
        mut events: Vec<Event>,
    ) -> Result<First, StepError> {
        if execution.context.workflow_execution.is_none() {
            return Self::begin(bench, execution, events).await;
        }
        let Some(stored) = bench.store.workflow(execution.id).await? else {
            return Self::begin(bench, execution, events).await;
        };
        crate::metrics::taken_over(1);
        // What was told before is looked up below, with its results.
        events.retain(|event| !matches!(event, Event::Changed(_)));
        match Self::restore(bench, execution, stored).await {
            Ok((mut flow, missed)) => {
                events.extend(missed);
                let effects = flow.take(bench, execution, events).await?;
                Ok((Some(flow), effects))
            }
            Err(RestoreFailure::Now(error)) => Err(error),
            Err(failure) => Ok((None, lost(&chain(&failure)))),
        }
    }

    async fn restore(
        bench: &Bench,
        execution: &Execution,
        stored: StoredWorkflow,
    ) -> Result<(Self, Vec<Event>), RestoreFailure> {
        if execution.runner == ACTION_CHAIN {
            let (chain, events) = ActionChain::restore(bench, execution, stored).await?;
            return Ok((Self::Chain(Box::new(chain)), events));
        }
        let (workflow, events) = Orquesta::restore(bench, execution, stored).await?;
        Ok((Self::Orquesta(Box::new(workflow)), events))
    }

    async fn begin(
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<First, StepError> {
        if execution.runner == ACTION_CHAIN {
            let (chain, effects) = ActionChain::begin(bench, execution, events).await?;
            return Ok((chain.map(|chain| Self::Chain(Box::new(chain))), effects));
        }
        let (workflow, effects) = match rerun_of(execution) {
            Some(from) => Orquesta::rerun(bench, execution, from).await?,
            None => Orquesta::begin(bench, execution, events).await?,
        };
        let flow = workflow.map(|workflow| Self::Orquesta(Box::new(workflow)));
        Ok((flow, effects))
    }

    /// Tells it what has happened; all that follows from it.
    pub(crate) async fn take(
        &mut self,
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<Effects, StepError> {
        match self {
            Self::Orquesta(workflow) => workflow.take(bench, execution, events).await,
            Self::Chain(chain) => chain.take(bench, execution, events).await,
        }
    }

    /// Whether it waits for an execution.
    pub(crate) fn awaits(&self, id: ExecutionId) -> bool {
        match self {
            Self::Orquesta(workflow) => workflow.children().awaits(id),
            Self::Chain(chain) => chain.active().is_some_and(|(active, _)| active == id),
        }
    }

    /// Those of its executions that something is to be passed on to: of pausing and resuming, those that are workflows.
    pub(crate) fn reached_by(&self, reach_down: ReachDown) -> Vec<ExecutionId> {
        let is_reached = |is_workflow: bool| is_workflow || reach_down == ReachDown::Cancel;
        match self {
            Self::Orquesta(workflow) => {
                let children = workflow.children().iter();
                let reached = children.filter(|(_, awaited)| is_reached(awaited.is_workflow));
                reached.map(|(id, _)| id).collect()
            }
            Self::Chain(chain) => {
                let active = chain.active().into_iter();
                let reached = active.filter(|(_, is_workflow)| is_reached(*is_workflow));
                reached.map(|(id, _)| id).collect()
            }
        }
    }
}

/// The execution whose tasks are to be run again, where the request names tasks (without, the whole workflow is run anew).
fn rerun_of(execution: &Execution) -> Option<ExecutionId> {
    let tasks = execution.context.extra.get("re-run")?.get("tasks")?;
    let names_tasks = tasks.as_array().is_some_and(|tasks| !tasks.is_empty());
    execution.context.re_run_of.filter(|_| names_tasks)
}

/// A workflow whose state cannot be read ends, with the reason.
fn lost(reason: &str) -> Effects {
    let result = serde_json::json!({ "errors": [{ "message": reason }], "output": null });
    Effects::ended(model::ExecutionStatus::Failed, result)
}
