//! The start: inputs and variables become the first context, and the first tasks are staged.

use std::sync::Arc;

use pyvalue::{Dict, Value};

use super::Conductor;
use super::message::Field;
use crate::context::{Contexts, merge};
use crate::plain::plain_dict;
use crate::state::{Route, Staged};
use crate::{Changes, ListId, State, Status, TaskKey};

impl Conductor {
    /// The state of a new execution, with all that is to be stored of it.
    ///
    /// `inputs` are the caller's, of which undeclared ones are dropped; `parent` is the context that it comes with
    /// (`st2`, `parent`). Where an input or a variable cannot be rendered, the workflow starts as failed.
    #[must_use]
    pub fn start(&self, inputs: &Dict, parent: &Dict) -> (State, Changes) {
        let mut state = State::new(Arc::clone(self.definition.graph.joins()));
        state.begin_all();
        let context = self.first_context(&mut state, inputs, parent);
        if state.errors().len() == 0 {
            state.contexts = Contexts::new(context);
            state.add_route(Route::default());
            for root in self.definition.graph.roots() {
                state.stage(Staged {
                    task: TaskKey {
                        id: Arc::clone(root),
                        route: 0,
                    },
                    contexts: ListId::default(),
                    previous: None,
                    is_ready: true,
                    is_completed: false,
                    runs_on_fail: false,
                    retry_delay: None,
                });
            }
        } else {
            state.set_status(Status::Failed);
        }
        let changes = state.commit();
        (state, changes)
    }

    fn first_context(&self, state: &mut State, inputs: &Dict, parent: &Dict) -> Dict {
        let mut rolling = parent.clone();
        for input in &self.definition.inputs {
            let given = inputs.get(&input.name).map(|value| {
                // What a caller gives is data, or, where upstream is to be matched, an expression too.
                if self.surroundings.options.reevaluate {
                    let statement = expr::orquesta::Statement::compile_value(value);
                    self.evaluate(&statement, &self.scope(rolling.clone(), &state.progress))
                } else {
                    Ok(value.clone())
                }
            });
            let value = given.unwrap_or_else(|| {
                self.evaluate(
                    &input.default,
                    &self.scope(rolling.clone(), &state.progress),
                )
            });
            match value {
                Ok(value) => rolling.insert(Value::Str(Arc::clone(&input.name)), value),
                Err(error) => state.add_expression_error(
                    &error,
                    &Field::Name("input", &input.name),
                    None,
                    None,
                ),
            }
        }
        let mut context = parent.clone();
        merge(&mut context, &rolling);
        let mut rolling = context.clone();
        let mut vars = Dict::default();
        for var in &self.definition.vars {
            match self.evaluate(&var.value, &self.scope(rolling.clone(), &state.progress)) {
                Ok(value) => {
                    rolling.insert(Value::Str(Arc::clone(&var.name)), value.clone());
                    vars.insert(Value::Str(Arc::clone(&var.name)), value);
                }
                Err(error) => {
                    state.add_expression_error(&error, &Field::Name("vars", &var.name), None, None);
                }
            }
        }
        merge(&mut context, &vars);
        plain_dict(context)
    }
}
