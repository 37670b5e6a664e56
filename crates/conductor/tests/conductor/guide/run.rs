//! Runs workflows to their end. Their actions are the few that the page uses, and really happen.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::process::Command;
use std::sync::Arc;

use conductor::{
    Conductor, Definition, ItemReport, Offer, Report, State, Status, Surroundings, TaskKey,
};
use expr::{Datastore, Scope};
use pyvalue::Value;
use serde_json::{Value as Json, json};

use crate::support::dict;

/// The workflows of the page, by their names: their pack is `guide`.
pub(crate) struct Workflows(pub(crate) BTreeMap<String, String>);

/// What a run is given.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) input: Json,
    /// What inquiries are answered, one after the other. Those without an answer stay pending.
    pub(crate) answers: RefCell<VecDeque<Json>>,
    pub(crate) datastore: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    /// Tasks in the order in which they began.
    pub(crate) tasks: Vec<String>,
    pub(crate) output: Json,
    pub(crate) errors: Json,
}

impl Workflows {
    pub(crate) fn run(&self, name: &str, given: &Given) -> Outcome {
        let document = yaml::to_json(&self.0[name]).unwrap();
        let surroundings = Surroundings {
            datastore: Some(Arc::new(Items(given.datastore.clone()))),
            ..Surroundings::default()
        };
        let definition = Arc::new(Definition::from_json(&document).unwrap());
        let conductor = Conductor::new(definition, surroundings);
        let context =
            json!({"st2": {"user": "ada", "action_execution_id": "6921a0b4c3d2e1f001020304"}});
        let (state, _) = conductor.start(&dict(&given.input), &dict(&context));
        let mut run = Run {
            workflows: self,
            given,
            conductor,
            state,
            tasks: Vec::new(),
            results: BTreeMap::new(),
        };
        run.finish();
        run.outcome()
    }
}

/// One run.
struct Run<'a> {
    workflows: &'a Workflows,
    given: &'a Given,
    conductor: Conductor,
    state: State,
    tasks: Vec<String>,
    /// Of tasks with items, so far.
    results: BTreeMap<String, Vec<Json>>,
}

impl Run<'_> {
    fn finish(&mut self) {
        if self.state.status() == Status::Failed {
            return;
        }
        self.request(Status::Running);
        for _ in 0..1000 {
            let (offers, _) = self.conductor.next(&mut self.state).unwrap();
            if offers.is_empty() {
                return;
            }
            // What is offered together begins together.
            for offer in &offers {
                self.begin(offer);
            }
            for offer in &offers {
                self.end(offer);
            }
        }
        panic!("the workflow runs for ever");
    }

    fn begin(&mut self, offer: &Offer) {
        let first = offer.actions.first().and_then(|action| action.item);
        if first.is_none_or(|item| item == 0) {
            self.tasks.push(offer.task.id.to_string());
            let results = vec![Json::Null; offer.items_count.unwrap_or(0)];
            self.results.insert(offer.task.to_string(), results);
        }
        for action in &offer.actions {
            self.report(&offer.task, Status::Running, &Json::Null, action.item);
        }
        if offer.actions.is_empty() {
            self.report(&offer.task, Status::Running, &Json::Null, None);
        }
    }

    fn end(&mut self, offer: &Offer) {
        for action in &offer.actions {
            let input = action.input.to_json().unwrap();
            let name = action.action.as_str().unwrap_or("core.noop");
            let (status, result) = self.carry_out(name, &input);
            if let Some(item) = action.item {
                self.results.get_mut(&offer.task.to_string()).unwrap()[item] = result.clone();
            }
            if name == "core.ask" && status.is_completed() {
                self.report(&offer.task, Status::Pending, &Json::Null, action.item);
                self.request(Status::Resuming);
                // A task with items is paused by an item that waits, and goes on only when one runs.
                if action.item.is_some() {
                    self.report(&offer.task, Status::Running, &Json::Null, action.item);
                }
            }
            self.report(&offer.task, status, &result, action.item);
        }
        if offer.actions.is_empty() {
            self.report(&offer.task, Status::Succeeded, &json!([]), None);
        }
    }

    /// Runs an action.
    fn carry_out(&self, action: &str, input: &Json) -> (Status, Json) {
        match action {
            "core.noop" => (Status::Succeeded, json!({})),
            "core.echo" => shell(
                "printf '%s\\n' \"$MESSAGE\"",
                &json!({"MESSAGE": input["message"]}),
            ),
            "core.local" => shell(input["cmd"].as_str().unwrap(), &input["env"]),
            "core.ask" => match self.given.answers.borrow_mut().pop_front() {
                Some(answer) => (Status::Succeeded, json!({"response": answer})),
                None => (Status::Pending, Json::Null),
            },
            other => {
                let name = other
                    .strip_prefix("guide.")
                    .unwrap_or_else(|| panic!("{other}"));
                let given = Given {
                    input: input.clone(),
                    ..Given::default()
                };
                let outcome = self.workflows.run(name, &given);
                let result = json!({"output": outcome.output, "errors": outcome.errors});
                (outcome.status, result)
            }
        }
    }

    fn request(&mut self, status: Status) {
        self.conductor.request(&mut self.state, status).unwrap();
    }

    fn report(&mut self, task: &TaskKey, status: Status, result: &Json, item: Option<usize>) {
        let results = self.results.get(&task.to_string());
        let item = item.map(|item| ItemReport {
            item,
            results: Value::from_json(&json!(results)),
        });
        let report = Report {
            task: task.clone(),
            status,
            result: Value::from_json(result),
            item,
        };
        self.conductor.report(&mut self.state, &report).unwrap();
    }

    fn outcome(self) -> Outcome {
        let errors = self.state.errors().map(|error| {
            let mut shown = json!({"message": error.message});
            if let Some(task) = &error.task_id {
                shown["task_id"] = json!(&**task);
            }
            shown
        });
        let output = self
            .state
            .output()
            .map(|output| Value::Dict(output.clone()));
        Outcome {
            status: self.state.status(),
            errors: errors.collect(),
            output: output.map_or(Json::Null, |output| output.to_json().unwrap()),
            tasks: self.tasks,
        }
    }
}

/// Runs a command, with a result as the shell's runner gives it.
fn shell(command: &str, env: &Json) -> (Status, Json) {
    let mut process = Command::new("sh");
    process.args(["-c", command]);
    for (name, value) in env.as_object().into_iter().flatten() {
        process.env(
            name,
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        );
    }
    let output = process.output().unwrap();
    let succeeded = output.status.success();
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .trim_end()
            .to_owned()
    };
    let stdout = text(&output.stdout);
    let stdout = serde_json::from_str(&stdout).unwrap_or(json!(stdout));
    let result = json!({
        "succeeded": succeeded,
        "failed": !succeeded,
        "return_code": output.status.code(),
        "stdout": stdout,
        "stderr": text(&output.stderr),
    });
    (
        if succeeded {
            Status::Succeeded
        } else {
            Status::Failed
        },
        result,
    )
}

/// A datastore.
#[derive(Debug)]
struct Items(BTreeMap<String, String>);

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        let scope = match scope {
            Scope::System => "system",
            Scope::User => "user",
        };
        self.0.get(&format!("{scope}.{name}")).cloned()
    }

    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        Err(format!("{sealed} is not sealed"))
    }
}
