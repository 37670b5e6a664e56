//! Processes of a cluster share the sensors: evenly, and each sensor has one of them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;
use stories::engine::{Backend, DEADLINE, Engine, ROLES};
use stories::servers::wait_until;

use super::world::{counting, holder_of, is_running, statuses};

/// How many sensors run in each process of the engine, once that is so of all three.
fn until_shared(engine: &Engine, shares: &[usize]) -> Result<Vec<Value>> {
    wait_until(&format!("sensors shared as {shares:?}"), DEADLINE, || {
        let mut all = statuses(engine)?;
        all.retain(|one| {
            is_running(one)
                && one["sensor"]
                    .as_str()
                    .unwrap_or_default()
                    .starts_with("counting.")
        });
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for status in &all {
            *counts.entry(status["process"].to_string()).or_default() += 1;
        }
        let mut counts: Vec<usize> = counts.into_values().collect();
        counts.sort_unstable();
        Ok((counts == shares).then_some(all))
    })
    .with_context(|| engine.logs())
}

#[test]
fn a_process_that_joins_gets_its_share_and_one_that_dies_leaves_it() -> Result<()> {
    let others = "sensor_instances: {Counter: [{name: a}, {name: b}]}\n";
    let (mut engine, _journal) =
        counting(Backend::Clustered, others, |options| options.copies = 2)?;
    assert!(ROLES.contains(&"sensors"));
    let shared = until_shared(&engine, &[2, 2])?;

    // Killed, its sensors run in the other one within seconds.
    let killed = shared[0].clone();
    holder_of(&mut engine, &killed)?.kill9()?;
    let alone = until_shared(&engine, &[4])?;
    assert_ne!(alone[0]["process"], killed["process"]);

    // Come back, it gets half of them again; the others stay where they are.
    let dead = engine.processes.iter_mut().find(|one| one.pid().is_none());
    dead.context("the one that was killed")?.run()?;
    let shared = until_shared(&engine, &[2, 2])?;
    let stayed = shared.iter().filter(|now| {
        let before = alone.iter().find(|one| one["ref"] == now["ref"]);
        before.is_some_and(|before| before["pid"] == now["pid"])
    });
    assert_eq!(stayed.count(), 2, "{shared:?}");

    // Nothing moves any more: the processes of the sensors are the same after all have been looked at again.
    let dispatched = |all: &[Value]| {
        all.iter()
            .map(|one| one["dispatches"].as_u64())
            .collect::<Vec<_>>()
    };
    let pids = |all: &[Value]| all.iter().map(|one| one["pid"].clone()).collect::<Vec<_>>();
    let before = dispatched(&shared);
    let later = wait_until(
        "all of them having dispatched 150 times more",
        DEADLINE,
        || {
            let now = until_shared(&engine, &[2, 2])?;
            let more = dispatched(&now).into_iter().zip(&before);
            let have_all = more
                .clone()
                .all(|(now, before)| now >= before.map(|before| before + 150));
            Ok((have_all || pids(&now) != pids(&shared)).then_some(now))
        },
    )?;
    assert_eq!(pids(&later), pids(&shared));

    // An orderly end hands over at once.
    let left = later[0].clone();
    holder_of(&mut engine, &left)?.terminate()?;
    until_shared(&engine, &[4])?;
    Ok(())
}
