//! Sensors dispatch while whatever there is gets killed: what was dispatched is stored once, in order, and matched once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use serde_json::Value;
use stories::engine::{Backend, DEADLINE, Engine};
use stories::servers::{Postgres, RabbitMq, wait_until};

use super::world::{
    counting, holder_of, is_alive, is_running, lines, pid_of, switch, until_gone, until_lines,
    until_status,
};

const SENSORS: [&str; 3] = ["Counter", "Second", "Third"];
const ROUNDS: usize = 2;
/// Dispatches of each sensor between two blows.
const BETWEEN: usize = 15;

#[test]
fn what_sensors_dispatch_survives_the_death_of_single_processes_and_servers() -> Result<()> {
    let (mut postgres, mut rabbitmq) = (Postgres::start()?, RabbitMq::start()?);
    let servers = Some((postgres.fresh_database()?, rabbitmq.url()));
    let (mut engine, journal) = counting(Backend::Clustered, "", |options| {
        options.servers = servers;
        options.copies = 2;
    })?;
    let journal = journal.path();

    for _ in 0..ROUNDS {
        for blow in [
            "sensor",
            "sensors",
            "rules",
            "database",
            "api",
            "broker",
            "scheduler",
        ] {
            until_all_count(&engine, journal)?;
            match blow {
                "sensor" => kill_sensor(&engine)?,
                "sensors" => {
                    let status = until_status(&engine, "counting.Counter", is_running)?;
                    let process = holder_of(&mut engine, &status)?;
                    process.kill9()?;
                    process.run()?;
                }
                "database" => postgres.restart()?,
                "broker" => rabbitmq.restart()?,
                role => {
                    let process = engine.process(role);
                    process.kill9()?;
                    process.run()?;
                }
            }
        }
    }
    until_all_count(&engine, journal)?;
    check(&engine, journal)
}

#[test]
fn what_sensors_dispatch_survives_the_death_of_the_engine() -> Result<()> {
    let (mut engine, journal) = counting(Backend::Embedded, "", |_| {})?;
    let journal = journal.path();

    for _ in 0..ROUNDS {
        until_all_count(&engine, journal)?;
        kill_sensor(&engine)?;
        until_all_count(&engine, journal)?;
        let pids = pids(journal);
        let up = engine.process("up");
        up.kill9()?;
        // Nothing runs on without the engine, nor what a sensor has started.
        until_gone(&pids)?;
        up.run()?;
        engine.wait_until_ready()?;
    }
    until_all_count(&engine, journal)?;
    check(&engine, journal)
}

fn pids(journal: &Path) -> Vec<String> {
    let lines = lines(journal, "pids");
    let pids = lines.iter().filter_map(|line| line.split(' ').nth(1));
    pids.map(str::to_owned).collect()
}

fn kill_sensor(engine: &Engine) -> Result<()> {
    let status = until_status(engine, "counting.Second", is_running)?;
    Ok(kill(pid_of(&status)?, Signal::SIGKILL)?)
}

/// Each goes on: nothing hangs.
fn until_all_count(engine: &Engine, journal: &Path) -> Result<()> {
    for sensor in SENSORS {
        let name = format!("{sensor}.counted");
        let now = lines(journal, &name).len();
        until_lines(engine, journal, &name, now + BETWEEN)?;
    }
    Ok(())
}

/// Ends the sensors, waits until all is matched, and compares with what they wrote down.
fn check(engine: &Engine, journal: &Path) -> Result<()> {
    for sensor in SENSORS {
        switch(engine, &format!("counting.{sensor}"), false)?;
    }
    until_gone(&pids(journal))?;
    let left: Vec<String> = pids(journal)
        .into_iter()
        .filter(|pid| is_alive(pid))
        .collect();
    assert!(left.is_empty(), "nothing of a sensor stays: {left:?}");

    let stored = until_matched(engine)?;
    for sensor in SENSORS {
        let noted = noted(journal, sensor)?;
        check_one_at_a_time(&noted, sensor)?;
        for (life, times) in &noted {
            let numbers = stored.get(life).cloned().unwrap_or_default();
            // The last one may have been stored, and its sensor killed before it was told.
            let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
            ensure!(
                numbers == expected && [0, 1].contains(&(numbers.len().wrapping_sub(times.len()))),
                "{life}: {} were told of, stored are {numbers:?}\n{}",
                times.len(),
                engine.logs()
            );
        }
    }
    Ok(())
}

/// The numbers that are stored of each life, in the order of their instances, once each has its one enforcement.
fn until_matched(engine: &Engine) -> Result<HashMap<String, Vec<u64>>> {
    // The slower the machine, the more there are: a listing has an end.
    let list = |path: &str| -> Result<Vec<Value>> {
        let mut all = Vec::new();
        loop {
            let path = format!("{path}&limit=-1&offset={}", all.len());
            match engine.http.get(&path)?.expect(200)?.as_array() {
                Some(page) if !page.is_empty() => all.extend(page.iter().cloned()),
                _ => return Ok(all),
            }
        }
    };
    let instances = wait_until("every instance being processed", DEADLINE, || {
        let all = list("/v1/triggerinstances?trigger=counting.counted")?;
        let is_done = |one: &Value| one["status"] == "processed";
        Ok(all.iter().all(is_done).then_some(all))
    })
    .with_context(|| engine.logs())?;
    let enforcements = list("/v1/ruleenforcements?rule_ref=counting.on_counted")?;
    let mut of_instance: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &enforcements {
        *of_instance
            .entry(one["trigger_instance_id"].as_str().unwrap_or_default())
            .or_default() += 1;
    }
    let mut ids: Vec<&str> = instances
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    ids.sort_unstable();
    let once: Vec<&str> = of_instance
        .iter()
        .filter(|(_, count)| **count == 1)
        .map(|(id, _)| *id)
        .collect();
    ensure!(
        once == ids,
        "{} instances, {} of them matched once",
        ids.len(),
        once.len()
    );
    let executions: BTreeSet<&str> = enforcements
        .iter()
        .filter_map(|one| one["execution_id"].as_str())
        .collect();
    ensure!(
        executions.len() == ids.len(),
        "each is matched by an execution of its own"
    );

    let mut ordered: Vec<&Value> = instances.iter().collect();
    ordered.sort_by_key(|one| one["id"].as_str());
    let mut stored: HashMap<String, Vec<u64>> = HashMap::new();
    for one in ordered {
        let life = one["payload"]["life"].as_str().context("a life")?;
        let number = one["payload"]["number"].as_u64().context("a number")?;
        stored.entry(life.to_owned()).or_default().push(number);
    }
    Ok(stored)
}

/// When each number of each life was told to be stored.
fn noted(journal: &Path, sensor: &str) -> Result<BTreeMap<String, Vec<f64>>> {
    let mut noted: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in lines(journal, &format!("{sensor}.counted")) {
        let words: Vec<&str> = line.split(' ').collect();
        ensure!(words.len() == 3, "half a line: {line}");
        let times = noted.entry(words[0].to_owned()).or_default();
        times.push(words[2].parse()?);
        ensure!(
            words[1] == times.len().to_string(),
            "{line} comes as number {}",
            times.len()
        );
    }
    Ok(noted)
}

/// No two lives of a sensor overlap.
fn check_one_at_a_time(noted: &BTreeMap<String, Vec<f64>>, sensor: &str) -> Result<()> {
    let mut spans: Vec<(f64, f64)> = noted
        .values()
        .filter_map(|times| Some((*times.first()?, *times.last()?)))
        .collect();
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    for pair in spans.windows(2) {
        ensure!(
            pair[0].1 < pair[1].0,
            "two copies of {sensor} at once: {spans:?}"
        );
    }
    Ok(())
}
