//! What to do next.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Changes, Next, Run};
use crate::{Chain, Status, Surroundings, Task};

/// What is to be done for a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Request this execution, then tell [`Run::requested`] or [`Run::refused`].
    Request(Box<Request>),
    /// The chain goes on, and its task is still paused: resume this execution.
    Resume {
        /// The task's execution.
        execution_id: String,
    },
    /// Nothing, until the task under way is reported on.
    Wait,
    /// Nothing, until the chain is resumed or a pending task is answered.
    Rest {
        /// The result so far, to be shown.
        result: Value,
    },
    /// The chain has ended.
    End {
        /// How.
        status: Status,
        /// Its result.
        result: Value,
    },
}

/// An execution that is to be requested for a task.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// Which of the run's tasks it will be, from 0.
    pub number: usize,
    /// The task's name.
    pub task: Arc<str>,
    /// The action's reference, as it was written.
    pub action: String,
    /// The parameters, rendered but not yet cast to the types of the action's schema.
    pub parameters: Map<String, Value>,
    /// Whom to tell, in the form of actions; nobody where the task is to be skipped.
    pub notify: Option<Value>,
    /// What StackStorm sets in the execution's context: `parent` (the chain's context and execution id) and `chain`
    /// (the task as it was written).
    pub context: Map<String, Value>,
}

/// Without the parameters and the context: they may be secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("number", &self.number)
            .field("task", &self.task)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

impl Run {
    /// Says what to do. Asking again, also after a restart, gives the same answer while nothing has happened.
    ///
    /// A task whose parameters cannot be rendered ends the chain; only then are there changes.
    pub fn next(&mut self, chain: &Chain, surroundings: &Surroundings) -> (Step, Changes) {
        if self.current.status == Status::Paused {
            return (self.rest(), Changes::new());
        }
        match self.current.next.clone() {
            Next::Task(name) => self.request(chain, &name, surroundings),
            Next::Report => (self.wait(), Changes::new()),
            Next::Nothing => (self.end(), Changes::new()),
        }
    }

    fn rest(&self) -> Step {
        Step::Rest {
            result: self.result(),
        }
    }

    fn end(&self) -> Step {
        Step::End {
            status: self.current.status,
            result: self.result(),
        }
    }

    fn wait(&self) -> Step {
        let paused = self
            .active()
            .filter(|task| task.state == Status::Paused && self.current.status == Status::Running);
        match paused.and_then(|task| task.execution_id.clone()) {
            Some(execution_id) => Step::Resume { execution_id },
            None => Step::Wait,
        }
    }

    fn request(
        &mut self,
        chain: &Chain,
        name: &str,
        surroundings: &Surroundings,
    ) -> (Step, Changes) {
        let rendered = match chain.task(name) {
            Some(task) => self
                .render_parameters(chain, task, surroundings)
                .map(|parameters| self.request_of(task, parameters)),
            None => Err(format!("Unable to find node with name \"{name}\".")),
        };
        match rendered {
            Ok(request) => (Step::Request(Box::new(request)), Changes::new()),
            Err(message) => {
                self.end_with_error(message);
                (self.end(), vec![self.current_record()])
            }
        }
    }

    fn request_of(&self, task: &Task, parameters: Map<String, Value>) -> Request {
        let inputs = &self.start.inputs;
        let is_skipped = inputs.skip_notify.iter().any(|name| **name == *task.name);
        let notify = task.notify.clone().or_else(|| inputs.notify.clone());
        let context = [
            ("parent".to_owned(), json!(self.known.parent())),
            ("chain".to_owned(), Value::clone(&task.node)),
        ];
        Request {
            number: self.tasks.len(),
            task: Arc::clone(&task.name),
            action: task.action.clone(),
            parameters,
            notify: notify.filter(|_| !is_skipped),
            context: Map::from_iter(context),
        }
    }
}
