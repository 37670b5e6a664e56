//! The handle that everybody uses, whatever is behind it.

use crate::amqp::AmqpBus;
use crate::local::LocalBus;
use crate::worker::Worker;
use crate::{BusOptions, Listener, Message, News};

/// The bus. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Local(LocalBus),
    Amqp(AmqpBus),
}

/// Why the bus cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// The broker did not answer in the time allowed.
    #[error("the message broker cannot be reached: {0}")]
    Unreachable(String),
    /// The broker's URL cannot be understood. It is not repeated here, since it holds a password.
    #[error(
        "the message broker's URL is not of the form `amqp://user:password@host:port/vhost`: {0}"
    )]
    InvalidUrl(&'static str),
    /// Shutdown began while waiting for the broker.
    #[error("shutting down while waiting for the message broker")]
    ShuttingDown,
}

impl Bus {
    /// Connects, waiting for the broker as `options` say, with each failed attempt logged. Later the connection is
    /// made again for ever, by itself. The bus's own tasks run under `tasks`; they end by themselves once all
    /// handles were dropped, so drop the last one before waiting for the end of `tasks`.
    pub async fn connect(options: &BusOptions, tasks: &lifecycle::Tasks) -> Result<Self, BusError> {
        match options {
            BusOptions::InProcess => Ok(Self(Kind::Local(LocalBus::new(tasks.shutdown().clone())))),
            BusOptions::Amqp {
                url,
                prefix,
                connect_deadline,
            } => AmqpBus::connect(url, prefix, *connect_deadline, tasks)
                .await
                .map(|bus| Self(Kind::Amqp(bus))),
        }
    }

    /// Hands out work. Returns at once; the message is confirmed (or repeated, or given up to the sweeps when the
    /// bounded buffer is full) in the background.
    pub fn announce<M: Message>(&self, message: M) {
        match &self.0 {
            Kind::Local(bus) => bus.announce(message),
            Kind::Amqp(bus) => bus.announce(&message),
        }
    }

    /// Tells everybody. Same promises as `announce`; who does not listen at the time does not hear it.
    pub fn tell(&self, news: News) {
        match &self.0 {
            Kind::Local(bus) => bus.tell(news),
            Kind::Amqp(bus) => bus.tell(&news),
        }
    }

    /// Becomes one of the workers of a topic, holding at most `prefetch` messages unacknowledged. A message is to be
    /// held for seconds (until its row is won), not for as long as an action runs: brokers cut off a worker that holds
    /// one for half an hour.
    pub async fn work<M: Message>(&self, prefetch: u16) -> Result<Worker<M>, BusError> {
        match &self.0 {
            Kind::Local(bus) => Ok(Worker::local(bus.work(prefetch))),
            Kind::Amqp(bus) => Ok(Worker::amqp(bus.work::<M>(prefetch).await)),
        }
    }

    /// Listens to the news from now on, save for [`News::Announcement`]s. A listener that is too slow loses the
    /// oldest, and is told how many by [`News::Missed`].
    pub async fn listen(&self) -> Result<Listener, BusError> {
        match &self.0 {
            Kind::Local(bus) => Ok(bus.listen()),
            Kind::Amqp(bus) => bus.listen().await,
        }
    }

    /// Listens to all news from now on, announcements too: for those who show the engine's doings.
    pub async fn listen_to_all(&self) -> Result<Listener, BusError> {
        match &self.0 {
            Kind::Local(bus) => Ok(bus.listen_to_all()),
            Kind::Amqp(bus) => bus.listen_to_all().await,
        }
    }

    /// Whether anybody may be listening to announcements: making them can be spared where nobody is. Through a
    /// broker, somebody always may.
    #[must_use]
    pub fn has_audience(&self) -> bool {
        match &self.0 {
            Kind::Local(bus) => bus.has_audience(),
            Kind::Amqp(_) => true,
        }
    }

    /// Waits until everything announced so far was confirmed or given up.
    pub async fn flush(&self) {
        if let Kind::Amqp(bus) = &self.0 {
            bus.flush().await;
        }
    }

    /// Whether the broker is connected now (always true in process).
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match &self.0 {
            Kind::Local(_) => true,
            Kind::Amqp(bus) => bus.is_connected(),
        }
    }

    /// How many messages of work this process has left to the store's sweeps since it started.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        match &self.0 {
            Kind::Local(bus) => bus.given_up(),
            Kind::Amqp(bus) => bus.given_up(),
        }
    }
}
