//! Conducting: what happened changes the state, and the state says what to do next.
//!
//! A file an operation. Each either changes the state and tells which records it changed, or refuses and changes
//! nothing.

mod inbound;
mod machines;
mod message;
mod next;
mod offer;
mod output;
mod refusal;
mod report;
mod request;
mod rerun;
mod start;
mod transitions;

use std::sync::Arc;

use expr::Datastore;
use expr::orquesta::{self, ExpressionError, Statement, Tasks};
use pyvalue::{Dict, Value};

use self::message::Field;
use crate::state::Progress;
use crate::{
    Changes, Definition, ErrorEntry, ListId, Record, RecordKey, RestoreError, State, Status,
    TaskKey, TransitionId,
};

pub use offer::{ActionRequest, Offer};
pub use refusal::Refusal;
pub use report::{ItemReport, Report};
pub use rerun::RerunRequest;

/// What expressions see beside the workflow's own state.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// How expressions are evaluated.
    pub options: orquesta::Options,
    /// Behind `st2kv()`.
    pub datastore: Option<Arc<dyn Datastore>>,
    /// Behind `task()`.
    pub tasks: Option<Arc<dyn Tasks>>,
}

/// Conducts executions of one definition.
#[derive(Debug, Clone)]
pub struct Conductor {
    definition: Arc<Definition>,
    surroundings: Surroundings,
}

impl Conductor {
    /// One for a definition.
    #[must_use]
    pub fn new(definition: Arc<Definition>, surroundings: Surroundings) -> Self {
        Self {
            definition,
            surroundings,
        }
    }

    /// The definition.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Runs an operation: its changes are kept as a whole, or not at all. A workflow that has ended renders its output.
    fn operate<T>(
        &self,
        state: &mut State,
        operation: impl FnOnce(&mut State) -> Result<T, Refusal>,
    ) -> Result<(T, Changes), Refusal> {
        state.begin();
        match operation(state) {
            Ok(outcome) => {
                self.render_output(state);
                Ok((outcome, state.commit()))
            }
            Err(refusal) => {
                state.roll_back();
                Err(refusal)
            }
        }
    }

    /// The state of an execution that was stored, from all of its records.
    pub fn restore(
        &self,
        records: impl IntoIterator<Item = (RecordKey, Record)>,
    ) -> Result<State, RestoreError> {
        State::restore(Arc::clone(self.definition.graph.joins()), records)
    }

    /// What expressions see in a context.
    fn scope(&self, context: Dict, progress: &Arc<Progress>) -> orquesta::State {
        self.surround(orquesta::State::new(context), progress)
    }

    /// The same with what surrounds it. Keeps the progress shared: to be dropped before anything changes.
    fn surround(&self, scope: orquesta::State, progress: &Arc<Progress>) -> orquesta::State {
        let mut scope = scope.with_workflow(Arc::clone(progress) as Arc<dyn orquesta::Workflow>);
        if let Some(datastore) = &self.surroundings.datastore {
            scope = scope.with_datastore(Arc::clone(datastore));
        }
        if let Some(tasks) = &self.surroundings.tasks {
            scope = scope.with_tasks(Arc::clone(tasks));
        }
        scope
    }

    /// What expressions of a task see: its contexts, and itself with its result once there is one.
    fn task_scope(
        &self,
        state: &mut State,
        task: &TaskKey,
        contexts: ListId,
        result: Option<&Value>,
    ) -> orquesta::State {
        let scope = state.contexts.merged(contexts).scope;
        self.surround(scope, &state.progress)
            .with_task(current_task(task, result))
    }

    fn evaluate(
        &self,
        statement: &Statement,
        scope: &orquesta::State,
    ) -> Result<Value, ExpressionError> {
        statement.evaluate(scope, &self.surroundings.options)
    }
}

/// A task as expressions see it.
fn current_task(task: &TaskKey, result: Option<&Value>) -> Value {
    let mut dict = Dict::with_capacity(3);
    dict.insert("id", Value::Str(Arc::clone(&task.id)));
    dict.insert("route", i64::try_from(task.route).unwrap_or(i64::MAX));
    if let Some(result) = result {
        dict.insert("result", result.clone());
    }
    Value::Dict(dict)
}

impl State {
    /// Notes that an expression failed, once for each task and transition.
    fn add_expression_error(
        &mut self,
        error: &ExpressionError,
        field: &Field<'_>,
        task: Option<&TaskKey>,
        transition: Option<&TransitionId>,
    ) {
        let message = message::of(error);
        let is_known = self.errors().any(|known| {
            message::without_field(&known.message) == message
                && known.task_id.as_ref() == task.map(|task| &task.id)
                && known.route == task.map(|task| task.route)
                && known.transition.as_ref() == transition
        });
        if !is_known {
            self.add_failure(message::with_field(error, field), task, transition);
        }
    }

    /// Notes that something failed.
    fn add_failure(
        &mut self,
        message: String,
        task: Option<&TaskKey>,
        transition: Option<&TransitionId>,
    ) {
        self.add_error(ErrorEntry {
            message,
            task_id: task.map(|task| Arc::clone(&task.id)),
            route: task.map(|task| task.route),
            transition: transition.cloned(),
            result: None,
        });
    }

    /// Fails the workflow, if it can still fail.
    fn fail(&mut self) {
        machines::workflow_requested(self, Status::Failed);
    }
}
