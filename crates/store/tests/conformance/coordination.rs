//! Leases and timers.

use store::LeaseOutcome::{Held, Taken};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_a_lease_to_one_holder_until_it_ends
    takes_a_lease_back_from_its_holder_only
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
