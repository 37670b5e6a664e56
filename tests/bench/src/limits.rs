//! What the machine allows: measured in the same run as what is compared with it.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use bus::{Bus, BusOptions, EventsStored, ExecutionsRequested};
use chrono::{DateTime, Utc};
use lifecycle::{Clock, Tasks};
use model::{
    EnforcedRule, EnforcementStatus, Execution, ExecutionContext, ExecutionStatus, IdSource, Lease,
    LogEntry, Object, Reference, RuleEnforcement, RunnerInfo, TraceContext, TriggerInstance,
    TriggerInstanceStatus,
};
use serde_json::{Value, json};
use store::{FinishedExecution, ProcessedInstance, Store, StoreOptions};

/// Appends of 512 bytes, each made durable, a second.
pub(crate) fn fdatasyncs_per_second() -> Result<f64> {
    let mut file = tempfile::tempfile()?;
    let (start, count) = (Instant::now(), 200_u32);
    for _ in 0..count {
        append_durably(&mut file)?;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

fn append_durably(file: &mut File) -> Result<()> {
    file.write_all(&[0; 512])?;
    Ok(file.sync_data()?)
}

/// Median time of a bare `sh -c 'echo hello'`.
pub(crate) fn fork_exec() -> Result<Duration> {
    let mut times = (0..100)
        .map(|_| {
            let start = Instant::now();
            Command::new("sh")
                .args(["-c", "echo hello"])
                .stdout(Stdio::piped())
                .output()?;
            Ok(start.elapsed())
        })
        .collect::<Result<Vec<_>>>()?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// The same rows as `count` events leave behind, written by a bare loop in batches of 100 and `loops` at once, and the
/// same messages confirmed by the same broker: events a second.
pub(crate) async fn bare_loop(
    store: StoreOptions,
    bus: BusOptions,
    count: usize,
    loops: usize,
) -> Result<f64> {
    let tasks = Tasks::default();
    let store = Store::connect(&store).await?;
    store.migrate(Clock::system().now()).await?;
    let bus = Bus::connect(&bus, &tasks).await?;
    let ids = Arc::new(IdSource::new());
    let start = Instant::now();
    let batches = count / 100 / loops;
    let all = (0..loops).map(|_| {
        let (store, bus, ids) = (store.clone(), bus.clone(), Arc::clone(&ids));
        async move {
            for _ in 0..batches {
                batch(&store, &bus, &ids).await?;
            }
            anyhow::Ok(())
        }
    });
    futures::future::try_join_all(all).await?;
    bus.flush().await;
    let rate = per_second(count, start.elapsed());
    tasks.shutdown().stop();
    store.close().await;
    Ok(rate)
}

/// How many of something there were in a second.
#[expect(
    clippy::cast_precision_loss,
    reason = "what a bench counts is far below 2^52"
)]
pub(crate) fn per_second(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

async fn batch(store: &Store, bus: &Bus, ids: &IdSource) -> Result<()> {
    let now = Clock::system().now();
    let instances: Vec<_> = (0..100).map(|_| instance(ids, now)).collect();
    store.add_trigger_instances(&instances).await?;
    bus.announce(EventsStored {
        instances: instances.clone(),
    });
    let executions: Vec<_> = instances
        .iter()
        .map(|instance| execution(ids, now, instance))
        .collect();
    let processed: Vec<_> = instances
        .iter()
        .zip(&executions)
        .map(|(instance, execution)| processed(ids, now, instance, execution))
        .collect();
    store.finish_trigger_instances(&processed).await?;
    bus.announce(ExecutionsRequested {
        executions: executions.clone(),
    });
    let all: Vec<_> = executions.iter().map(|execution| execution.id).collect();
    let lease = Lease {
        holder: "loop".to_owned(),
        expires_at: now + chrono::Duration::seconds(15),
    };
    let runner = RunnerInfo {
        hostname: "localhost".to_owned(),
        pid: 1,
    };
    store.claim_executions(&all, &lease, &runner, now).await?;
    let finished: Vec<_> = all.into_iter().map(|id| finished(id, now)).collect();
    store.finish_executions(&finished).await?;
    Ok(())
}

/// The payload that the webhook of the bench leaves behind.
pub(crate) fn webhook_body() -> Value {
    json!({"kind": "bench", "host": "web-17.example.org", "state": "critical", "value": 97.5, "tags": ["disk", "prod"]})
}

fn instance(ids: &IdSource, now: DateTime<Utc>) -> TriggerInstance {
    let headers =
        json!({"Host": "localhost", "Content-Type": "application/json", "Content-Length": "112"});
    TriggerInstance {
        id: ids.next(now),
        trigger: "core.5b1f8f2e-8a0e-4b7c-9a39-0b8f6c1d2e3f".to_owned(),
        trigger_type: "core.st2.webhook".to_owned(),
        payload: json!({"headers": headers, "headers_lower": headers, "body": webhook_body()}),
        occurrence_time: now,
        status: TriggerInstanceStatus::Pending,
        status_reason: None,
        trace: TraceContext {
            id: ids.next(now),
            tag: "webhook-bench-5b1f8f2e-8a0e-4b7c-9a39-0b8f6c1d2e3f".to_owned(),
        },
        caused_by: None,
    }
}

fn execution(ids: &IdSource, now: DateTime<Utc>, instance: &TriggerInstance) -> Execution {
    Execution {
        id: ids.next(now),
        action_ref: Reference::new("core", "noop"),
        runner: "noop".to_owned(),
        snapshot: "snapshot".to_owned(),
        status: ExecutionStatus::Requested,
        parameters: Object::new(),
        context: ExecutionContext {
            user: "stanley".to_owned(),
            pack: "core".to_owned(),
            rule: Some(model::RuleOrigin {
                id: ids.next(now),
                name: "bench".to_owned(),
                rule_ref: "default.bench".to_owned(),
            }),
            trigger_instance: Some(model::TriggerInstanceOrigin {
                id: instance.id,
                trigger: instance.trigger.clone(),
                trigger_type: instance.trigger_type.clone(),
            }),
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
    }
}

fn processed(
    ids: &IdSource,
    now: DateTime<Utc>,
    instance: &TriggerInstance,
    execution: &Execution,
) -> ProcessedInstance {
    let enforcement = RuleEnforcement {
        id: ids.next(now),
        trigger_instance_id: instance.id,
        execution_id: Some(execution.id),
        rule: EnforcedRule {
            rule_ref: "default.bench".to_owned(),
            id: ids.next(now),
            uid: "rule:default:bench".to_owned(),
        },
        enforced_at: now,
        status: EnforcementStatus::Succeeded,
        failure_reason: None,
        trace: instance.trace.clone(),
    };
    ProcessedInstance {
        id: instance.id,
        status: TriggerInstanceStatus::Processed,
        reason: "1 of 1 rules matched: default.bench".to_owned(),
        enforcements: vec![enforcement],
        executions: vec![execution.clone()],
    }
}

fn finished(id: model::ExecutionId, at: DateTime<Utc>) -> FinishedExecution {
    FinishedExecution {
        id,
        holder: "loop".to_owned(),
        status: ExecutionStatus::Succeeded,
        result: json!({"failed": false, "succeeded": true, "return_code": 0}),
        at,
        follow_ups: Vec::new(),
        retry: None,
    }
}
