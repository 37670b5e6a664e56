//! Python actions: warm and cold, one by one and queued, beside a bare fork of a warm interpreter.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, repository};
use tokio::runtime::Runtime;

use crate::events::Servers;
use crate::execution;
use crate::figures::{ms, ratio};
use crate::latency::News;
use crate::load::Connection;

/// The action that is run, and what it is compared with.
const ACTION: &str = include_str!("python/echo.py");
const BARE_FORK: &str = include_str!("python/bare_fork.py");
/// Runs before any is timed: libraries that actions import are loaded ahead meanwhile.
const WARMING: usize = 40;
/// Packs whose first action is timed.
const COLD: usize = 6;
/// What the runner itself tells of its part.
const RUNNERS_PART: &str = "petrel_python_action_seconds";

pub(crate) fn measure(backend: Backend, count: usize, print: impl Fn(&Value)) -> Result<()> {
    let folder = tempfile::tempdir()?;
    for number in 0..COLD {
        write_pack(folder.path(), &format!("bench{number}"))?;
    }
    let servers = Servers::of(backend)?;
    let mut options = EngineOptions::new(backend).with_packs(folder.path());
    options.servers = servers.as_ref().map(Servers::urls).transpose()?;
    let mut engine = Engine::prepare(&options)?;
    for number in 0..COLD {
        make_virtualenv(
            &engine
                .folder()
                .join(format!("data/virtualenvs/bench{number}")),
        )?;
    }
    for process in &mut engine.processes {
        process.run()?;
    }
    engine.wait_until_ready()?;
    let bench = Bench {
        runtime: Runtime::new()?,
        name: format!("{backend:?}").to_lowercase(),
        engine,
    };
    print(&bench.cold()?);
    bench.warm(folder.path(), count, &print)?;
    print(&bench.queued(count)?);
    print(&bench.memory()?);
    Ok(())
}

struct Bench {
    engine: Engine,
    runtime: Runtime,
    name: String,
}

impl Bench {
    /// The first action of each pack: its virtualenv is there, and no process of it runs.
    fn cold(&self) -> Result<Value> {
        let mut times = self.runtime.block_on(async {
            let mut connection = Connection::open(self.engine.port()).await?;
            let mut times = Vec::with_capacity(COLD);
            for number in 0..COLD {
                let echo = format!("bench{number}.echo");
                times.push(execution::run(&mut connection, &echo, &hello()).await?.1);
            }
            anyhow::Ok(times)
        })?;
        // The first one of all also writes the worker.
        let first = times.remove(0);
        times.sort_unstable();
        Ok(json!({
            "bench": "python", "backend": self.name, "what": "cold", "first_ms": ms(first),
            "p50_ms": ms(at(&times, 50)), "largest_ms": ms(at(&times, 100)), "budget_ms": 1000,
        }))
    }

    /// One by one, from request to stored result, and the runner's own part of it. The bare forks take their turns in
    /// between, so that both see the same machine.
    fn warm(&self, packs: &Path, count: usize, print: impl Fn(&Value)) -> Result<()> {
        let mut bare = BareFork::start(&packs.join("bench0/actions/echo.py"))?;
        let (mut times, mut limits) = self.runtime.block_on(async {
            let mut connection = Connection::open(self.engine.port()).await?;
            let mut news = News::listen(self.engine.port()).await?;
            let (mut times, mut limits) = (Vec::with_capacity(count), Vec::with_capacity(count));
            for turn in 0..WARMING + count {
                let time = told(&mut connection, &mut news).await?;
                let limit = bare.turn()?;
                if turn >= WARMING {
                    times.push(time);
                    limits.push(limit);
                }
            }
            anyhow::Ok((times, limits))
        })?;
        times.sort_unstable();
        limits.sort_unstable();
        let limit = at(&limits, 50);
        print(&json!({
            "bench": "python", "backend": self.name, "what": "warm, request to stored result",
            "p50_ms": ms(at(&times, 50)), "p99_ms": ms(at(&times, 99)), "limit_ms": ms(limit),
            "limit_p99_ms": ms(at(&limits, 99)), "ratio": ratio(at(&times, 50), limit), "budget_ms": 20,
        }));
        if let Some((middle, late)) = self.runners_part()? {
            print(&json!({
                "bench": "python", "backend": self.name, "what": "warm, the runner's part",
                "p50_ms": ms(middle), "p99_ms": ms(late), "limit_ms": ms(limit), "ratio": ratio(middle, limit),
            }));
        }
        Ok(())
    }

    /// What the runner tells; in a cluster its metrics are not those of the API.
    fn runners_part(&self) -> Result<Option<(Duration, Duration)>> {
        let answer = self.engine.http.get("/metrics")?;
        let text = answer.body.as_str().unwrap_or_default();
        let quantile = |quantile: &str| {
            let start = format!("{RUNNERS_PART}{{quantile=\"{quantile}\"}} ");
            let line = text.lines().find_map(|line| line.strip_prefix(&start))?;
            line.parse().ok().map(Duration::from_secs_f64)
        };
        Ok(quantile("0.5").zip(quantile("0.99")))
    }

    /// So many at once, requested as fast as they are taken: ended ones a second.
    fn queued(&self, count: usize) -> Result<Value> {
        let rate = execution::queued(&self.engine, &self.runtime, "bench0.echo", &hello(), count)?;
        Ok(json!({
            "bench": "python", "backend": self.name, "what": format!("{count} queued"),
            "per_second": rate.round(), "budget_per_second": 50,
        }))
    }

    /// What a warm process without executions holds.
    fn memory(&self) -> Result<Value> {
        let (id, _) = self.runtime.block_on(async {
            let mut connection = Connection::open(self.engine.port()).await?;
            execution::run(&mut connection, "bench0.parent", &json!({})).await
        })?;
        let result = self.engine.http.get(&format!("/v1/executions/{id}"))?.body;
        let pid = &result["result"]["result"];
        let forks = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
            .with_context(|| format!("process {pid} is not there: {result}"))?;
        let pids: Vec<String> = std::iter::once(pid.to_string())
            .chain(forks.split_whitespace().map(str::to_owned))
            .collect();
        let kilobytes =
            |name: &str| -> Vec<u64> { pids.iter().filter_map(|pid| share(pid, name)).collect() };
        Ok(json!({
            "bench": "python", "backend": self.name,
            "what": "memory of an idle warm process, and of the fork that waits for the next execution",
            "rss_kib": kilobytes("Rss:"), "pss_kib": kilobytes("Pss:"),
        }))
    }
}

/// What a process holds, KiB.
fn share(pid: &str, name: &str) -> Option<u64> {
    let shares = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = shares.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().split_once(' ')?.0.parse().ok()
}

/// What the action `echo` is given.
fn hello() -> Value {
    json!({"text": "hello"})
}

/// From the request to the news of success, which come once it is stored.
async fn told(connection: &mut Connection, news: &mut News) -> Result<Duration> {
    let request = execution::request("bench0.echo", &hello());
    let start = Instant::now();
    let (status, _) = connection.exchange(&request).await?;
    ensure!(status == 201, "status {status}");
    news.wait_for_success().await?;
    Ok(start.elapsed())
}

/// A warm interpreter that forks and runs the same action, one turn when asked.
struct BareFork {
    process: Child,
    times: Lines<BufReader<ChildStdout>>,
}

impl BareFork {
    fn start(action: &Path) -> Result<Self> {
        let mut process = Command::new("python3")
            .args(["-c", BARE_FORK])
            .arg(action)
            .arg(repository().join("crates/action-runner/python"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let times = process.stdout.take().context("it is piped")?;
        Ok(Self {
            process,
            times: BufReader::new(times).lines(),
        })
    }

    fn turn(&mut self) -> Result<Duration> {
        let stdin = self.process.stdin.as_mut().context("it is piped")?;
        stdin.write_all(b"\n")?;
        let line = self.times.next().context("the bare fork has ended")??;
        Ok(Duration::from_secs_f64(line.parse()?))
    }
}

impl Drop for BareFork {
    fn drop(&mut self) {
        // It ends when nobody asks any more.
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}

/// Of times in order.
fn at(times: &[Duration], percent: usize) -> Duration {
    times[(times.len() - 1) * percent / 100]
}

fn make_virtualenv(path: &Path) -> Result<()> {
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(path)
        .status()?;
    ensure!(made.success(), "no virtualenv can be made: {made}");
    Ok(())
}

fn write_pack(packs: &Path, name: &str) -> Result<()> {
    let actions = packs.join(name).join("actions");
    fs::create_dir_all(&actions)?;
    let pack = format!(
        "ref: {name}\nname: {name}\ndescription: For measuring.\nversion: 1.0.0\nauthor: Petrel\nemail: petrel@example.com\n"
    );
    fs::write(packs.join(name).join("pack.yaml"), pack)?;
    fs::write(actions.join("echo.py"), ACTION)?;
    fs::write(
        actions.join("parent.py"),
        "import os\n\nfrom st2common.runners.base_action import Action\n\n\nclass Parent(Action):\n    def run(self):\n        \
         return os.getppid()\n",
    )?;
    for (action, parameters) in [("echo", "{text: {type: string}}"), ("parent", "{}")] {
        let metadata = format!(
            "name: {action}\nrunner_type: python-script\nentry_point: {action}.py\nparameters: {parameters}\n"
        );
        fs::write(actions.join(format!("{action}.yaml")), metadata)?;
    }
    Ok(())
}
