//! `core.local` echo: request to stored result one by one, and 200 queued at once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine};
use stories::servers::wait_until;

use tokio::runtime::Runtime;

use crate::limits;
use crate::load::{Connection, get, post, send_all};

pub(crate) fn measure() -> Result<Vec<Value>> {
    let engine = Engine::on(Backend::Embedded)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let bare = limits::fork_exec()?.as_secs_f64() * 1000.0;
    let mut times = runtime
        .block_on(one_by_one(engine.port(), 120))?
        .split_off(20);
    times.sort_unstable();
    let middle = times[times.len() / 2].as_secs_f64() * 1000.0;
    let queued = queued(&engine, &runtime, 200)?;
    Ok(vec![
        json!({
            "bench": "local", "what": "one by one", "p50_ms": (middle * 100.0).round() / 100.0,
            "limit_ms": (bare * 100.0).round() / 100.0, "over_limit_ms": ((middle - bare) * 100.0).round() / 100.0,
            "ratio": (middle / bare * 100.0).round() / 100.0,
        }),
        json!({
            "bench": "local", "what": "200 queued", "per_second": queued.round(),
            "limit_per_second": (1000.0 / bare).round(), "ratio": (queued * bare).round() / 1000.0,
        }),
    ])
}

fn request() -> Vec<u8> {
    let body = json!({"action": "core.local", "parameters": {"cmd": "echo hello"}});
    post("/v1/executions", &body.to_string())
}

/// Requests one execution after the other, each as soon as the one before is seen to have ended.
async fn one_by_one(port: u16, count: usize) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(port).await?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        let (_, body) = connection.exchange(&request()).await?;
        let id = serde_json::from_slice::<Value>(&body)?["id"]
            .as_str()
            .context("no id")?
            .to_owned();
        let look = get(&format!(
            "/v1/executions/{id}?include_attributes=status,start_timestamp,end_timestamp"
        ));
        loop {
            let (_, body) = connection.exchange(&look).await?;
            if serde_json::from_slice::<Value>(&body)?["end_timestamp"].is_string() {
                break;
            }
            // A client that polls as fast as it can would only slow down what it waits for.
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        times.push(start.elapsed());
    }
    Ok(times)
}

/// So many executions, requested as fast as they are taken: ended ones a second.
fn queued(engine: &Engine, runtime: &Runtime, count: usize) -> Result<f64> {
    let path =
        "/v1/executions?action=core.local&status=succeeded&limit=1&include_attributes=status";
    let before = engine.http.get(path)?.total.context("no X-Total-Count")?;
    let start = Instant::now();
    runtime.block_on(send_all(engine.port(), request(), count, 16))?;
    wait_until("the end of the queue", Duration::from_mins(2), || {
        let total = engine.http.get(path)?.total.context("no X-Total-Count")?;
        Ok((total >= before + count as u64).then_some(()))
    })?;
    Ok(limits::per_second(count, start.elapsed()))
}
