//! Workflows from request to stored end: sequences, items, many at once, large results.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions};
use stories::servers::wait_until;
use tokio::runtime::Runtime;

use crate::events::Servers;
use crate::figures::{ms, ratio};
use crate::load::{Connection, post, send_all};
use crate::{execution, limits};

/// How long a run may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// Bytes of a large result.
const LARGE: usize = 5_000_000;
/// So many workflows at once, and so many tasks in each.
const MANY: (usize, usize) = (200, 5);

/// Measures and prints, a line at a time: a run takes a minute.
pub(crate) fn measure(backend: Backend, print: impl Fn(&Value)) -> Result<()> {
    let folder = tempfile::tempdir()?;
    write_pack(folder.path())?;
    let servers = Servers::of(backend)?;
    let mut options = EngineOptions::new(backend).with_packs(folder.path());
    options.servers = servers.as_ref().map(Servers::urls).transpose()?;
    let engine = Engine::start(&options)?;
    let bench = Bench {
        runtime: Runtime::new()?,
        name: format!("{backend:?}").to_lowercase(),
        engine,
    };
    bench.sequences(&print)?;
    bench.items(&print)?;
    print(&bench.many()?);
    print(&bench.large_result()?);
    Ok(())
}

struct Bench {
    engine: Engine,
    runtime: Runtime,
    name: String,
}

impl Bench {
    /// Tasks one after the other, beside as many executions requested one after the other.
    fn sequences(&self, print: impl Fn(&Value)) -> Result<()> {
        let plain = self.median("core.noop", &json!({}), 40)?;
        let lines = [
            (10, "flow.ten", 100),
            (40, "flow.forty", 300),
            (1000, "flow.loop", 0),
        ];
        for (tasks, action, budget) in lines {
            let runs = if tasks > 100 { 1 } else { 15 };
            let time = self.median(action, &json!({"turns": tasks}), runs)?;
            print(&json!({
                "bench": "workflows", "backend": self.name, "what": format!("{tasks} tasks in a row"),
                "p50_ms": ms(time), "budget_ms": budget, "per_task_ms": ms(time / tasks),
                "one_execution_ms": ms(plain), "ratio": ratio(time / tasks, plain),
            }));
        }
        Ok(())
    }

    /// Items of one task, all at once.
    fn items(&self, print: impl Fn(&Value)) -> Result<()> {
        let mut before: Option<Duration> = None;
        for count in [50, 1000, 10_000] {
            let runs = if count > 1000 { 1 } else { 3 };
            let time = self.median("flow.items", &json!({"count": count}), runs)?;
            print(&json!({
                "bench": "workflows", "backend": self.name, "what": format!("{count} items"),
                "p50_ms": ms(time), "items_per_second": limits::per_second(count, time).round(),
                "times_the_last": before.map(|before| ratio(time, before)),
            }));
            before = Some(time);
        }
        Ok(())
    }

    /// Many workflows at once, beside as many plain executions.
    fn many(&self) -> Result<Value> {
        let (workflows, tasks) = MANY;
        let count = workflows * tasks;
        let noops = self.ended("core.noop")?;
        let plain = self.rate("core.noop", count, count, noops)?;
        let noops = self.ended("core.noop")?;
        let conducted = self.rate("flow.five", workflows, count, noops)?;
        Ok(json!({
            "bench": "workflows", "backend": self.name,
            "what": format!("{workflows} workflows of {tasks} tasks at once"),
            "tasks_per_second": conducted.round(), "plain_executions_per_second": plain.round(),
            "ratio": (conducted / plain * 100.0).round() / 100.0,
        }))
    }

    /// What passing a large result to the next task adds.
    fn large_result(&self) -> Result<Value> {
        let small = self.median("flow.pass", &json!({"bytes": 1}), 5)?;
        let large = self.median("flow.pass", &json!({"bytes": LARGE}), 5)?;
        Ok(json!({
            "bench": "workflows", "backend": self.name, "what": "a result of 5 MB passed on",
            "small_ms": ms(small), "large_ms": ms(large), "added_ms": ms(large.saturating_sub(small)),
            "budget_ms": 150,
        }))
    }

    /// The time from request to end, in the middle of several runs.
    fn median(&self, action: &str, parameters: &Value, runs: usize) -> Result<Duration> {
        let mut times = self.runtime.block_on(async {
            let mut connection = Connection::open(self.engine.port()).await?;
            let mut times = Vec::with_capacity(runs);
            for turn in 0..=runs {
                let time = time_of(&mut connection, action, parameters).await?;
                // The first one compiles what the others find.
                if turn > 0 {
                    times.push(time);
                }
            }
            anyhow::Ok(times)
        })?;
        times.sort_unstable();
        Ok(times[times.len() / 2])
    }

    /// Requests `requests` executions as fast as they are taken; noops that end a second.
    fn rate(&self, action: &str, requests: usize, noops: usize, before: u64) -> Result<f64> {
        let body = json!({"action": action}).to_string();
        let start = Instant::now();
        let sent = send_all(
            self.engine.port(),
            post("/v1/executions", &body),
            requests,
            16,
        );
        self.runtime.block_on(sent)?;
        wait_until("the end of all tasks", PATIENCE, || {
            Ok((self.ended("core.noop")? >= before + noops as u64).then_some(()))
        })?;
        Ok(limits::per_second(noops, start.elapsed()))
    }

    fn ended(&self, action: &str) -> Result<u64> {
        let path = format!(
            "/v1/executions?action={action}&status=succeeded&limit=1&include_attributes=status"
        );
        self.engine
            .http
            .get(&path)?
            .total
            .context("no X-Total-Count")
    }
}

/// From the request to the answer that shows the end; an action of `core` takes no parameters.
async fn time_of(
    connection: &mut Connection,
    action: &str,
    parameters: &Value,
) -> Result<Duration> {
    let none = json!({});
    let known = if action.starts_with("core.") {
        &none
    } else {
        parameters
    };
    Ok(execution::run(connection, action, known).await?.1)
}

/// The pack `flow`, whose workflows are made for measuring.
fn write_pack(packs: &Path) -> Result<()> {
    let actions = packs.join("flow/actions");
    std::fs::create_dir_all(actions.join("workflows"))?;
    std::fs::write(
        packs.join("flow/pack.yaml"),
        "ref: flow\nname: flow\ndescription: For measuring.\nversion: 1.0.0\nauthor: Petrel\nemail: petrel@example.com\n",
    )?;
    std::fs::write(
        actions.join("take.yaml"),
        "name: take\nrunner_type: noop\nparameters:\n  data: {type: string}\n",
    )?;
    for (name, workflow) in [
        ("five", sequence(5)),
        ("ten", sequence(10)),
        ("forty", sequence(40)),
        ("loop", LOOP.to_owned()),
        ("items", ITEMS.to_owned()),
        ("pass", PASS.to_owned()),
    ] {
        let metadata = format!(
            "name: {name}\nrunner_type: orquesta\nentry_point: workflows/{name}.yaml\nparameters:\n  turns: {{type: integer, default: 0}}\n  \
             count: {{type: integer, default: 0}}\n  bytes: {{type: integer, default: 0}}\n"
        );
        std::fs::write(actions.join(format!("{name}.yaml")), metadata)?;
        std::fs::write(actions.join(format!("workflows/{name}.yaml")), workflow)?;
    }
    Ok(())
}

fn sequence(tasks: usize) -> String {
    let task = |task: usize| {
        let next = if task < tasks {
            format!(
                "    next:\n      - when: <% succeeded() %>\n        do: t{}\n",
                task + 1
            )
        } else {
            String::new()
        };
        format!("  t{task}:\n    action: core.noop\n{next}")
    };
    let tasks: String = (1..=tasks).map(task).collect();
    format!("version: 1.0\ntasks:\n{tasks}")
}

const LOOP: &str = "\
version: 1.0
input: [turns]
vars:
  - turn: 0
tasks:
  begin:
    action: core.noop
    next:
      - do: turn
  turn:
    action: core.noop
    next:
      - when: <% succeeded() and ctx().turn + 1 < ctx().turns %>
        publish: turn=<% ctx().turn + 1 %>
        do: turn
";

const ITEMS: &str = "\
version: 1.0
input: [count]
tasks:
  each:
    with: <% range(0, ctx().count) %>
    action: core.noop
";

const PASS: &str = "\
version: 1.0
input: [bytes]
tasks:
  make:
    action: core.local cmd=\"head -c <% ctx().bytes %> /dev/zero | base64 -w 0 | head -c <% ctx().bytes %>\"
    next:
      - when: <% succeeded() %>
        publish: data=<% result().stdout %>
        do: take
  take:
    action: flow.take data=<% ctx().data %>
";
