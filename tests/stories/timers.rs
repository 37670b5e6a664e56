//! Timers fire once for each time, however many processes watch them.

use std::collections::HashSet;

use anyhow::Result;
use serde_json::json;
use stories::engine::{Backend, Engine, EngineOptions};

crate::on_both_backends![an_interval_fires_once_for_each_time];

fn an_interval_fires_once_for_each_time(backend: Backend) -> Result<()> {
    let mut options = EngineOptions::new(backend);
    options.copies = 2;
    let engine = Engine::start(&options)?;
    let rule = json!({
        "name": "tick", "pack": "default", "enabled": true,
        "trigger": {"type": "core.st2.IntervalTimer", "parameters": {"unit": "seconds", "delta": 1}},
        "criteria": {},
        "action": {"ref": "core.noop", "parameters": {}},
    });
    engine.http.post("/v1/rules", &rule)?.expect(201)?;

    let instances = engine.wait_for_list(
        "/v1/triggerinstances?trigger_type=core.st2.IntervalTimer&limit=50",
        4,
    )?;

    let times: HashSet<&str> = instances
        .iter()
        .filter_map(|instance| instance["payload"]["executed_at"].as_str())
        .collect();
    assert_eq!(
        times.len(),
        instances.len(),
        "each time fired once: {instances:?}"
    );
    engine.wait_for_list("/v1/ruleenforcements?rule_ref=default.tick", 4)?;
    Ok(())
}
