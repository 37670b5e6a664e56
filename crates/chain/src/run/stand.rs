//! A run on a test stand: executions are numbered, times are counted, results are given.

use std::sync::Arc;

use expr::{Datastore, Scope};
use serde_json::{Value, json};

use super::{Changes, NotExpected, Refusal, Report, Request, Run, Step};
use crate::{Chain, Inputs, Status, Surroundings};

/// A datastore that holds `a` and `a.b.c` for the system, `a` for the user.
#[derive(Debug)]
struct Items;

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        match (scope, name) {
            (Scope::System, "a") => Some("1".to_owned()),
            (Scope::System, "a.b.c") => Some("two".to_owned()),
            (Scope::User, "a") => Some("mine".to_owned()),
            _ => None,
        }
    }

    fn decrypt(&self, _: &str) -> Result<String, String> {
        Err("nothing is sealed here".to_owned())
    }
}

pub(super) struct Stand {
    pub(super) chain: Chain,
    pub(super) run: Run,
    pub(super) surroundings: Surroundings,
    clock: usize,
}

pub(super) fn inputs(parameters: &Value) -> Inputs {
    Inputs {
        execution_id: "chain1".to_owned(),
        parameters: parameters.as_object().unwrap().clone(),
        context: json!({"user": "ann", "pack": "demo"})
            .as_object()
            .unwrap()
            .clone(),
        display_published: true,
        ..Inputs::default()
    }
}

impl Stand {
    /// Starts a chain, written in YAML.
    pub(super) fn new(chain: &str, parameters: &Value) -> Self {
        Self::with(chain, inputs(parameters))
    }

    pub(super) fn with(chain: &str, inputs: Inputs) -> Self {
        let chain = Chain::from_json(&yaml::to_json(chain).unwrap()).unwrap();
        let surroundings = Surroundings {
            datastore: Some(Arc::new(Items)),
            config: json!({"host": "db1"}).as_object().unwrap().clone(),
        };
        let (run, _) = Run::start(&chain, inputs, &surroundings);
        Self {
            chain,
            run,
            surroundings,
            clock: 0,
        }
    }

    fn now(&mut self) -> String {
        self.clock += 1;
        format!("t{}", self.clock)
    }

    pub(super) fn next(&mut self) -> Step {
        self.run.next(&self.chain, &self.surroundings).0
    }

    /// The request that is next.
    pub(super) fn request(&mut self) -> Request {
        match self.next() {
            Step::Request(request) => *request,
            other => panic!("no request: {other:?}"),
        }
    }

    /// Requests what is next; its execution is `eN`.
    pub(super) fn requested(&mut self) -> Request {
        let request = self.request();
        let at = self.now();
        self.run
            .requested(&format!("e{}", request.number), &at)
            .unwrap();
        request
    }

    pub(super) fn refused(&mut self, refusal: &Refusal) {
        self.request();
        let at = self.now();
        self.run.refused(&self.chain, refusal, &at).unwrap();
    }

    /// Reports on the task under way.
    pub(super) fn report(&mut self, status: Status, result: Value) -> Changes {
        let execution_id = self.run.active().unwrap().execution_id.clone().unwrap();
        self.try_report(&execution_id, status, result).unwrap()
    }

    pub(super) fn try_report(
        &mut self,
        execution_id: &str,
        status: Status,
        result: Value,
    ) -> Result<Changes, NotExpected> {
        let report = Report {
            execution_id: execution_id.to_owned(),
            status,
            result,
            at: self.now(),
        };
        self.run.report(&self.chain, &self.surroundings, report)
    }

    /// Runs the next task to its end.
    pub(super) fn task(&mut self, status: Status, result: Value) -> Request {
        let request = self.requested();
        self.report(status, result);
        request
    }

    /// How the chain ended, and its result.
    pub(super) fn ended(&mut self) -> (Status, Value) {
        match self.next() {
            Step::End { status, result } => (status, result),
            other => panic!("not ended: {other:?}"),
        }
    }

    /// The tasks that were requested, each with the state it is in.
    pub(super) fn path(&self) -> Vec<String> {
        let tasks = self.run.tasks().iter();
        tasks
            .map(|task| format!("{} {}", task.name, task.state))
            .collect()
    }
}
