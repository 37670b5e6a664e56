//! Webhook -> rule -> `core.noop`, finished and stored: how many a second, sustained.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bus::BusOptions;
use serde_json::{Value, json};
use store::StoreOptions;
use stories::engine::{Backend, Engine, EngineOptions};
use stories::servers::{Durability, Postgres, RabbitMq, wait_until};

use crate::limits;
use crate::load::{post, send_all};

/// How long the executions may take after the last webhook was answered.
const PATIENCE: Duration = Duration::from_mins(5);

/// Servers of a clustered run; the embedded one needs none.
pub(crate) struct Servers {
    postgres: Postgres,
    rabbitmq: RabbitMq,
}

impl Servers {
    pub(crate) fn of(backend: Backend) -> Result<Option<Self>> {
        Ok(match backend {
            Backend::Embedded => None,
            Backend::Clustered => Some(Self {
                postgres: Postgres::start_with(Durability::Disk)?,
                rabbitmq: RabbitMq::start()?,
            }),
        })
    }

    pub(crate) fn urls(&self) -> Result<(String, String)> {
        Ok((self.postgres.fresh_database()?, self.rabbitmq.url()))
    }
}

/// An engine with a rule from the webhook `bench` to `core.noop`.
pub(crate) fn engine(backend: Backend, servers: Option<&Servers>) -> Result<Engine> {
    let mut options = EngineOptions::new(backend);
    options.servers = servers.map(Servers::urls).transpose()?;
    let engine = Engine::start(&options)?;
    let rule = json!({
        "name": "bench", "pack": "default", "enabled": true,
        "trigger": {"type": "core.st2.webhook", "parameters": {"url": "bench"}},
        "criteria": {"trigger.body.kind": {"type": "equals", "pattern": "bench"}},
        "action": {"ref": "core.noop", "parameters": {}},
    });
    engine.http.post("/v1/rules", &rule)?.expect(201)?;
    wait_until("the webhook answering", Duration::from_secs(10), || {
        Ok((engine.http.get("/v1/webhooks/bench")?.status == 200).then_some(()))
    })?;
    Ok(engine)
}

pub(crate) fn measure(backend: Backend, count: usize, senders: usize) -> Result<Value> {
    let servers = Servers::of(backend)?;
    let engine = engine(backend, servers.as_ref())?;
    let runtime = tokio::runtime::Runtime::new()?;
    let request = post("/v1/webhooks/bench", &limits::webhook_body().to_string());
    runtime.block_on(send_all(
        engine.port(),
        request.clone(),
        count / 20,
        senders,
    ))?;
    wait_for_ends(&engine, count / 20)?;

    let start = Instant::now();
    runtime.block_on(send_all(engine.port(), request, count, senders))?;
    let accepted = start.elapsed();
    wait_for_ends(&engine, count + count / 20)?;
    let finished = start.elapsed();
    drop(engine);

    let limit = runtime.block_on(limit(servers.as_ref(), count))?;
    let rate = limits::per_second(count, finished);
    Ok(json!({
        "bench": "events", "backend": format!("{backend:?}").to_lowercase(), "events": count,
        "accepted_per_second": limits::per_second(count, accepted).round(),
        "finished_per_second": rate.round(), "limit_per_second": limit.round(),
        "ratio": (rate / limit * 1000.0).round() / 1000.0,
        "fdatasyncs_per_second": limits::fdatasyncs_per_second()?.round(),
    }))
}

/// Waits until so many executions have succeeded.
fn wait_for_ends(engine: &Engine, count: usize) -> Result<()> {
    let path = "/v1/executions?action=core.noop&status=succeeded&limit=1&include_attributes=status";
    wait_until(&format!("the end of {count} executions"), PATIENCE, || {
        let total = engine.http.get(path)?.total.context("no X-Total-Count")?;
        Ok((total >= count as u64).then_some(()))
    })
    .with_context(|| engine.logs())
}

/// The better of one loop and four at once.
async fn limit(servers: Option<&Servers>, count: usize) -> Result<f64> {
    let mut best = 0.0_f64;
    for loops in [1, 4] {
        let folder = tempfile::tempdir()?;
        let (store, bus) = match servers.map(Servers::urls).transpose()? {
            None => (
                StoreOptions::Sqlite {
                    path: folder.path().join("limit.db"),
                },
                BusOptions::InProcess,
            ),
            Some((database, broker)) => (
                StoreOptions::Postgres {
                    url: database,
                    max_connections: 8,
                    connect_deadline: None,
                },
                BusOptions::Amqp {
                    url: broker,
                    prefix: format!("limit{loops}"),
                    connect_deadline: None,
                },
            ),
        };
        best = best.max(limits::bare_loop(store, bus, count, loops).await?);
    }
    Ok(best)
}
