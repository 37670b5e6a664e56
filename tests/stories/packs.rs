//! What operators change through the API holds until they ask for what the files say.

use anyhow::Result;
use serde_json::{Value, json};
use stories::engine::{Backend, Engine};

crate::on_both_backends![
    a_disabled_rule_stays_disabled_until_its_pack_is_registered,
    a_deleted_rule_stays_away_until_its_pack_is_registered,
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
