//! Traces.

use model::{TraceContext, TraceId};
use store::TraceFilter;

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    tells_everything_that_one_event_led_to
    finds_traces_by_tag_and_members
    begins_a_trace_with_an_execution_that_nothing_caused
}

async fn tells_everything_that_one_event_led_to(fixture: Fixture) {
    let store = &fixture.store;
    let first = instance();
    store
        .add_trigger_instances(std::slice::from_ref(&first))
        .await
        .unwrap();
    let done = processed(&first);
    store
        .finish_trigger_instances(std::slice::from_ref(&done))
        .await
        .unwrap();
    let parent = &done.executions[0];
    let mut child = execution_at(seconds_later(1));
    child.context.parent = Some(parent.id);
    child.context.trace = Some(first.trace.clone());
    store
        .request_executions(std::slice::from_ref(&child))
        .await
        .unwrap();
    let mut after = instance_at(seconds_later(2));
    after.trace = first.trace.clone();
    after.caused_by = Some(child.id);
    store
        .add_trigger_instances(std::slice::from_ref(&after))
        .await
        .unwrap();

    let trace = store.trace(first.trace.id).await.unwrap().unwrap();

    assert_eq!(trace.context, first.trace);
    assert_eq!(trace.start_timestamp, first.occurrence_time);
    let instances: Vec<_> = trace
        .trigger_instances
        .iter()
        .map(|link| (link.id, link.execution))
        .collect();
    assert_eq!(
        instances,
        vec![(first.id, None), (after.id, Some(child.id))]
    );
    assert_eq!(trace.rules.len(), 1);
    assert_eq!(trace.rules[0].id, done.enforcements[0].rule.id);
    assert_eq!(trace.rules[0].trigger_instance, Some(first.id));
    assert_eq!(trace.rules[0].enforcement, Some(done.enforcements[0].id));
    let ran: Vec<_> = trace
        .executions
        .iter()
        .map(|link| (link.id, link.rule, link.execution))
        .collect();
    assert_eq!(
        ran,
        vec![
            (parent.id, Some(done.enforcements[0].rule.id), None),
            (child.id, None, Some(parent.id))
        ]
    );
    assert_eq!(store.trace(id()).await.unwrap(), None);
}

async fn finds_traces_by_tag_and_members(fixture: Fixture) {
    let store = &fixture.store;
    let instances = [instance(), instance_at(seconds_later(1))];
    store.add_trigger_instances(&instances).await.unwrap();
    let done = processed(&instances[0]);
    store
        .finish_trigger_instances(std::slice::from_ref(&done))
        .await
        .unwrap();
    let [older, newer] = [instances[0].trace.id, instances[1].trace.id];
    let ids = async |filter: TraceFilter, page| {
        let found = store.traces(&filter, page).await.unwrap();
        (
            found
                .items
                .iter()
                .map(model::Trace::id)
                .collect::<Vec<TraceId>>(),
            found.total,
        )
    };
    let any = TraceFilter::default();

    assert_eq!(ids(any.clone(), ALL).await, (vec![newer, older], 2));
    assert_eq!(
        ids(
            TraceFilter {
                oldest_first: true,
                ..any.clone()
            },
            page(1, 0)
        )
        .await,
        (vec![older], 2)
    );
    let tag = Some(instances[1].trace.tag.clone());
    assert_eq!(
        ids(TraceFilter { tag, ..any.clone() }, ALL).await,
        (vec![newer], 1)
    );
    let execution = Some(done.executions[0].id);
    assert_eq!(
        ids(
            TraceFilter {
                execution,
                ..any.clone()
            },
            ALL
        )
        .await
        .0,
        vec![older]
    );
    let rule = Some(done.enforcements[0].rule.id);
    assert_eq!(
        ids(
            TraceFilter {
                rule,
                ..any.clone()
            },
            ALL
        )
        .await
        .0,
        vec![older]
    );
    let trigger_instance = Some(instances[1].id);
    assert_eq!(
        ids(
            TraceFilter {
                trigger_instance,
                ..any
            },
            ALL
        )
        .await
        .0,
        vec![newer]
    );
}

async fn begins_a_trace_with_an_execution_that_nothing_caused(fixture: Fixture) {
    let mut one = execution();
    one.context.trace = Some(TraceContext {
        id: id(),
        tag: "by hand".into(),
    });
    fixture
        .store
        .request_executions(&[one.clone(), execution()])
        .await
        .unwrap();

    let traces = fixture
        .store
        .traces(&TraceFilter::default(), ALL)
        .await
        .unwrap();

    assert_eq!(traces.total, 1);
    assert_eq!(traces.items[0].context.tag, "by hand");
    assert_eq!(traces.items[0].executions[0].id, one.id);
}
