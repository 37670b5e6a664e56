//! Retention, and PostgreSQL's partitions.

use chrono::TimeDelta;
use model::{AuditAction, AuditEntry, Object, OutputLine, OutputStream};
use serde_json::json;
use store::{AuditFilter, ExecutionFilter, Retention, TraceFilter, TriggerInstanceFilter};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    drops_what_is_older_with_all_that_hangs_on_it
    keeps_what_has_not_ended
    keeps_what_open_workflows_asked_for
    drops_old_events_and_audit_entries
    drops_nothing_unless_told
    stores_what_lies_outside_every_prepared_day
}

fn long_ago() -> chrono::DateTime<chrono::Utc> {
    noon() - TimeDelta::days(40)
}

/// An ended execution with a large result and output.
async fn ended(fixture: &Fixture, at: chrono::DateTime<chrono::Utc>) -> model::ExecutionId {
    ended_for(fixture, at, None).await
}

/// The same, asked for by another.
async fn ended_for(
    fixture: &Fixture,
    at: chrono::DateTime<chrono::Utc>,
    parent: Option<model::ExecutionId>,
) -> model::ExecutionId {
    let store = &fixture.store;
    let mut one = execution_at(at);
    one.context.parent = parent;
    store
        .request_executions(std::slice::from_ref(&one))
        .await
        .unwrap();
    store
        .claim_executions(&[one.id], &lease("a"), &runner(), at)
        .await
        .unwrap();
    store
        .finish_executions(&[end(one.id, "a", json!("x".repeat(5000)))])
        .await
        .unwrap();
    let line = OutputLine {
        execution_id: one.id,
        sequence: 0,
        stream: OutputStream::Stdout,
        data: "x".into(),
        timestamp: at,
    };
    store.add_output(&[line]).await.unwrap();
    one.id
}

async fn drops_what_is_older_with_all_that_hangs_on_it(fixture: Fixture) {
    let store = &fixture.store;
    store.prepare_partitions(long_ago()).await.unwrap();
    let (old, new) = (
        ended(&fixture, long_ago()).await,
        ended(&fixture, noon()).await,
    );

    let before = Some(long_ago() + TimeDelta::days(2));
    let gone = store
        .apply_retention(&Retention {
            executions_before: before,
            ..Default::default()
        })
        .await
        .unwrap();

    assert!(gone >= 3, "{gone}");
    assert_eq!(store.execution(old).await.unwrap(), None);
    assert_eq!(store.output(old, None, 0, 9).await.unwrap(), vec![]);
    assert!(
        store
            .execution(new)
            .await
            .unwrap()
            .unwrap()
            .result
            .is_some()
    );
    assert_eq!(store.output(new, None, 0, 9).await.unwrap().len(), 1);
    // What was dropped can be used again.
    store.prepare_partitions(long_ago()).await.unwrap();
    assert!(
        store
            .execution(ended(&fixture, long_ago()).await)
            .await
            .unwrap()
            .is_some()
    );
}

async fn keeps_what_has_not_ended(fixture: Fixture) {
    let store = &fixture.store;
    store.prepare_partitions(long_ago()).await.unwrap();
    let open = execution_at(long_ago());
    let pending = instance_at(long_ago());
    store
        .request_executions(std::slice::from_ref(&open))
        .await
        .unwrap();
    store
        .add_trigger_instances(std::slice::from_ref(&pending))
        .await
        .unwrap();

    let retention = Retention {
        executions_before: Some(noon()),
        events_before: Some(noon()),
        audit_before: None,
    };
    store.apply_retention(&retention).await.unwrap();

    assert_eq!(store.execution(open.id).await.unwrap(), Some(open));
    assert_eq!(
        store.trigger_instance(pending.id).await.unwrap(),
        Some(pending)
    );
}

async fn keeps_what_open_workflows_asked_for(fixture: Fixture) {
    let store = &fixture.store;
    let days_later = |days| long_ago() + TimeDelta::days(days);
    // The last days lie in no partition of their own.
    store.prepare_partitions(long_ago()).await.unwrap();
    let open = execution_at(long_ago());
    store
        .request_executions(std::slice::from_ref(&open))
        .await
        .unwrap();
    let inner = ended_for(&fixture, days_later(1), Some(open.id)).await;
    let kept = [
        inner,
        ended_for(&fixture, days_later(2), Some(inner)).await,
        ended_for(&fixture, days_later(20), Some(inner)).await,
    ];
    let other = ended(&fixture, days_later(5)).await;
    let gone = [
        other,
        ended_for(&fixture, days_later(6), Some(other)).await,
        ended_for(&fixture, days_later(20), Some(other)).await,
    ];

    let retention = Retention {
        executions_before: Some(noon()),
        ..Default::default()
    };
    store.apply_retention(&retention).await.unwrap();

    assert!(store.execution(open.id).await.unwrap().is_some());
    for id in kept {
        let execution = store.execution(id).await.unwrap();
        assert!(execution.unwrap().result.is_some(), "{id}");
        assert_eq!(store.output(id, None, 0, 9).await.unwrap().len(), 1);
    }
    for id in gone {
        assert_eq!(store.execution(id).await.unwrap(), None, "{id}");
        assert_eq!(store.output(id, None, 0, 9).await.unwrap(), vec![]);
    }
}

async fn drops_old_events_and_audit_entries(fixture: Fixture) {
    let store = &fixture.store;
    store.prepare_partitions(long_ago()).await.unwrap();
    let instances = [instance_at(long_ago()), instance()];
    store.add_trigger_instances(&instances).await.unwrap();
    store
        .finish_trigger_instances(&instances.each_ref().map(processed))
        .await
        .unwrap();
    let entry = |at| AuditEntry {
        id: id_at(at),
        at,
        user: "ada".into(),
        action: AuditAction::Create,
        resource_kind: "rule".into(),
        resource: "demo.rule".into(),
        details: Object::new(),
    };
    store
        .add_audit_entries(&[entry(long_ago()), entry(noon())])
        .await
        .unwrap();

    let before = Some(noon() - TimeDelta::days(2));
    let retention = Retention {
        executions_before: None,
        events_before: before,
        audit_before: before,
    };
    store.apply_retention(&retention).await.unwrap();

    let left = store
        .trigger_instances(&TriggerInstanceFilter::default(), ALL)
        .await
        .unwrap();
    assert_eq!(
        left.items.iter().map(|one| one.id).collect::<Vec<_>>(),
        vec![instances[1].id]
    );
    assert_eq!(
        store
            .traces(&TraceFilter::default(), ALL)
            .await
            .unwrap()
            .total,
        1
    );
    assert_eq!(
        store
            .audit_entries(&AuditFilter::default(), ALL)
            .await
            .unwrap()
            .total,
        1
    );
    assert_eq!(
        store
            .executions(&ExecutionFilter::default(), ALL)
            .await
            .unwrap()
            .total,
        2
    );
}

async fn drops_nothing_unless_told(fixture: Fixture) {
    let old = ended(&fixture, long_ago()).await;

    assert_eq!(
        fixture
            .store
            .apply_retention(&Retention::default())
            .await
            .unwrap(),
        0
    );

    assert!(fixture.store.execution(old).await.unwrap().is_some());
}

async fn stores_what_lies_outside_every_prepared_day(fixture: Fixture) {
    let store = &fixture.store;
    let early = [
        ended(&fixture, long_ago()).await,
        ended(&fixture, long_ago() + TimeDelta::days(1)).await,
    ];

    // Made late: what is there already moves in.
    store.prepare_partitions(long_ago()).await.unwrap();
    store.prepare_partitions(long_ago()).await.unwrap();

    for id in early {
        assert!(store.execution(id).await.unwrap().unwrap().result.is_some());
    }
    let before = Some(long_ago() + TimeDelta::days(1));
    store
        .apply_retention(&Retention {
            executions_before: before,
            ..Default::default()
        })
        .await
        .unwrap();
    assert_eq!(store.execution(early[0]).await.unwrap(), None);
    assert!(store.execution(early[1]).await.unwrap().is_some());
}
