//! How long one event takes against many rules of its trigger, of which one matches.
//!
//! A JSON line for each number of rules. `limit_us` is what evaluating the one matching rule alone takes, in the
//! same run; `ratio` is how much of that limit is reached (1 is all of it). Rules without an equality have to be looked
//! at one by one; the lines with `"indexed": false` say what that costs.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use model::Rule;
use rules_engine::{CompiledRule, RuleSet, Subject};
use serde_json::{Value, json};

const TRIGGER: &str = "demo.hook";

fn rule(number: usize, criteria: &Value) -> Rule {
    serde_json::from_value(json!({
        "name": format!("rule{number}"),
        "ref": format!("demo.rule{number}"),
        "uid": format!("rule:demo:rule{number}"),
        "pack": "demo",
        "type": { "ref": "standard" },
        "trigger": { "type": TRIGGER, "ref": TRIGGER },
        "criteria": criteria,
        "action": { "ref": "core.noop" },
        "enabled": true,
        "id": "0123456789abcdef01234567",
    }))
    .expect("a rule")
}

fn indexed(number: usize) -> Rule {
    rule(
        number,
        &json!({
            "trigger.body.kind": { "type": "equals", "pattern": "alert" },
            "trigger.body.host": { "type": "equals", "pattern": format!("host{number}") },
            "trigger.body.message": { "type": "regex", "pattern": "^disk .* full$" },
            "trigger.body.level": { "type": "greaterthan", "pattern": 2 },
        }),
    )
}

fn unindexed(number: usize) -> Rule {
    rule(
        number,
        &json!({ "trigger.body.host": { "type": "iequals", "pattern": format!("HOST{number}") } }),
    )
}

fn payload(rules: usize) -> Value {
    json!({
        "headers": { "Content-Type": "application/json", "X-Request-Id": "0f0e0d0c" },
        "body": {
            "kind": "alert",
            "host": format!("host{}", rules / 2),
            "message": "disk /var 97 % full",
            "level": 3,
            "labels": { "rack": "r12", "team": "storage" },
        },
    })
}

/// Microseconds for one call, over at least a fifth of a second, the best of three.
fn time(mut call: impl FnMut()) -> f64 {
    call();
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let (start, mut calls) = (Instant::now(), 0_u32);
        while start.elapsed() < Duration::from_millis(200) {
            call();
            calls += 1;
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(calls));
    }
    best
}

fn compare(count: usize, make: fn(usize) -> Rule, is_indexed: bool, now: DateTime<Utc>) -> Value {
    let payload = payload(count);
    let set = RuleSet::new((0..count).map(make).collect());
    let alone = CompiledRule::new(Arc::new(make(count / 2)));
    let evaluation = set.evaluate(TRIGGER, &Subject::new(&payload, now, None));
    assert_eq!(evaluation.fired.len(), 1, "one rule matches");

    let took = time(|| {
        drop(black_box(set.evaluate(
            TRIGGER,
            &Subject::new(black_box(&payload), now, None),
        )));
    });
    let limit = time(|| {
        drop(black_box(alone.evaluate(&Subject::new(
            black_box(&payload),
            now,
            None,
        ))));
    });

    json!({
        "bench": "rules",
        "rules": count,
        "indexed": is_indexed,
        "us_per_instance": (took * 1000.0).round() / 1000.0,
        "limit_us": (limit * 1000.0).round() / 1000.0,
        "ratio": (limit / took * 1000.0).round() / 1000.0,
    })
}

pub(crate) fn measure() -> Vec<Value> {
    let now = DateTime::UNIX_EPOCH;
    let with_index = [1, 10, 100, 1_000, 10_000].map(|count| compare(count, indexed, true, now));
    let without = [100, 10_000].map(|count| compare(count, unindexed, false, now));
    with_index.into_iter().chain(without).collect()
}
