//! The output: made of what the terminal tasks saw, once the workflow has ended.

use std::sync::Arc;

use pyvalue::{Dict, Value};

use super::message::Field;
use super::{Conductor, machines};
use crate::context::merge;
use crate::plain::plain_dict;
use crate::{ListId, State, Status};

impl Conductor {
    /// Renders the output of a workflow that has ended and has none yet. What cannot be rendered is an error, which
    /// fails a workflow that had succeeded.
    pub(super) fn render_output(&self, state: &mut State) {
        let has_output = state
            .output
            .as_ref()
            .is_some_and(|output| !output.is_empty());
        if !state.status.is_completed() || has_output || self.definition.output.is_empty() {
            return;
        }
        let mut rolling = state.terminal_context();
        let mut output = Dict::default();
        let mut has_failed = false;
        for item in &self.definition.output {
            let scope = self.scope(rolling.clone(), &state.progress);
            let value = self.evaluate(&item.value, &scope);
            drop(scope);
            match value {
                Ok(value) => {
                    rolling.insert(Value::Str(Arc::clone(&item.name)), value.clone());
                    output.insert(Value::Str(Arc::clone(&item.name)), value);
                }
                Err(error) => {
                    has_failed = true;
                    state.add_expression_error(
                        &error,
                        &Field::Name("output", &item.name),
                        None,
                        None,
                    );
                }
            }
        }
        if !output.is_empty() {
            state.set_output(Some(plain_dict(output)));
        }
        if has_failed
            && !matches!(
                state.status,
                Status::Timeout | Status::Abandoned | Status::Canceled
            )
        {
            machines::workflow_requested(state, Status::Failed);
        }
    }
}

impl State {
    /// What the terminal tasks saw, merged in the order of their starts; empty where there is none.
    #[must_use]
    pub fn terminal_context(&mut self) -> Dict {
        let terminal: Vec<usize> = self.progress.terminal().collect();
        let mut lists = terminal
            .iter()
            .map(|at| self.progress.sequence()[*at].contexts);
        let Some(first) = lists.next() else {
            return Dict::default();
        };
        let others: Vec<ListId> = lists.collect();
        let mut context = self.contexts.merged(first).context;
        for list in others {
            merge(&mut context, self.contexts.overlay(list).values());
        }
        context
    }
}
