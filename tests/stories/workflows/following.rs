//! Looking on while a workflow runs: its graph, and what its tasks tell.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use stories::engine::{Backend, binary};

use super::World;

crate::on_both_backends![
    a_workflow_is_drawn_with_its_states,
    a_workflow_is_followed_from_its_first_task,
];

fn petrel(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(arguments)
        .env("PETREL_URL", world.engine.http.base());
    command
}

fn drawn(world: &World, arguments: &[&str]) -> Result<Output> {
    let arguments = [&["workflow", "graph"], arguments].concat();
    Ok(petrel(world, &arguments).output()?)
}

/// What a graph that must be drawn looks like.
fn graph(world: &World, arguments: &[&str]) -> Result<String> {
    let output = drawn(world, arguments)?;
    ensure!(output.status.success(), "{output:?}");
    Ok(String::from_utf8(output.stdout)?)
}

/// The states of a graph's tasks, in the order that they are drawn in.
fn states(world: &World, id: &str) -> Result<Vec<(String, Option<String>)>> {
    let graph: Value = serde_json::from_str(&graph(world, &[id, "--json"])?)?;
    let tasks = graph["tasks"].as_array().context("tasks")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    tasks
        .iter()
        .map(|task| {
            let name = text(&task["name"]).context("a name")?;
            Ok((name, text(&task["progress"]["status"])))
        })
        .collect()
}

fn task(name: &str, status: Option<&str>) -> (String, Option<String>) {
    (name.to_owned(), status.map(str::to_owned))
}

fn a_workflow_is_drawn_with_its_states(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let outer = world.begin(&["flows.outer", &world.named("gate")])?;
    world.wait_for_task(&outer, "inner", "running")?;

    let under_way = states(&world, &outer)?;
    assert_eq!(
        under_way,
        [task("inner", Some("running")), task("done", None)]
    );
    let text = graph(&world, &[&outer])?;
    assert!(
        text.contains(&format!("flows.outer {outer}: running")),
        "{text}"
    );
    assert!(text.contains("▸ inner  flows.gated"), "{text}");

    world.open("gate")?;
    world.wait_for_status(&outer, "succeeded")?;
    let ended = states(&world, &outer)?;
    assert_eq!(
        ended,
        [
            task("inner", Some("succeeded")),
            task("done", Some("succeeded"))
        ]
    );
    let text = graph(&world, &[&outer])?;
    let took = text.lines().find(|line| line.contains("succeeded in "));
    assert!(took.is_some_and(|line| line.ends_with(" s")), "{text}");
    let svg = graph(&world, &[&outer, "--format", "svg"])?;
    assert!(
        svg.starts_with("<svg ") && svg.contains("succeeded in "),
        "{svg}"
    );
    let dot = graph(&world, &[&outer, "--format", "dot"])?;
    assert!(
        dot.starts_with("digraph ") && dot.contains("succeeded in "),
        "{dot}"
    );

    // What cannot be drawn is said.
    let inner = world.wait_for_task(&outer, "done", "succeeded")?;
    let plain = drawn(&world, &[&inner])?;
    let said = String::from_utf8_lossy(&plain.stderr);
    assert!(!plain.status.success(), "{plain:?}");
    assert!(said.contains("`core.noop`, which is no workflow"), "{said}");
    let unknown = drawn(&world, &["0123456789abcdef01234567"])?;
    assert!(!unknown.status.success(), "{unknown:?}");
    Ok(())
}

fn a_workflow_is_followed_from_its_first_task(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let outer = world.begin(&["flows.outer", &world.named("gate")])?;
    let inner = world.wait_for_task(&outer, "inner", "running")?;
    world.wait_for_task(&inner, "gate", "running")?;

    let mut tail = petrel(&world, &["execution", "tail", &outer])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(tail.stdout.take().context("its output")?).lines();
    // The gate is opened once the tail has told of the task that waits there.
    let mut told = Vec::new();
    while !told
        .iter()
        .any(|line: &String| line.starts_with("-- inner.gate running"))
    {
        told.push(lines.next().context("the tail ended")??);
    }
    world.open("gate")?;
    for line in lines {
        told.push(line?);
    }

    assert!(tail.wait()?.success(), "{told:?}");
    let starts: Vec<&str> = [
        "inner running",
        "inner.gate running",
        "inner.gate succeeded",
        "done succeeded",
    ]
    .into_iter()
    .filter(|what| {
        let start = format!("-- {what} (");
        told.iter().filter(|line| line.starts_with(&start)).count() == 1
    })
    .collect();
    assert_eq!(starts.len(), 4, "{starts:?} of {told:#?}");
    Ok(())
}
