//! An event becomes an action, stored and explained.

use anyhow::Result;
use serde_json::json;
use stories::engine::{Backend, Engine};

crate::on_both_backends![
    a_webhook_becomes_an_action,
    history_survives_a_restart,
    a_rule_that_fails_harms_no_other
];

fn a_webhook_becomes_an_action(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;

    engine
        .http
        .post(
            "/v1/webhooks/demo",
            &json!({"kind": "greeting", "name": "Ada"}),
        )?
        .expect(202)?;

    let executions = engine.wait_for_list("/v1/executions?action=demo.greet", 1)?;
    let id = executions[0]["id"].as_str().unwrap_or_default();
    let ended = engine.wait_for_end(id)?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(ended["parameters"], json!({"name": "Ada"}));
    assert!(
        ended["result"]["stdout"].to_string().contains("Ada"),
        "{ended}"
    );
    let enforcements = engine
        .http
        .get(&format!("/v1/ruleenforcements?execution={id}"))?
        .expect(200)?;
    assert_eq!(enforcements[0]["rule"]["ref"], "demo.greet");
    let traces = engine
        .http
        .get(&format!("/v1/traces?execution={id}"))?
        .expect(200)?;
    assert_eq!(traces[0]["action_executions"][0]["object_id"], id);
    Ok(())
}

fn history_survives_a_restart(backend: Backend) -> Result<()> {
    let mut engine = Engine::on(backend)?;
    let run = engine
        .http
        .post("/v1/executions", &json!({"action": "core.noop"}))?
        .expect(201)?;
    let id = run["id"].as_str().unwrap_or_default().to_owned();
    let before = engine.wait_for_end(&id)?;

    engine.restart()?;

    let after = engine
        .http
        .get(&format!("/v1/executions/{id}"))?
        .expect(200)?;
    assert_eq!(after, before);
    Ok(())
}

fn a_rule_that_fails_harms_no_other(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let rule = |name: &str, message: &str| {
        json!({
            "name": name, "pack": "default", "enabled": true,
            "trigger": {"type": "core.st2.webhook", "parameters": {"url": "pair"}},
            "criteria": {},
            "action": {"ref": "core.echo", "parameters": {"message": message}},
        })
    };
    engine
        .http
        .post(
            "/v1/rules",
            &rule("broken", "{{ trigger.body.nothing.here }}"),
        )?
        .expect(201)?;
    engine
        .http
        .post("/v1/rules", &rule("sound", "{{ trigger.body.word }}"))?
        .expect(201)?;

    engine
        .http
        .post("/v1/webhooks/pair", &json!({"word": "hello"}))?
        .expect(202)?;

    let sound = engine.wait_for_list("/v1/ruleenforcements?rule_ref=default.sound", 1)?;
    assert_eq!(sound[0]["status"], "succeeded");
    let broken = engine.wait_for_list("/v1/ruleenforcements?rule_ref=default.broken", 1)?;
    assert_eq!(broken[0]["status"], "failed");
    let reason = broken[0]["failure_reason"].as_str().unwrap_or_default();
    assert!(reason.contains("nothing"), "{reason}");
    Ok(())
}
