//! Rows a second for the writes that every event costs, in batches of several sizes.
//!
//! `cargo run --release -p store --example throughput [-- postgres://...]`; without a URL on SQLite in a temporary
//! folder. Prints a JSON line for each size. One caller, so the figures are those of one connection.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops where it cannot go on"
)]

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    EnforcedRule, EnforcementStatus, Execution, ExecutionContext, ExecutionStatus, IdSource, Lease,
    LogEntry, Object, RuleEnforcement, RuleOrigin, RunnerInfo, TraceContext, TriggerInstance,
    TriggerInstanceOrigin, TriggerInstanceStatus,
};
use serde_json::json;
use store::{FinishedExecution, ProcessedInstance, Store, StoreOptions};

fn instance(ids: &IdSource, now: DateTime<Utc>) -> TriggerInstance {
    let trace = ids.next(now);
    TriggerInstance {
        id: ids.next(now),
        trigger: "core.2f1c7f5e-uuid".into(),
        trigger_type: "core.st2.webhook".into(),
        payload: json!({"headers": {"content-type": "application/json", "host": "localhost:9101"},
            "body": {"alert": "disk full", "host": "db-17", "level": 3, "text": "x".repeat(200)}}),
        occurrence_time: now,
        status: TriggerInstanceStatus::Pending,
        status_reason: None,
        trace: TraceContext {
            id: trace,
            tag: format!("webhook-{trace}"),
        },
        caused_by: None,
    }
}

fn processed(ids: &IdSource, instance: &TriggerInstance) -> ProcessedInstance {
    let now = instance.occurrence_time;
    let execution_id = ids.next(now);
    let rule = EnforcedRule {
        rule_ref: "demo.on_alert".into(),
        id: ids.next(now),
        uid: "rule:demo:on_alert".into(),
    };
    let enforcement = RuleEnforcement {
        id: ids.next(now),
        trigger_instance_id: instance.id,
        execution_id: Some(execution_id),
        rule: rule.clone(),
        enforced_at: now,
        status: EnforcementStatus::Succeeded,
        failure_reason: None,
        trace: instance.trace.clone(),
    };
    let execution = Execution {
        id: execution_id,
        action_ref: "core.noop".parse().unwrap(),
        runner: "noop".into(),
        snapshot: "0123456789abcdef0123456789abcdef".into(),
        status: ExecutionStatus::Requested,
        parameters: Object::new(),
        context: ExecutionContext {
            user: "stanley".into(),
            pack: "core".into(),
            rule: Some(RuleOrigin {
                id: rule.id,
                name: "on_alert".into(),
                rule_ref: rule.rule_ref,
            }),
            trigger_instance: Some(TriggerInstanceOrigin {
                id: instance.id,
                trigger: instance.trigger.clone(),
                trigger_type: instance.trigger_type.clone(),
            }),
            enforcement: Some(enforcement.id),
            trace: Some(instance.trace.clone()),
            ..ExecutionContext::default()
        },
        start_timestamp: now,
        end_timestamp: None,
        delay_ms: None,
        result: None,
        result_size: None,
        log: vec![LogEntry {
            timestamp: now,
            status: ExecutionStatus::Requested,
        }],
        runner_info: None,
        notify: Object::new(),
        lease: None,
        gates: Vec::new(),
    };
    ProcessedInstance {
        id: instance.id,
        status: TriggerInstanceStatus::Processed,
        reason: "1 of 1 rules fired".into(),
        enforcements: vec![enforcement],
        executions: vec![execution],
    }
}

/// Seconds spent in each of the four writes.
async fn run(store: &Store, batch: usize, rounds: usize) -> [f64; 4] {
    let ids = IdSource::new();
    let start: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
    let runner = RunnerInfo {
        hostname: "host".into(),
        pid: 1,
    };
    let mut seconds = [0.0; 4];
    for round in 0..rounds {
        let now = start + TimeDelta::milliseconds(i64::try_from(round).unwrap() * 100);
        let lease = Lease {
            holder: "holder".into(),
            expires_at: now + TimeDelta::seconds(30),
        };
        let instances: Vec<_> = (0..batch).map(|_| instance(&ids, now)).collect();
        let processed: Vec<_> = instances
            .iter()
            .map(|instance| processed(&ids, instance))
            .collect();
        let executions: Vec<_> = processed.iter().map(|one| one.executions[0].id).collect();

        let clock = Instant::now();
        store.add_trigger_instances(&instances).await.unwrap();
        seconds[0] += clock.elapsed().as_secs_f64();

        let clock = Instant::now();
        let won = store.finish_trigger_instances(&processed).await.unwrap();
        seconds[1] += clock.elapsed().as_secs_f64();

        let clock = Instant::now();
        let claimed = store
            .claim_executions(&executions, &lease, &runner, now)
            .await
            .unwrap();
        seconds[2] += clock.elapsed().as_secs_f64();

        let end = |id| FinishedExecution {
            id,
            holder: "holder".into(),
            status: ExecutionStatus::Succeeded,
            result: json!({"stdout": "ok", "stderr": "", "return_code": 0, "succeeded": true, "failed": false}),
            at: now,
            follow_ups: Vec::new(),
            retry: None,
        };
        let ends: Vec<_> = executions.iter().copied().map(end).collect();
        let clock = Instant::now();
        let ended = store.finish_executions(&ends).await.unwrap();
        seconds[3] += clock.elapsed().as_secs_f64();
        assert_eq!([won.len(), claimed.len(), ended.len()], [batch; 3]);
    }
    seconds
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let options = match std::env::args().nth(1) {
        Some(url) => StoreOptions::Postgres {
            url,
            max_connections: 8,
            connect_deadline: None,
        },
        None => StoreOptions::Sqlite {
            path: folder.path().join("petrel.db"),
        },
    };
    let store = Store::connect(&options).await.unwrap();
    store
        .migrate("2026-11-21T12:00:00Z".parse().unwrap())
        .await
        .unwrap();
    run(&store, 50, 10).await;
    for batch in [1_u32, 10, 100, 300, 500] {
        let rounds = (20_000 / batch).clamp(20, 500);
        let [add, process, claim, finish] = run(&store, batch as usize, rounds as usize).await;
        let rows = f64::from(batch * rounds);
        let rate = |seconds: f64| (rows / seconds).round();
        println!(
            "{}",
            json!({
                "backend": store.backend(), "batch": batch,
                "add_trigger_instances_per_s": rate(add), "finish_trigger_instances_per_s": rate(process),
                "claim_per_s": rate(claim), "finish_executions_per_s": rate(finish),
                "events_per_s": rate(add + process + claim + finish),
            })
        );
    }
}
