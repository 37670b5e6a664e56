//! How many messages a second the bus carries, from announcement to acknowledgement, and how long one takes when
//! nothing else happens. Prints a JSON line for each kind of bus. `cargo bench -p bus` runs it.
//!
//! The message weighs what one stored event weighs. The broker is a throw-away one on this machine, so that client
//! and broker share its cores.

use std::time::{Duration, Instant};

use bus::{Bus, BusOptions, Message, Worker};
use lifecycle::Tasks;
use serde::{Deserialize, Serialize};
use stories::servers::RabbitMq;

/// Few enough to fit the bus's buffer.
const MESSAGES: u32 = 10_000;
const ROUNDS: u32 = 3;
const SINGLE: usize = 500;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Event {
    number: u32,
    payload: String,
}

impl Message for Event {
    const TOPIC: &'static str = "events";
}

impl Event {
    fn new(number: u32) -> Self {
        Self {
            number,
            payload: "x".repeat(600),
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    measure("in-process", &BusOptions::InProcess).await;
    let rabbit = tokio::task::block_in_place(RabbitMq::start).expect("RabbitMQ starts");
    let (url, prefix) = (rabbit.url(), rabbit.fresh_prefix());
    measure(
        "amqp",
        &BusOptions::Amqp {
            url,
            prefix,
            connect_deadline: Some(Duration::from_secs(10)),
        },
    )
    .await;
}

async fn measure(kind: &str, options: &BusOptions) {
    let tasks = Tasks::default();
    let bus = Bus::connect(options, &tasks)
        .await
        .expect("the broker is there");
    let mut worker: Worker<Event> = bus.work(256).await.expect("work can be had");
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        best = best.max(flood(&bus, &mut worker).await);
    }
    let mut times = trickle(&bus, &mut worker).await;
    times.sort();
    let line = serde_json::json!({
        "bench": "bus",
        "kind": kind,
        "messages_per_s": best.round(),
        "idle_p50_us": times[SINGLE / 2].as_micros(),
        "idle_p99_us": times[SINGLE * 99 / 100].as_micros(),
    });
    #[expect(clippy::print_stdout, reason = "the result of the bench")]
    {
        println!("{line}");
    }
}

/// Messages a second, from the first announcement to the last acknowledgement.
async fn flood(bus: &Bus, worker: &mut Worker<Event>) -> f64 {
    let start = Instant::now();
    for number in 0..MESSAGES {
        bus.announce(Event::new(number));
    }
    let mut received = 0;
    while received < MESSAGES as usize {
        for delivery in worker.next_batch(100).await {
            received += 1;
            delivery.done();
        }
    }
    bus.flush().await;
    f64::from(MESSAGES) / start.elapsed().as_secs_f64()
}

/// Times from announcement to delivery, one message at a time.
async fn trickle(bus: &Bus, worker: &mut Worker<Event>) -> Vec<Duration> {
    let mut times = Vec::with_capacity(SINGLE);
    for number in 0..SINGLE {
        let start = Instant::now();
        bus.announce(Event::new(u32::try_from(number).unwrap_or(0)));
        let delivery = worker.next().await.expect("the bus is open");
        times.push(start.elapsed());
        delivery.done();
    }
    times
}
