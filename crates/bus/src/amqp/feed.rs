//! The news: heard once a process, and passed on to each of its listeners.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Consumer};
use lifecycle::{OnError, Tasks};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::link::Link;
use super::names::{self, Names};
use super::outbox::Audience;
use crate::News;
use crate::listener::BACKLOG;

/// How much news the broker sends ahead.
const PREFETCH: u16 = 1000;
/// Acknowledged together. The last few of a quiet time stay unacknowledged: the queue goes with the connection.
const ACKNOWLEDGE_EVERY: u64 = 100;
/// Between two attempts on a connection that is up.
const PAUSE: Duration = Duration::from_millis(500);

/// What one listener hears.
pub(crate) type Subscription = broadcast::Receiver<Arc<News>>;

/// Passes news on. Silent until somebody subscribes.
#[derive(Debug)]
pub(crate) struct Feed {
    speakers: Speakers,
    /// What this process's queue on the exchange is bound to now.
    bound: watch::Sender<Bound>,
    /// Whether somebody here wants announcements. Once wanted, they are heard until the process ends.
    wants_all: watch::Sender<bool>,
    started: AtomicBool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bound {
    news: bool,
    announcements: bool,
}

/// Pass on what was heard, to those who want it.
#[derive(Debug, Clone)]
struct Speakers {
    news: broadcast::Sender<Arc<News>>,
    announcements: broadcast::Sender<Arc<News>>,
}

impl Default for Feed {
    fn default() -> Self {
        let (news, _) = broadcast::channel(BACKLOG);
        let (announcements, _) = broadcast::channel(BACKLOG);
        Self {
            speakers: Speakers {
                news,
                announcements,
            },
            bound: watch::Sender::new(Bound::default()),
            wants_all: watch::Sender::new(false),
            started: AtomicBool::new(false),
        }
    }
}

impl Feed {
    /// A subscription that hears everything told from now on, save for announcements. Waits for the broker.
    pub(crate) async fn subscribe(
        &self,
        link: &Link,
        names: &Names,
        gone: &CancellationToken,
        tasks: &Tasks,
    ) -> Subscription {
        let subscription = self.speakers.news.subscribe();
        self.start_once(link, names, gone, tasks);
        self.wait_until(|bound| bound.news).await;
        subscription
    }

    /// Subscriptions that hear everything told from now on: news, and announcements. Waits for the broker.
    pub(crate) async fn subscribe_to_all(
        &self,
        link: &Link,
        names: &Names,
        gone: &CancellationToken,
        tasks: &Tasks,
    ) -> (Subscription, Subscription) {
        let subscriptions = (
            self.speakers.news.subscribe(),
            self.speakers.announcements.subscribe(),
        );
        self.wants_all.send_replace(true);
        self.start_once(link, names, gone, tasks);
        self.wait_until(|bound| bound.announcements).await;
        subscriptions
    }

    async fn wait_until(&self, is_bound: fn(&Bound) -> bool) {
        // The sender lives as long as `self`.
        let mut bound = self.bound.subscribe();
        let _bound = bound.wait_for(is_bound).await;
    }

    fn start_once(&self, link: &Link, names: &Names, gone: &CancellationToken, tasks: &Tasks) {
        if !self.started.swap(true, Ordering::SeqCst) {
            self.start(link, names, gone, tasks);
        }
    }

    fn start(&self, link: &Link, names: &Names, gone: &CancellationToken, tasks: &Tasks) {
        let ear = Arc::new(Ear {
            link: link.clone(),
            names: names.clone(),
            speakers: self.speakers.clone(),
            bound: self.bound.clone(),
            wants_all: self.wants_all.clone(),
        });
        let (gone, shutdown) = (gone.clone(), tasks.shutdown().clone());
        tasks.start("bus-news", OnError::Restart, move || {
            let (ear, gone, shutdown) = (Arc::clone(&ear), gone.clone(), shutdown.clone());
            async move {
                tokio::select! {
                    () = ear.hear_for_ever() => {}
                    () = gone.cancelled() => {}
                    () = shutdown.stopping() => {}
                }
                Ok::<(), Infallible>(())
            }
        });
    }
}

struct Ear {
    link: Link,
    names: Names,
    speakers: Speakers,
    bound: watch::Sender<Bound>,
    wants_all: watch::Sender<bool>,
}

/// A queue that is being listened to.
struct Open {
    channel: Channel,
    exchange: ShortString,
    queue: ShortString,
    consumer: Consumer,
}

impl Ear {
    async fn hear_for_ever(&self) {
        let mut heard_before = false;
        loop {
            match self.open().await {
                Ok(open) => {
                    if heard_before {
                        self.speakers.say(News::Missed { at_least: 1 });
                    }
                    heard_before = true;
                    self.bound.send_modify(|bound| bound.news = true);
                    if let Err(error) = self.hear(open).await {
                        tracing::debug!("hearing news was interrupted: {error}");
                    }
                    self.bound.send_replace(Bound::default());
                }
                Err(error) => {
                    // Where the link is down, it has said so itself.
                    if self.link.is_up() {
                        tracing::warn!("news cannot be heard ({error}); trying again");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn open(&self) -> lapin::Result<Open> {
        let channel = self.link.up().await.create_channel().await?;
        let exchange = self.names.news();
        names::declare_news(&channel, &exchange).await?;
        let queue = names::declare_ear(&channel, &exchange).await?;
        channel
            .basic_qos(PREFETCH, BasicQosOptions::default())
            .await?;
        let options = BasicConsumeOptions {
            exclusive: true,
            ..BasicConsumeOptions::default()
        };
        let consumer = channel
            .basic_consume(queue.clone(), "".into(), options, FieldTable::default())
            .await?;
        Ok(Open {
            channel,
            exchange,
            queue,
            consumer,
        })
    }

    async fn hear(&self, mut open: Open) -> lapin::Result<()> {
        let mut wants_all = self.wants_all.subscribe();
        let mut hears_all = false;
        loop {
            let delivery = tokio::select! {
                delivery = open.consumer.next() => delivery,
                () = until_wanted(&mut wants_all), if !hears_all => {
                    names::bind_ear(&open.channel, &open.exchange, &open.queue, Audience::Streams).await?;
                    hears_all = true;
                    self.bound.send_modify(|bound| bound.announcements = true);
                    continue;
                }
            };
            let Some(delivery) = delivery else {
                return Ok(());
            };
            let delivery = delivery?;
            self.speakers.say_lines(&delivery.data);
            if delivery.delivery_tag.is_multiple_of(ACKNOWLEDGE_EVERY) {
                open.channel
                    .basic_ack(delivery.delivery_tag, BasicAckOptions { multiple: true })
                    .await?;
            }
        }
    }
}

async fn until_wanted(wanted: &mut watch::Receiver<bool>) {
    // The sender lives as long as the ear.
    let _wanted = wanted.wait_for(|wanted| *wanted).await;
}

impl Speakers {
    /// Says each line of a message.
    fn say_lines(&self, lines: &[u8]) {
        for line in lines.split(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(news) => self.say(news),
                // Another version of Petrel may tell what this one does not know.
                Err(error) => {
                    tracing::warn!("a piece of news cannot be read and is passed over: {error}");
                }
            }
        }
    }

    fn say(&self, news: News) {
        let speaker = if news.is_for_streams() {
            &self.announcements
        } else {
            &self.news
        };
        // An error only says that nobody listens.
        let _listeners: Result<usize, _> = speaker.send(Arc::new(news));
    }
}
