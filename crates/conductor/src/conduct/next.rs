//! Which tasks to run now, rendered.

use std::sync::Arc;

use expr::orquesta::{self, ExpressionError, Statement};
use pyvalue::{Dict, Value};

use super::message::Field;
use super::{ActionRequest, Conductor, Offer, Refusal, machines};
use crate::context::visible;
use crate::definition::{Task, WithItems};
use crate::plain::plain;
use crate::state::{Items, Staged, StagedId};
use crate::{Changes, State, Status};

/// Why a task cannot be rendered.
enum Unrendered {
    /// What failed, and the key of the task that it belongs to.
    Expression(Box<ExpressionError>, &'static str),
    Other(String),
}

/// Says which key of a task a failed expression belongs to.
fn under(key: &'static str) -> impl Fn(ExpressionError) -> Unrendered {
    move |error| Unrendered::Expression(Box::new(error), key)
}

/// What items are made of, and the items rendered where this was the first time.
struct TaskItems {
    values: Value,
    rendered: Option<Vec<Option<ActionRequest>>>,
}

impl TaskItems {
    fn count(&self) -> usize {
        self.values.as_items().unwrap_or_default().len()
    }
}

impl Conductor {
    /// The tasks to run now, by name and route. They are offered again until they are reported on.
    ///
    /// Where any of them cannot be rendered, the workflow fails and nothing is offered.
    pub fn next(&self, state: &mut State) -> Result<(Vec<Offer>, Changes), Refusal> {
        self.operate(state, |state| Ok(self.offers(state)))
    }

    fn offers(&self, state: &mut State) -> Vec<Offer> {
        let remedies = state.status == Status::Failed;
        if !state.status.is_running() && !remedies {
            return Vec::new();
        }
        let staged: Vec<StagedId> = state
            .staging
            .iter()
            .filter(|(_, staged)| staged.is_offered() && (!remedies || staged.runs_on_fail))
            .map(|(id, _)| id)
            .collect();
        let mut offers = Vec::new();
        let mut has_failed = false;
        for id in staged {
            let Some(mut staged) = state.staging.get(id).cloned() else {
                continue;
            };
            // Staged more than once (a task that is run again, and led to again), it runs on what was staged first, and on
            // the items of that.
            let first = state.staging.find(&staged.task).unwrap_or(id);
            if let Some(first) = state.staging.get(first) {
                staged.contexts = first.contexts;
            }
            match self.offer(state, first, &staged) {
                Ok(offer) if !offer.actions.is_empty() || offer.items_count == Some(0) => {
                    offers.push(offer);
                }
                Ok(_all_items_started) => {}
                Err(Unrendered::Expression(error, key)) => {
                    has_failed = true;
                    state.add_expression_error(&error, &Field::Key(key), Some(&staged.task), None);
                }
                Err(Unrendered::Other(message)) => {
                    has_failed = true;
                    state.add_failure(message, Some(&staged.task), None);
                }
            }
        }
        if has_failed {
            machines::workflow_requested(state, Status::Failed);
            return Vec::new();
        }
        offers.sort_by(|one, other| one.task.cmp(&other.task));
        offers
    }

    fn offer(&self, state: &mut State, id: StagedId, staged: &Staged) -> Result<Offer, Unrendered> {
        let context = state.contexts.merged(staged.contexts).context;
        let mut offer = Offer {
            task: staged.task.clone(),
            context: visible(&context),
            actions: Vec::new(),
            delay: None,
            items_count: None,
            concurrency: None,
        };
        let Some(task) = self.definition.tasks.get(&*staged.task.id) else {
            return Ok(offer);
        };
        let scope = self.task_scope(state, &staged.task, staged.contexts, None);
        let items = match &task.with {
            None => {
                offer.actions.push(self.action(task, &scope, None)?);
                None
            }
            Some(with) => Some((with, self.items(state, id, task, with, &scope)?)),
        };
        offer.delay = match &task.delay {
            Some(delay) => self.delay(delay, &scope)?,
            None => None,
        };
        if let Some((with, items)) = items {
            offer.concurrency = match &with.concurrency {
                Some(concurrency) => self.concurrency(concurrency, &scope)?,
                None => None,
            };
            offer.items_count = Some(items.count());
            offer.actions =
                self.start_items(state, id, task, with, &scope, items, offer.concurrency)?;
        }
        offer.delay = staged.retry_delay.or(offer.delay);
        Ok(offer)
    }

    fn delay(&self, delay: &Statement, scope: &orquesta::State) -> Result<Option<i64>, Unrendered> {
        match self.evaluate(delay, scope).map_err(under("delay"))? {
            // A delay of nothing that was written as a number is none.
            Value::Int(0) if delay.is_constant() => Ok(None),
            Value::Int(seconds) => Ok(Some(seconds)),
            Value::Bool(truth) => Ok(Some(i64::from(truth))),
            _ => Err(Unrendered::Other(
                "TypeError: The value of task delay is not type of integer.".to_owned(),
            )),
        }
    }

    fn action(
        &self,
        task: &Task,
        scope: &orquesta::State,
        item: Option<usize>,
    ) -> Result<ActionRequest, Unrendered> {
        let evaluate = |statement: &Option<Statement>| match statement {
            Some(statement) => self.evaluate(statement, scope),
            None => Ok(Value::None),
        };
        Ok(ActionRequest {
            action: evaluate(&task.action).map_err(under("action"))?,
            input: plain(evaluate(&task.input).map_err(under("input"))?),
            item,
        })
    }

    /// The items of a task. They are evaluated once, and all rendered once, so that what is wrong with the last is known
    /// before the first runs; evaluated again only where the state was stored in between.
    fn items(
        &self,
        state: &mut State,
        id: StagedId,
        task: &Task,
        with: &WithItems,
        scope: &orquesta::State,
    ) -> Result<TaskItems, Unrendered> {
        let is_known = state
            .staging
            .items(id)
            .is_some_and(|known| !known.statuses().is_empty());
        if is_known && let Some(values) = state.staging.values(id) {
            return Ok(TaskItems {
                values: values.clone(),
                rendered: None,
            });
        }
        let values = self.evaluate(&with.items, scope).map_err(under("with"))?;
        let Some(items) = values.as_items() else {
            return Err(Unrendered::Other(format!(
                "TypeError: The value of \"{}\" is not type of list.",
                with.expression
            )));
        };
        let rendered = if is_known {
            None
        } else {
            let render = |at: usize| self.item(task, with, scope, items, at);
            Some(
                (0..items.len())
                    .map(|at| render(at).map(Some))
                    .collect::<Result<_, _>>()?,
            )
        };
        Ok(TaskItems { values, rendered })
    }

    fn item(
        &self,
        task: &Task,
        with: &WithItems,
        scope: &orquesta::State,
        items: &[Value],
        at: usize,
    ) -> Result<ActionRequest, Unrendered> {
        let scope = scope.clone().with_item(named(&items[at], &with.names));
        self.action(task, &scope, Some(at))
    }

    /// The items to start now, rendered.
    #[expect(
        clippy::too_many_arguments,
        reason = "a step of offering a task, apart for its length"
    )]
    fn start_items(
        &self,
        state: &mut State,
        id: StagedId,
        task: &Task,
        with: &WithItems,
        scope: &orquesta::State,
        items: TaskItems,
        concurrency: Option<i64>,
    ) -> Result<Vec<ActionRequest>, Unrendered> {
        let TaskItems { values, rendered } = items;
        let list = values.as_items().unwrap_or_default();
        let is_new = state
            .staging
            .items(id)
            .is_none_or(|known| known.statuses().is_empty() && !list.is_empty());
        if is_new {
            state.set_items(id, Some(Items::new(list.len())));
        }
        let start = state
            .staging
            .items(id)
            .map(|known| startable(known, concurrency))
            .unwrap_or_default();
        let start = start.into_iter().filter(|at| *at < list.len());
        let actions = match rendered {
            Some(mut rendered) => start
                .filter_map(|at| rendered.get_mut(at).and_then(Option::take))
                .collect(),
            None => start
                .map(|at| self.item(task, with, scope, list, at))
                .collect::<Result<_, _>>()?,
        };
        state.staging.keep_values(id, values);
        Ok(actions)
    }

    /// How many items at once: less than one counts as one, null is no limit.
    fn concurrency(
        &self,
        concurrency: &Statement,
        scope: &orquesta::State,
    ) -> Result<Option<i64>, Unrendered> {
        match self.evaluate(concurrency, scope).map_err(under("with"))? {
            Value::None => Ok(None),
            Value::Int(number) => Ok(Some(number.max(1))),
            Value::Bool(_) => Ok(Some(1)),
            other => Err(Unrendered::Other(format!(
                "TypeError: The value of concurrency is not type of integer, it is of type '{}'.",
                other.type_name()
            ))),
        }
    }
}

/// An item under its names.
fn named(item: &Value, names: &[Arc<str>]) -> Value {
    let key = |name: &Arc<str>| Value::Str(Arc::clone(name));
    match (item.as_items(), names) {
        (_, []) => item.clone(),
        (Some(parts), names) => Value::Dict(
            names
                .iter()
                .zip(parts)
                .map(|(name, part)| (key(name), part.clone()))
                .collect(),
        ),
        (None, [name]) => {
            let mut dict = Dict::with_capacity(1);
            dict.insert(key(name), item.clone());
            Value::Dict(dict)
        }
        (None, _) => item.clone(),
    }
}

/// The items to start now.
fn startable(items: &Items, concurrency: Option<i64>) -> Vec<usize> {
    let most = match concurrency {
        None => usize::MAX,
        Some(number) => usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_sub(items.active()),
    };
    items.unset(most)
}
