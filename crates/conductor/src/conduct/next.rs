//! Which tasks to run now, rendered.

use std::sync::Arc;

use expr::orquesta::{self, ExpressionError, Statement};
use pyvalue::{Dict, Value};

use super::{ActionRequest, Conductor, Offer, Refusal, machines};
use crate::definition::{Task, WithItems};
use crate::state::{Items, Staged, StagedId};
use crate::{Changes, State, Status};

/// Why a task cannot be rendered.
enum Unrendered {
    Expression(Box<ExpressionError>),
    Other(String),
}

impl From<ExpressionError> for Unrendered {
    fn from(error: ExpressionError) -> Self {
        Self::Expression(Box::new(error))
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
            let Some(staged) = state.staging.get(id).cloned() else {
                continue;
            };
            match self.offer(state, id, &staged) {
                Ok(offer) if !offer.actions.is_empty() || offer.items_count == Some(0) => {
                    offers.push(offer);
                }
                Ok(_all_items_started) => {}
                Err(Unrendered::Expression(error)) => {
                    has_failed = true;
                    state.add_expression_error(&error, Some(&staged.task), None);
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
        let scope = self.task_scope(state, &staged.task, staged.contexts, None);
        let mut offer = Offer {
            task: staged.task.clone(),
            context: state.contexts.merged(staged.contexts),
            actions: Vec::new(),
            delay: None,
            items_count: None,
            concurrency: None,
        };
        let Some(task) = self.definition.tasks.get(&*staged.task.id) else {
            return Ok(offer);
        };
        match &task.with {
            None => offer.actions.push(self.action(task, &scope, None)?),
            Some(with) => self.offer_items(state, id, task, with, &scope, &mut offer)?,
        }
        offer.delay = match (staged.retry_delay, &task.delay) {
            (Some(delay), _) => Some(delay),
            (None, Some(delay)) => self.delay(delay, &scope)?,
            (None, None) => None,
        };
        Ok(offer)
    }

    fn delay(&self, delay: &Statement, scope: &orquesta::State) -> Result<Option<i64>, Unrendered> {
        match self.evaluate(delay, scope)? {
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
    ) -> Result<ActionRequest, ExpressionError> {
        let evaluate = |statement: &Option<Statement>| match statement {
            Some(statement) => self.evaluate(statement, scope),
            None => Ok(Value::None),
        };
        Ok(ActionRequest {
            action: evaluate(&task.action)?,
            input: evaluate(&task.input)?,
            item,
        })
    }

    fn offer_items(
        &self,
        state: &mut State,
        id: StagedId,
        task: &Task,
        with: &WithItems,
        scope: &orquesta::State,
        offer: &mut Offer,
    ) -> Result<(), Unrendered> {
        let value = self.evaluate(&with.items, scope)?;
        let Some(items) = value.as_items() else {
            return Err(Unrendered::Other(format!(
                "TypeError: The value of \"{}\" is not type of list.",
                with.expression
            )));
        };
        let render = |at: usize| {
            let scope = scope.clone().with_item(named(&items[at], &with.names));
            self.action(task, &scope, Some(at))
        };
        let concurrency = match &with.concurrency {
            None => None,
            Some(concurrency) => Some(self.concurrency(concurrency, scope)?),
        };
        let is_known = state
            .staging
            .items(id)
            .is_some_and(|known| !known.statuses().is_empty());
        if !is_known {
            // All are rendered once, so that what is wrong with the last is known before the first runs.
            for at in 0..items.len() {
                render(at)?;
            }
            state.set_items(id, Some(Items::new(items.len())));
        }
        let start = state
            .staging
            .items(id)
            .map(|known| startable(known, concurrency))
            .unwrap_or_default();
        for at in start.into_iter().filter(|at| *at < items.len()) {
            offer.actions.push(render(at)?);
        }
        offer.items_count = Some(items.len());
        offer.concurrency = concurrency;
        Ok(())
    }

    /// How many items at once: less than one counts as one.
    fn concurrency(
        &self,
        concurrency: &Statement,
        scope: &orquesta::State,
    ) -> Result<i64, Unrendered> {
        match self.evaluate(concurrency, scope)? {
            Value::Int(number) => Ok(number),
            Value::Bool(truth) => Ok(i64::from(truth)),
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
        Some(number) => usize::try_from(number.max(1))
            .unwrap_or(usize::MAX)
            .saturating_sub(items.active()),
    };
    items.unset(most)
}
