//! The bus through a RabbitMQ server.
//!
//! One connection a process, looked after by [`link`]; one channel for announcing work and one for telling news
//! ([`publisher`], fed by an [`outbox`]); a channel for each worker ([`worker`], whose acknowledgements go through a
//! [`ledger`]); one for hearing the news ([`feed`]).
//!
//! The client library's own recovery is switched off: each of these opens its channel again when the link is up
//! again, which also covers a broker that forgot queues, and every failed attempt can be logged.

mod feed;
mod ledger;
mod link;
mod names;
mod outbox;
mod publisher;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use lifecycle::Tasks;
use tokio_util::sync::CancellationToken;

pub(crate) use ledger::Ticket;
pub(crate) use worker::AmqpWorker;

use crate::losses::Losses;
use crate::{BusError, Listener, Message, News};
use feed::Feed;
use link::Link;
use names::Names;
use outbox::{Letter, Outbox};

/// What a message may weigh before it is announced in two.
const LARGE: usize = 1_000_000;

#[derive(Debug, Clone)]
pub(crate) struct AmqpBus {
    link: Link,
    names: Names,
    handles: Arc<Handles>,
    tasks: Tasks,
}

/// Shared by everything that somebody holds of the bus. When the last goes, the bus ends.
#[derive(Debug)]
pub(crate) struct Handles {
    work: Arc<Outbox>,
    news: Arc<Outbox>,
    losses: Arc<Losses>,
    feed: Feed,
    gone: CancellationToken,
}

impl Drop for Handles {
    fn drop(&mut self) {
        self.work.close();
        self.news.close();
        self.gone.cancel();
    }
}

impl AmqpBus {
    pub(crate) async fn connect(
        url: &str,
        prefix: &str,
        deadline: Option<Duration>,
        tasks: &Tasks,
    ) -> Result<Self, BusError> {
        let link = Link::start(url, tasks)?;
        link.wait_at_start(deadline, tasks.shutdown()).await?;
        let handles = Handles {
            work: Arc::new(Outbox::default()),
            news: Arc::new(Outbox::default()),
            losses: Arc::default(),
            feed: Feed::default(),
            gone: CancellationToken::new(),
        };
        let names = Names::new(prefix);
        for outbox in [&handles.work, &handles.news] {
            publisher::start(
                link.clone(),
                names.clone(),
                Arc::clone(outbox),
                Arc::clone(&handles.losses),
                tasks,
            );
        }
        Ok(Self {
            link,
            names,
            handles: Arc::new(handles),
            tasks: tasks.clone(),
        })
    }

    pub(crate) fn announce<M: Message>(&self, message: &M) {
        match serde_json::to_vec(message) {
            Ok(body) if body.len() > LARGE => match message.halves() {
                Some((first, second)) => {
                    self.announce(&first);
                    self.announce(&second);
                }
                None => self.post(Letter::work(M::TOPIC, body)),
            },
            Ok(body) => self.post(Letter::work(M::TOPIC, body)),
            Err(error) => self.handles.losses.add(
                1,
                &format!("a message of `{}` has no JSON form: {error}", M::TOPIC),
            ),
        }
    }

    pub(crate) fn tell(&self, news: &News) {
        match serde_json::to_vec(news) {
            Ok(body) => {
                // Nobody sweeps for news, so its loss is not counted with that of work.
                if !self.handles.news.put(Letter::news(body)) {
                    tracing::debug!(
                        "news was dropped: the message broker takes none at the moment"
                    );
                }
            }
            Err(error) => tracing::error!("news has no JSON form: {error}"),
        }
    }

    pub(crate) async fn work<M: Message>(&self, prefetch: u16) -> AmqpWorker<M> {
        let queue = self.names.queue(M::TOPIC);
        let keep = Arc::clone(&self.handles);
        AmqpWorker::open(self.link.clone(), queue, prefetch, keep, &self.tasks).await
    }

    pub(crate) async fn listen(&self) -> Result<Listener, BusError> {
        let shutdown = self.tasks.shutdown();
        let feed =
            self.handles
                .feed
                .subscribe(&self.link, &self.names, &self.handles.gone, &self.tasks);
        tokio::select! {
            feed = feed => Ok(Listener::new(feed, shutdown.clone(), Some(Arc::clone(&self.handles) as _))),
            () = shutdown.stopping() => Err(BusError::ShuttingDown),
        }
    }

    pub(crate) async fn flush(&self) {
        tokio::join!(self.handles.work.flush(), self.handles.news.flush());
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.link.is_up()
    }

    pub(crate) fn given_up(&self) -> u64 {
        self.handles.losses.total()
    }

    fn post(&self, letter: Letter) {
        if !self.handles.work.put(letter) {
            self.handles.losses.add(
                1,
                "the message broker does not take messages as fast as they come",
            );
        }
    }
}
