//! A consumer of a topic's queue, opened again whenever its channel ends.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use lifecycle::{Shutdown, Tasks};

use super::Handles;
use super::ledger::{Ledger, Ticket};
use super::link::Link;
use super::names;
use crate::Message;

/// Between two attempts on a connection that is up.
const PAUSE: Duration = Duration::from_millis(500);
/// How much of a message that cannot be read is logged.
const EXCERPT: usize = 200;

#[derive(Debug)]
pub(crate) struct AmqpWorker<M: Message> {
    link: Link,
    queue: ShortString,
    prefetch: u16,
    ledger: Arc<Ledger>,
    consumer: Option<lapin::Consumer>,
    shutdown: Shutdown,
    _keep: Arc<Handles>,
    _message: PhantomData<fn() -> M>,
}

impl<M: Message> AmqpWorker<M> {
    /// Becomes a consumer at once where the broker is there; else with the first `next`.
    pub(crate) async fn open(
        link: Link,
        queue: ShortString,
        prefetch: u16,
        keep: Arc<Handles>,
        tasks: &Tasks,
    ) -> Self {
        let ledger = Ledger::start(link.clone(), tasks);
        let shutdown = tasks.shutdown().clone();
        let (prefetch, consumer, message) = (prefetch.max(1), None, PhantomData);
        let mut worker = Self {
            link,
            queue,
            prefetch,
            ledger,
            consumer,
            shutdown,
            _keep: keep,
            _message: message,
        };
        if worker.link.is_up()
            && let Err(error) = worker.consume().await
        {
            tracing::debug!("consuming `{}` did not start yet: {error}", worker.queue);
        }
        worker
    }

    pub(crate) async fn next(&mut self) -> Option<(M, Ticket)> {
        let shutdown = self.shutdown.clone();
        tokio::select! {
            biased;
            () = shutdown.stopping() => None,
            received = self.receive() => Some(received),
        }
    }

    /// A message that the broker has sent already.
    pub(crate) fn try_next(&mut self) -> Option<(M, Ticket)> {
        loop {
            let received = self.consumer.as_mut()?.next().now_or_never()?;
            if let Some(received) = self.accept(received) {
                return Some(received);
            }
        }
    }

    async fn receive(&mut self) -> (M, Ticket) {
        loop {
            let Some(consumer) = &mut self.consumer else {
                self.resume().await;
                continue;
            };
            let received = consumer.next().await;
            if let Some(received) = self.accept(received) {
                return received;
            }
        }
    }

    /// Consumes again, trying until it succeeds.
    async fn resume(&mut self) {
        while let Err(error) = self.consume().await {
            // Where the link is down, it has said so itself.
            if self.link.is_up() {
                tracing::warn!(
                    "the queue `{}` cannot be consumed ({error}); trying again",
                    self.queue
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn consume(&mut self) -> lapin::Result<()> {
        let channel = self.link.up().await.create_channel().await?;
        names::declare_queue(&channel, &self.queue).await?;
        channel
            .basic_qos(self.prefetch, BasicQosOptions::default())
            .await?;
        let options = BasicConsumeOptions::default();
        let consumer = channel
            .basic_consume(
                self.queue.clone(),
                "".into(),
                options,
                FieldTable::default(),
            )
            .await?;
        self.ledger.turn_to(channel);
        self.consumer = Some(consumer);
        Ok(())
    }

    /// Reads a message; passes over one that cannot be read. At the end of the consumer, forgets it.
    fn accept(&mut self, received: Option<lapin::Result<Delivery>>) -> Option<(M, Ticket)> {
        let delivery = match received {
            Some(Ok(delivery)) => delivery,
            Some(Err(error)) => {
                tracing::debug!("consuming `{}` was interrupted: {error}", self.queue);
                self.consumer = None;
                return None;
            }
            None => {
                self.consumer = None;
                return None;
            }
        };
        let ticket = self.ledger.hand_out(delivery.delivery_tag);
        match serde_json::from_slice(&delivery.data) {
            Ok(message) => Some((message, ticket)),
            Err(error) => {
                let excerpt = excerpt(&delivery.data);
                tracing::error!(
                    topic = M::TOPIC,
                    "a message cannot be read and is passed over ({error}): {excerpt}"
                );
                ticket.done();
                None
            }
        }
    }
}

impl<M: Message> Drop for AmqpWorker<M> {
    fn drop(&mut self) {
        self.ledger.retire(self.consumer.take());
    }
}

/// The beginning of a message, fit for a log.
fn excerpt(body: &[u8]) -> String {
    // A character has up to four bytes.
    let body = &body[..body.len().min(EXCERPT * 4)];
    String::from_utf8_lossy(body)
        .chars()
        .take(EXCERPT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_has_no_control_characters() {
        assert_eq!(excerpt(b"not\njson"), "not json");
        assert_eq!(
            excerpt("ü".repeat(10_000).as_bytes()).chars().count(),
            EXCERPT
        );
        assert_eq!(excerpt(&[0xff, b'a']), "\u{fffd}a");
    }
}
