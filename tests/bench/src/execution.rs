//! Executions, from their request to the answer that shows their end: one, and many at once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::Engine;
use stories::servers::wait_until;
use tokio::runtime::Runtime;

use crate::limits;
use crate::load::{Connection, get, post, send_all};

/// How long one may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// A client that asks as fast as it can would only slow down what it waits for.
const BETWEEN_LOOKS: Duration = Duration::from_micros(500);

/// The bytes that request it.
pub(crate) fn request(action: &str, parameters: &Value) -> Vec<u8> {
    let body = json!({"action": action, "parameters": parameters});
    post("/v1/executions", &body.to_string())
}

/// Requests it and looks until it has succeeded; gives its id, and how long it took.
pub(crate) async fn run(
    connection: &mut Connection,
    action: &str,
    parameters: &Value,
) -> Result<(String, Duration)> {
    let request = request(action, parameters);
    let start = Instant::now();
    let (status, body) = connection.exchange(&request).await?;
    ensure!(
        status == 201,
        "status {status}: {}",
        String::from_utf8_lossy(&body)
    );
    let id = serde_json::from_slice::<Value>(&body)?["id"]
        .as_str()
        .context("no id")?
        .to_owned();
    let look = get(&format!(
        "/v1/executions/{id}?include_attributes=status,result,start_timestamp,end_timestamp"
    ));
    loop {
        let (_, body) = connection.exchange(&look).await?;
        let shown = serde_json::from_slice::<Value>(&body)?;
        if shown["end_timestamp"].is_string() {
            ensure!(shown["status"] == "succeeded", "{action} ended as {shown}");
            return Ok((id, start.elapsed()));
        }
        ensure!(start.elapsed() < PATIENCE, "{action} does not end: {shown}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// So many at once, requested as fast as they are taken: ended ones a second.
pub(crate) fn queued(
    engine: &Engine,
    runtime: &Runtime,
    action: &str,
    parameters: &Value,
    count: usize,
) -> Result<f64> {
    let path = format!(
        "/v1/executions?action={action}&status=succeeded&limit=1&include_attributes=status"
    );
    let ended = || {
        let answer = engine.http.get(&path)?;
        answer.total.context("no X-Total-Count")
    };
    let before = ended()?;
    let start = Instant::now();
    let sent = send_all(engine.port(), request(action, parameters), count, 16);
    runtime.block_on(sent)?;
    wait_until("the end of the queue", PATIENCE, || {
        Ok((ended()? >= before + count as u64).then_some(()))
    })?;
    Ok(limits::per_second(count, start.elapsed()))
}
