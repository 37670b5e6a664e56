//! What sensors and their engine hold in memory, and how long many of them take to start.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions};
use stories::servers::wait_until;

use super::pack;

/// Packs of two sensors each.
const PACKS: usize = 100;
/// How long all of them may take to run.
const PATIENCE: Duration = Duration::from_mins(10);

/// 200 polling sensors in one engine.
pub(super) fn measure() -> Result<Value> {
    let packs = tempfile::tempdir()?;
    pack::pollers(packs.path(), PACKS)?;
    let options = EngineOptions::new(Backend::Embedded).with_packs(packs.path());
    let mut engine = Engine::prepare(&options)?;
    let start = Instant::now();
    engine.process("up").run()?;
    engine.wait_until_ready()?;
    let ready = start.elapsed();
    let sensors = wait_until("every sensor running and heard", PATIENCE, || {
        let statuses = engine.http.get("/v1/sensors/status")?.expect(200)?;
        let runs = |status: &&Value| status["state"] == "running" && status["dispatches"] != 0;
        let running: Vec<Value> = statuses
            .as_array()
            .into_iter()
            .flatten()
            .filter(runs)
            .cloned()
            .collect();
        Ok((running.len() == PACKS * 2).then_some(running))
    })
    .with_context(|| engine.logs())?;
    let started = start.elapsed();
    // Idle memory, after whatever a start leaves to be done.
    std::thread::park_timeout(Duration::from_secs(10));
    let pids: Vec<u64> = sensors
        .iter()
        .filter_map(|one| one["pid"].as_u64())
        .collect();
    let engine_pid = engine.process("up").pid().context("it runs")?;
    let before = processor_time(engine_pid)?;
    std::thread::park_timeout(Duration::from_secs(10));
    let idle = processor_time(engine_pid)?.saturating_sub(before);
    let of_sensors = pids
        .iter()
        .map(|pid| memory(*pid))
        .collect::<Result<Vec<_>>>()?;
    let of_engine = memory(engine_pid.into())?;
    let mean = |of: fn(&Memory) -> u64| of_sensors.iter().map(of).sum::<u64>() / pids.len() as u64;
    Ok(json!({
        "bench": "sensors", "what": "200 polling sensors", "packs": PACKS,
        "registered_and_ready_ms": ready.as_millis(), "all_running_ms": started.as_millis(),
        "sensor_pss_kib": mean(|one| one.shared_fairly), "sensor_rss_kib": mean(|one| one.resident),
        "bare_python_pss_kib": bare_python()?.shared_fairly,
        "all_sensors_pss_mib": of_sensors.iter().map(|one| one.shared_fairly).sum::<u64>() / 1024,
        "engine_pss_mib": of_engine.shared_fairly / 1024, "engine_rss_mib": of_engine.resident / 1024,
        "engine_processor_ms_per_idle_second": idle.as_millis() / 10,
    }))
}

/// KiB.
struct Memory {
    /// Pages that several processes share count in parts.
    shared_fairly: u64,
    resident: u64,
}

fn memory(pid: u64) -> Result<Memory> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let of = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
        let found = lines.next().and_then(|rest| rest.split_whitespace().next());
        let found = found.with_context(|| format!("no {name} of process {pid}"))?;
        anyhow::Ok(found.parse()?)
    };
    Ok(Memory {
        shared_fairly: of("Pss:")?,
        resident: of("Rss:")?,
    })
}

/// An interpreter that does nothing.
fn bare_python() -> Result<Memory> {
    let mut child = Command::new("python3")
        .args(["-c", "import json, logging, sys; sys.stdin.read()"])
        .stdin(Stdio::piped())
        .spawn()?;
    std::thread::park_timeout(Duration::from_secs(1));
    let found = memory(child.id().into());
    drop(child.stdin.take());
    child.wait()?;
    found
}

/// Of all its threads, in the kernel's ticks of 10 ms.
fn processor_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = stat.rsplit_once(") ").context("a stat")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}
