//! Runs a case: the conductor says what is to run, the case what comes of it.
//!
//! What ends is queued by the second at which it ends, and among those of one second by the order of their starts.

mod cast;
mod chains;
mod surroundings;
mod under_way;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use cast::Cast;
use conductor::{
    Conductor, Definition, ItemReport, Offer, Refusal, Report, State, Status, TaskKey,
};
use pyvalue::{Dict, Value};
use serde_json::Value as Json;

use crate::outcome::Outcome;
use crate::workflow::Kind;
use crate::{Case, Run, Story, StoryError, Workflow};

use surroundings::{Executions, Surroundings};
use under_way::UnderWay;

/// Runs a case.
pub(crate) fn run(workflow: &Workflow, case: &Case) -> Story {
    match &workflow.kind {
        Kind::Chain(chain) => chains::run(chain, workflow.defaults(), case),
        Kind::Orquesta(definition) => {
            let mut play = Play::new(definition, workflow.defaults(), case);
            play.perform();
            play.into_story()
        }
    }
}

struct Play<'c> {
    definition: &'c Arc<Definition>,
    cast: Cast<'c>,
    surroundings: Surroundings,
    executions: Arc<Executions>,
    conductor: Conductor,
    state: State,
    /// Seconds since the start.
    time: u64,
    /// What will end, by second and order.
    ends: BTreeMap<(u64, u64), End>,
    /// How many ends were queued so far.
    scheduled: u64,
    under_way: HashMap<TaskKey, UnderWay>,
    /// Inquiries that the case answers.
    inquiries: VecDeque<End>,
}

/// A task, or an item of one, ends.
struct End {
    task: TaskKey,
    item: Option<usize>,
    status: Status,
    result: Value,
}

impl<'c> Play<'c> {
    fn new(
        definition: &'c Arc<Definition>,
        defaults: &serde_json::Map<String, Json>,
        case: &'c Case,
    ) -> Self {
        let executions = Arc::new(Executions::default());
        let surroundings = Surroundings::new(case, &executions);
        let conductor = surroundings.conductor(definition, 0);
        let inputs = members(&cast::inputs(defaults, case));
        let (state, _) = conductor.start(&inputs, &surroundings::context(case));
        Self {
            definition,
            cast: Cast::new(case),
            surroundings,
            executions,
            conductor,
            state,
            time: 0,
            ends: BTreeMap::new(),
            scheduled: 0,
            under_way: HashMap::new(),
            inquiries: VecDeque::new(),
        }
    }

    fn perform(&mut self) {
        if self.state.status() == Status::Unset
            && let Err(refusal) = self.conductor.request(&mut self.state, Status::Running)
        {
            self.cast.stop(refusal.to_string());
        }
        while self.cast.story.stopped.is_none() {
            let offers = match self.conductor.next(&mut self.state) {
                Ok((offers, _)) => offers,
                Err(refusal) => return self.cast.stop(refusal.to_string()),
            };
            if offers.is_empty() {
                let Some(end) = self.next_end() else { return };
                self.report(&end);
            }
            for offer in offers {
                self.start(&offer);
            }
        }
    }

    /// What ends next; the clock is moved on to it. Inquiries are answered when nothing else goes on.
    fn next_end(&mut self) -> Option<End> {
        if let Some(((time, _), end)) = self.ends.pop_first() {
            if time != self.time {
                self.time = time;
                self.conductor = self.surroundings.conductor(self.definition, time);
            }
            return Some(end);
        }
        let answer = self.inquiries.pop_front()?;
        if self.state.status().is_pause()
            && let Err(refusal) = self.conductor.request(&mut self.state, Status::Running)
        {
            self.cast.stop(refusal.to_string());
            return None;
        }
        Some(answer)
    }

    /// Starts what is offered.
    fn start(&mut self, offer: &Offer) {
        let goes_on = offer.items_count.is_some() && self.under_way.contains_key(&offer.task);
        if !goes_on && !self.begin_run(offer) {
            return;
        }
        if offer.items_count == Some(0) {
            for (status, result) in [
                (Status::Running, Value::None),
                (Status::Succeeded, Value::list(Vec::new())),
            ] {
                self.report(&End {
                    task: offer.task.clone(),
                    item: None,
                    status,
                    result,
                });
            }
        }
        for action in &offer.actions {
            self.report(&End {
                task: offer.task.clone(),
                item: action.item,
                status: Status::Running,
                result: Value::None,
            });
            let Some(under_way) = self.under_way.get(&offer.task) else {
                continue;
            };
            let outcome = under_way.start(&mut self.cast.story.runs, action);
            let starts = self.time.saturating_add(under_way.delay);
            self.schedule(&offer.task, action.item, &outcome, starts);
        }
    }

    /// Begins a run of a task; false where the case does not allow it.
    fn begin_run(&mut self, offer: &Offer) -> bool {
        let name = offer.task.id.to_string();
        let texts = under_way::item_texts(self.state.item_values(&offer.task));
        let action = offer.actions.first().map(|action| &action.action);
        let action = action.and_then(Value::as_str).unwrap_or_default();
        let Some(outcome) = self.cast.outcome(&name, action, &texts) else {
            return false;
        };
        let delay = offer.delay.and_then(|delay| u64::try_from(delay).ok());
        let run = Run {
            delay: delay.unwrap_or_default(),
            items: offer.items_count.map(|_| Vec::new()),
            ..Run::new(name)
        };
        let at = self.cast.story.runs.len();
        let under_way = UnderWay::new(at, &run, outcome, texts);
        self.cast.story.runs.push(run);
        self.under_way.insert(offer.task.clone(), under_way);
        true
    }

    fn schedule(&mut self, task: &TaskKey, item: Option<usize>, outcome: &Outcome, starts: u64) {
        let (status, result) = match &outcome.answer {
            Some(_) => (Status::Pending, Value::None),
            None => (outcome.status, outcome.result.clone()),
        };
        let at = starts.saturating_add(outcome.takes);
        self.scheduled += 1;
        let end = End {
            task: task.clone(),
            item,
            status,
            result,
        };
        self.ends.insert((at, self.scheduled), end);
        if let Some(answer) = &outcome.answer {
            self.inquiries.push_back(End {
                task: task.clone(),
                item,
                status: Status::Succeeded,
                result: Outcome::response(answer),
            });
        }
    }

    /// Tells the conductor.
    fn report(&mut self, end: &End) {
        let contexts = self.state.contexts().len();
        let results = self.note(end);
        let item = end.item.map(|item| ItemReport { item, results });
        let report = Report {
            task: end.task.clone(),
            status: end.status,
            result: end.result.clone(),
            item,
        };
        if let Err(refusal) = self.conductor.report(&mut self.state, &report) {
            self.give_up(&end.task, &refusal);
        }
        self.after_report(end, contexts);
    }

    /// Notes what ends for `task()`; the results of all items, where they are needed.
    fn note(&mut self, end: &End) -> Value {
        let task = (end.task.id.to_string(), end.task.route);
        let Some(item) = end.item else {
            self.executions.note(task, end.status, end.result.clone());
            return Value::None;
        };
        let Some(under_way) = self.under_way.get_mut(&end.task) else {
            return Value::None;
        };
        under_way.note(&mut self.cast.story.runs, item, end);
        if !self
            .conductor
            .ends(&self.state, &end.task, item, end.status)
        {
            return Value::None;
        }
        let shown = under_way.shown(&self.cast.story.runs);
        self.executions.note(task, end.status, shown);
        under_way.results()
    }

    fn give_up(&mut self, task: &TaskKey, refusal: &Refusal) {
        let reason = refusal.to_string();
        if let Err(error) = self.conductor.give_up(&mut self.state, task, &reason) {
            self.cast.stop(format!("{reason}: {error}"));
        }
    }

    /// Notes what a report has come to: the run's status, what was published.
    fn after_report(&mut self, end: &End, contexts: usize) {
        let Some(under_way) = self.under_way.get(&end.task) else {
            return;
        };
        let Some(run) = self.cast.story.runs.get_mut(under_way.run) else {
            return;
        };
        for context in self.state.contexts().iter().skip(contexts) {
            run.published.extend(to_members(context));
        }
        let latest = self.state.latest(&end.task);
        let Some(entry) = latest.and_then(|at| self.state.sequence().get(at)) else {
            return;
        };
        let is_over = entry.status.is_completed() || entry.status == Status::Retrying;
        run.status = match entry.status {
            Status::Retrying => under_way::came_to(run, end.status),
            status => status,
        };
        if is_over {
            self.under_way.remove(&end.task);
        }
    }

    fn into_story(mut self) -> Story {
        let mut story = self.cast.story;
        story.status = self.state.status();
        story.takes = self.time;
        story.output = self
            .state
            .output()
            .map_or(Json::Null, |output| Json::Object(to_members(output)));
        let mut vars = to_members(&self.state.terminal_context());
        if vars.is_empty() {
            for context in self.state.contexts() {
                vars.extend(to_members(context));
            }
        }
        vars.retain(|name, _| !name.starts_with("__") && name != "st2" && name != "parent");
        story.vars = vars;
        story.errors = self
            .state
            .errors()
            .map(|error| StoryError {
                task: error.task_id.as_ref().map(ToString::to_string),
                message: error.message.clone(),
            })
            .collect();
        story
    }
}

/// A dictionary of Python's as JSON's.
fn to_members(dict: &Dict) -> serde_json::Map<String, Json> {
    match to_json(&Value::Dict(dict.clone())) {
        Json::Object(members) => members,
        _ => serde_json::Map::new(),
    }
}

/// A value as JSON; what JSON has no form for, as Python prints it.
fn to_json(value: &Value) -> Json {
    value
        .to_json()
        .unwrap_or_else(|_| Json::String(value.repr()))
}

/// JSON's members as a dictionary of Python's.
fn members(members: &serde_json::Map<String, Json>) -> Dict {
    let mut dict = Dict::default();
    for (name, value) in members {
        dict.insert(name.as_str(), Value::from_json(value));
    }
    dict
}

#[cfg(test)]
mod tests;
