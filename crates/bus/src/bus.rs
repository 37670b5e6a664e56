//! The handle that everybody uses, whatever is behind it.

use crate::{BusOptions, Message, News};

/// The bus. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {}

/// Why the bus cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// The broker did not answer in the time allowed.
    #[error("the message broker cannot be reached: {0}")]
    Unreachable(String),
}

impl Bus {
    /// Connects, waiting for the broker as `options` say, with each failed attempt logged. Later the connection is
    /// made again for ever, by itself. The bus's own tasks run under `tasks`.
    pub async fn connect(options: &BusOptions, tasks: &lifecycle::Tasks) -> Result<Self, BusError> {
        let _unused = tasks;
        unimplemented!("{options:?}")
    }

    /// Hands out work. Returns at once; the message is confirmed (or repeated, or given up to the sweeps when the
    /// bounded buffer is full) in the background.
    pub fn announce<M: Message>(&self, message: M) {
        unimplemented!("{}", serde_json::to_string(&message).unwrap_or_default())
    }

    /// Tells everybody. Same promises as `announce`; who does not listen at the time does not hear it.
    pub fn tell(&self, news: News) {
        unimplemented!("{news:?}")
    }

    /// Becomes one of the workers of a topic, holding at most `prefetch` messages unacknowledged.
    pub async fn work<M: Message>(&self, prefetch: u16) -> Result<Worker<M>, BusError> {
        unimplemented!("{prefetch}")
    }

    /// Listens to the news from now on. A listener that is too slow loses the oldest, and is told how many.
    pub async fn listen(&self) -> Result<Listener, BusError> {
        unimplemented!()
    }

    /// Waits until everything announced so far was confirmed or given up.
    pub async fn flush(&self) {}

    /// Whether the broker is connected now (always true in process).
    #[must_use]
    pub fn is_connected(&self) -> bool {
        true
    }
}

/// One of the workers of a topic.
#[derive(Debug)]
pub struct Worker<M> {
    _message: std::marker::PhantomData<M>,
}

impl<M: Message> Worker<M> {
    /// The next message; waits for ever (also through reconnections). `None` once the bus is closed for good.
    pub async fn next(&mut self) -> Option<Delivery<M>> {
        unimplemented!()
    }

    /// Whatever is there already, up to `most`, after waiting for at least one: batches under load, no delay without.
    pub async fn next_batch(&mut self, most: usize) -> Vec<Delivery<M>> {
        unimplemented!("{most}")
    }
}

/// A message in hand. Dropped without `done`, it is delivered again.
#[derive(Debug)]
pub struct Delivery<M> {
    /// The message.
    pub message: M,
}

impl<M> Delivery<M> {
    /// Acknowledges it.
    pub fn done(self) {
        unimplemented!()
    }
}

/// Hears the news.
#[derive(Debug)]
pub struct Listener {}

impl Listener {
    /// The next piece of news; `None` once the bus is closed for good.
    pub async fn next(&mut self) -> Option<News> {
        unimplemented!()
    }
}
