//! The news: heard once a process, and passed on to each of its listeners.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use lifecycle::{OnError, Tasks};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::link::Link;
use super::names::{self, Names};
use crate::News;
use crate::listener::BACKLOG;

/// How much news the broker sends ahead.
const PREFETCH: u16 = 1000;
/// Acknowledged together. The last few of a quiet time stay unacknowledged: the queue goes with the connection.
const ACKNOWLEDGE_EVERY: u64 = 100;
/// Between two attempts on a connection that is up.
const PAUSE: Duration = Duration::from_millis(500);

/// Passes news on. Silent until somebody subscribes.
#[derive(Debug)]
pub(crate) struct Feed {
    listeners: broadcast::Sender<Arc<News>>,
    /// Whether this process has a queue on the exchange now.
    bound: watch::Sender<bool>,
    started: AtomicBool,
}

impl Default for Feed {
    fn default() -> Self {
        let (listeners, _) = broadcast::channel(BACKLOG);
        Self {
            listeners,
            bound: watch::Sender::new(false),
            started: AtomicBool::new(false),
        }
    }
}

impl Feed {
    /// A subscription that hears everything told from now on. Waits for the broker.
    pub(crate) async fn subscribe(
        &self,
        link: &Link,
        names: &Names,
        gone: &CancellationToken,
        tasks: &Tasks,
    ) -> broadcast::Receiver<Arc<News>> {
        let subscription = self.listeners.subscribe();
        if !self.started.swap(true, Ordering::SeqCst) {
            self.start(link, names, gone, tasks);
        }
        // The sender lives as long as `self`.
        let mut bound = self.bound.subscribe();
        let _bound = bound.wait_for(|bound| *bound).await;
        subscription
    }

    fn start(&self, link: &Link, names: &Names, gone: &CancellationToken, tasks: &Tasks) {
        let ear = Arc::new(Ear {
            link: link.clone(),
            names: names.clone(),
            listeners: self.listeners.clone(),
            bound: self.bound.clone(),
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
    listeners: broadcast::Sender<Arc<News>>,
    bound: watch::Sender<bool>,
}

impl Ear {
    async fn hear_for_ever(&self) {
        let mut heard_before = false;
        loop {
            match self.open().await {
                Ok((channel, consumer)) => {
                    if heard_before {
                        self.pass_on(News::Missed { at_least: 1 });
                    }
                    heard_before = true;
                    self.bound.send_replace(true);
                    if let Err(error) = self.hear(&channel, consumer).await {
                        tracing::debug!("hearing news was interrupted: {error}");
                    }
                    self.bound.send_replace(false);
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

    async fn open(&self) -> lapin::Result<(Channel, Consumer)> {
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
            .basic_consume(queue, "".into(), options, FieldTable::default())
            .await?;
        Ok((channel, consumer))
    }

    async fn hear(&self, channel: &Channel, mut consumer: Consumer) -> lapin::Result<()> {
        while let Some(delivery) = consumer.next().await {
            let delivery = delivery?;
            match serde_json::from_slice(&delivery.data) {
                Ok(news) => self.pass_on(news),
                // Another version of Petrel may tell what this one does not know.
                Err(error) => {
                    tracing::warn!("a piece of news cannot be read and is passed over: {error}");
                }
            }
            if delivery.delivery_tag.is_multiple_of(ACKNOWLEDGE_EVERY) {
                channel
                    .basic_ack(delivery.delivery_tag, BasicAckOptions { multiple: true })
                    .await?;
            }
        }
        Ok(())
    }

    fn pass_on(&self, news: News) {
        // An error only says that nobody listens.
        let _listeners: Result<usize, _> = self.listeners.send(Arc::new(news));
    }
}
