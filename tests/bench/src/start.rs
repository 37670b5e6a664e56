//! Start to first answer, and what an idle engine holds in memory.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, binary, conformance};

pub(crate) fn measure() -> Result<Vec<Value>> {
    let bare = bare_start()?;
    let mut options = EngineOptions::new(Backend::Embedded);
    if let Some(folder) = conformance() {
        options = options.with_packs(folder.join("packs"));
    }
    let mut engine = Engine::prepare(&options)?;
    let first = Instant::now();
    engine.process("up").run()?;
    engine.wait_until_ready()?;
    let first = first.elapsed();
    engine.process("up").terminate()?;
    let second = Instant::now();
    engine.process("up").run()?;
    engine.wait_until_ready()?;
    let second = second.elapsed();
    // Idle memory, after whatever a start leaves to be done.
    std::thread::park_timeout(Duration::from_secs(5));
    let packs = engine.http.get("/v1/packs?limit=1")?.total;
    let memory = resident_megabytes(engine.process("up").pid().context("it runs")?)?;
    let line = |what: &str, time: Duration| {
        json!({
            "bench": "start", "what": what, "packs": packs, "ms": time.as_millis(),
            "limit_ms": bare.as_millis(), "idle_mib": memory,
        })
    };
    Ok(vec![
        line("first start, packs registered", first),
        line("second start", second),
    ])
}

/// `petrel version`: the binary loaded and left.
fn bare_start() -> Result<Duration> {
    let start = Instant::now();
    Command::new(binary())
        .arg("version")
        .stdout(Stdio::null())
        .status()?;
    Ok(start.elapsed())
}

fn resident_megabytes(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024)
}
