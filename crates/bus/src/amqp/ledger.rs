//! What a worker holds, and acknowledging it in the background, several at once where their order allows it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use lapin::Channel;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicNackOptions};
use lifecycle::Tasks;
use tokio::sync::Notify;

use super::link::Link;

/// The messages that one worker was handed.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    book: Mutex<Book>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Book {
    /// Grows with each channel: a tag means nothing on another one.
    generation: u64,
    channel: Option<Channel>,
    held: BTreeMap<u64, Fate>,
    /// The worker is gone.
    retired: bool,
    /// Its consumer, until it is cancelled.
    consumer: Option<lapin::Consumer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Somebody works on it.
    Held,
    Done,
    /// It is to be delivered again.
    Returned,
}

/// What the broker is told.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Done(u64),
    /// With all before it.
    DoneUpTo(u64),
    Returned(u64),
}

impl Ledger {
    /// A ledger with a task that acknowledges. The task ends when the worker retired and nothing is held any more.
    pub(crate) fn start(link: Link, tasks: &Tasks) -> Arc<Self> {
        let ledger = Arc::new(Self::default());
        let (keeper, shutdown) = (Arc::clone(&ledger), tasks.shutdown().clone());
        tasks.run(async move {
            tokio::select! {
                () = keeper.keep() => {}
                () = shutdown.stopping() => {}
            }
            drop(link);
        });
        ledger
    }

    /// From now on, tags are those of `channel`; what was held is delivered again by the broker.
    pub(crate) fn turn_to(&self, channel: Channel) {
        let mut book = self.lock();
        book.generation += 1;
        book.channel = Some(channel);
        book.held.clear();
    }

    /// Notes that a message is handed out.
    pub(crate) fn hand_out(self: &Arc<Self>, tag: u64) -> Ticket {
        let mut book = self.lock();
        book.held.insert(tag, Fate::Held);
        Ticket {
            ledger: Arc::clone(self),
            generation: book.generation,
            tag,
            is_done: false,
        }
    }

    /// No more messages are wanted.
    pub(crate) fn retire(&self, consumer: Option<lapin::Consumer>) {
        let mut book = self.lock();
        book.retired = true;
        book.consumer = consumer;
        drop(book);
        self.changed.notify_one();
    }

    fn settle(&self, generation: u64, tag: u64, fate: Fate) {
        let mut book = self.lock();
        if book.generation == generation {
            book.held.insert(tag, fate);
            drop(book);
            self.changed.notify_one();
        }
    }

    async fn keep(&self) {
        loop {
            self.changed.notified().await;
            let (channel, replies, consumer, is_over) = {
                let mut book = self.lock();
                let replies = replies(&mut book.held);
                (
                    book.channel.clone(),
                    replies,
                    book.consumer.take(),
                    book.retired && book.held.is_empty(),
                )
            };
            let Some(channel) = channel else {
                if is_over {
                    return;
                }
                continue;
            };
            // An error means that the channel is gone: the broker delivers all of it again.
            if let Err(error) = send(&channel, &replies).await {
                tracing::debug!("acknowledging failed: {error}");
            }
            if let Some(consumer) = consumer {
                give_back(&channel, consumer).await;
            }
            if is_over {
                if let Err(error) = channel.close(200, "bye".into()).await {
                    tracing::debug!("a channel was gone before it was closed: {error}");
                }
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes what is settled out of `held`. Tags are in the order of delivery, so everything before the first held one
/// goes in one reply.
fn replies(held: &mut BTreeMap<u64, Fate>) -> Vec<Reply> {
    let mut replies = Vec::new();
    let mut all_settled_before = true;
    held.retain(|tag, fate| {
        match fate {
            Fate::Held => all_settled_before = false,
            Fate::Returned => replies.push(Reply::Returned(*tag)),
            Fate::Done if !all_settled_before => replies.push(Reply::Done(*tag)),
            Fate::Done => match replies.last_mut() {
                Some(Reply::DoneUpTo(last)) => *last = *tag,
                _ => replies.push(Reply::DoneUpTo(*tag)),
            },
        }
        *fate == Fate::Held
    });
    replies
}

async fn send(channel: &Channel, replies: &[Reply]) -> lapin::Result<()> {
    for reply in replies {
        match *reply {
            Reply::Done(tag) => {
                channel
                    .basic_ack(tag, BasicAckOptions { multiple: false })
                    .await?;
            }
            Reply::DoneUpTo(tag) => {
                channel
                    .basic_ack(tag, BasicAckOptions { multiple: true })
                    .await?;
            }
            Reply::Returned(tag) => give_back_one(channel, tag).await?,
        }
    }
    Ok(())
}

/// Ends a consumer and gives back what the broker sent it ahead of need.
async fn give_back(channel: &Channel, mut consumer: lapin::Consumer) {
    let given_back = async {
        channel
            .basic_cancel(consumer.tag(), BasicCancelOptions::default())
            .await?;
        while let Some(delivery) = consumer.next().await {
            give_back_one(channel, delivery?.delivery_tag).await?;
        }
        Ok::<(), lapin::Error>(())
    };
    if let Err(error) = given_back.await {
        tracing::debug!("a channel was gone before its consumer was cancelled: {error}");
    }
}

async fn give_back_one(channel: &Channel, tag: u64) -> lapin::Result<()> {
    channel
        .basic_nack(
            tag,
            BasicNackOptions {
                requeue: true,
                multiple: false,
            },
        )
        .await
}

/// One message that was handed out. Dropped before it is done, it is given back.
#[derive(Debug)]
pub(crate) struct Ticket {
    ledger: Arc<Ledger>,
    generation: u64,
    tag: u64,
    is_done: bool,
}

impl Ticket {
    pub(crate) fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let fate = if self.is_done {
            Fate::Done
        } else {
            Fate::Returned
        };
        self.ledger.settle(self.generation, self.tag, fate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies_to(fates: &[Fate]) -> (Vec<Reply>, Vec<u64>) {
        let mut held: BTreeMap<u64, Fate> = (1..).zip(fates.iter().copied()).collect();
        let replies = replies(&mut held);
        (replies, held.into_keys().collect())
    }

    #[test]
    fn what_is_done_in_order_is_acknowledged_at_once() {
        let (replies, held) = replies_to(&[Fate::Done, Fate::Done, Fate::Done]);

        assert_eq!(replies, [Reply::DoneUpTo(3)]);
        assert!(held.is_empty());
    }

    #[test]
    fn what_is_done_out_of_order_is_acknowledged_alone() {
        let (replies, held) =
            replies_to(&[Fate::Done, Fate::Held, Fate::Done, Fate::Held, Fate::Done]);

        assert_eq!(
            replies,
            [Reply::DoneUpTo(1), Reply::Done(3), Reply::Done(5)]
        );
        assert_eq!(held, [2, 4]);
    }

    #[test]
    fn what_is_returned_is_not_acknowledged_with_its_neighbours() {
        let (replies, held) = replies_to(&[Fate::Done, Fate::Returned, Fate::Done, Fate::Done]);

        assert_eq!(
            replies,
            [Reply::DoneUpTo(1), Reply::Returned(2), Reply::DoneUpTo(4)]
        );
        assert!(held.is_empty());
    }
}
