//! Packs that hear: of events by their own triggers and webhooks, and of people by chat.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::Backend;
use stories::servers::wait_until;

use super::world::World;

crate::on_both_backends![
    triggers_and_rules_come_with_a_pack,
    an_alias_answers_in_its_words,
];

/// The output of the execution that a rule asked for last.
fn answered(world: &World, rule: &str, count: usize) -> Result<Value> {
    let path = format!("/v1/ruleenforcements?rule_ref={rule}");
    let enforcements = world.engine.wait_for_list(&path, count)?;
    assert_eq!(enforcements.len(), count, "{enforcements:?}");
    let id = enforcements[0]["execution_id"].as_str();
    let id = id.with_context(|| format!("no execution: {enforcements:?}"))?;
    let ended = world.engine.wait_for_end(id)?;
    Ok(ended["result"]["stdout"].clone())
}

fn page(world: &World, body: &Value) -> Result<u16> {
    Ok(world
        .engine
        .http
        .post("/v1/webhooks/watch/page", body)?
        .status)
}

fn alarm(world: &World, level: u32) -> Result<()> {
    let payload = json!({ "place": format!("cellar {level}"), "level": level }).to_string();
    let inject = [
        "trigger-instance",
        "inject",
        "watch.alarm",
        "--payload",
        &payload,
    ];
    world.petrel(&inject).map(drop)
}

fn triggers_and_rules_come_with_a_pack(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let watch = world.publish("watch")?;
    world.st2(&["key", "set", "watched_place", "cellar"])?;

    world.install(&watch, "1.0.0")?;
    let kinds = world.st2(&["trigger", "list", "--pack", "watch"])?;
    assert_eq!(kinds[0]["ref"], "watch.alarm", "{kinds}");
    let rules = world.get("/v1/rules?pack=watch&enabled=false")?;
    assert_eq!(rules[0]["ref"], "watch.sleeping", "{rules}");

    let down = json!({ "host": "db1", "state": "down", "tags": ["prod", "db"] });
    let up = json!({ "host": "db1", "state": "up", "tags": ["prod"] });
    assert_eq!(page(&world, &up)?, 202);
    assert_eq!(page(&world, &down)?, 202);
    assert_eq!(answered(&world, "watch.on_page", 1)?, "db1 is down");
    alarm(&world, 3)?;
    alarm(&world, 5)?;
    assert_eq!(answered(&world, "watch.on_alarm", 1)?, "filed: cellar 5");

    world.install(&watch, "1.1.0")?;
    let kinds = world.get("/v1/triggertypes?pack=watch")?;
    assert_eq!(kinds.as_array().map(Vec::len), Some(2), "{kinds}");
    let gone = world.engine.http.get("/v1/rules/watch.sleeping")?;
    assert_eq!(gone.status, 404);
    let failed = json!({ "host": "db2", "state": "failed", "tags": ["prod"] });
    // The rule that wants another pattern now comes in force within a second.
    wait_until("the new pattern", stories::engine::DEADLINE, || {
        assert_eq!(page(&world, &failed)?, 202);
        let path = "/v1/ruleenforcements?rule_ref=watch.on_page";
        let enforcements = world.engine.http.get(path)?.body;
        Ok((enforcements.as_array().map(Vec::len) > Some(1)).then_some(()))
    })?;

    world.remove("watch")?;
    assert_eq!(page(&world, &down)?, 404, "nobody listens any more");
    Ok(())
}

fn an_alias_answers_in_its_words(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let lunch = world.publish("lunch")?;

    world.install(&lunch, "1.0.0")?;
    let (code, said) = world.tried(&["action-alias", "execute", "lunch for 2: soup,rice"])?;
    assert_eq!(code, 0, "{said}");
    let id = said.split_whitespace().last().context("an id is printed")?;
    let ended = world.engine.wait_for_end(id)?;
    assert_eq!(ended["result"]["result"]["total"], 16, "{ended:#}");

    let answer = world.petrel(&["alias", "execute", "lunch for 2: soup,rice"])?;
    let expected =
        "Asking the kitchen for ['soup', 'rice'].\nOrdered for 2:\n- *Soup* at 4\n- *Rice* at 4\n";
    assert!(answer.starts_with(expected), "{answer}");
    assert!(answer.contains("Total: 16"), "{answer}");
    let (code, said) = world.tried(&["action-alias", "execute", "lunch menu"])?;
    assert_eq!(code, 1, "it is switched off: {said}");

    // The pack that installs packs hears of them too.
    let answer = world.petrel(&["alias", "execute", "pack get lunch"])?;
    ensure!(answer.contains("*lunch* 1.0.0 is installed."), "{answer}");
    let answer = world.petrel(&["alias", "execute", &format!("pack install {lunch}")])?;
    ensure!(answer.contains("Installed: lunch."), "{answer}");

    world.install(&lunch, "1.1.0")?;
    let answer = world.petrel(&["alias", "execute", "lunch menu"])?;
    assert!(!answer.is_empty(), "{answer}");
    world.remove("lunch")?;
    let (code, said) = world.tried(&["action-alias", "match", "lunch order soup"])?;
    assert!(code == 1 && said.contains("matched no patterns"), "{said}");
    Ok(())
}
