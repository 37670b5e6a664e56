//! An execution's life: requested, claimed, leased, finished.

use model::{ExecutionStatus as S, Lease, LogEntry, OutputLine, OutputStream};
use serde_json::{Value, json};
use store::{ExecutionFilter, StatusChange};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_back_the_executions_it_was_given
    passes_over_executions_that_it_has
    lets_a_holder_run_and_finish_what_it_claimed
    claims_nothing_before_its_delay_is_over
    claims_what_was_requested_by_a_clock_that_is_ahead
    does_not_claim_what_waits_for_a_policy
    changes_nothing_for_a_wrong_holder
    stores_an_end_of_what_is_being_cancelled_as_it_is_told
    keeps_large_results_whole
    leaves_results_out_of_listings_that_did_not_ask
    stores_follow_ups_with_the_end_and_only_with_it
    finds_what_nobody_claimed
    renews_leases_and_tells_the_state
    abandons_only_what_has_expired
    changes_a_state_only_from_those_expected
    stores_follow_ups_with_a_change_and_only_with_it
    never_leaves_a_final_state
    counts_open_executions_by_state
    keeps_output_in_order
    remembers_snapshots
}

async fn gives_back_the_executions_it_was_given(fixture: Fixture) {
    let plain = execution();
    let (_, mut rich) = fired(&instance());
    rich.delay_ms = Some(1500);
    rich.context.parent = Some(plain.id);
    rich.context.extra = object(json!({"b": 1, "a": {"y": 1, "x": 2}}));
    let mut ended = execution();
    ended.status = S::Failed;
    ended.end_timestamp = Some(seconds_later(1));
    ended.result = Some(json!({"error": "x".repeat(5000)}));
    ended.result_size = Some(5012);
    ended.runner_info = Some(runner());
    ended.lease = Some(lease("a"));

    fixture
        .store
        .request_executions(&[plain.clone(), rich.clone(), ended.clone()])
        .await
        .unwrap();

    for execution in [plain.clone(), rich.clone(), ended] {
        assert_eq!(
            fixture.store.execution(execution.id).await.unwrap(),
            Some(execution)
        );
    }
    assert_eq!(fixture.store.execution(id()).await.unwrap(), None);
    assert_eq!(
        fixture.store.children(plain.id).await.unwrap(),
        vec![rich.id]
    );
}

async fn passes_over_executions_that_it_has(fixture: Fixture) {
    let first = execution();
    fixture
        .store
        .request_executions(std::slice::from_ref(&first))
        .await
        .unwrap();
    fixture
        .store
        .claim_executions(&[first.id], &lease("a"), &runner(), noon())
        .await
        .unwrap();

    fixture
        .store
        .request_executions(std::slice::from_ref(&first))
        .await
        .unwrap();

    assert_eq!(
        fixture
            .store
            .execution(first.id)
            .await
            .unwrap()
            .unwrap()
            .status,
        S::Running
    );
}

async fn lets_a_holder_run_and_finish_what_it_claimed(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(3);
    store.request_executions(&requested).await.unwrap();
    let mut ids = ids_of(&requested);
    ids.push(id());

    let won = store
        .claim_executions(&ids, &lease("a"), &runner(), seconds_later(1))
        .await
        .unwrap();
    let won_again = store
        .claim_executions(&ids, &lease("b"), &runner(), seconds_later(2))
        .await
        .unwrap();
    let running = store.execution(ids[0]).await.unwrap().unwrap();
    let ended = store
        .finish_executions(&[end(ids[0], "a", json!({"z": 1, "a": 2}))])
        .await
        .unwrap();

    assert_eq!((won, won_again), (ids[..3].to_vec(), vec![]));
    assert_eq!(running.status, S::Running);
    assert_eq!(running.lease, Some(lease("a")));
    assert_eq!(running.runner_info, Some(runner()));
    assert_eq!(ended, vec![ids[0]]);
    let ended = store.execution(ids[0]).await.unwrap().unwrap();
    assert_eq!(ended.status, S::Succeeded);
    assert_eq!(ended.end_timestamp, Some(seconds_later(5)));
    assert_eq!(ended.lease, None);
    assert_eq!(
        serde_json::to_string(&ended.result).unwrap(),
        r#"{"z":1,"a":2}"#
    );
    assert_eq!(ended.result_size, Some(13));
    let passed: Vec<(i64, S)> = ended
        .log
        .iter()
        .map(|LogEntry { timestamp, status }| ((*timestamp - noon()).num_seconds(), *status))
        .collect();
    assert_eq!(
        passed,
        vec![
            (0, S::Requested),
            (1, S::Scheduled),
            (1, S::Running),
            (5, S::Succeeded)
        ]
    );
}

async fn claims_nothing_before_its_delay_is_over(fixture: Fixture) {
    let store = &fixture.store;
    let mut delayed = execution();
    delayed.delay_ms = Some(10_000);
    let mut waiting = delayed.clone();
    waiting.id = id();
    waiting.status = S::Delayed;
    let ids = [delayed.id, waiting.id];
    store.request_executions(&[delayed, waiting]).await.unwrap();

    let early = store
        .claim_executions(&ids, &lease("a"), &runner(), seconds_later(9))
        .await
        .unwrap();
    let unclaimed_early = store
        .unclaimed_executions(seconds_later(9), 10)
        .await
        .unwrap();
    let unclaimed = store
        .unclaimed_executions(seconds_later(11), 10)
        .await
        .unwrap();
    let due = store
        .claim_executions(&ids, &lease("a"), &runner(), seconds_later(10))
        .await
        .unwrap();

    assert_eq!((early, unclaimed_early.len()), (vec![], 0));
    assert_eq!(ids_of(&unclaimed), ids);
    assert_eq!(due, ids);
}

async fn claims_what_was_requested_by_a_clock_that_is_ahead(fixture: Fixture) {
    let mut requested = execution();
    requested.start_timestamp = seconds_later(1);
    fixture
        .store
        .request_executions(std::slice::from_ref(&requested))
        .await
        .unwrap();

    let won = fixture
        .store
        .claim_executions(&[requested.id], &lease("a"), &runner(), noon())
        .await
        .unwrap();

    assert_eq!(won, [requested.id]);
}

async fn does_not_claim_what_waits_for_a_policy(fixture: Fixture) {
    let mut waiting = execution();
    waiting.status = S::Delayed;
    fixture
        .store
        .request_executions(std::slice::from_ref(&waiting))
        .await
        .unwrap();

    let won = fixture
        .store
        .claim_executions(&[waiting.id], &lease("a"), &runner(), seconds_later(9))
        .await
        .unwrap();

    assert_eq!(won, vec![]);
    assert_eq!(
        fixture
            .store
            .unclaimed_executions(seconds_later(9), 9)
            .await
            .unwrap(),
        vec![]
    );
}

async fn changes_nothing_for_a_wrong_holder(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(2);
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&ids[..1], &lease("a"), &runner(), noon())
        .await
        .unwrap();

    let told_by_another = store
        .finish_executions(&[end(ids[0], "b", json!(1))])
        .await
        .unwrap();
    let never_claimed = store
        .finish_executions(&[end(ids[1], "a", json!(1))])
        .await
        .unwrap();
    let mut open = end(ids[0], "a", json!(1));
    open.status = S::Paused;
    let not_an_end = store.finish_executions(&[open]).await.unwrap();

    assert_eq!(
        (told_by_another, never_claimed, not_an_end),
        (vec![], vec![], vec![])
    );
    let stored = store.execution(ids[0]).await.unwrap().unwrap();
    assert_eq!((stored.status, stored.result), (S::Running, None));
    assert_eq!(
        store
            .finish_executions(&[end(ids[0], "a", json!(1))])
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        store
            .finish_executions(&[end(ids[0], "a", json!(2))])
            .await
            .unwrap(),
        vec![]
    );
    assert_eq!(
        store.execution(ids[0]).await.unwrap().unwrap().result,
        Some(json!(1))
    );
}

async fn stores_an_end_of_what_is_being_cancelled_as_it_is_told(fixture: Fixture) {
    let store = &fixture.store;
    let one = execution();
    store
        .request_executions(std::slice::from_ref(&one))
        .await
        .unwrap();
    store
        .claim_executions(&[one.id], &lease("a"), &runner(), noon())
        .await
        .unwrap();
    let asked = change(one.id, &[S::Running], S::Canceling);
    assert_eq!(
        store.change_status(&asked).await.unwrap().unwrap().lease,
        Some(lease("a"))
    );

    let mut told = end(one.id, "a", json!({}));
    told.status = S::Canceled;
    store.finish_executions(&[told]).await.unwrap();

    assert_eq!(
        store.execution(one.id).await.unwrap().unwrap().status,
        S::Canceled
    );
}

async fn keeps_large_results_whole(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(3);
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&ids, &lease("a"), &runner(), noon())
        .await
        .unwrap();
    let lines: Vec<String> = (0..100_000)
        .map(|line| format!("line {line} of a long output, ü\u{0}"))
        .collect();
    let results: [Value; 3] = [
        json!("x".repeat(2046)),
        json!("y".repeat(2047)),
        json!({"stdout": lines}),
    ];

    let ends: Vec<_> = ids
        .iter()
        .zip(&results)
        .map(|(id, result)| end(*id, "a", result.clone()))
        .collect();
    store.finish_executions(&ends).await.unwrap();

    assert!(serde_json::to_string(&results[2]).unwrap().len() > 3_500_000);
    for (id, result) in ids.iter().zip(&results) {
        let stored = store.execution(*id).await.unwrap().unwrap();
        assert!(stored.result.as_ref() == Some(result), "{id}");
        assert_eq!(
            stored.result_size,
            Some(serde_json::to_string(result).unwrap().len() as u64)
        );
    }
}

async fn leaves_results_out_of_listings_that_did_not_ask(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(2);
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&ids, &lease("a"), &runner(), noon())
        .await
        .unwrap();
    let large = json!("y".repeat(9000));
    store
        .finish_executions(&[end(ids[0], "a", json!(1)), end(ids[1], "a", large.clone())])
        .await
        .unwrap();

    let without = store
        .executions(&ExecutionFilter::default(), ALL)
        .await
        .unwrap();
    let asked = ExecutionFilter {
        with_results: true,
        oldest_first: true,
        ..ExecutionFilter::default()
    };
    let with = store.executions(&asked, ALL).await.unwrap();

    assert!(
        without
            .items
            .iter()
            .all(|one| one.result.is_none() && one.result_size.is_some())
    );
    assert_eq!(with.items[0].result, Some(json!(1)));
    assert_eq!(with.items[1].result, Some(large));
}

async fn stores_follow_ups_with_the_end_and_only_with_it(fixture: Fixture) {
    let store = &fixture.store;
    let one = execution();
    store
        .request_executions(std::slice::from_ref(&one))
        .await
        .unwrap();
    store
        .claim_executions(&[one.id], &lease("a"), &runner(), noon())
        .await
        .unwrap();
    let follow_up = |holder: &str| {
        let mut end = end(one.id, holder, json!(1));
        end.follow_ups = vec![instance()];
        end
    };
    let (refused, stored) = (follow_up("b"), follow_up("a"));

    store
        .finish_executions(std::slice::from_ref(&refused))
        .await
        .unwrap();
    store
        .finish_executions(std::slice::from_ref(&stored))
        .await
        .unwrap();

    assert_eq!(
        store
            .trigger_instance(refused.follow_ups[0].id)
            .await
            .unwrap(),
        None
    );
    let found = store
        .trigger_instance(stored.follow_ups[0].id)
        .await
        .unwrap();
    assert_eq!(found.as_ref(), stored.follow_ups.first());
}

async fn finds_what_nobody_claimed(fixture: Fixture) {
    let store = &fixture.store;
    let requested: Vec<_> = (0..5)
        .map(|second| execution_at(seconds_later(second)))
        .collect();
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&[requested[0].id], &lease("a"), &runner(), seconds_later(9))
        .await
        .unwrap();
    store
        .change_status(&change(requested[2].id, &[S::Requested], S::Scheduled))
        .await
        .unwrap();

    let unclaimed = store
        .unclaimed_executions(seconds_later(4), 2)
        .await
        .unwrap();

    assert_eq!(ids_of(&unclaimed), ids_of(&requested[1..3]));
    assert_eq!(unclaimed[0], requested[1]);
}

async fn renews_leases_and_tells_the_state(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(3);
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&ids[..2], &lease("a"), &runner(), noon())
        .await
        .unwrap();
    store
        .claim_executions(&ids[2..], &lease("b"), &runner(), noon())
        .await
        .unwrap();
    store
        .change_status(&change(ids[1], &[S::Running], S::Canceling))
        .await
        .unwrap();

    let renewed = Lease {
        holder: "a".into(),
        expires_at: seconds_later(99),
    };
    let mut held = store.renew_leases(&ids, &renewed).await.unwrap();

    held.sort_by_key(|(id, _)| *id);
    assert_eq!(held, vec![(ids[0], S::Running), (ids[1], S::Canceling)]);
    assert_eq!(
        store.execution(ids[0]).await.unwrap().unwrap().lease,
        Some(renewed)
    );
    assert_eq!(
        store.execution(ids[2]).await.unwrap().unwrap().lease,
        Some(lease("b"))
    );
}

async fn abandons_only_what_has_expired(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(3);
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&ids, &lease("a"), &runner(), noon())
        .await
        .unwrap();
    store
        .finish_executions(&[end(ids[2], "a", json!(1))])
        .await
        .unwrap();
    let expired = store.expired_leases(seconds_later(31), 10).await.unwrap();
    let renewed = Lease {
        holder: "a".into(),
        expires_at: seconds_later(99),
    };
    store.renew_leases(&ids[1..2], &renewed).await.unwrap();

    let abandoned = store
        .abandon_expired(&ids_of(&expired), seconds_later(31), "its runner was lost")
        .await
        .unwrap();

    assert_eq!(ids_of(&expired), ids[..2]);
    assert_eq!(ids_of(&abandoned), ids[..1]);
    assert_eq!(abandoned[0].status, S::Abandoned);
    assert_eq!(
        abandoned[0].result,
        Some(json!({"error": "its runner was lost"}))
    );
    assert_eq!(abandoned[0].end_timestamp, Some(seconds_later(31)));
    assert_eq!(
        store.execution(ids[0]).await.unwrap().as_ref(),
        abandoned.first()
    );
    assert_eq!(
        store
            .finish_executions(&[end(ids[0], "a", json!(1))])
            .await
            .unwrap(),
        vec![]
    );
    assert_eq!(
        store.execution(ids[1]).await.unwrap().unwrap().status,
        S::Running
    );
}

fn change(id: model::ExecutionId, expected: &[S], next: S) -> StatusChange {
    StatusChange {
        id,
        expected: expected.to_vec(),
        next,
        at: seconds_later(7),
        result: None,
        follow_ups: Vec::new(),
    }
}

async fn changes_a_state_only_from_those_expected(fixture: Fixture) {
    let store = &fixture.store;
    let one = execution();
    store
        .request_executions(std::slice::from_ref(&one))
        .await
        .unwrap();

    let unexpected = store
        .change_status(&change(one.id, &[S::Running, S::Scheduled], S::Canceled))
        .await
        .unwrap();
    let mut with_result = change(one.id, &[S::Running, S::Requested], S::Canceled);
    with_result.result = Some(json!({"large": "z".repeat(4000)}));
    let changed = store.change_status(&with_result).await.unwrap().unwrap();

    assert_eq!(unexpected, None);
    assert_eq!(changed.status, S::Canceled);
    assert_eq!(changed.end_timestamp, Some(seconds_later(7)));
    assert_eq!(changed.result, with_result.result);
    assert_eq!(changed.log.last().unwrap().status, S::Canceled);
    assert_eq!(store.execution(one.id).await.unwrap(), Some(changed));
}

async fn stores_follow_ups_with_a_change_and_only_with_it(fixture: Fixture) {
    let store = &fixture.store;
    let one = execution();
    store
        .request_executions(std::slice::from_ref(&one))
        .await
        .unwrap();
    let told = |expected| {
        let mut change = change(one.id, &[expected], S::Canceled);
        change.follow_ups = vec![instance()];
        change
    };
    let (refused, made) = (told(S::Running), told(S::Requested));

    store.change_status(&refused).await.unwrap();
    store.change_status(&made).await.unwrap();

    let found = async |change: &StatusChange| {
        let id = change.follow_ups[0].id;
        store.trigger_instance(id).await.unwrap()
    };
    assert_eq!(found(&refused).await, None);
    assert_eq!(found(&made).await.as_ref(), made.follow_ups.first());
}

async fn never_leaves_a_final_state(fixture: Fixture) {
    let store = &fixture.store;
    let one = execution();
    store
        .request_executions(std::slice::from_ref(&one))
        .await
        .unwrap();
    store
        .change_status(&change(one.id, &[S::Requested], S::Canceled))
        .await
        .unwrap();

    for next in S::ALL {
        assert_eq!(
            store
                .change_status(&change(one.id, S::ALL, *next))
                .await
                .unwrap(),
            None,
            "{next}"
        );
    }
    assert_eq!(
        store
            .claim_executions(&[one.id], &lease("a"), &runner(), noon())
            .await
            .unwrap(),
        vec![]
    );
}

async fn counts_open_executions_by_state(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(4);
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&ids[..2], &lease("a"), &runner(), noon())
        .await
        .unwrap();
    store
        .finish_executions(&[end(ids[0], "a", json!(1))])
        .await
        .unwrap();

    let mut counts = store.count_open_executions().await.unwrap();

    counts.sort_by_key(|(status, _)| status.as_str());
    assert_eq!(counts, vec![(S::Requested, 2), (S::Running, 1)]);
}

async fn keeps_output_in_order(fixture: Fixture) {
    let store = &fixture.store;
    let execution_id = id();
    let line = |sequence: u64, stream: OutputStream, data: &str| OutputLine {
        execution_id,
        sequence,
        stream,
        data: data.into(),
        timestamp: noon(),
    };
    let lines = [
        line(0, OutputStream::Stdout, "a\u{0}b\n"),
        line(1, OutputStream::Stderr, "ü"),
        line(2, OutputStream::Stdout, ""),
        line(3, OutputStream::Other, "x"),
    ];
    store
        .add_output(&[lines[2].clone(), lines[0].clone()])
        .await
        .unwrap();
    store.add_output(&lines).await.unwrap();

    assert_eq!(
        store.output(execution_id, None, 0, 10).await.unwrap(),
        lines
    );
    assert_eq!(
        store.output(execution_id, None, 1, 2).await.unwrap(),
        lines[1..3]
    );
    let printed = store
        .output(execution_id, Some(OutputStream::Stdout), 1, 10)
        .await
        .unwrap();
    assert_eq!(printed, lines[2..3]);
    assert_eq!(store.output(id(), None, 0, 10).await.unwrap(), vec![]);
}

async fn remembers_snapshots(fixture: Fixture) {
    let (action, runner) = (action("core", "noop"), runner_type("noop"));
    let mut changed = action.clone();
    changed.description = None;

    let first = fixture.store.snapshot_of(&action, &runner).await.unwrap();
    let same = fixture.store.snapshot_of(&action, &runner).await.unwrap();
    let other = fixture.store.snapshot_of(&changed, &runner).await.unwrap();

    assert_eq!(first, same);
    assert_ne!(first.key, other.key);
    let elsewhere = fixture.second().await;
    assert_eq!(
        elsewhere.snapshot(&first.key).await.unwrap().as_deref(),
        Some(&first)
    );
    assert_eq!(
        elsewhere.snapshot_of(&action, &runner).await.unwrap(),
        first
    );
    assert_eq!(elsewhere.snapshot("unknown").await.unwrap(), None);
}
