//! StackStorm's own client, unmodified, drives the engine.

use anyhow::Result;
use serde_json::json;
use stories::engine::{Backend, Engine};
use stories::st2::St2;

crate::on_both_backends![the_client_runs_and_looks, the_client_manages_rules_and_keys];

fn the_client_runs_and_looks(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let st2 = St2::of(&engine)?;

    let run = st2.json(&["run", "core.local", "cmd=echo hello"])?;
    assert_eq!(
        (&run["status"], &run["result"]["stdout"]),
        (&json!("succeeded"), &json!("hello"))
    );
    let id = run["id"].as_str().unwrap_or_default();

    let got = st2.run(&["execution", "get", id, "-k", "stdout"])?;
    assert_eq!((got.code, got.stdout.trim()), (0, "hello"));
    let again = st2.json(&["execution", "re-run", id])?;
    assert_eq!(again["status"], "succeeded");
    let listed = st2.json(&["execution", "list", "--action", "core.local", "-n", "2"])?;
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let tail = st2.run(&["execution", "tail", id])?;
    assert!(
        tail.stdout.contains("hello") && tail.stdout.contains("succeeded"),
        "{}",
        tail.stdout
    );
    let failed = st2.run(&["run", "core.local", "cmd=exit 3"])?;
    assert_eq!(failed.code, 1, "{}", failed.stdout);
    Ok(())
}

fn the_client_manages_rules_and_keys(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let st2 = St2::of(&engine)?;

    assert_eq!(st2.json(&["rule", "get", "demo.greet"])?["enabled"], true);
    assert_eq!(
        st2.json(&["rule", "disable", "demo.greet"])?["enabled"],
        false
    );
    engine
        .http
        .post(
            "/v1/webhooks/demo",
            &json!({"kind": "greeting", "name": "Ada"}),
        )?
        .expect(202)?;
    let instances = engine.wait_for_list(
        "/v1/triggerinstances?trigger_type=core.st2.webhook&status=processed",
        1,
    )?;
    let instance = instances[0]["id"].as_str().unwrap_or_default();
    assert_eq!(
        st2.json(&["rule-enforcement", "list", "--rule", "demo.greet"])?,
        json!([])
    );

    assert_eq!(
        st2.json(&["rule", "enable", "demo.greet"])?["enabled"],
        true
    );
    let emitted = st2.run(&["trigger-instance", "re-emit", instance])?;
    assert_eq!(emitted.code, 0, "{}{}", emitted.stdout, emitted.stderr);
    engine.wait_for_list("/v1/ruleenforcements?rule_ref=demo.greet", 1)?;

    st2.json(&["key", "set", "city", "Kiel"])?;
    assert_eq!(st2.json(&["key", "get", "city"])?["value"], "Kiel");
    let secret = st2.json(&["key", "set", "--encrypt", "pin", "1234"])?;
    assert_ne!(
        secret["value"], "1234",
        "a secret is never shown in the clear"
    );
    assert_eq!(
        st2.json(&["key", "get", "--decrypt", "pin"])?["value"],
        "1234"
    );
    Ok(())
}
