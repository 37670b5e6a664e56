//! Packs with sensors: one that polls and remembers, one that serves by itself.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE};
use stories::servers::{free_port, wait_until};

use super::world::World;

crate::on_both_backends![
    a_polling_sensor_remembers_across_an_update,
    a_sensor_that_serves_lives_and_goes,
];

/// The payloads of a trigger so far, the oldest first, once there are so many.
fn payloads(world: &World, trigger: &str, count: usize) -> Result<Vec<Value>> {
    let path = format!("/v1/triggerinstances?trigger={trigger}&limit=100");
    let mut instances = world.engine.wait_for_list(&path, count)?;
    instances.sort_by_key(|instance| instance["id"].to_string());
    Ok(instances
        .iter()
        .map(|instance| instance["payload"].clone())
        .collect())
}

fn write_reading(world: &World, degrees: &str) -> Result<()> {
    let feed = world.file("feed");
    let mut feed = OpenOptions::new().create(true).append(true).open(feed)?;
    Ok(writeln!(feed, "{degrees}")?)
}

fn a_polling_sensor_remembers_across_an_update(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let station = world.publish("station")?;
    write_reading(&world, "4.5")?;
    write_reading(&world, "-2")?;

    world.install(&station, "1.0.0")?;
    let feed = format!("feed={}", world.file("feed").display());
    world.petrel(&["pack", "config", "station", &feed])?;
    let expected = [
        json!({ "number": 1, "degrees": 4.5 }),
        json!({ "number": 2, "degrees": -2.0 }),
    ];
    assert_eq!(payloads(&world, "station.reading", 2)?, expected);
    let enforcements = "/v1/ruleenforcements?rule_ref=station.note_frost";
    let noted = world.engine.wait_for_list(enforcements, 1)?;
    let note = noted[0]["execution_id"].as_str().context("an execution")?;
    let note = world.engine.wait_for_end(note)?;
    assert_eq!(note["result"]["result"], "reading 2: -2.0", "{note:#}");
    assert_eq!(
        world.st2(&["key", "get", "last_note"])?["value"],
        "reading 2: -2.0"
    );
    let seen = world.st2(&["key", "get", "station.ReadingsSensor:seen"])?;
    assert_eq!(seen["value"], "2");

    world.install(&station, "1.1.0")?;
    write_reading(&world, "7")?;
    let all = payloads(&world, "station.reading", 3)?;
    let third = json!({ "number": 3, "degrees": 7.0, "unit": "C" });
    assert_eq!(all[2], third, "the new code goes on where the old one was");
    assert_eq!(all.len(), 3);
    let config = world.get("/v1/configs/station")?;
    ensure!(!config["values"]["feed"].is_null(), "{config}");

    world.remove("station")?;
    wait_until("a sensor that is known no more", DEADLINE, || {
        let sensors = world.get("/v1/sensors/status")?.to_string();
        Ok((!sensors.contains("station.")).then_some(()))
    })
}

/// Sends a line; whoever listens says that it is taken when it is stored.
fn send(port: u16, line: &str) -> Result<()> {
    wait_until("a sensor that takes a line", DEADLINE, || {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
            return Ok(None);
        };
        writeln!(stream, "{line}")?;
        let mut answer = String::new();
        let read = BufReader::new(stream).read_line(&mut answer);
        Ok((read.is_ok() && answer == "taken\n").then_some(()))
    })
}

fn a_sensor_that_serves_lives_and_goes(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let (courier, port) = (world.publish("courier")?, free_port()?);

    world.install(&courier, "1.0.0")?;
    world.petrel(&["pack", "config", "courier", &format!("port={port}")])?;
    send(port, "first").with_context(|| world.engine.logs())?;
    let first = json!({ "text": "first", "version": "1.0" });
    assert_eq!(payloads(&world, "courier.line", 1)?, [first]);
    let traces = world.st2(&["trace", "list", "--trace-tag", "first"])?;
    assert_eq!(traces["trace_tag"], "first", "{traces}");
    let listed = world.st2(&["sensor", "list", "--pack", "courier"])?;
    assert_eq!(listed[0]["ref"], "courier.LineSensor", "{listed}");

    world.install(&courier, "1.1.0")?;
    wait_until("the new sensor", DEADLINE, || {
        send(port, "again")?;
        let path = "/v1/triggerinstances?trigger=courier.line&limit=1";
        let newest = world.engine.http.get(path)?.body;
        Ok((newest[0]["payload"]["version"] == "1.1").then_some(()))
    })
    .with_context(|| world.engine.logs())?;
    ensure!(
        !world.processes_of("courier")?.is_empty(),
        "nothing is seen"
    );

    world.remove("courier")?;
    ensure!(TcpStream::connect(("127.0.0.1", port)).is_err());
    Ok(())
}
