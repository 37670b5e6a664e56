//! What the tests share.

use std::time::Duration;

use bus::{Bus, BusOptions, Delivery, Message, Worker};
use lifecycle::Tasks;
use serde::{Deserialize, Serialize};
use stories::servers::RabbitMq;

/// Longer than anything takes, unless it never happens.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A message of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ping {
    pub(crate) number: u32,
}

impl Message for Ping {
    const TOPIC: &'static str = "pings";
}

/// One installation.
pub(crate) struct Rig {
    pub(crate) tasks: Tasks,
    options: BusOptions,
    first: Bus,
}

impl Rig {
    pub(crate) async fn in_process() -> Self {
        Self::new(BusOptions::InProcess).await
    }

    pub(crate) async fn amqp() -> Self {
        Self::on(RabbitMq::shared(), RabbitMq::shared().fresh_prefix()).await
    }

    pub(crate) async fn on(rabbit: &RabbitMq, prefix: String) -> Self {
        Self::new(BusOptions::Amqp {
            url: rabbit.url(),
            prefix,
            connect_deadline: Some(DEADLINE),
        })
        .await
    }

    async fn new(options: BusOptions) -> Self {
        let tasks = Tasks::default();
        let first = Bus::connect(&options, &tasks).await.unwrap();
        Self {
            tasks,
            options,
            first,
        }
    }

    /// The first process's bus.
    pub(crate) fn bus(&self) -> Bus {
        self.first.clone()
    }

    /// The bus of another process, where several processes can share it.
    pub(crate) async fn another(&self) -> Bus {
        match self.options {
            BusOptions::InProcess => self.first.clone(),
            BusOptions::Amqp { .. } => Bus::connect(&self.options, &self.tasks).await.unwrap(),
        }
    }

    /// Drops the handles of this rig; everything of the bus must end by itself then.
    pub(crate) async fn finish(self) {
        let Self { tasks, first, .. } = self;
        drop(first);
        assert!(soon(tasks.finished()).await);
    }
}

pub(crate) fn announce(bus: &Bus, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        bus.announce(Ping { number });
    }
}

pub(crate) async fn worker(bus: &Bus, prefetch: u16) -> Worker<Ping> {
    bus.work(prefetch).await.unwrap()
}

/// Waits for what must happen.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(DEADLINE, future)
        .await
        .expect("it did not happen in time")
}

pub(crate) async fn next(worker: &mut Worker<Ping>) -> Delivery<Ping> {
    soon(worker.next()).await.expect("the bus is open")
}

/// Receives and acknowledges so many messages.
pub(crate) async fn take(worker: &mut Worker<Ping>, count: usize) -> Vec<u32> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        let delivery = next(worker).await;
        numbers.push(delivery.message.number);
        delivery.done();
    }
    numbers
}
