//! What holds for both kinds of bus.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bus::{Announcement, Bus, DefinitionsChanged, Listener, News};
use futures::FutureExt;

use crate::rig::{DEADLINE, Rig, announce, next, soon, take, worker};

/// Each promise is a test on each kind of bus.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        mod in_process {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::rig::Rig::in_process().await).await;
            })*
        }
        mod amqp {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::rig::Rig::amqp().await).await;
            })*
        }
    };
}

promises! {
    work_is_delivered_once_to_one_of_the_workers,
    what_is_dropped_unacknowledged_comes_again,
    a_batch_that_is_dropped_comes_again_in_order,
    one_worker_receives_in_the_order_of_announcement,
    a_worker_holds_no_more_than_its_prefetch,
    a_worker_that_leaves_gives_back_what_it_did_not_hand_out,
    a_delivery_can_be_acknowledged_after_its_worker_is_gone,
    a_batch_takes_what_is_there_and_no_more_than_asked_for,
    work_waits_for_the_first_worker,
    every_listener_hears_the_news,
    only_who_wants_all_hears_announcements,
    a_slow_listener_is_told_that_it_missed_news,
    announcing_never_blocks,
    everything_ends_when_the_last_handle_is_dropped,
    a_stopped_bus_gives_nothing_more,
}

async fn work_is_delivered_once_to_one_of_the_workers(rig: Rig) {
    let (bus, other) = (rig.bus(), rig.another().await);
    let (mut one, mut two) = (worker(&bus, 10).await, worker(&other, 10).await);

    announce(&bus, 0..200);
    let mut received = Vec::new();
    while received.len() < 200 {
        let delivery = tokio::select! {
            delivery = next(&mut one) => delivery,
            delivery = next(&mut two) => delivery,
        };
        received.push(delivery.message.number);
        delivery.done();
    }
    drop(two);
    announce(&bus, [1000]);

    received.sort_unstable();
    assert_eq!(received, (0..200).collect::<Vec<_>>());
    assert_eq!(take(&mut one, 1).await, [1000], "nothing came twice");
}

async fn what_is_dropped_unacknowledged_comes_again(rig: Rig) {
    let mut worker = worker(&rig.bus(), 1).await;
    announce(&rig.bus(), [1]);

    drop(next(&mut worker).await);

    assert_eq!(take(&mut worker, 1).await, [1]);
    announce(&rig.bus(), [2]);
    assert_eq!(
        take(&mut worker, 1).await,
        [2],
        "what is done does not come again"
    );
}

async fn a_batch_that_is_dropped_comes_again_in_order(rig: Rig) {
    let mut first = worker(&rig.bus(), 100).await;
    announce(&rig.bus(), 0..20);
    let mut batch = Vec::new();
    while batch.len() < 20 {
        batch.push(next(&mut first).await);
    }

    drop(batch);
    drop(first);

    let mut second = worker(&rig.bus(), 100).await;
    let mut again = take(&mut second, 20).await;
    again.sort_unstable();
    assert_eq!(again, (0..20).collect::<Vec<_>>());
}

async fn one_worker_receives_in_the_order_of_announcement(rig: Rig) {
    let mut worker = worker(&rig.another().await, 100).await;

    announce(&rig.bus(), 0..1000);

    assert_eq!(take(&mut worker, 1000).await, (0..1000).collect::<Vec<_>>());
}

async fn a_worker_holds_no_more_than_its_prefetch(rig: Rig) {
    let mut full = worker(&rig.bus(), 3).await;
    announce(&rig.bus(), 0..5);
    let mut held = vec![
        next(&mut full).await,
        next(&mut full).await,
        next(&mut full).await,
    ];

    let mut other = worker(&rig.another().await, 10).await;
    let rest = take(&mut other, 2).await;
    drop(other);

    assert_eq!(rest, [3, 4]);
    announce(&rig.bus(), [5]);
    rig.bus().flush().await;
    assert!(full.next().now_or_never().is_none());
    held.remove(0).done();
    assert_eq!(next(&mut full).await.message.number, 5);
}

async fn a_worker_that_leaves_gives_back_what_it_did_not_hand_out(rig: Rig) {
    let mut first = worker(&rig.bus(), 10).await;
    announce(&rig.bus(), 0..10);
    let held = next(&mut first).await;
    rig.bus().flush().await;

    drop(first);

    let mut second = worker(&rig.another().await, 10).await;
    let mut received = take(&mut second, 9).await;
    received.sort_unstable();
    assert_eq!(received, (1..10).collect::<Vec<_>>());
    drop(held);
    assert_eq!(take(&mut second, 1).await, [0]);
}

async fn a_delivery_can_be_acknowledged_after_its_worker_is_gone(rig: Rig) {
    let mut first = worker(&rig.bus(), 10).await;
    announce(&rig.bus(), [1]);
    let held = next(&mut first).await;

    drop(first);
    held.done();

    let mut second = worker(&rig.another().await, 10).await;
    announce(&rig.bus(), [2]);
    assert_eq!(take(&mut second, 1).await, [2]);
}

async fn a_batch_takes_what_is_there_and_no_more_than_asked_for(rig: Rig) {
    let mut worker = worker(&rig.bus(), 100).await;
    announce(&rig.bus(), 0..50);

    let mut received = Vec::new();
    while received.len() < 50 {
        let batch = soon(worker.next_batch(20)).await;
        assert!((1..=20).contains(&batch.len()), "{}", batch.len());
        for delivery in batch {
            received.push(delivery.message.number);
            delivery.done();
        }
    }

    assert_eq!(received, (0..50).collect::<Vec<_>>());
}

async fn work_waits_for_the_first_worker(rig: Rig) {
    announce(&rig.bus(), [1]);
    rig.bus().flush().await;

    let mut late = worker(&rig.another().await, 1).await;

    assert_eq!(take(&mut late, 1).await, [1]);
}

fn changed(kind: &impl ToString) -> News {
    News::DefinitionsChanged(DefinitionsChanged {
        kind: kind.to_string(),
    })
}

async fn hear(listener: &mut Listener) -> String {
    match soon(listener.next()).await.expect("the bus is open") {
        News::DefinitionsChanged(changed) => changed.kind,
        News::Missed { at_least } => {
            format!("missed {}", if at_least > 0 { "some" } else { "none" })
        }
        other => panic!("{other:?}"),
    }
}

async fn every_listener_hears_the_news(rig: Rig) {
    let (bus, other) = (rig.bus(), rig.another().await);
    let mut listeners = [
        bus.listen().await.unwrap(),
        bus.listen_to_all().await.unwrap(),
        other.listen().await.unwrap(),
    ];

    other.tell(changed(&"rule"));
    other.tell(changed(&"action"));

    for listener in &mut listeners {
        assert_eq!(hear(listener).await, "rule");
        assert_eq!(hear(listener).await, "action");
    }
}

async fn only_who_wants_all_hears_announcements(rig: Rig) {
    let (bus, other) = (rig.bus(), rig.another().await);
    let (mut plain, mut all) = (
        other.listen().await.unwrap(),
        other.listen_to_all().await.unwrap(),
    );

    for number in 0..100 {
        bus.tell(News::Announcement(Announcement::Other {
            event: format!("st2.test__{number}"),
            body: number.into(),
        }));
    }
    bus.tell(changed(&"rule"));

    assert_eq!(hear(&mut plain).await, "rule");
    let mut heard = Vec::new();
    while heard.len() < 100 {
        match soon(all.next()).await {
            Some(News::Announcement(Announcement::Other { event, .. })) => heard.push(event),
            Some(News::DefinitionsChanged(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(heard[99], "st2.test__99", "in order");
}

async fn a_slow_listener_is_told_that_it_missed_news(rig: Rig) {
    let bus = rig.bus();
    let (mut slow, mut quick) = (bus.listen().await.unwrap(), bus.listen().await.unwrap());

    for round in 0..5 {
        tell_a_thousand(&bus, &mut quick, round).await;
    }

    assert_eq!(hear(&mut slow).await, "missed some");
    let mut last = String::new();
    while last != "4999" {
        last = hear(&mut slow).await;
    }
}

async fn tell_a_thousand(bus: &Bus, listener: &mut Listener, round: u32) {
    let numbers = round * 1000..(round + 1) * 1000;
    for number in numbers.clone() {
        bus.tell(changed(&number));
    }
    for number in numbers {
        assert_eq!(hear(listener).await, number.to_string());
    }
}

async fn announcing_never_blocks(rig: Rig) {
    let bus = rig.bus();
    let start = Instant::now();

    announce(&bus, 0..30_000);

    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    soon(bus.flush()).await;
    let mut worker = worker(&bus, 1000).await;
    let arrived = 30_000 - usize::try_from(bus.given_up()).unwrap();
    let received: HashSet<u32> = take(&mut worker, arrived).await.into_iter().collect();
    assert_eq!(received.len(), arrived, "what was not given up arrives");
}

async fn everything_ends_when_the_last_handle_is_dropped(rig: Rig) {
    let (mut worker, mut listener) = (
        worker(&rig.bus(), 10).await,
        rig.bus().listen_to_all().await.unwrap(),
    );
    announce(&rig.bus(), 0..5);
    rig.bus().tell(changed(&"rule"));
    take(&mut worker, 3).await;
    hear(&mut listener).await;

    drop((worker, listener));

    rig.finish().await;
}

async fn a_stopped_bus_gives_nothing_more(rig: Rig) {
    let (mut worker, mut listener) = (
        worker(&rig.bus(), 10).await,
        rig.bus().listen_to_all().await.unwrap(),
    );

    rig.tasks.shutdown().stop();

    assert!(soon(worker.next()).await.is_none());
    assert!(soon(listener.next()).await.is_none());
    assert!(
        tokio::time::timeout(DEADLINE, rig.tasks.finished())
            .await
            .unwrap()
    );
}
