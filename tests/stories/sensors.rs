//! Sensors of a pack: what they say is kept, and one copy of each lives, whatever is killed.

mod faults;
mod instances;
mod sharing;
mod virtualenvs;
mod world;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE, Engine, EngineOptions, repository};
use stories::servers::wait_until;

use world::{
    holder_of, is_alive, is_running, lines, pid_of, switch, until_gone, until_lines, until_status,
};

crate::on_both_backends![
    sensors_watch_and_say_where_they_run,
    triggers_come_and_go_with_rules,
    a_killed_sensor_is_started_again,
    nothing_that_was_dispatched_is_lost_when_the_role_dies,
];

/// An engine with the pack, and the folder that its sensors write into.
fn engine(backend: Backend, copies: usize) -> Result<(Engine, tempfile::TempDir)> {
    let journal = tempfile::tempdir()?;
    let configuration = format!(
        "token: open sesame\njournal: {}\n",
        journal.path().display()
    );
    let mut options = EngineOptions::new(backend)
        .with_packs(repository().join("tests/stories/sensors/packs"))
        .with_configuration("watchers", &configuration);
    options.copies = copies;
    Ok((Engine::start(&options)?, journal))
}

/// The numbers that the store has of the ticker.
fn stored_numbers(engine: &Engine) -> Result<BTreeSet<i64>> {
    let path = "/v1/triggerinstances?trigger=watchers.tick&limit=-1";
    let instances = engine.http.get(path)?.expect(200)?;
    let numbers = instances.as_array().into_iter().flatten();
    Ok(numbers
        .filter_map(|instance| instance["payload"]["number"].as_i64())
        .collect())
}

/// Every number whose dispatch returned is in the store.
fn check_nothing_is_lost(engine: &Engine, journal: &Path) -> Result<()> {
    let done: BTreeSet<i64> = lines(journal, "ticker.done")
        .iter()
        .map(|line| line.parse())
        .collect::<Result<_, _>>()?;
    let stored = stored_numbers(engine)?;
    let lost: Vec<&i64> = done.difference(&stored).collect();
    ensure!(
        lost.is_empty(),
        "lost: {lost:?} of {}\n{}",
        done.len(),
        engine.logs()
    );
    Ok(())
}

fn sensors_watch_and_say_where_they_run(backend: Backend) -> Result<()> {
    let (engine, journal) = engine(backend, 1)?;
    let journal = journal.path();

    // A rule fires for the number 5, dispatched once.
    let enforcements = engine.wait_for_list("/v1/ruleenforcements?rule_ref=watchers.on_tick", 1)?;
    let execution = enforcements[0]["execution_id"].as_str().context("an id")?;
    assert_eq!(engine.wait_for_end(execution)?["status"], "succeeded");

    // What does not fit the trigger type is counted, and harms nothing.
    let ticker = until_status(&engine, "watchers.Ticker", |status| {
        is_running(status) && status["rejected"] == 2 && !status["last_dispatch"].is_null()
    })?;
    let error = ticker["last_error"].as_str().unwrap_or_default();
    assert_eq!(error, "trigger `watchers.no_such_trigger` does not exist");
    assert!(is_alive(&pid_of(&ticker)?.to_string()));

    // One that fails says why, is tried again, and shows no secret.
    let broken = until_status(&engine, "watchers.Broken", |status| {
        status["restarts"].as_i64() >= Some(2)
    })?;
    let error = broken["last_error"].as_str().unwrap_or_default();
    assert!(
        error.starts_with("ValueError: no connection with ********\nTraceback"),
        "{error}"
    );
    let logs = engine.logs();
    assert!(logs.contains("the token is ********"), "{logs}");
    assert!(!logs.contains("open sesame"), "{logs}");

    // Switched off it ends cleanly; switched on it goes on where it was.
    switch(&engine, "watchers.Ticker", false)?;
    until_status(&engine, "watchers.Ticker", |status| {
        status["state"] == "stopped"
    })?;
    assert_eq!(lines(journal, "ticker.cleanups").len(), 1);
    let pids = lines(journal, "ticker.pids");
    assert_eq!(pids.len(), 1);
    assert!(!is_alive(&pids[0]));
    let before = lines(journal, "ticker.done").len();
    switch(&engine, "watchers.Ticker", true)?;
    until_lines(&engine, journal, "ticker.done", before + 5)?;
    check_nothing_is_lost(&engine, journal)
}

fn triggers_come_and_go_with_rules(backend: Backend) -> Result<()> {
    let (engine, journal) = engine(backend, 1)?;
    let journal = journal.path();
    until_status(&engine, "watchers.Poller", is_running)?;
    let rule = |room: &str| {
        json!({
            "name": format!("in_{room}"), "pack": "default", "enabled": true, "criteria": {},
            "trigger": {"type": "watchers.poll", "parameters": {"room": room}},
            "action": {"ref": "core.noop", "parameters": {}},
        })
    };

    let made = engine.http.post("/v1/rules", &rule("attic"))?.expect(201)?;
    let told = until_lines(&engine, journal, "poller.told", 1)?;
    assert_eq!(told, [r#"["add", "attic"]"#]);

    // It dispatches by what it was told, counts in the datastore, and sees its own items alone.
    let instances = engine.wait_for_list("/v1/triggerinstances?trigger_type=watchers.poll", 2)?;
    let payload = &instances[0]["payload"];
    assert_eq!(payload["room"], "attic");
    assert_eq!(payload["items"], json!(["watchers.Poller:count"]));
    let item = engine
        .http
        .get("/v1/keys/watchers.Poller:count")?
        .expect(200)?;
    assert_eq!(item["secret"], true, "{item}");
    assert!(item["expire_timestamp"].is_string(), "{item}");

    let id = made["id"].as_str().context("an id")?;
    engine.http.delete(&format!("/v1/rules/{id}"))?;
    let told = until_lines(&engine, journal, "poller.told", 2)?;
    assert_eq!(told[1], r#"["remove", "attic"]"#);
    Ok(())
}

fn a_killed_sensor_is_started_again(backend: Backend) -> Result<()> {
    let (engine, journal) = engine(backend, 1)?;
    let journal = journal.path();
    until_lines(&engine, journal, "ticker.done", 10)?;
    let before = until_status(&engine, "watchers.Ticker", is_running)?;
    let poller = until_status(&engine, "watchers.Poller", is_running)?;

    kill(pid_of(&before)?, Signal::SIGKILL)?;

    let after = until_status(&engine, "watchers.Ticker", |status| {
        is_running(status) && status["pid"] != before["pid"]
    })?;
    assert_eq!(after["restarts"], 1, "{after}");
    let said = "next try in 1 s: its process has ended with code -9";
    assert!(engine.logs().contains(said), "{}", engine.logs());
    let done = lines(journal, "ticker.done").len();
    until_lines(&engine, journal, "ticker.done", done + 5)?;
    check_nothing_is_lost(&engine, journal)?;
    engine.wait_for_list("/v1/ruleenforcements?rule_ref=watchers.on_exit", 1)?;
    let exits = engine.wait_for_list(
        "/v1/triggerinstances?trigger_type=core.st2.sensor.process_exit",
        1,
    )?;
    let of_ticker = exits.iter().find(|exit| exit["payload"]["id"] == "Ticker");
    let of_ticker = of_ticker.context("the exit of the killed sensor")?;
    assert_eq!(of_ticker["payload"]["exit_code"], -9);
    let others = until_status(&engine, "watchers.Poller", is_running)?;
    assert_eq!(others["pid"], poller["pid"]);
    Ok(())
}

fn nothing_that_was_dispatched_is_lost_when_the_role_dies(backend: Backend) -> Result<()> {
    let (mut engine, journal) = engine(backend, 2)?;
    let journal = journal.path();
    for _ in 1..=2 {
        let done = lines(journal, "ticker.done").len();
        until_lines(&engine, journal, "ticker.done", done + 10)?;
        let running = until_alone(&engine, journal)?;
        let pids = lines(journal, "ticker.pids");
        let holder = holder_of(&mut engine, &running)?;

        holder.kill9()?;

        until_gone(&pids)?;
        if backend == Backend::Embedded {
            holder.run()?;
            engine.wait_until_ready()?;
        } else {
            // The other one takes over; this one comes back as a spare.
            until_status(&engine, "watchers.Ticker", |status| {
                is_running(status) && status["process"] != running["process"]
            })?;
            holder_of_dead(&mut engine)?.run()?;
        }
    }
    let done = lines(journal, "ticker.done").len();
    until_lines(&engine, journal, "ticker.done", done + 10)?;
    let alive = until_alone(&engine, journal)?["pid"].to_string();
    let pids = lines(journal, "ticker.pids");
    check_nothing_is_lost(&engine, journal)?;

    // An orderly end leaves nothing behind, and hands over.
    engine.restart()?;
    until_lines(&engine, journal, "ticker.pids", pids.len() + 1)?;
    assert!(!is_alive(&alive));
    check_nothing_is_lost(&engine, journal)
}

/// The status of the ticker, once it runs where it is to stay: one of its processes is alive, and that is the one.
fn until_alone(engine: &Engine, journal: &Path) -> Result<Value> {
    wait_until("the one live copy of the ticker", DEADLINE, || {
        let status = until_status(engine, "watchers.Ticker", is_running)?;
        let mut alive = lines(journal, "ticker.pids");
        alive.retain(|pid| is_alive(pid));
        ensure!(alive.len() <= 1, "copies of the ticker at once: {alive:?}");
        let members = world::statuses(engine)?;
        let nodes: BTreeSet<String> = members
            .iter()
            .map(|one| one["process"].to_string())
            .collect();
        let all_share = nodes.len()
            == engine
                .processes
                .iter()
                .filter(|one| ["sensors", "up"].contains(&one.role()))
                .count();
        Ok((all_share && alive == [status["pid"].to_string()]).then_some(status))
    })
    .with_context(|| engine.logs())
}

fn holder_of_dead(engine: &mut Engine) -> Result<&mut stories::engine::EngineProcess> {
    let mut processes = engine.processes.iter_mut();
    processes
        .find(|process| process.pid().is_none())
        .context("the process that was killed")
}
