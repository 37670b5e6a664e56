//! Pages, cursors and filters of the big tables.

use model::{Execution, ExecutionStatus as S, TriggerInstanceStatus};
use serde_json::json;
use store::{EnforcementFilter, ExecutionFilter, FilterField, Store, TriggerInstanceFilter};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    pages_by_offset_in_both_orders
    walks_by_cursor_though_rows_appear_meanwhile
    filters_executions_by_every_member
    filters_trigger_instances
    filters_enforcements
    lists_distinct_values
    tells_the_length_of_long_listings
}

async fn pages_by_offset_in_both_orders(fixture: Fixture) {
    let requested: Vec<_> = (0..7)
        .map(|second| execution_at(seconds_later(second)))
        .collect();
    fixture.store.request_executions(&requested).await.unwrap();
    let ids = ids_of(&requested);
    let listed = async |oldest_first, page| {
        let filter = ExecutionFilter {
            oldest_first,
            ..ExecutionFilter::default()
        };
        let found = fixture.store.executions(&filter, page).await.unwrap();
        (ids_of(&found.items), found.total)
    };

    assert_eq!(listed(false, page(2, 0)).await, (vec![ids[6], ids[5]], 7));
    assert_eq!(listed(false, page(2, 2)).await, (vec![ids[4], ids[3]], 7));
    assert_eq!(listed(false, page(2, 6)).await, (vec![ids[0]], 7));
    assert_eq!(listed(false, page(2, 9)).await, (vec![], 7));
    assert_eq!(listed(true, page(3, 1)).await, (ids[1..4].to_vec(), 7));
    assert_eq!(listed(true, page(0, 0)).await, (vec![], 7));
}

async fn walks_by_cursor_though_rows_appear_meanwhile(fixture: Fixture) {
    let store = &fixture.store;
    let requested: Vec<_> = (0..5)
        .map(|second| execution_at(seconds_later(second)))
        .collect();
    store.request_executions(&requested).await.unwrap();
    let mut seen = Vec::new();
    let mut filter = ExecutionFilter::default();

    loop {
        let found = store.executions(&filter, page(2, 0)).await.unwrap();
        let Some(last) = found.items.last() else {
            break;
        };
        filter.older_than = Some(last.id);
        assert_eq!(found.total, 5 + seen.len() as u64 / 2);
        seen.extend(ids_of(&found.items));
        store
            .request_executions(&[execution_at(seconds_later(60))])
            .await
            .unwrap();
    }

    seen.reverse();
    assert_eq!(seen, ids_of(&requested));
}

async fn filtered(store: &Store, filter: ExecutionFilter) -> Vec<model::ExecutionId> {
    let found = store.executions(&filter, ALL).await.unwrap();
    let counted = store.executions(&filter, page(1, 0)).await.unwrap();
    assert_eq!(found.total, counted.total);
    assert_eq!(found.total, found.items.len() as u64);
    ids_of(&found.items)
}

/// A plain execution, and one that differs in everything filters look at.
async fn two_executions(store: &Store) -> (Execution, Execution) {
    let plain = execution();
    let happened = instance_at(seconds_later(10));
    store
        .add_trigger_instances(std::slice::from_ref(&happened))
        .await
        .unwrap();
    let (_, mut rich) = fired(&happened);
    rich.action_ref = "demo.act".parse().unwrap();
    rich.runner = "python-script".into();
    rich.context.user = "bob".into();
    rich.context.parent = Some(plain.id);
    store
        .request_executions(&[plain.clone(), rich.clone()])
        .await
        .unwrap();
    store
        .claim_executions(&[rich.id], &lease("a"), &runner(), seconds_later(20))
        .await
        .unwrap();
    let mut end = end(rich.id, "a", json!(1));
    end.at = seconds_later(30);
    store.finish_executions(&[end]).await.unwrap();
    (plain, rich)
}

async fn filters_executions_by_every_member(fixture: Fixture) {
    let store = &fixture.store;
    let (plain, rich) = two_executions(store).await;

    for filter in filters_that_find_the_rich(&plain, &rich) {
        let found = filtered(store, filter.clone()).await;
        assert_eq!(found, vec![rich.id], "{filter:?}");
    }
    for filter in filters_that_find_the_plain(&rich) {
        let found = filtered(store, filter.clone()).await;
        assert_eq!(found, vec![plain.id], "{filter:?}");
    }
    for filter in filters_that_find_nothing() {
        let found = filtered(store, filter.clone()).await;
        assert_eq!(found, vec![], "{filter:?}");
    }
}

fn any() -> ExecutionFilter {
    ExecutionFilter::default()
}

fn filters_that_find_the_rich(plain: &Execution, rich: &Execution) -> Vec<ExecutionFilter> {
    let text = |text: &str| Some(text.to_owned());
    let instance = rich.context.trigger_instance.as_ref();
    vec![
        ExecutionFilter {
            action: text("demo.act"),
            ..any()
        },
        ExecutionFilter {
            pack: text("demo"),
            ..any()
        },
        ExecutionFilter {
            runner: text("python-script"),
            ..any()
        },
        ExecutionFilter {
            statuses: Some(vec![S::Failed, S::Succeeded]),
            ..any()
        },
        ExecutionFilter {
            user: text("bob"),
            ..any()
        },
        ExecutionFilter {
            rule_name: text("rule"),
            ..any()
        },
        ExecutionFilter {
            rule_ref: text("demo.rule"),
            ..any()
        },
        ExecutionFilter {
            trigger: text("core.st2.webhook"),
            ..any()
        },
        ExecutionFilter {
            trigger_type: text("core.st2.webhook"),
            ..any()
        },
        ExecutionFilter {
            trigger_instance: instance.map(|instance| instance.id),
            ..any()
        },
        ExecutionFilter {
            parent: Some(Some(plain.id)),
            ..any()
        },
        ExecutionFilter {
            trace: rich.context.trace.as_ref().map(|trace| trace.id),
            ..any()
        },
        ExecutionFilter {
            ids: Some(vec![rich.id, id()]),
            ..any()
        },
        ExecutionFilter {
            started_after: Some(seconds_later(9)),
            ..any()
        },
        ExecutionFilter {
            ended_after: Some(seconds_later(29)),
            ..any()
        },
        ExecutionFilter {
            ended_before: Some(seconds_later(31)),
            ..any()
        },
    ]
}

fn filters_that_find_the_plain(rich: &Execution) -> Vec<ExecutionFilter> {
    let text = |text: &str| Some(text.to_owned());
    vec![
        ExecutionFilter {
            parent: Some(None),
            ..any()
        },
        ExecutionFilter {
            statuses: Some(vec![S::Requested, S::Running]),
            ..any()
        },
        ExecutionFilter {
            started_before: Some(seconds_later(10)),
            ..any()
        },
        ExecutionFilter {
            older_than: Some(rich.id),
            action: text("core.local"),
            ..any()
        },
    ]
}

fn filters_that_find_nothing() -> Vec<ExecutionFilter> {
    vec![
        ExecutionFilter {
            ended_before: Some(seconds_later(29)),
            ..any()
        },
        ExecutionFilter {
            statuses: Some(vec![]),
            ..any()
        },
        ExecutionFilter {
            ids: Some(vec![]),
            ..any()
        },
        ExecutionFilter {
            trigger_instance: Some(id()),
            ..any()
        },
    ]
}

async fn filters_trigger_instances(fixture: Fixture) {
    let store = &fixture.store;
    let first = instance();
    let mut second = instance_at(seconds_later(10));
    second.trigger = "core.timer".into();
    second.trigger_type = "core.st2.CronTimer".into();
    store
        .add_trigger_instances(&[first.clone(), second.clone()])
        .await
        .unwrap();
    store
        .finish_trigger_instances(&[processed(&first)])
        .await
        .unwrap();
    let any = TriggerInstanceFilter::default;

    for filter in [
        TriggerInstanceFilter {
            trigger: Some("core.timer".into()),
            ..any()
        },
        TriggerInstanceFilter {
            trigger_type: Some("core.st2.CronTimer".into()),
            ..any()
        },
        TriggerInstanceFilter {
            status: Some(TriggerInstanceStatus::Pending),
            ..any()
        },
        TriggerInstanceFilter {
            after: Some(noon()),
            ..any()
        },
    ] {
        let found = store.trigger_instances(&filter, ALL).await.unwrap();
        assert_eq!(found.items, vec![second.clone()], "{filter:?}");
    }
    for filter in [
        TriggerInstanceFilter {
            status: Some(TriggerInstanceStatus::Processed),
            ..any()
        },
        TriggerInstanceFilter {
            before: Some(seconds_later(1)),
            ..any()
        },
        TriggerInstanceFilter {
            older_than: Some(second.id),
            ..any()
        },
    ] {
        let found = store.trigger_instances(&filter, ALL).await.unwrap();
        assert_eq!(
            found.items.iter().map(|one| one.id).collect::<Vec<_>>(),
            vec![first.id],
            "{filter:?}"
        );
    }
    let ordered = store
        .trigger_instances(
            &TriggerInstanceFilter {
                oldest_first: true,
                ..any()
            },
            page(1, 1),
        )
        .await;
    assert_eq!(ordered.unwrap().items, vec![second]);
}

async fn filters_enforcements(fixture: Fixture) {
    let store = &fixture.store;
    let instances = [instance(), instance_at(seconds_later(10))];
    store.add_trigger_instances(&instances).await.unwrap();
    let mut done: Vec<_> = instances.iter().map(processed).collect();
    done[1].enforcements[0].rule.rule_ref = "demo.other".into();
    store.finish_trigger_instances(&done).await.unwrap();
    let second = done[1].enforcements[0].clone();
    let any = EnforcementFilter::default;

    for filter in [
        EnforcementFilter {
            rule_ref: Some("demo.other".into()),
            ..any()
        },
        EnforcementFilter {
            rule_id: Some(second.rule.id),
            ..any()
        },
        EnforcementFilter {
            execution: second.execution_id,
            ..any()
        },
        EnforcementFilter {
            trigger_instance: Some(instances[1].id),
            ..any()
        },
        EnforcementFilter {
            after: Some(noon()),
            ..any()
        },
    ] {
        let found = store.enforcements(&filter, ALL).await.unwrap();
        assert_eq!(found.items, vec![second.clone()], "{filter:?}");
    }
    for filter in [
        EnforcementFilter {
            before: Some(seconds_later(1)),
            ..any()
        },
        EnforcementFilter {
            older_than: Some(second.id),
            ..any()
        },
    ] {
        let found = store.enforcements(&filter, ALL).await.unwrap();
        assert_eq!(found.items, done[0].enforcements, "{filter:?}");
    }
}

async fn lists_distinct_values(fixture: Fixture) {
    let store = &fixture.store;
    two_executions(store).await;
    store.request_executions(&[execution()]).await.unwrap();
    let values = async |field| store.execution_values(field, 10).await.unwrap().join(" ");

    assert_eq!(values(FilterField::Action).await, "core.local demo.act");
    assert_eq!(values(FilterField::Pack).await, "core demo");
    assert_eq!(
        values(FilterField::Runner).await,
        "local-shell-cmd python-script"
    );
    assert_eq!(values(FilterField::Status).await, "requested succeeded");
    assert_eq!(values(FilterField::User).await, "ada bob");
    assert_eq!(values(FilterField::Rule).await, "demo.rule");
    assert_eq!(values(FilterField::Trigger).await, "core.st2.webhook");
    assert_eq!(values(FilterField::TriggerType).await, "core.st2.webhook");
    assert_eq!(
        store
            .execution_values(FilterField::Action, 1)
            .await
            .unwrap(),
        vec!["core.local"]
    );
}

async fn tells_the_length_of_long_listings(fixture: Fixture) {
    let store = &fixture.store;
    for _ in 0..5 {
        let instances: Vec<_> = (0..5000).map(|_| instance()).collect();
        store.add_trigger_instances(&instances).await.unwrap();
    }

    let listed = store
        .trigger_instances(&TriggerInstanceFilter::default(), page(1, 0))
        .await
        .unwrap();
    let filter = TriggerInstanceFilter {
        trigger: Some("core.st2.webhook".into()),
        ..Default::default()
    };
    let filtered = store.trigger_instances(&filter, page(1, 0)).await.unwrap();

    assert!(
        (20_001..=25_000).contains(&listed.total),
        "{}",
        listed.total
    );
    assert_eq!(filtered.total, 25_000);
}
