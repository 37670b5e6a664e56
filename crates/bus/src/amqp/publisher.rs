//! Sends what the outbox holds, with confirms, in order.
//!
//! A few hundred letters are on their way at once; they are settled in order. On any trouble (connection, channel, a
//! refused or unroutable letter) the channel is opened anew and every letter that was not confirmed is sent again, so
//! a letter may arrive twice but is not lost once the outbox took it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use lifecycle::{OnError, Shutdown, Tasks};
use tokio::sync::Mutex;

use super::link::Link;
use super::names::{self, Names};
use super::outbox::{Address, Letter, Outbox};
use crate::losses::Losses;

/// How many letters are on their way at once.
const WINDOW: usize = 512;
/// Between two attempts after trouble on a connection that is up.
const PAUSE: Duration = Duration::from_millis(500);
/// No confirm in this time is worth a warning.
const STALL: Duration = Duration::from_secs(30);
/// How long letters that are left at the end wait for a broker.
const LAST_CHANCE: Duration = Duration::from_secs(5);

/// Starts a publisher for `outbox`. It ends when the outbox is closed and empty.
pub(crate) fn start(
    link: Link,
    names: Names,
    outbox: Arc<Outbox>,
    losses: Arc<Losses>,
    tasks: &Tasks,
) {
    let shutdown = tasks.shutdown().clone();
    let publisher = Arc::new(Mutex::new(Publisher {
        link,
        names,
        outbox,
        losses,
        unsettled: VecDeque::new(),
    }));
    tasks.start("bus-publisher", OnError::Restart, move || {
        let (publisher, shutdown) = (Arc::clone(&publisher), shutdown.clone());
        async move {
            publisher.lock().await.run(&shutdown).await;
            Ok::<(), std::convert::Infallible>(())
        }
    });
}

struct Publisher {
    link: Link,
    names: Names,
    outbox: Arc<Outbox>,
    losses: Arc<Losses>,
    /// Sent or to be sent (again), not confirmed; the oldest first.
    unsettled: VecDeque<Letter>,
}

/// Why a channel is of no more use.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Channel(#[from] lapin::Error),
    #[error("the broker refused a message")]
    Refused,
    #[error("a queue is missing")]
    Unroutable,
}

impl Publisher {
    async fn run(&mut self, shutdown: &Shutdown) {
        let outbox = Arc::clone(&self.outbox);
        tokio::select! {
            () = self.send_all() => {}
            () = shutdown.stopping() => {}
            () = last_chance(&outbox) => {}
        }
        let left = self.unsettled.iter().map(|letter| letter.count).sum();
        self.unsettled.clear();
        outbox.settle(left);
        outbox.close();
        let left = left + outbox.give_up();
        self.losses.add(
            left,
            "the bus was closed before the message broker took everything",
        );
    }

    /// Returns when the outbox is closed and everything is confirmed.
    async fn send_all(&mut self) {
        loop {
            match self.send_through_one_channel().await {
                Ok(()) => return,
                Err(trouble) => {
                    let waiting = self.unsettled.len();
                    tracing::debug!(
                        "publishing was interrupted ({trouble}); {waiting} messages are sent again"
                    );
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn send_through_one_channel(&mut self) -> Result<(), Trouble> {
        let channel = self.link.up().await.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let mut route = Route {
            channel,
            names: self.names.clone(),
            declared: HashSet::new(),
        };
        let mut on_their_way = VecDeque::with_capacity(WINDOW);
        for letter in &self.unsettled {
            on_their_way.push_back(route.send(letter).await?);
        }
        loop {
            let has_room = on_their_way.len() < WINDOW;
            tokio::select! {
                // Confirms first, so that the window is as open as it can be.
                biased;
                confirmation = oldest(&mut on_their_way) => {
                    check(confirmation?)?;
                    on_their_way.pop_front();
                    self.settle_oldest();
                }
                letter = self.outbox.take(), if has_room => match letter {
                    Some(letter) => {
                        self.unsettled.push_back(letter);
                        let letter = &self.unsettled[self.unsettled.len() - 1];
                        on_their_way.push_back(route.send(letter).await?);
                    }
                    None => return self.finish(on_their_way).await,
                },
                () = tokio::time::sleep(STALL), if !on_their_way.is_empty() => {
                    let (waiting, seconds) = (on_their_way.len(), STALL.as_secs());
                    tracing::warn!("the message broker has confirmed none of {waiting} messages for {seconds} s");
                }
            }
        }
    }

    async fn finish(&mut self, on_their_way: VecDeque<PublisherConfirm>) -> Result<(), Trouble> {
        for confirm in on_their_way {
            check(confirm.await?)?;
            self.settle_oldest();
        }
        Ok(())
    }

    fn settle_oldest(&mut self) {
        if let Some(letter) = self.unsettled.pop_front() {
            self.outbox.settle(letter.count);
        }
    }
}

/// Resolves some time after the outbox was closed.
async fn last_chance(outbox: &Outbox) {
    outbox.closed().await;
    tokio::time::sleep(LAST_CHANCE).await;
}

async fn oldest(on_their_way: &mut VecDeque<PublisherConfirm>) -> lapin::Result<Confirmation> {
    match on_their_way.front_mut() {
        Some(confirm) => confirm.await,
        None => std::future::pending().await,
    }
}

fn check(confirmation: Confirmation) -> Result<(), Trouble> {
    match confirmation {
        Confirmation::Ack(None) | Confirmation::NotRequested => Ok(()),
        Confirmation::Ack(Some(_returned)) => Err(Trouble::Unroutable),
        Confirmation::Nack(_) => Err(Trouble::Refused),
    }
}

/// A channel, and what was declared on it.
struct Route {
    channel: Channel,
    names: Names,
    declared: HashSet<&'static str>,
}

impl Route {
    async fn send(&mut self, letter: &Letter) -> Result<PublisherConfirm, Trouble> {
        let (exchange, key, mandatory, properties) = match letter.address {
            Address::Work(topic) => {
                let queue = self.names.queue(topic);
                if self.declared.insert(topic) {
                    names::declare_queue(&self.channel, &queue).await?;
                }
                // 2: kept on disk.
                (
                    "".into(),
                    queue,
                    true,
                    BasicProperties::default().with_delivery_mode(2),
                )
            }
            Address::News(audience) => {
                let exchange = self.names.news();
                if self.declared.insert("") {
                    names::declare_news(&self.channel, &exchange).await?;
                }
                (
                    exchange,
                    audience.key().into(),
                    false,
                    BasicProperties::default(),
                )
            }
        };
        let options = BasicPublishOptions {
            mandatory,
            ..BasicPublishOptions::default()
        };
        Ok(self
            .channel
            .basic_publish(exchange, key, options, &letter.body, properties)
            .await?)
    }
}
