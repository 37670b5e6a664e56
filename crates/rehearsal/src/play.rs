//! Runs a case: the conductor says what is to run, the case what comes of it.
//!
//! What ends is queued by the second at which it ends, and among those of one second by the order of their starts.

mod surroundings;
mod under_way;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use conductor::{Conductor, ItemReport, Offer, Refusal, Report, State, Status, TaskKey};
use pyvalue::{Dict, Value};
use serde_json::Value as Json;
use yaml::Position;

use crate::outcome::Outcome;
use crate::{Case, Run, Story, StoryError, Workflow};

use surroundings::{Executions, Surroundings};
use under_way::UnderWay;

/// Runs a case.
pub(crate) fn run(workflow: &Workflow, case: &Case) -> Story {
    let mut play = Play::new(workflow, case);
    play.perform();
    play.into_story()
}

/// How many tasks are named of one that goes on without end.
const LAST: usize = 6;

struct Play<'c> {
    workflow: &'c Workflow,
    case: &'c Case,
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
    tries: HashMap<String, usize>,
    under_way: HashMap<TaskKey, UnderWay>,
    /// Inquiries that the case answers.
    inquiries: VecDeque<End>,
    story: Story,
}

/// A task, or an item of one, ends.
struct End {
    task: TaskKey,
    item: Option<usize>,
    status: Status,
    result: Value,
}

impl<'c> Play<'c> {
    fn new(workflow: &'c Workflow, case: &'c Case) -> Self {
        let executions = Arc::new(Executions::default());
        let surroundings = Surroundings::new(case, &executions);
        let conductor = surroundings.conductor(workflow, 0);
        let mut inputs = members(workflow.defaults());
        for (name, (_, value)) in &case.input {
            inputs.insert(name.as_str(), Value::from_json(value));
        }
        let (state, _) = conductor.start(&inputs, &surroundings::context(case));
        Self {
            workflow,
            case,
            surroundings,
            executions,
            conductor,
            state,
            time: 0,
            ends: BTreeMap::new(),
            scheduled: 0,
            tries: HashMap::new(),
            under_way: HashMap::new(),
            inquiries: VecDeque::new(),
            story: Story::default(),
        }
    }

    fn perform(&mut self) {
        if self.state.status() == Status::Unset
            && let Err(refusal) = self.conductor.request(&mut self.state, Status::Running)
        {
            self.stop(self.case.position, refusal.to_string());
        }
        while self.story.stopped.is_none() {
            let offers = match self.conductor.next(&mut self.state) {
                Ok((offers, _)) => offers,
                Err(refusal) => return self.stop(self.case.position, refusal.to_string()),
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
                self.conductor = self.surroundings.conductor(self.workflow, time);
            }
            return Some(end);
        }
        let answer = self.inquiries.pop_front()?;
        if self.state.status().is_pause()
            && let Err(refusal) = self.conductor.request(&mut self.state, Status::Running)
        {
            self.stop(self.case.position, refusal.to_string());
            return None;
        }
        Some(answer)
    }

    fn stop(&mut self, position: Position, reason: String) {
        self.story.stopped.get_or_insert((position, reason));
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
            let outcome = under_way.start(&mut self.story.runs, action);
            let starts = self.time.saturating_add(under_way.delay);
            self.schedule(&offer.task, action.item, &outcome, starts);
        }
    }

    /// Begins a run of a task; false where the case does not allow it.
    fn begin_run(&mut self, offer: &Offer) -> bool {
        if self.story.runs.len() >= self.case.limit {
            let last = self.story.runs.iter().rev().take(LAST).rev();
            let last: Vec<&str> = last.map(|run| run.task.as_str()).collect();
            let reason = format!(
                "the workflow does not end: after {} runs of tasks it goes on (last {}); look at the conditions \
                 of its loops, or give the case a higher `limit`",
                self.case.limit,
                last.join(", ")
            );
            self.stop(self.case.position, reason);
            return false;
        }
        let name = offer.task.id.to_string();
        let tries = self.tries.entry(name.clone()).or_default();
        let number = *tries;
        *tries += 1;
        let texts = under_way::item_texts(self.state.item_values(&offer.task));
        let outcome = match self.case.tasks.get(&name) {
            Some(outcomes) => {
                let outcome = outcomes.of_run(number);
                for (position, item) in outcome.unknown_items(&texts) {
                    let message = format!(
                        "task {name} has no item `{item}`; items are {}",
                        texts.join(", ")
                    );
                    if !self
                        .story
                        .unknown_items
                        .contains(&(position, message.clone()))
                    {
                        self.story.unknown_items.push((position, message));
                    }
                }
                outcome
            }
            None => match self.unnamed(&name, offer) {
                Some(outcome) => outcome,
                None => return false,
            },
        };
        self.story.runs.push(Run {
            task: name,
            status: Status::Running,
            action: Json::Null,
            input: Json::Null,
            delay: offer
                .delay
                .map_or(0, |delay| u64::try_from(delay).unwrap_or(0)),
            published: serde_json::Map::new(),
            items: offer.items_count.map(|_| Vec::new()),
        });
        let run = self.story.runs.len() - 1;
        let under_way = UnderWay::new(run, &self.story.runs[run], outcome, texts);
        self.under_way.insert(offer.task.clone(), under_way);
        true
    }

    /// What a task comes to that the case does not name; none where it has to.
    fn unnamed(&mut self, name: &str, offer: &Offer) -> Option<Outcome> {
        let action = offer.actions.first().map(|action| &action.action);
        let action = action.and_then(Value::as_str).unwrap_or_default();
        if matches!(action, "" | "core.noop") {
            return Some(Outcome::default());
        }
        if self.case.is_strict {
            let reason = format!(
                "task {name} runs {action}, and the case is strict, but does not say under `tasks` what it comes to"
            );
            self.stop(self.case.position, reason);
            return None;
        }
        let mut outcome = Outcome::default();
        if action == "core.ask" {
            outcome.status = Status::Pending;
        } else if !self.story.unnamed.iter().any(|known| known == name) {
            self.story.unnamed.push(name.to_owned());
        }
        Some(outcome)
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
        under_way.note(&mut self.story.runs, item, end);
        if !self
            .conductor
            .ends(&self.state, &end.task, item, end.status)
        {
            return Value::None;
        }
        let shown = under_way.shown(&self.story.runs);
        self.executions.note(task, end.status, shown);
        under_way.results()
    }

    fn give_up(&mut self, task: &TaskKey, refusal: &Refusal) {
        let reason = refusal.to_string();
        if let Err(error) = self.conductor.give_up(&mut self.state, task, &reason) {
            self.stop(self.case.position, format!("{reason}: {error}"));
        }
    }

    /// Notes what a report has come to: the run's status, what was published.
    fn after_report(&mut self, end: &End, contexts: usize) {
        let Some(under_way) = self.under_way.get(&end.task) else {
            return;
        };
        let Some(run) = self.story.runs.get_mut(under_way.run) else {
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
        self.story.status = self.state.status();
        self.story.takes = self.time;
        self.story.output = self
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
        self.story.vars = vars;
        self.story.errors = self
            .state
            .errors()
            .map(|error| StoryError {
                task: error.task_id.as_ref().map(ToString::to_string),
                message: error.message.clone(),
            })
            .collect();
        self.story
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
