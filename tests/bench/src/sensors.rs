//! Sensors: how many dispatches a second one of them gets stored, how soon a rule has fired, what many of them weigh.

mod memory;
mod pack;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use lifecycle::Clock;
use model::{IdSource, TraceContext, TriggerInstance, TriggerInstanceStatus};
use serde_json::{Value, json};
use store::{Store, StoreOptions};
use stories::engine::{Backend, Engine, EngineOptions};
use stories::servers::wait_until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::events::Servers;
use crate::figures::round;
use crate::limits;

/// How long what was asked for may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// Dispatches of one burst.
const BURST: usize = 10_000;
/// Dispatches one after the other, with pauses.
const PACED: usize = 1_000;
/// Between these, seconds.
const PAUSE: f64 = 0.01;

/// Prints a line for each measurement.
pub(crate) fn measure(backend: Backend, mut print: impl FnMut(Value)) -> Result<()> {
    let bench = Bench::start(backend)?;
    bench.dispatch("flood.unheard", 500, 1, 0.0)?;
    for (trigger, rules) in [
        ("flood.unheard", "none"),
        ("flood.heard", "one, of `core.noop`"),
    ] {
        for threads in [1, 4, 16] {
            let mut line = bench.burst(trigger, threads)?;
            line["rules"] = rules.into();
            print(line);
        }
    }
    print(bench.paced()?);
    drop(bench);
    if backend == Backend::Embedded {
        print(memory::measure()?);
    }
    Ok(())
}

struct Bench {
    backend: Backend,
    servers: Option<Servers>,
    engine: Engine,
    /// Where orders go to the sensor.
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

/// How an order was carried out, as the sensor has seen it.
struct Done {
    seconds: f64,
    /// Of each dispatch, milliseconds, the shortest first.
    times: Vec<f64>,
}

impl Bench {
    fn start(backend: Backend) -> Result<Self> {
        let servers = Servers::of(backend)?;
        let (packs, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
        pack::flood(packs.path())?;
        let mut options = EngineOptions::new(backend)
            .with_packs(packs.path())
            .with_configuration("flood", &format!("folder: {}\n", folder.path().display()));
        options.servers = servers.as_ref().map(Servers::urls).transpose()?;
        let engine = Engine::start(&options)?;
        let rule = json!({
            "name": "bench", "pack": "default", "enabled": true, "trigger": {"type": "flood.heard"},
            "criteria": {"trigger.state": {"type": "equals", "pattern": "critical"}},
            "action": {"ref": "core.noop", "parameters": {}},
        });
        engine.http.post("/v1/rules", &rule)?.expect(201)?;
        Ok(Self {
            backend,
            servers,
            engine,
            folder,
            runtime: tokio::runtime::Runtime::new()?,
        })
    }

    /// Has the sensor dispatch, and waits until it has.
    fn dispatch(&self, trigger: &str, count: usize, threads: usize, pause: f64) -> Result<Done> {
        let order =
            json!({ "trigger": trigger, "count": count, "threads": threads, "pause": pause });
        let (draft, place) = (self.path("order.draft"), self.path("order.json"));
        fs::write(&draft, order.to_string())?;
        fs::rename(draft, place)?;
        let done = self.path("done.json");
        let text = wait_until("the sensor to have dispatched", PATIENCE, || {
            Ok(fs::read_to_string(&done).ok())
        })
        .with_context(|| self.engine.logs())?;
        fs::remove_file(done)?;
        let told: Value = serde_json::from_str(&text)?;
        let times = told["times"].as_array().context("times")?.iter();
        Ok(Done {
            seconds: told["seconds"].as_f64().context("seconds")?,
            times: sorted(
                times
                    .filter_map(Value::as_f64)
                    .map(|seconds| seconds * 1000.0),
            ),
        })
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    fn stored(&self, trigger: &str) -> Result<u64> {
        let path = format!("/v1/triggerinstances?trigger_type={trigger}&limit=1");
        self.engine
            .http
            .get(&path)?
            .total
            .context("no X-Total-Count")
    }

    /// As fast as it goes, from so many threads of one sensor; each is in the store when its call returns.
    fn burst(&self, trigger: &str, threads: usize) -> Result<Value> {
        let before = self.stored(trigger)?;
        let start = Instant::now();
        let done = self.dispatch(trigger, BURST, threads, 0.0)?;
        let stored = self.stored(trigger)? - before;
        let matched = if trigger == "flood.heard" {
            self.wait_for_ends(before + stored)?;
            Some(limits::per_second(BURST, start.elapsed()).round())
        } else {
            None
        };
        let limit = self.runtime.block_on(self.bare_stores(threads))?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "what a bench counts is far below 2^52"
        )]
        let rate = done.times.len() as f64 / done.seconds;
        Ok(json!({
            "bench": "sensors", "what": "dispatches of one sensor", "backend": name(self.backend),
            "threads": threads, "dispatches": done.times.len(), "stored": stored,
            "per_second": rate.round(), "finished_per_second": matched,
            "p50_ms": at(&done.times, 50), "p99_ms": at(&done.times, 99),
            "limit_per_second": limit.round(), "ratio": round(rate / limit),
            "fdatasyncs_per_second": limits::fdatasyncs_per_second()?.round(),
        }))
    }

    fn wait_for_ends(&self, count: u64) -> Result<()> {
        let path =
            "/v1/executions?action=core.noop&status=succeeded&limit=1&include_attributes=status";
        wait_until(&format!("the end of {count} executions"), PATIENCE, || {
            let total = self
                .engine
                .http
                .get(path)?
                .total
                .context("no X-Total-Count")?;
            Ok((total >= count).then_some(()))
        })
    }

    /// One dispatch after the other: from before the call to the news of the execution, which was stored together with
    /// the enforcement.
    fn paced(&self) -> Result<Value> {
        let news = self.runtime.block_on(News::listen(self.engine.port()))?;
        let hearing = self.runtime.spawn(news.hear(PACED));
        let before = Instant::now();
        let done = self.dispatch("flood.heard", PACED, 1, PAUSE)?;
        let took = before.elapsed();
        let heard = self.runtime.block_on(hearing)??;
        let path = format!("/v1/triggerinstances?trigger_type=flood.heard&limit={PACED}");
        let instances = self.engine.http.get(&path)?.expect(200)?;
        let sent: HashMap<&str, f64> = instances
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| Some((one["id"].as_str()?, one["payload"]["sent"].as_f64()?)))
            .collect();
        let times = sorted(heard.iter().filter_map(|(id, at)| {
            let sent = sent.get(id.as_str())?;
            Some((seconds(*at) - sent) * 1000.0)
        }));
        // Two commits follow one another: the instance, and what its rules came to.
        let limit = 2.0 * 1000.0 / limits::fdatasyncs_per_second()?;
        Ok(json!({
            "bench": "sensors", "what": "dispatch to enforcement stored", "backend": name(self.backend),
            "dispatches": times.len(), "per_second": limits::per_second(PACED, took).round(),
            "p50_ms": at(&times, 50), "p99_ms": at(&times, 99), "worst_ms": at(&times, 100),
            "dispatch_p50_ms": at(&done.times, 50), "dispatch_p99_ms": at(&done.times, 99),
            "limit_ms": round(limit), "ratio": round(at(&times, 50) / limit),
        }))
    }

    /// The same instances, stored by a bare loop: so many at a time as there are threads, a transaction after the other.
    async fn bare_stores(&self, group: usize) -> Result<f64> {
        let folder = tempfile::tempdir()?;
        let options = match self.servers.as_ref().map(Servers::urls).transpose()? {
            None => StoreOptions::Sqlite {
                path: folder.path().join("limit.db"),
            },
            Some((database, _)) => StoreOptions::Postgres {
                url: database,
                max_connections: 2,
                connect_deadline: None,
            },
        };
        let store = Store::connect(&options).await?;
        let now = Clock::system().now();
        store.migrate(now).await?;
        let ids = IdSource::new();
        let (start, turns) = (Instant::now(), 1_000);
        for _ in 0..turns {
            let instances: Vec<_> = (0..group).map(|_| instance(&ids, now)).collect();
            store.add_trigger_instances(&instances).await?;
        }
        let rate = limits::per_second(turns * group, start.elapsed());
        store.close().await;
        Ok(rate)
    }
}

fn instance(ids: &IdSource, now: DateTime<Utc>) -> TriggerInstance {
    let id = ids.next(now);
    TriggerInstance {
        id,
        trigger: "flood.heard".to_owned(),
        trigger_type: "flood.heard".to_owned(),
        payload: json!({"number": 1, "sent": 1.5, "host": "web-17.example.org", "state": "critical"}),
        occurrence_time: now,
        status: TriggerInstanceStatus::Pending,
        status_reason: None,
        trace: TraceContext {
            id: ids.next(now),
            tag: format!("trigger_instance-{id}"),
        },
        caused_by: None,
    }
}

/// Since 1970.
#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds since 1970 are below 2^52"
)]
fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}

fn name(backend: Backend) -> String {
    format!("{backend:?}").to_lowercase()
}

fn sorted(times: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times
}

fn at(times: &[f64], percent: usize) -> f64 {
    let place = times.len().saturating_sub(1) * percent / 100;
    times.get(place).copied().map_or(f64::NAN, round)
}

/// The engine's stream of executions that were requested.
struct News {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl News {
    async fn listen(port: u16) -> Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request =
            b"GET /v1/stream?events=st2.execution__create HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request).await?;
        let mut news = Self {
            stream,
            buffer: Vec::new(),
        };
        while news.take_until(b"\r\n\r\n").is_none() {
            news.more().await?;
        }
        Ok(news)
    }

    /// So many: the trigger instances that they are of, and when they were heard of.
    async fn hear(mut self, count: usize) -> Result<Vec<(String, DateTime<Utc>)>> {
        let mut heard = Vec::with_capacity(count);
        while heard.len() < count {
            while let Some(event) = self.take_until(b"\n\n") {
                let now = Clock::system().now();
                let text = String::from_utf8_lossy(&event);
                let data = text.lines().find_map(|line| line.strip_prefix("data: "));
                let Some(data) = data else { continue };
                let event: Value = serde_json::from_str(data)?;
                if let Some(id) = event["trigger_instance"]["id"].as_str() {
                    heard.push((id.to_owned(), now));
                }
            }
            if heard.len() < count {
                tokio::time::timeout(PATIENCE, self.more())
                    .await
                    .context("no news any more")??;
            }
        }
        Ok(heard)
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the stream ended");
        }
        Ok(())
    }

    /// Takes everything up to and with `mark`, if it is there.
    fn take_until(&mut self, mark: &[u8]) -> Option<Vec<u8>> {
        let found = self
            .buffer
            .windows(mark.len())
            .position(|window| window == mark)?;
        Some(self.buffer.drain(..found + mark.len()).collect())
    }
}
