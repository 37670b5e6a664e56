//! Trigger instances and what rules make of them.

use model::TriggerInstanceStatus;
use store::{EnforcementFilter, ExecutionFilter};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_back_the_instances_it_was_given
    passes_over_instances_that_it_has
    stores_what_came_of_an_instance_once
    wins_an_instance_once_though_a_batch_names_it_twice
    keeps_a_failure_with_its_reason
    finds_pending_instances_oldest_first
    takes_a_batch_of_hundreds
    takes_empty_batches
}

async fn gives_back_the_instances_it_was_given(fixture: Fixture) {
    let mut instances = [instance(), instance()];
    instances[1].caused_by = Some(id());

    fixture
        .store
        .add_trigger_instances(&instances)
        .await
        .unwrap();

    for instance in instances {
        assert_eq!(
            fixture.store.trigger_instance(instance.id).await.unwrap(),
            Some(instance)
        );
    }
    assert_eq!(fixture.store.trigger_instance(id()).await.unwrap(), None);
}

async fn passes_over_instances_that_it_has(fixture: Fixture) {
    let first = instance();
    fixture
        .store
        .add_trigger_instances(std::slice::from_ref(&first))
        .await
        .unwrap();
    let mut changed = first.clone();
    changed.trigger = "other.trigger".into();

    fixture
        .store
        .add_trigger_instances(&[changed, instance()])
        .await
        .unwrap();

    assert_eq!(
        fixture.store.trigger_instance(first.id).await.unwrap(),
        Some(first)
    );
    assert_eq!(
        fixture
            .store
            .count_pending_trigger_instances()
            .await
            .unwrap(),
        2
    );
}

async fn stores_what_came_of_an_instance_once(fixture: Fixture) {
    let store = &fixture.store;
    let instance = instance();
    store
        .add_trigger_instances(std::slice::from_ref(&instance))
        .await
        .unwrap();
    let (first, second) = (processed(&instance), processed(&instance));

    let won = store
        .finish_trigger_instances(std::slice::from_ref(&first))
        .await
        .unwrap();
    let won_again = store
        .finish_trigger_instances(std::slice::from_ref(&second))
        .await
        .unwrap();

    assert_eq!((won, won_again), (vec![instance.id], vec![]));
    let stored = store.trigger_instance(instance.id).await.unwrap().unwrap();
    assert_eq!(stored.status, TriggerInstanceStatus::Processed);
    assert_eq!(stored.status_reason.as_deref(), Some("1 of 1 rules fired"));
    let enforcements = store
        .enforcements(&EnforcementFilter::default(), ALL)
        .await
        .unwrap();
    assert_eq!(enforcements.items, first.enforcements);
    let executions = store
        .executions(&ExecutionFilter::default(), ALL)
        .await
        .unwrap();
    assert_eq!(executions.items, first.executions);
    let id = first.enforcements[0].id;
    assert_eq!(
        store.enforcement(id).await.unwrap().as_ref(),
        first.enforcements.first()
    );
}

async fn wins_an_instance_once_though_a_batch_names_it_twice(fixture: Fixture) {
    let instance = instance();
    fixture
        .store
        .add_trigger_instances(std::slice::from_ref(&instance))
        .await
        .unwrap();
    let (first, second) = (processed(&instance), processed(&instance));

    let won = fixture
        .store
        .finish_trigger_instances(&[first.clone(), second])
        .await
        .unwrap();

    assert_eq!(won, vec![instance.id]);
    let stored = fixture
        .store
        .enforcements(&EnforcementFilter::default(), ALL)
        .await
        .unwrap();
    assert_eq!(stored.items, first.enforcements);
}

async fn keeps_a_failure_with_its_reason(fixture: Fixture) {
    let instance = instance();
    fixture
        .store
        .add_trigger_instances(std::slice::from_ref(&instance))
        .await
        .unwrap();
    let mut failed = processed(&instance);
    failed.status = TriggerInstanceStatus::ProcessingFailed;
    failed.reason = "broke".into();
    failed.enforcements[0].status = model::EnforcementStatus::Failed;
    failed.enforcements[0].failure_reason = Some("`x` is undefined".into());
    failed.enforcements[0].execution_id = None;
    failed.executions.clear();

    fixture
        .store
        .finish_trigger_instances(std::slice::from_ref(&failed))
        .await
        .unwrap();

    let stored = fixture
        .store
        .trigger_instance(instance.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.status, TriggerInstanceStatus::ProcessingFailed);
    let enforcement = fixture
        .store
        .enforcement(failed.enforcements[0].id)
        .await
        .unwrap();
    assert_eq!(enforcement.as_ref(), failed.enforcements.first());
}

async fn finds_pending_instances_oldest_first(fixture: Fixture) {
    let instances: Vec<_> = (0..5)
        .map(|second| instance_at(seconds_later(second)))
        .collect();
    fixture
        .store
        .add_trigger_instances(&instances)
        .await
        .unwrap();
    fixture
        .store
        .finish_trigger_instances(&[processed(&instances[0])])
        .await
        .unwrap();

    let pending = fixture
        .store
        .pending_trigger_instances(seconds_later(4), 2)
        .await
        .unwrap();

    assert_eq!(pending, instances[1..3]);
    assert_eq!(
        fixture
            .store
            .count_pending_trigger_instances()
            .await
            .unwrap(),
        4
    );
}

async fn takes_a_batch_of_hundreds(fixture: Fixture) {
    let instances: Vec<_> = (0..339).map(|_| instance()).collect();
    fixture
        .store
        .add_trigger_instances(&instances)
        .await
        .unwrap();
    let processed: Vec<_> = instances.iter().map(processed).collect();

    let won = fixture
        .store
        .finish_trigger_instances(&processed)
        .await
        .unwrap();

    assert_eq!(won.len(), 339);
    assert_eq!(
        fixture
            .store
            .executions(&ExecutionFilter::default(), page(1, 0))
            .await
            .unwrap()
            .total,
        339
    );
    assert_eq!(
        fixture
            .store
            .enforcements(&EnforcementFilter::default(), page(1, 0))
            .await
            .unwrap()
            .total,
        339
    );
}

async fn takes_empty_batches(fixture: Fixture) {
    fixture.store.add_trigger_instances(&[]).await.unwrap();
    fixture.store.request_executions(&[]).await.unwrap();
    fixture.store.add_output(&[]).await.unwrap();
    fixture.store.add_audit_entries(&[]).await.unwrap();

    assert_eq!(
        fixture.store.finish_trigger_instances(&[]).await.unwrap(),
        vec![]
    );
    assert_eq!(fixture.store.finish_executions(&[]).await.unwrap(), vec![]);
    assert_eq!(
        fixture.store.renew_leases(&[], &lease("a")).await.unwrap(),
        vec![]
    );
    assert_eq!(
        fixture
            .store
            .claim_executions(&[], &lease("a"), &runner(), noon())
            .await
            .unwrap(),
        vec![]
    );
}
