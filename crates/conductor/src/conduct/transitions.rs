//! A task has ended: which transitions are taken, what they publish, and what is staged by them.

use std::collections::VecDeque;
use std::sync::Arc;

use expr::orquesta::{self, ExpressionError};
use pyvalue::{Dict, Value};

use super::message::Field;
use super::{Conductor, current_task, inbound};
use crate::context::ListNode;
use crate::definition::{Transition, is_command};
use crate::graph::Edge;
use crate::plain::plain_dict;
use crate::state::{Arrival, Route, Staged, StagedId};
use crate::{ListId, State, TaskKey, TransitionId};

impl Conductor {
    /// Follows the transitions of a task that has ended; gives the commands that they lead to.
    pub(super) fn follow_transitions(
        &self,
        state: &mut State,
        at: usize,
        result: &Value,
    ) -> VecDeque<TaskKey> {
        let mut commands = VecDeque::new();
        let task = state.sequence()[at].task.clone();
        let Some(node) = self.definition.graph.node(&task.id) else {
            return commands;
        };
        if node.outbound.is_empty() {
            state.set_terminal(at, true);
        }
        let mut ready = Vec::new();
        for edge in &node.outbound {
            let Some(staged) = self.follow(state, at, edge, result) else {
                continue;
            };
            let Some(target) = state.staging.get(staged) else {
                continue;
            };
            if is_command(&target.task.id) {
                commands.push_back(target.task.clone());
            } else if target.is_ready {
                ready.push(staged);
            }
        }
        // Beside a command that fails the workflow, tasks run all the same: to clean up.
        if commands.iter().any(|command| *command.id == *"fail") {
            for staged in ready {
                state.change_staged(staged, |staged| staged.runs_on_fail = true);
            }
        }
        commands
    }

    /// Follows one transition if its condition holds: the target, staged.
    fn follow(
        &self,
        state: &mut State,
        at: usize,
        edge: &Edge,
        result: &Value,
    ) -> Option<StagedId> {
        let entry = &state.sequence()[at];
        let (task, contexts) = (entry.task.clone(), entry.contexts);
        let transition = self
            .definition
            .tasks
            .get(&*task.id)
            .and_then(|task| task.next.get(edge.entry))?;
        let id = edge.forward();
        let scope = self.task_scope(state, &task, contexts, Some(result));
        let is_taken = match &transition.when {
            None => true,
            Some(when) => match self.evaluate(when, &scope) {
                Ok(value) => value.is_true(),
                Err(error) => {
                    drop(scope);
                    state.add_expression_error(&error, &Field::Key("when"), Some(&task), Some(&id));
                    state.fail();
                    return None;
                }
            },
        };
        let published = if is_taken {
            self.publish(state, transition, &task, contexts, scope, result)
        } else {
            drop(scope);
            Ok(Dict::default())
        };
        state.set_next(at, id.clone(), is_taken);
        if !is_taken {
            return None;
        }
        let published = match published {
            Ok(published) => published,
            Err(errors) => {
                for (name, error) in errors {
                    let field = Field::Name("publish", &name);
                    state.add_expression_error(&error, &field, Some(&task), Some(&id));
                }
                state.fail();
                return None;
            }
        };
        let list = pass_on(state, at, contexts, id, published);
        Some(self.stage_target(state, at, edge, list))
    }

    /// Variables that a transition sets, each seeing those before it.
    fn publish(
        &self,
        state: &mut State,
        transition: &Transition,
        task: &TaskKey,
        contexts: ListId,
        mut scope: orquesta::State,
        result: &Value,
    ) -> Result<Dict, Vec<(Arc<str>, ExpressionError)>> {
        let mut rolling = None;
        let mut published = Dict::default();
        let mut errors = Vec::new();
        for (at, assignment) in transition.publish.iter().enumerate() {
            match self.evaluate(&assignment.value, &scope) {
                Ok(value) => {
                    if at + 1 < transition.publish.len() {
                        let rolling =
                            rolling.get_or_insert_with(|| state.contexts.merged(contexts).context);
                        rolling.insert(Value::Str(Arc::clone(&assignment.name)), value.clone());
                        scope = self
                            .scope(rolling.clone(), &state.progress)
                            .with_task(current_task(task, Some(result)));
                    }
                    published.insert(Value::Str(Arc::clone(&assignment.name)), value);
                }
                Err(error) => errors.push((Arc::clone(&assignment.name), error)),
            }
        }
        if errors.is_empty() {
            Ok(published)
        } else {
            Err(errors)
        }
    }

    fn stage_target(&self, state: &mut State, at: usize, edge: &Edge, list: ListId) -> StagedId {
        let source = state.sequence()[at].task.clone();
        let key = TaskKey {
            id: Arc::clone(&edge.target),
            route: self.route(state, edge, &source),
        };
        let staged = state.staging.find(&key);
        let before = staged.and_then(|staged| state.staging.get(staged));
        let (before, contexts) =
            before.map_or((None, list), |staged| (staged.previous, staged.contexts));
        let arrival = state.add_arrival(Arrival {
            before,
            transition: edge.backward(&source.id),
            entry: at,
        });
        let staged = match staged {
            Some(staged) => {
                let joined = state.add_list(ListNode::Joined(contexts, list));
                state.set_items(staged, None);
                state.change_staged(staged, |staged| {
                    staged.contexts = joined;
                    staged.previous = Some(arrival);
                    staged.is_completed = false;
                });
                staged
            }
            None => state.stage(Staged {
                task: key,
                contexts: list,
                previous: Some(arrival),
                is_ready: false,
                is_completed: false,
                runs_on_fail: false,
                retry_delay: None,
            }),
        };
        let is_ready =
            inbound::criteria(&self.definition, state, &edge.target, source.route).is_met();
        state.change_staged(staged, |staged| staged.is_ready = is_ready);
        staged
    }

    /// The route that a target runs on: a task that several transitions lead to gets one of its own for each arrival.
    fn route(&self, state: &mut State, edge: &Edge, source: &TaskKey) -> usize {
        let starts_route = self
            .definition
            .graph
            .node(&edge.target)
            .is_some_and(|node| node.starts_route);
        if !starts_route {
            return source.route;
        }
        // The source's route has no such step: that would be a cycle, in which no task starts a route.
        state.add_route(Route {
            before: Some(source.route),
            step: Some(edge.backward(&source.id)),
        })
    }
}

/// The list of contexts behind a transition; what it publishes becomes a context of its own.
fn pass_on(
    state: &mut State,
    at: usize,
    contexts: ListId,
    transition: TransitionId,
    published: Dict,
) -> ListId {
    if published.is_empty() {
        return contexts;
    }
    let context = state.add_context(plain_dict(published));
    state.set_published(at, (transition, context));
    state.add_list(ListNode::Added(contexts, context))
}
