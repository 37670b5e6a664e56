//! One sensor, several times, each with a configuration of its own.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE, Engine, binary};
use stories::servers::wait_until;

use super::world::{counting, is_running, lines, until_gone, until_lines, until_status};

crate::on_both_backends![instances_of_a_sensor_live_and_are_shown_apart];

const INSTANCES: &str = "
sensor_instances:
  Counter:
    - name: attic
      config: {who: ada, key: open sesame}
    - name: cellar
      config: {who: bob}
";

/// Who has dispatched.
fn whose(engine: &Engine) -> Result<BTreeSet<String>> {
    let path = "/v1/triggerinstances?trigger=counting.counted&limit=100";
    let instances = engine.http.get(path)?.expect(200)?;
    let names = instances.as_array().into_iter().flatten();
    Ok(names
        .filter_map(|one| Some(one["payload"]["who"].as_str()?.to_owned()))
        .collect())
}

fn petrel(engine: &Engine, arguments: &[&str]) -> Result<String> {
    let output = Command::new(binary())
        .args(arguments)
        .env("PETREL_URL", engine.http.base())
        .output()?;
    let said = String::from_utf8(output.stdout)?;
    ensure!(
        output.status.success(),
        "{arguments:?}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said)
}

fn instances_of_a_sensor_live_and_are_shown_apart(backend: Backend) -> Result<()> {
    let (engine, journal) = counting(backend, INSTANCES, |_| {})?;
    let journal = journal.path();
    let attic = until_status(&engine, "counting.Counter@attic", is_running)?;
    let cellar = until_status(&engine, "counting.Counter@cellar", is_running)?;
    assert_ne!(attic["pid"], cellar["pid"]);
    assert_eq!(
        (&attic["sensor"], &attic["instance"]),
        (&json!("counting.Counter"), &json!("attic"))
    );

    // Each dispatches with its own configuration; those without instances have the pack's.
    let all = ["ada", "bob", "nobody"].map(str::to_owned);
    wait_until("all of them being heard", DEADLINE, || {
        Ok((whose(&engine)? == all.clone().into()).then_some(()))
    })
    .with_context(|| engine.logs())?;
    // Each has datastore items of its own.
    for name in ["Counter@attic", "Counter@cellar", "Second"] {
        let items = engine.wait_for_list(&format!("/v1/keys?prefix=counting.{name}:life"), 1)?;
        let life = items[0]["value"].as_str().unwrap_or_default();
        let class = name.split('@').next().unwrap_or_default();
        assert!(life.starts_with(class), "{items:?}");
    }
    // The secret of an instance is one.
    let config = engine.http.get("/v1/configs/counting")?.expect(200)?;
    let shown = &config["values"]["sensor_instances"]["Counter"][0]["config"]["key"];
    assert_eq!(shown, "********", "{config}");

    // What is known of it is stored from time to time.
    until_status(&engine, "counting.Counter@attic", |status| {
        status["last_dispatch"].is_string()
    })?;
    check_lists(&engine, &attic)?;

    // What does not fit is refused, and says where.
    let mut values = config["values"].clone();
    values["sensor_instances"]["Counter"][1]["config"]["who"] = json!(7);
    let refused = engine
        .http
        .put("/v1/configs/counting", &values)?
        .expect(400)?;
    let expected = "instance `cellar` of sensor `Counter`: \"who\" must be text, not 7";
    assert_eq!(refused["faultstring"], expected);

    // One that is not asked for any more ends, and is not shown any more.
    let of_bob: Vec<String> = lines(journal, "pids")
        .iter()
        .filter_map(|line| line.strip_prefix("bob ").map(str::to_owned))
        .collect();
    assert_eq!(of_bob.len(), 2);
    values["sensor_instances"] = json!({"Counter": [{"name": "attic", "config": {"who": "eve"}}]});
    engine
        .http
        .put("/v1/configs/counting", &values)?
        .expect(200)?;
    until_gone(&of_bob)?;
    wait_until("eve being heard", DEADLINE, || {
        Ok(whose(&engine)?.contains("eve").then_some(()))
    })
    .with_context(|| engine.logs())?;
    wait_until("the other not being shown", DEADLINE, || {
        let table = petrel(&engine, &["sensor", "list", "--pack", "counting"])?;
        Ok((!table.contains("cellar") && table.contains("attic")).then_some(()))
    })?;
    let count = lines(journal, "Counter.counted").len();
    until_lines(&engine, journal, "Counter.counted", count + 5)?;
    Ok(())
}

/// As operators see them, in a table and as JSON.
fn check_lists(engine: &Engine, attic: &Value) -> Result<()> {
    let table = petrel(engine, &["sensor", "list", "--pack", "counting"])?;
    for name in [
        "counting.Counter@attic",
        "counting.Counter@cellar",
        "counting.Second",
    ] {
        assert!(table.contains(name), "{table}");
    }
    let listed = petrel(engine, &["sensor", "list", "--pack", "counting", "--json"])?;
    let listed: Vec<Value> = serde_json::from_str(&listed)?;
    let refs: Vec<&str> = listed
        .iter()
        .filter_map(|one| one["ref"].as_str())
        .collect();
    assert_eq!(
        refs,
        [
            "counting.Counter@attic",
            "counting.Counter@cellar",
            "counting.Second",
            "counting.Third"
        ]
    );
    let one = petrel(
        engine,
        &["sensor", "get", "counting.Counter@attic", "--json"],
    )?;
    let one: Value = serde_json::from_str(&one)?;
    assert_eq!(
        (&one["pid"], &one["enabled"]),
        (&attic["pid"], &json!(true))
    );
    assert!(one["last_dispatch"].is_string(), "{one}");
    Ok(())
}
