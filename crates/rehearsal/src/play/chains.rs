//! Runs a case of an action chain: one task at a time.

use chain::{Chain, Inputs, Report, Request, Run as ChainRun, Step, Surroundings};
use conductor::Status;
use serde_json::{Map, Value as Json};

use super::cast::{self, Cast};
use super::surroundings::{EXECUTION, after, datastore, st2};
use super::to_json;
use crate::outcome::Outcome;
use crate::{Case, Run, Story, StoryError};

/// Runs a case.
pub(super) fn run(chain: &Chain, defaults: &Map<String, Json>, case: &Case) -> Story {
    let mut context = st2(case);
    if let Some(parent) = &case.parent {
        context.insert("parent".to_owned(), Json::Object(parent.clone()));
    }
    let inputs = Inputs {
        execution_id: EXECUTION.to_owned(),
        parameters: cast::inputs(defaults, case),
        context,
        display_published: true,
        ..Inputs::default()
    };
    let surroundings = Surroundings {
        datastore: Some(datastore(case)),
        config: Map::new(),
    };
    let (run, _) = ChainRun::start(chain, inputs, &surroundings);
    let mut play = Play {
        chain,
        surroundings,
        cast: Cast::new(case),
        run,
        time: 0,
    };
    play.perform();
    play.into_story()
}

struct Play<'c> {
    chain: &'c Chain,
    surroundings: Surroundings,
    cast: Cast<'c>,
    run: ChainRun,
    /// Seconds since the start.
    time: u64,
}

impl Play<'_> {
    fn perform(&mut self) {
        while self.cast.story.stopped.is_none() {
            match self.run.next(self.chain, &self.surroundings).0 {
                Step::Request(request) => self.carry_out(*request),
                Step::Resume { .. } | Step::Wait | Step::Rest { .. } | Step::End { .. } => return,
            }
        }
    }

    fn carry_out(&mut self, request: Request) {
        let name = request.task.to_string();
        let Some(outcome) = self.cast.outcome(&name, &request.action, &[]) else {
            return;
        };
        self.cast.story.runs.push(Run {
            action: Json::String(request.action),
            input: Json::Object(request.parameters),
            ..Run::new(name)
        });
        let id = format!("{:024x}", request.number + 1);
        let at = self.now();
        if let Err(error) = self.run.requested(&id, &at) {
            return self.cast.stop(error.to_string());
        }
        self.time = self.time.saturating_add(outcome.takes);
        match &outcome.answer {
            None => self.report(&id, outcome.status, to_json(&outcome.result)),
            Some(answer) => {
                self.report(&id, Status::Pending, Json::Null);
                let response = to_json(&Outcome::response(answer));
                self.report(&id, Status::Succeeded, response);
            }
        }
    }

    fn report(&mut self, id: &str, status: Status, result: Json) {
        let Ok(chain_status) = status.as_str().parse() else {
            return self
                .cast
                .stop(format!("a chain knows no status `{status}`"));
        };
        let report = Report {
            execution_id: id.to_owned(),
            status: chain_status,
            result,
            at: self.now(),
        };
        match self.run.report(self.chain, &self.surroundings, report) {
            Ok(changes) => {
                if let Some(run) = self.cast.story.runs.last_mut() {
                    run.status = status;
                    run.published = published(&changes);
                }
            }
            Err(error) => self.cast.stop(error.to_string()),
        }
    }

    /// The time as StackStorm writes it.
    fn now(&self) -> String {
        let now = after(self.cast.case.now, self.time).to_utc();
        now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    fn into_story(self) -> Story {
        let mut story = self.cast.story;
        let result = self.run.result();
        story.status = Status::parse(self.run.status().as_str()).unwrap_or_default();
        story.takes = self.time;
        if let Some(published) = result["published"].as_object() {
            story.vars.clone_from(published);
        }
        story.output = result;
        story.errors = self
            .run
            .error()
            .map(|message| StoryError {
                task: None,
                message: message.to_owned(),
            })
            .into_iter()
            .collect();
        story
    }
}

/// What the task of these records has published.
fn published(changes: &chain::Changes) -> Map<String, Json> {
    let task = changes.iter().find(|(key, _)| key.starts_with("task/"));
    let record: Json = task
        .and_then(|(_, record)| serde_json::from_str(record).ok())
        .unwrap_or_default();
    record["published"].as_object().cloned().unwrap_or_default()
}
