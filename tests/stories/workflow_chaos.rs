//! Workflows while processes are killed and servers restarted: each comes to what it would have come to, no task is run
//! twice unless its runner died under it, and nothing stands open in the end.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, EngineProcess, repository};
use stories::servers::{Postgres, RabbitMq, wait_until};

/// Tasks of each that leave a line in the file: five of its own, one that fails first, two below.
const MARKS: usize = 5 + 1 + 2 + 2;
/// How long the engine may take to go on after a blow: leases run out in between.
const PATIENCE: Duration = Duration::from_mins(2);
const OPEN: [&str; 9] = [
    "requested",
    "delayed",
    "scheduled",
    "running",
    "pausing",
    "paused",
    "resuming",
    "pending",
    "canceling",
];

#[test]
fn two_hundred_come_through_whatever_dies() -> Result<()> {
    let (mut postgres, mut rabbitmq) = (Postgres::start()?, RabbitMq::start()?);
    let mut options = EngineOptions::new(Backend::Clustered);
    options.servers = Some((postgres.fresh_database()?, rabbitmq.url()));
    options.copies = 2;
    let mut trial = Trial::on(options)?;
    // All begin at once, however long it takes to ask for them.
    let conductors = |process: &&mut EngineProcess| process.role() == "workflow";
    for process in trial.engine.processes.iter_mut().filter(conductors) {
        process.terminate()?;
    }
    trial.ids = trial.request(200)?;
    let (stopped, paused) = (trial.request(20)?, trial.request(20)?);
    for process in trial.engine.processes.iter_mut().filter(conductors) {
        process.run()?;
    }

    let blows = ["workflow", "runner", "broker", "scheduler", "database"].repeat(2);
    for (number, blow) in blows.iter().enumerate() {
        trial.wait_for_progress(number + 1, blows.len() + 2)?;
        match number {
            0 => trial.ask_all(&paused, "pausing")?,
            1 => trial.ask_all(&stopped, "canceled")?,
            4 => {
                trial.wait_for_all(&paused, "paused")?;
                trial.ask_all(&paused, "resuming")?;
            }
            _ => {}
        }
        match *blow {
            "broker" => rabbitmq.restart()?,
            "database" => postgres.restart()?,
            role => trial.kill(role, number / 5)?,
        }
    }

    trial.come_to_rest()?;
    let mut heeded = 0;
    for id in &stopped {
        let ended = trial.engine.wait_for_end(id)?;
        // A join that cannot be met any more fails a canceled workflow, as in Orquesta.
        let is_unmet = ended["result"].to_string().contains("UnreachableJoinError");
        let was_asked = ended["log"].to_string().contains("\"canceling\"");
        ensure!(
            ended["status"] == "canceled" || is_unmet || !was_asked,
            "{ended}"
        );
        heeded += usize::from(was_asked);
    }
    ensure!(heeded > 0, "all had ended before they were canceled");
    trial.ids.extend(paused);
    trial.check()
}

#[test]
fn fifty_come_through_three_deaths_of_the_only_process() -> Result<()> {
    let mut trial = Trial::on(EngineOptions::new(Backend::Embedded))?;
    trial.ids = trial.request(50)?;

    for number in 1..=3 {
        trial.wait_for_progress(number, 4)?;
        trial.kill("up", 0)?;
    }

    trial.check()
}

/// Workflows under way.
struct Trial {
    engine: Engine,
    folder: tempfile::TempDir,
    /// Their executions, in the order of their numbers.
    ids: Vec<String>,
}

impl Trial {
    fn on(options: EngineOptions) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let options = options.with_packs(repository().join("tests/stories/workflows/packs"));
        Ok(Self {
            engine: Engine::start(&options)?,
            folder,
            ids: Vec::new(),
        })
    }

    /// Requests workflows; their ids.
    fn request(&self, count: usize) -> Result<Vec<String>> {
        let request = |_| {
            let parameters = json!({ "folder": self.folder.path() });
            let body = json!({ "action": "hardy.tree", "parameters": parameters });
            let made = self
                .engine
                .http
                .post("/v1/executions", &body)?
                .expect(201)?;
            Ok(made["id"].as_str().context("an id")?.to_owned())
        };
        (0..count).map(request).collect()
    }

    /// Asks executions for a state, again and again while nobody answers. What has ended already stays as it is.
    fn ask_all(&self, ids: &[String], status: &str) -> Result<()> {
        for id in ids {
            let path = format!("/v1/executions/{id}");
            wait_until(
                &format!("{id} being asked to be {status}"),
                PATIENCE,
                || {
                    let answer = self.engine.http.put(&path, &json!({ "status": status }));
                    Ok(answer.is_ok_and(|answer| answer.status < 500).then_some(()))
                },
            )?;
        }
        Ok(())
    }

    /// Waits until executions are in a state, or have succeeded before they heard of it.
    fn wait_for_all(&self, ids: &[String], status: &str) -> Result<()> {
        for id in ids {
            let path = format!("/v1/executions/{id}");
            let waited = wait_until(&format!("{id} being {status}"), PATIENCE, || {
                let answer = self.engine.http.get(&path);
                Ok(answer
                    .is_ok_and(|answer| {
                        answer.body["status"] == status || answer.body["status"] == "succeeded"
                    })
                    .then_some(()))
            });
            waited.with_context(|| self.engine.logs())?;
        }
        Ok(())
    }

    /// Which execution each line is of.
    fn marks(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("marks")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until so many parts of all marks were left.
    fn wait_for_progress(&self, parts: usize, of: usize) -> Result<()> {
        let wanted = self.ids.len() * MARKS * parts / of;
        wait_until(&format!("{wanted} marks"), PATIENCE, || {
            Ok((self.marks().len() >= wanted).then_some(()))
        })
        .with_context(|| self.engine.logs())
    }

    /// Kills a process of a role, and starts it again.
    fn kill(&mut self, role: &str, which: usize) -> Result<()> {
        let of_role = self.engine.processes.iter_mut();
        let mut of_role = of_role.filter(|process| process.role() == role);
        let process = of_role.nth(which).context("there is such a process")?;
        process.kill9()?;
        process.run()
    }

    fn check(&self) -> Result<()> {
        self.come_to_rest()?;
        for id in &self.ids {
            let path = format!("/v1/executions/{id}");
            let ended = self.engine.http.get(&path)?.expect(200)?;
            ensure!(ended["status"] == "succeeded", "{ended}");
            let words = ["one", "try", "all", "a", "b", "c", "d", "first", "second"];
            let words = words.map(|word| format!("{word}-{id}"));
            ensure!(
                ended["result"]["output"]["words"] == json!(words),
                "{ended}"
            );
        }
        let executions = self.executions()?;
        check_tasks(&executions)?;
        let lost = self.check_marks(&executions)?;
        let counts = executions
            .values()
            .fold(BTreeMap::new(), |mut counts, one| {
                *counts.entry(one["status"].to_string()).or_insert(0) += 1;
                counts
            });
        eprintln!(
            "{} workflows; executions by state {counts:?}, {lost} of the lost ones had begun",
            self.ids.len()
        );
        Ok(())
    }

    fn come_to_rest(&self) -> Result<()> {
        let waited = wait_until("the engine coming to rest", PATIENCE, || {
            for status in OPEN {
                let path = format!("/v1/executions?status={status}&limit=1");
                let found = self.engine.http.get(&path);
                if !found.is_ok_and(|found| found.total == Some(0)) {
                    return Ok(None);
                }
            }
            Ok(Some(()))
        });
        waited.with_context(|| self.engine.logs())
    }

    /// All executions by their ids.
    fn executions(&self) -> Result<HashMap<String, Value>> {
        let mut all = HashMap::new();
        loop {
            let path = format!(
                "/v1/executions?include_attributes=status,action.ref,parent,context&limit=100&offset={}",
                all.len()
            );
            let page = self.engine.http.get(&path)?.expect(200)?;
            let page = page.as_array().context("a listing is an array")?;
            for one in page {
                let id = one["id"].as_str().context("an execution has an id")?;
                all.insert(id.to_owned(), one.clone());
            }
            if page.len() < 100 {
                return Ok(all);
            }
        }
    }

    /// No execution ran twice, and whatever succeeded ran; gives how many of those that were lost had begun.
    fn check_marks(&self, executions: &HashMap<String, Value>) -> Result<usize> {
        let marks = self.marks();
        let mut ran: HashMap<&str, usize> = HashMap::new();
        for id in &marks {
            *ran.entry(id).or_default() += 1;
        }
        for (id, times) in &ran {
            ensure!(*times == 1, "{id} ran {times} times");
            ensure!(executions.contains_key(*id), "{id} ran and is not stored");
        }
        let mut lost = 0;
        for (id, one) in executions {
            let leaves_mark = ["hardy.mark", "hardy.stumble"].map(Value::from);
            if !leaves_mark.contains(&one["action"]["ref"]) {
                continue;
            }
            let has_run = ran.contains_key(id.as_str());
            let is_lost = one["status"] == "abandoned";
            let was_stopped = one["status"] == "canceled";
            ensure!(
                has_run || is_lost || was_stopped,
                "{one} is said to have run"
            );
            lost += usize::from(has_run && is_lost);
        }
        Ok(lost)
    }
}

/// Each task and each item of each workflow succeeded once, and was not asked for again unless it was lost (or failed as
/// it should).
fn check_tasks(executions: &HashMap<String, Value>) -> Result<()> {
    let mut of_task: HashMap<(String, String, String), Vec<&str>> = HashMap::new();
    for one in executions.values() {
        let task = &one["context"]["orquesta"];
        let Some(name) = task["task_name"].as_str() else {
            continue;
        };
        let key = (
            one["parent"].to_string(),
            name.to_owned(),
            task["item_id"].to_string(),
        );
        let states = of_task.entry(key).or_default();
        states.push(one["status"].as_str().unwrap_or_default());
    }
    for (key, states) in of_task {
        let was_stopped = executions
            .get(key.0.trim_matches('"'))
            .is_some_and(|parent| parent["status"] != "succeeded");
        let count = |status: &str| states.iter().filter(|one| **one == status).count();
        let failed = count("failed");
        let succeeded = count("succeeded");
        ensure!(succeeded <= 1, "{key:?}: {states:?}");
        if was_stopped {
            continue;
        }
        ensure!(succeeded == 1, "{key:?}: {states:?}");
        ensure!(
            failed == 0 || (failed == 1 && key.1 == "try"),
            "{key:?}: {states:?}"
        );
        ensure!(
            states.len() == 1 + failed + count("abandoned"),
            "{key:?}: {states:?}"
        );
    }
    Ok(())
}
