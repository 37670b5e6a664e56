//! Pausing, going on, cancelling and running again: down into sub-workflows and up again.

use std::fs;

use anyhow::Result;
use serde_json::json;
use stories::engine::Backend;

use super::{World, states};

crate::on_both_backends![
    pausing_reaches_down_and_comes_up_again,
    a_paused_sub_workflow_pauses_what_is_above,
    cancelling_reaches_down_and_waits_for_what_runs,
    what_failed_is_run_again_from_there,
    items_are_run_again_all_or_those_that_failed,
    action_chains_are_steered_too,
];

/// Begins `flows.outer`; the ids of it and of its sub-workflow, whose gate is closed.
fn begin_outer(world: &World) -> Result<(String, String)> {
    let outer = world.begin(&["flows.outer", &world.named("gate")])?;
    let inner = world.wait_for_task(&outer, "inner", "running")?;
    world.wait_for_task(&inner, "gate", "running")?;
    Ok((outer, inner))
}

fn pausing_reaches_down_and_comes_up_again(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let (outer, inner) = begin_outer(&world)?;

    world.st2(&["execution", "pause", &outer])?;
    world.wait_for_status(&inner, "pausing")?;
    assert_eq!(world.execution(&outer)?["status"], "pausing");
    world.open("gate")?;
    world.wait_for_status(&inner, "paused")?;
    world.wait_for_status(&outer, "paused")?;
    assert_eq!(world.children(&inner)?.len(), 2, "nothing new begins");

    world.st2(&["execution", "resume", &outer])?;
    let ended = world.engine.wait_for_end(&outer)?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(ended["result"]["output"], json!({"inner": "old"}));
    let expected = [
        "requested",
        "scheduled",
        "running",
        "pausing",
        "paused",
        "resuming",
        "running",
        "succeeded",
    ];
    assert_eq!(states(&ended), expected);
    assert_eq!(states(&world.execution(&inner)?), expected);
    Ok(())
}

fn a_paused_sub_workflow_pauses_what_is_above(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let (outer, inner) = begin_outer(&world)?;

    world.st2(&["execution", "pause", &inner])?;
    world.open("gate")?;
    world.wait_for_status(&inner, "paused")?;
    world.wait_for_status(&outer, "paused")?;

    world.st2(&["execution", "resume", &inner])?;
    let ended = world.engine.wait_for_end(&outer)?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    Ok(())
}

fn cancelling_reaches_down_and_waits_for_what_runs(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let (outer, inner) = begin_outer(&world)?;

    world.st2(&["execution", "cancel", &outer])?;
    world.wait_for_status(&inner, "canceling")?;
    assert_eq!(world.execution(&outer)?["status"], "canceling");
    world.open("gate")?;

    let ended = world.engine.wait_for_end(&outer)?;
    assert_eq!(ended["status"], "canceled", "{ended}");
    assert_eq!(world.execution(&inner)?["status"], "canceled");
    let children = world.children(&inner)?;
    assert_eq!(children.len(), 2, "{children:?}");
    assert_eq!(children[1]["status"], "succeeded");

    // One that is paused ends at once.
    let paused = world.begin(&["flows.questions_of_items"])?;
    world.wait_for_status(&paused, "paused")?;
    world.st2(&["execution", "cancel", &paused])?;
    assert_eq!(world.engine.wait_for_end(&paused)?["status"], "canceled");
    let asked = world.st2.json(&["inquiry", "list"])?;
    assert_eq!(asked, json!([]));
    Ok(())
}

fn what_failed_is_run_again_from_there(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    world.open("log.second")?;
    let (failed, _) = world.run(&["flows.again", &world.named("log")])?;
    assert_eq!(failed["status"], "failed");
    assert_eq!(world.lines("log")?, ["first", "second"]);
    let id = failed["id"].as_str().unwrap_or_default();

    fs::remove_file(world.file("log.second"))?;
    let printed = world.st2(&["execution", "re-run", id, "--tasks", "second"])?;
    assert!(printed.contains("succeeded"), "{printed}");
    assert_eq!(world.lines("log")?, ["first", "second", "second", "kept"]);

    let unknown = world
        .st2
        .run(&["execution", "re-run", id, "--tasks", "nowhere"])?;
    assert!(unknown.stdout.contains("nowhere"), "{unknown:?}");
    assert_eq!(world.lines("log")?.len(), 4);

    let whole = world.st2(&["execution", "re-run", id])?;
    assert!(whole.contains("succeeded"), "{whole}");
    assert_eq!(world.lines("log")?[4..], ["first", "second", "kept"]);
    Ok(())
}

fn items_are_run_again_all_or_those_that_failed(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    world.open("log.two")?;
    let (failed, _) = world.run(&["flows.items_again", &world.named("log")])?;
    assert_eq!(failed["status"], "failed");
    let id = failed["id"].as_str().unwrap_or_default();
    let since = |count: usize| -> Result<Vec<String>> {
        let mut lines = world.lines("log")?.split_off(count);
        lines.sort();
        Ok(lines)
    };
    assert_eq!(since(0)?, ["one", "three", "two"]);

    world.st2.run(&[
        "execution",
        "re-run",
        id,
        "--tasks",
        "each",
        "--no-reset",
        "each",
    ])?;
    assert_eq!(since(3)?, ["two"]);

    world
        .st2
        .run(&["execution", "re-run", id, "--tasks", "each"])?;
    assert_eq!(since(4)?, ["one", "three", "two"]);

    fs::remove_file(world.file("log.two"))?;
    let printed = world.st2(&[
        "execution",
        "re-run",
        id,
        "--tasks",
        "each",
        "--no-reset",
        "each",
    ])?;
    assert!(printed.contains("count: 3"), "{printed}");
    assert_eq!(since(7)?, ["two"]);
    Ok(())
}

fn action_chains_are_steered_too(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let begin = |name: &str| -> Result<String> {
        let id = world.begin(&["flows.gated_chain", &world.named(name)])?;
        stories::servers::wait_until("the gate", stories::engine::DEADLINE, || {
            let children = world.children(&id)?;
            Ok(children
                .iter()
                .any(|child| child["status"] == "running")
                .then_some(()))
        })?;
        Ok(id)
    };

    let paused = begin("one")?;
    world.st2(&["execution", "pause", &paused])?;
    world.open("one")?;
    world.wait_for_status(&paused, "paused")?;
    assert_eq!(world.children(&paused)?.len(), 1);
    world.st2(&["execution", "resume", &paused])?;
    let ended = world.engine.wait_for_end(&paused)?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(ended["result"]["published"], json!({"said": "opened"}));
    let tasks = ended["result"]["tasks"].as_array().map_or(0, Vec::len);
    assert_eq!(tasks, 2);

    let canceled = begin("two")?;
    world.st2(&["execution", "cancel", &canceled])?;
    world.open("two")?;
    let ended = world.engine.wait_for_end(&canceled)?;
    assert_eq!(ended["status"], "canceled", "{ended}");
    assert_eq!(world.children(&canceled)?.len(), 1);

    let handled = world.begin(&["examples.chain_failure", "host=broken1"])?;
    let handled = world.engine.wait_for_end(&handled)?;
    assert_eq!(handled["status"], "succeeded", "{handled}");
    let told = handled["result"]["published"]["told"]
        .as_str()
        .unwrap_or_default();
    assert!(told.starts_with("rolled back: "), "{handled}");
    Ok(())
}
