//! Leases and timers.

use model::{SensorState, SensorStatus};
use store::LeaseOutcome::{Held, Taken};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_a_lease_to_one_holder_until_it_ends
    takes_a_lease_back_from_its_holder_only
    takes_many_leases_at_once
    tells_who_holds_leases
    remembers_where_sensors_run
    fires_a_timer_once_for_each_time
    counts_a_timer_from_its_first_sight
}

async fn gives_a_lease_to_one_holder_until_it_ends(fixture: Fixture) {
    let store = &fixture.store;
    let take = |holder: &'static str, now: i64| {
        store.take_lease(
            "leader",
            holder,
            seconds_later(now),
            seconds_later(now + 10),
        )
    };

    assert_eq!(take("a", 0).await.unwrap(), Held);
    assert_eq!(take("b", 5).await.unwrap(), Taken);
    assert_eq!(take("a", 5).await.unwrap(), Held);
    assert_eq!(take("b", 14).await.unwrap(), Taken);
    assert_eq!(take("b", 15).await.unwrap(), Held);
    assert_eq!(take("a", 16).await.unwrap(), Taken);
    assert_eq!(
        store
            .take_lease("other", "a", noon(), seconds_later(1))
            .await
            .unwrap(),
        Held
    );
}

async fn takes_a_lease_back_from_its_holder_only(fixture: Fixture) {
    let store = &fixture.store;
    store
        .take_lease("leader", "a", noon(), seconds_later(10))
        .await
        .unwrap();

    store.release_lease("leader", "b").await.unwrap();
    assert_eq!(
        store
            .take_lease("leader", "b", noon(), seconds_later(10))
            .await
            .unwrap(),
        Taken
    );
    store.release_lease("leader", "a").await.unwrap();
    assert_eq!(
        store
            .take_lease("leader", "b", noon(), seconds_later(10))
            .await
            .unwrap(),
        Held
    );
}

async fn fires_a_timer_once_for_each_time(fixture: Fixture) {
    let store = &fixture.store;
    let timer = id();
    let (first, again, late, next) = (instance(), instance(), instance(), instance());

    assert_eq!(store.timer_last_fired(timer).await.unwrap(), None);
    assert!(
        store
            .fire_timer(timer, seconds_later(10), &first)
            .await
            .unwrap()
    );
    assert!(
        !store
            .fire_timer(timer, seconds_later(10), &again)
            .await
            .unwrap()
    );
    assert!(
        !store
            .fire_timer(timer, seconds_later(5), &late)
            .await
            .unwrap()
    );
    assert!(
        store
            .fire_timer(timer, seconds_later(20), &next)
            .await
            .unwrap()
    );

    assert_eq!(
        store.timer_last_fired(timer).await.unwrap(),
        Some(seconds_later(20))
    );
    assert!(store.trigger_instance(first.id).await.unwrap().is_some());
    assert!(store.trigger_instance(next.id).await.unwrap().is_some());
    assert_eq!(store.trigger_instance(again.id).await.unwrap(), None);
    assert_eq!(store.trigger_instance(late.id).await.unwrap(), None);
}

async fn counts_a_timer_from_its_first_sight(fixture: Fixture) {
    let store = &fixture.store;
    let timer = id();

    store.start_timer(timer, noon()).await.unwrap();
    store.start_timer(timer, seconds_later(5)).await.unwrap();

    assert_eq!(store.timer_last_fired(timer).await.unwrap(), Some(noon()));
    assert!(store.fire_timer(timer, noon(), &instance()).await.unwrap());
    store.start_timer(timer, seconds_later(9)).await.unwrap();
    assert_eq!(store.timer_last_fired(timer).await.unwrap(), Some(noon()));
}

async fn takes_many_leases_at_once(fixture: Fixture) {
    let store = &fixture.store;
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let take = async |wanted: &[&str], holder: &str, now: i64| {
        let wanted = names(wanted);
        let taken = store.take_leases(&wanted, holder, seconds_later(now), seconds_later(now + 10));
        let mut taken = taken.await.unwrap();
        taken.sort();
        taken
    };

    assert_eq!(take(&["x", "y"], "a", 0).await, ["x", "y"]);
    assert_eq!(take(&["y", "z"], "b", 5).await, ["z"]);
    assert_eq!(take(&["y"], "a", 5).await, ["y"]);
    assert_eq!(take(&["x", "y", "z"], "b", 10).await, ["x", "z"]);
    assert!(take(&[], "b", 10).await.is_empty());
}

async fn tells_who_holds_leases(fixture: Fixture) {
    let store = &fixture.store;
    for (name, holder, until) in [
        ("p:2", "b", 9),
        ("p:1", "a", 9),
        ("p:3", "c", 2),
        ("q:1", "d", 9),
    ] {
        let until = seconds_later(until);
        store.take_lease(name, holder, noon(), until).await.unwrap();
    }
    let of = |name: &str, holder: &str| (name.to_owned(), holder.to_owned());

    let held = store.leases("p:", seconds_later(5)).await.unwrap();
    assert_eq!(held, [of("p:1", "a"), of("p:2", "b")]);

    store.drop_old_leases("p:", seconds_later(5)).await.unwrap();
    let at_first = store.leases("", noon()).await.unwrap();
    assert_eq!(at_first, [of("p:1", "a"), of("p:2", "b"), of("q:1", "d")]);
}

async fn remembers_where_sensors_run(fixture: Fixture) {
    let store = &fixture.store;
    let mut status = SensorStatus {
        sensor_ref: "p.Watch".to_owned(),
        holder: "a".to_owned(),
        hostname: "here".to_owned(),
        pid: Some(7),
        state: SensorState::Starting,
        since: noon(),
        dispatches: 1,
        rejected: 2,
        restarts: 3,
        last_dispatch: Some(seconds_later(1)),
        last_error: None,
        last_error_at: None,
    };
    store
        .save_sensor_statuses(std::slice::from_ref(&status), noon())
        .await
        .unwrap();
    store
        .take_lease("sensor:p.Watch", "a", noon(), seconds_later(10))
        .await
        .unwrap();
    status.state = SensorState::Failed;
    status.pid = None;
    status.last_error = Some("boom".to_owned());
    status.last_error_at = Some(seconds_later(2));
    store
        .save_sensor_statuses(std::slice::from_ref(&status), noon())
        .await
        .unwrap();

    let during = store.sensor_statuses(seconds_later(9)).await.unwrap();
    let after = store.sensor_statuses(seconds_later(11)).await.unwrap();

    assert_eq!(during, [(status.clone(), true)]);
    assert_eq!(after, [(status.clone(), false)]);

    // Another process holds it now: what the first one says comes too late. What it says of others counts.
    store
        .take_lease("sensor:p.Watch", "b", seconds_later(11), seconds_later(20))
        .await
        .unwrap();
    let of_b = SensorStatus {
        holder: "b".to_owned(),
        state: SensorState::Running,
        ..status.clone()
    };
    let other = SensorStatus {
        sensor_ref: "p.Other".to_owned(),
        ..status.clone()
    };
    for said in [
        vec![other.clone(), of_b.clone()],
        vec![status.clone(), other.clone()],
    ] {
        let saved = store.save_sensor_statuses(&said, seconds_later(12));
        saved.await.unwrap();
    }
    let now = store.sensor_statuses(seconds_later(12)).await.unwrap();
    assert_eq!(now, [(other, false), (of_b, true)]);

    // Once that has run out, whoever has something to say is heard.
    let saved = store.save_sensor_statuses(std::slice::from_ref(&status), seconds_later(21));
    saved.await.unwrap();
    let now = store.sensor_statuses(seconds_later(21)).await.unwrap();
    assert_eq!(now[1], (status, false));
}
