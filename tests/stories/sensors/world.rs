//! An engine with sensors, and the folder that they write into.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::unistd::Pid;
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE, Engine, EngineOptions, EngineProcess, repository};
use stories::servers::wait_until;

/// An engine with the pack `counting`, and where it writes; `further` is added to the pack's configuration.
pub(super) fn counting(
    backend: Backend,
    further: &str,
    change: impl FnOnce(&mut EngineOptions),
) -> Result<(Engine, tempfile::TempDir)> {
    let journal = tempfile::tempdir()?;
    let configuration = format!("journal: {}\n{further}", journal.path().display());
    let mut options = EngineOptions::new(backend)
        .with_packs(repository().join("tests/stories/sensors/fault_packs"))
        .with_configuration("counting", &configuration);
    change(&mut options);
    Ok((Engine::start(&options)?, journal))
}

pub(super) fn lines(journal: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(journal.join(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

pub(super) fn until_lines(
    engine: &Engine,
    journal: &Path,
    name: &str,
    count: usize,
) -> Result<Vec<String>> {
    let what = format!("{count} lines in {name}");
    wait_until(&what, DEADLINE, || {
        let lines = lines(journal, name);
        Ok((lines.len() >= count).then_some(lines))
    })
    .with_context(|| engine.logs())
}

pub(super) fn statuses(engine: &Engine) -> Result<Vec<Value>> {
    let statuses = engine.http.get("/v1/sensors/status")?.expect(200)?;
    Ok(statuses.as_array().cloned().unwrap_or_default())
}

/// What is known of a sensor, once that is so.
pub(super) fn until_status(
    engine: &Engine,
    name: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Result<Value> {
    until_status_within(DEADLINE, engine, name, is_so)
}

/// The same, where more is done than the sensor itself does.
pub(super) fn until_status_within(
    deadline: Duration,
    engine: &Engine,
    name: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Result<Value> {
    wait_until(&format!("the status of {name}"), deadline, || {
        let mut statuses = statuses(engine)?.into_iter();
        Ok(statuses.find(|status| status["ref"] == name && is_so(status)))
    })
    .with_context(|| engine.logs())
}

pub(super) fn is_running(status: &Value) -> bool {
    status["state"] == "running"
}

pub(super) fn pid_of(status: &Value) -> Result<Pid> {
    let pid = status["pid"].as_i64().context("a pid")?;
    Ok(Pid::from_raw(i32::try_from(pid)?))
}

pub(super) fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

pub(super) fn until_gone(pids: &[String]) -> Result<()> {
    for pid in pids {
        wait_until(&format!("process {pid} gone"), DEADLINE, || {
            Ok((!is_alive(pid)).then_some(()))
        })?;
    }
    Ok(())
}

/// Switches a sensor on or off.
pub(super) fn switch(engine: &Engine, name: &str, on: bool) -> Result<()> {
    let path = format!("/v1/sensortypes/{name}");
    let mut sensor = engine.http.get(&path)?.expect(200)?;
    sensor["enabled"] = json!(on);
    engine.http.put(&path, &sensor)?.expect(200).map(drop)
}

/// The process of the engine that runs a sensor.
pub(super) fn holder_of<'a>(
    engine: &'a mut Engine,
    status: &Value,
) -> Result<&'a mut EngineProcess> {
    let holder = status["process"].as_str().unwrap_or_default().to_owned();
    let pid: u32 = holder.rsplit(':').nth(1).context("a pid")?.parse()?;
    let mut processes = engine.processes.iter_mut();
    processes
        .find(|process| process.pid() == Some(pid))
        .context("the process that runs the sensor")
}
