//! `core.local` echo: request to stored result one by one, and 200 queued at once.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use stories::engine::{Backend, Engine};

use crate::figures::round;
use crate::load::Connection;
use crate::{execution, limits};

const ACTION: &str = "core.local";

pub(crate) fn measure() -> Result<Vec<Value>> {
    let engine = Engine::on(Backend::Embedded)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let bare = limits::fork_exec()?.as_secs_f64() * 1000.0;
    let mut times = runtime
        .block_on(one_by_one(engine.port(), 120))?
        .split_off(20);
    times.sort_unstable();
    let middle = times[times.len() / 2].as_secs_f64() * 1000.0;
    let queued = execution::queued(&engine, &runtime, ACTION, &parameters(), 200)?;
    Ok(vec![
        json!({
            "bench": "local", "what": "one by one", "p50_ms": round(middle),
            "limit_ms": round(bare), "over_limit_ms": round(middle - bare),
            "ratio": round(middle / bare),
        }),
        json!({
            "bench": "local", "what": "200 queued", "per_second": queued.round(),
            "limit_per_second": (1000.0 / bare).round(), "ratio": (queued * bare).round() / 1000.0,
        }),
    ])
}

fn parameters() -> Value {
    json!({"cmd": "echo hello"})
}

/// Requests one execution after the other, each as soon as the one before is seen to have ended.
async fn one_by_one(port: u16, count: usize) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(port).await?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        times.push(
            execution::run(&mut connection, ACTION, &parameters())
                .await?
                .1,
        );
    }
    Ok(times)
}
