//! `core.local` echo: request to stored result one by one, and 200 queued at once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine};
use stories::servers::wait_until;

use crate::limits;

pub(crate) fn measure() -> Result<Vec<Value>> {
    let engine = Engine::on(Backend::Embedded)?;
    let bare = limits::fork_exec()?.as_secs_f64() * 1000.0;
    let mut times = (0..120)
        .map(|_| one(&engine))
        .collect::<Result<Vec<_>>>()?
        .split_off(20);
    times.sort_unstable();
    let middle = times[times.len() / 2].as_secs_f64() * 1000.0;
    let queued = queued(&engine, 200)?;
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

fn request(engine: &Engine) -> Result<String> {
    let body = json!({"action": "core.local", "parameters": {"cmd": "echo hello"}});
    let answer = engine.http.post("/v1/executions", &body)?.expect(201)?;
    Ok(answer["id"].as_str().context("no id")?.to_owned())
}

fn one(engine: &Engine) -> Result<Duration> {
    let start = Instant::now();
    let id = request(engine)?;
    let path =
        format!("/v1/executions/{id}?include_attributes=status,start_timestamp,end_timestamp");
    loop {
        let body = engine.http.get(&path)?.expect(200)?;
        if body["end_timestamp"].is_string() {
            return Ok(start.elapsed());
        }
    }
}

/// So many executions, requested as fast as they are taken: ended ones a second.
fn queued(engine: &Engine, count: usize) -> Result<f64> {
    let path =
        "/v1/executions?action=core.local&status=succeeded&limit=1&include_attributes=status";
    let before = engine.http.get(path)?.total.context("no X-Total-Count")?;
    let start = Instant::now();
    for _ in 0..count {
        request(engine)?;
    }
    wait_until("the end of the queue", Duration::from_mins(2), || {
        let total = engine.http.get(path)?.total.context("no X-Total-Count")?;
        Ok((total >= before + count as u64).then_some(()))
    })?;
    Ok(count as f64 / start.elapsed().as_secs_f64())
}
