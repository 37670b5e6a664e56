//! Packs of scripts, requests, workflows and policies.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::Backend;

use super::world::World;

crate::on_both_backends![
    scripts_and_requests_run,
    a_workflow_goes_over_python_actions,
    a_policy_tries_again,
];

fn scripts_and_requests_run(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let toolbox = world.publish("toolbox")?;

    world.install(&toolbox, "1.0.0")?;
    let base = format!("base={}", world.engine.http.base());
    world.petrel(&["pack", "config", "toolbox", &base])?;
    let words = ["toolbox.count_words", "text=one two  three"];
    assert_eq!(world.result(&words)?["stdout"], json!({ "words": 3 }));
    let letters = ["toolbox.count_words", "text=abc", "unit=letters"];
    assert_eq!(world.result(&letters)?["stdout"], json!({ "letters": 3 }));
    let (code, said) = world.tried(&["run", "toolbox.count_words", "text=a", "unit=lines"])?;
    assert!(
        code != 0 && said.contains("'lines' is not one of ['words', 'letters']"),
        "{said}"
    );
    assert_eq!(
        world.result(&["toolbox.where", "branch=next"])?["stdout"],
        "next in / as toolbox"
    );
    let pack = world.result(&["toolbox.packs"])?;
    assert_eq!(
        (&pack["status_code"], &pack["body"]["version"]),
        (&json!(200), &json!("1.0.0"))
    );

    world.install(&toolbox, "1.1.0")?;
    let counted = world.result(&words)?["stdout"].clone();
    assert_eq!(counted, json!({ "words": 3, "by": "wc" }));
    let pack = world.result(&["toolbox.packs"])?;
    assert_eq!(pack["body"]["version"], "1.1.0", "configured as before");
    world.remove("toolbox")
}

fn a_workflow_goes_over_python_actions(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let harvest = world.publish("harvest")?;
    let bring_in = ["harvest.bring_in", "trees=plum,pear"];
    let output = |result: &Value| result["output"].clone();

    world.install(&harvest, "1.0.0")?;
    let brought = output(&world.result(&bring_in)?);
    let label = "pear 1, pear 2, plum 1, plum 2";
    assert_eq!(
        brought,
        json!({ "box": { "count": 4, "label": label }, "picked": 4 })
    );
    let failed = world.run(&["harvest.bring_in", "trees=plum,thorn"])?;
    assert_eq!(failed["result"]["output"]["box"], "lost", "{failed:#}");

    let chain = |tree: &str| -> Result<Vec<Value>> {
        let ended = world.run(&["harvest.chain", &format!("tree={tree}")])?;
        let id = ended["id"].as_str().context("an id")?;
        let ended = world.get(&format!("/v1/executions/{id}"))?;
        let tasks = ended["result"]["tasks"].as_array().cloned();
        tasks.with_context(|| format!("tasks in {ended:#}"))
    };
    let of_task = |task: &Value| task["result"]["result"].clone();
    assert_eq!(
        chain("plum")?.iter().map(of_task).collect::<Vec<_>>(),
        [json!(["plum 1"]), json!({ "count": 1, "label": "plum 1" })]
    );
    let sorry = chain("thorn")?;
    assert_eq!(sorry[1]["result"]["stdout"], "no thorn today");

    world.install(&harvest, "1.1.0")?;
    let brought = output(&world.result(&bring_in)?);
    assert_eq!(brought["box"]["label"], "pear 1 & pear 2 & plum 1 & plum 2");
    world.remove("harvest")
}

fn a_policy_tries_again(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let doorbell = world.publish("doorbell")?;
    let rung = |door: &str| -> Result<Vec<Value>> {
        let listed = world.get("/v1/executions?action=doorbell.ring&limit=100&sort_asc=true")?;
        let listed = listed.as_array().context("a list")?.iter();
        let of_door = listed.filter(|one| one["parameters"]["door"] == door);
        Ok(of_door.map(|one| one["status"].clone()).collect())
    };

    world.install(&doorbell, "1.0.0")?;
    let policy = world.st2(&["policy", "get", "doorbell.ring_again"])?;
    assert_eq!(policy["parameters"]["max_retry_count"], 1, "{policy}");
    world.run(&["doorbell.ring", "door=front"])?;
    world
        .engine
        .wait_for_list("/v1/executions?action=doorbell.ring&status=failed", 2)?;
    assert_eq!(rung("front")?, ["failed", "failed"]);

    world.install(&doorbell, "1.1.0")?;
    world.run(&["doorbell.ring", "door=back"])?;
    let succeeded = "/v1/executions?action=doorbell.ring&status=succeeded";
    let opened = world.engine.wait_for_list(succeeded, 1)?;
    assert_eq!(opened[0]["result"]["result"], "opened after 3");
    assert_eq!(rung("back")?, ["failed", "failed", "succeeded"]);

    world.remove("doorbell")
}
