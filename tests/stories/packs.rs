//! What operators change through the API holds until they ask for what the files say.

use anyhow::Result;
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions};

crate::on_both_backends![
    a_disabled_rule_stays_disabled_until_its_pack_is_registered,
    a_deleted_rule_stays_away_until_its_pack_is_registered,
    the_engine_alone_has_the_packs_that_clients_depend_on,
];

const RULE: &str = "/v1/rules/demo.greet";

fn a_disabled_rule_stays_disabled_until_its_pack_is_registered(backend: Backend) -> Result<()> {
    let mut engine = Engine::on(backend)?;
    let mut rule = engine.http.get(RULE)?.expect(200)?;
    assert_eq!(rule["enabled"], true, "{rule}");
    rule["enabled"] = json!(false);
    engine.http.put(RULE, &rule)?.expect(200)?;

    engine.restart()?;
    assert_eq!(enabled(&engine)?, json!(false));

    register_demo(&engine)?;
    assert_eq!(enabled(&engine)?, json!(true));
    Ok(())
}

fn a_deleted_rule_stays_away_until_its_pack_is_registered(backend: Backend) -> Result<()> {
    let mut engine = Engine::on(backend)?;
    engine.http.delete(RULE)?.expect(204)?;

    engine.restart()?;
    assert_eq!(engine.http.get(RULE)?.status, 404);

    register_demo(&engine)?;
    assert_eq!(enabled(&engine)?, json!(true));
    Ok(())
}

fn enabled(engine: &Engine) -> Result<Value> {
    Ok(engine.http.get(RULE)?.expect(200)?["enabled"].clone())
}

fn register_demo(engine: &Engine) -> Result<()> {
    engine
        .http
        .post("/v1/packs/register", &json!({"packs": ["demo"]}))?
        .expect(200)?;
    Ok(())
}

fn the_engine_alone_has_the_packs_that_clients_depend_on(backend: Backend) -> Result<()> {
    let mut options = EngineOptions::new(backend);
    options.packs.clear();
    let mut engine = Engine::start(&options)?;

    let packs = engine.http.get("/v1/packs")?.expect(200)?;
    let packs: Vec<&Value> = packs.as_array().into_iter().flatten().collect();
    let refs: Vec<&Value> = packs.iter().map(|pack| &pack["ref"]).collect();
    assert_eq!(refs, ["core", "default", "linux", "packs"]);

    run(
        &engine,
        &json!({"action": "core.local", "parameters": {"cmd": "true"}}),
    )?;
    engine.restart()?;
    let core = json!({"packs": ["core"]});
    engine.http.post("/v1/packs/register", &core)?.expect(200)?;
    run(
        &engine,
        &json!({"action": "packs.get", "parameters": {"pack": "linux"}}),
    )
}

fn run(engine: &Engine, request: &Value) -> Result<()> {
    let made = engine.http.post("/v1/executions", request)?.expect(201)?;
    let ended = engine.wait_for_end(made["id"].as_str().unwrap_or_default())?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    Ok(())
}
