//! What can go wrong with a broker.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use bus::{Bus, BusError, BusOptions, Message, News};
use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use lifecycle::Tasks;
use serde::{Deserialize, Serialize};
use stories::servers::{RabbitMq, free_port};
use tokio::task::block_in_place;
use tracing_subscriber::fmt::MakeWriter;

use crate::rig::{DEADLINE, Ping, Rig, announce, next, soon, take, worker};

/// Another idea of what a ping is.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OtherPing {
    text: String,
}

impl Message for OtherPing {
    const TOPIC: &'static str = Ping::TOPIC;
}

/// A message of several parts.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Parcel {
    parts: Vec<String>,
}

impl Message for Parcel {
    const TOPIC: &'static str = "parcels";

    fn halves(&self) -> Option<(Self, Self)> {
        let (first, second) = self.parts.split_at(self.parts.len() / 2);
        let half = |parts: &[String]| Self {
            parts: parts.to_vec(),
        };
        (!first.is_empty()).then(|| (half(first), half(second)))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_passed_over() {
    let rig = Rig::amqp().await;
    let mut worker = worker(&rig.bus(), 1).await;

    rig.bus().announce(OtherPing {
        text: "not a number".to_owned(),
    });
    announce(&rig.bus(), [1, 2]);

    assert_eq!(take(&mut worker, 2).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_message_is_sent_in_parts_and_a_large_part_as_a_whole() {
    let rig = Rig::amqp().await;
    let mut worker = rig.bus().work::<Parcel>(10).await.unwrap();
    let parts: Vec<String> = ["a", "b", "c", "d", "e"]
        .iter()
        .map(|part| part.repeat(700_000))
        .collect();

    rig.bus().announce(Parcel {
        parts: parts.clone(),
    });
    rig.bus().announce(Parcel {
        parts: vec!["f".repeat(3_000_000)],
    });

    let mut received = Vec::new();
    for _ in 0..6 {
        let delivery = soon(worker.next()).await.unwrap();
        received.extend(delivery.message.parts.clone());
        delivery.done();
    }
    assert!(received[..5] == parts);
    assert_eq!(received[5].len(), 3_000_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_was_deleted_is_made_again() {
    let rabbit = RabbitMq::shared();
    let prefix = rabbit.fresh_prefix();
    let rig = Rig::on(rabbit, prefix.clone()).await;
    let mut worker = worker(&rig.another().await, 10).await;
    announce(&rig.bus(), [1]);
    assert_eq!(take(&mut worker, 1).await, [1]);

    let operator = Connection::connect(&rabbit.url(), ConnectionProperties::default())
        .await
        .unwrap();
    let channel = operator.create_channel().await.unwrap();
    let queue = format!("{prefix}.{}", Ping::TOPIC);
    channel
        .queue_delete(queue.into(), QueueDeleteOptions::default())
        .await
        .unwrap();
    announce(&rig.bus(), [2, 3]);

    // What was on its way when the queue went is sent again, and may be overtaken.
    let mut received = take(&mut worker, 2).await;
    received.sort_unstable();
    assert_eq!(received, [2, 3]);
    soon(rig.bus().flush()).await;
}

async fn flow_through(disturb: impl Fn(&mut RabbitMq) -> Result<()>) {
    let mut rabbit = block_in_place(RabbitMq::start).unwrap();
    let rig = Rig::on(&rabbit, rabbit.fresh_prefix()).await;
    let (sender, receiver) = (rig.bus(), rig.another().await);
    let mut worker = worker(&receiver, 50).await;
    let mut listener = receiver.listen().await.unwrap();
    let mut numbers = HashSet::new();
    let mut deliveries = 0;

    // One delivery is in hand while the broker goes; a thousand announcements are on their way.
    announce(&sender, 0..1000);
    let held = next(&mut worker).await;
    block_in_place(|| disturb(&mut rabbit)).unwrap();
    announce(&sender, 1000..2000);
    held.done();
    while numbers.len() < 2000 {
        let delivery = next(&mut worker).await;
        numbers.insert(delivery.message.number);
        deliveries += 1;
        delivery.done();
    }
    soon(sender.flush()).await;

    eprintln!(
        "2000 announced, {} received, {} of them again",
        numbers.len(),
        deliveries - numbers.len()
    );
    assert_eq!(sender.given_up(), 0);
    assert!(sender.is_connected());
    assert!(matches!(
        soon(listener.next()).await,
        Some(News::Missed { .. })
    ));
    drop((sender, receiver, worker, listener));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_the_broker_in_mid_flow_loses_nothing() {
    flow_through(RabbitMq::restart).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_of_the_broker_in_mid_flow_loses_nothing() {
    let crash = |rabbit: &mut RabbitMq| {
        rabbit.kill9()?;
        rabbit.run()
    };

    flow_through(crash).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn announcements_wait_for_a_broker_that_is_away_up_to_a_bound() {
    let mut rabbit = block_in_place(RabbitMq::start).unwrap();
    let rig = Rig::on(&rabbit, rabbit.fresh_prefix()).await;
    let bus = rig.bus();
    block_in_place(|| rabbit.stop()).unwrap();
    announce(&bus, 0..12_000);

    let given_up = usize::try_from(bus.given_up()).unwrap();
    block_in_place(|| rabbit.run()).unwrap();

    assert!((1000..=2000).contains(&given_up), "{given_up}");
    let mut worker = worker(&bus, 1000).await;
    let received: HashSet<u32> = take(&mut worker, 12_000 - given_up)
        .await
        .into_iter()
        .collect();
    assert_eq!(received.len(), 12_000 - given_up);
}

fn nobody_there(port: u16, connect_deadline: Option<Duration>) -> BusOptions {
    let url = format!("amqp://petrel:hunter2@127.0.0.1:{port}/%2f");
    BusOptions::Amqp {
        url,
        prefix: "petrel".to_owned(),
        connect_deadline,
    }
}

/// Collects what is logged on this thread.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_an_error_after_the_deadline_and_logged_meanwhile() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let port = free_port().unwrap();
    let options = nobody_there(port, Some(Duration::ZERO));

    let error = Bus::connect(&options, &Tasks::default()).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        format!(
            "the message broker cannot be reached: 127.0.0.1:{port}: IO error: Connection refused (os error 111)"
        )
    );
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let warning = format!(
        "the message broker at 127.0.0.1:{port} cannot be reached (IO error: Connection refused (os error 111)); \
         trying again in 0."
    );
    assert!(log.contains(&warning), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[tokio::test]
async fn waiting_for_the_broker_ends_with_shutdown() {
    let tasks = Tasks::default();
    let options = nobody_there(free_port().unwrap(), None);
    let connecting = Bus::connect(&options, &tasks);

    tasks.shutdown().drain();

    assert!(matches!(
        soon(connecting).await,
        Err(BusError::ShuttingDown)
    ));
    assert!(soon(tasks.finished()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_comes_late_is_waited_for() {
    let mut rabbit = block_in_place(RabbitMq::start).unwrap();
    block_in_place(|| rabbit.stop()).unwrap();
    let (url, prefix) = (rabbit.url(), rabbit.fresh_prefix());
    let options = BusOptions::Amqp {
        url,
        prefix,
        connect_deadline: None,
    };
    let tasks = Tasks::default();
    let connecting = async { Bus::connect(&options, &tasks).await.unwrap() };
    let starting = async { block_in_place(|| rabbit.run()).unwrap() };

    let (bus, ()) = tokio::time::timeout(DEADLINE, futures::future::join(connecting, starting))
        .await
        .unwrap();

    assert!(bus.is_connected());
}

#[tokio::test]
async fn a_refused_login_says_so_without_the_password() {
    let port = RabbitMq::shared().port();

    let error = Bus::connect(&nobody_there(port, Some(Duration::ZERO)), &Tasks::default())
        .await
        .unwrap_err();

    let error = error.to_string();
    assert!(error.contains("ACCESS_REFUSED"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}
