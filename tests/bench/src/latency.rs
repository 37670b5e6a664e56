//! One webhook to the news that its execution succeeded, when nothing else goes on.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use stories::engine::Backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::events::{Servers, engine};
use crate::figures::round;
use crate::limits;
use crate::load::{Connection, post};

pub(crate) fn measure(backend: Backend, count: usize) -> Result<Value> {
    let servers = Servers::of(backend)?;
    let engine = engine(backend, servers.as_ref())?;
    let runtime = tokio::runtime::Runtime::new()?;
    let mut times = runtime.block_on(run(engine.port(), count))?;
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    // Four commits follow one another between a webhook and its result.
    let limit = 4.0 * 1000.0 / limits::fdatasyncs_per_second()?;
    Ok(json!({
        "bench": "latency", "backend": format!("{backend:?}").to_lowercase(), "events": count,
        "p50_ms": round(at(50)), "p99_ms": round(at(99)), "limit_ms": round(limit),
        "ratio": round(at(50) / limit),
    }))
}

async fn run(port: u16, count: usize) -> Result<Vec<Duration>> {
    let mut news = News::listen(port).await?;
    let mut connection = Connection::open(port).await?;
    let request = post("/v1/webhooks/bench", &limits::webhook_body().to_string());
    let mut times = Vec::with_capacity(count);
    for turn in 0..count + 20 {
        let start = Instant::now();
        let (status, _) = connection.exchange(&request).await?;
        anyhow::ensure!(status == 202, "status {status}");
        news.wait_for_success().await?;
        if turn >= 20 {
            times.push(start.elapsed());
        }
        // Idle is what is measured: let everything come to rest.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(times)
}

/// The engine's stream of news.
pub(crate) struct News {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl News {
    pub(crate) async fn listen(port: u16) -> Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(
                b"GET /v1/stream?events=st2.execution__update HTTP/1.1\r\nHost: localhost\r\n\r\n",
            )
            .await?;
        let mut news = Self {
            stream,
            buffer: Vec::new(),
        };
        while !news.take_until(b"\r\n\r\n") {
            news.more().await?;
        }
        Ok(news)
    }

    /// Waits for an execution's end. Its event is one line of JSON, which names the state.
    pub(crate) async fn wait_for_success(&mut self) -> Result<()> {
        tokio::time::timeout(Duration::from_secs(10), async {
            while !self.take_until(b"\"status\":\"succeeded\"") {
                self.more().await?;
            }
            // The rest of the event, which names the state more than once.
            while !self.take_until(b"\n\n") {
                self.more().await?;
            }
            Ok(())
        })
        .await
        .context("no news within ten seconds")?
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the stream ended");
        }
        Ok(())
    }

    /// Drops everything up to and with `mark`, if it is there.
    fn take_until(&mut self, mark: &[u8]) -> bool {
        let found = self
            .buffer
            .windows(mark.len())
            .position(|window| window == mark);
        if let Some(at) = found {
            self.buffer.drain(..at + mark.len());
        }
        found.is_some()
    }
}
