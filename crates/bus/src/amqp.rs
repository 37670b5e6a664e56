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
use feed::{Feed, Subscription};
use link::Link;
use names::Names;
use outbox::{Audience, Letter, Outbox};

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
                let audience = if news.is_for_streams() {
                    Audience::Streams
                } else {
                    Audience::Everybody
                };
                if !self.handles.news.put(Letter::news(audience, body)) {
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
        let feed =
            self.handles
                .feed
                .subscribe(&self.link, &self.names, &self.handles.gone, &self.tasks);
        let feed = self.unless_stopping(feed).await?;
        Ok(self.listener(feed, None))
    }

    pub(crate) async fn listen_to_all(&self) -> Result<Listener, BusError> {
        let feeds = self.handles.feed.subscribe_to_all(
            &self.link,
            &self.names,
            &self.handles.gone,
            &self.tasks,
        );
        let (feed, announcements) = self.unless_stopping(feeds).await?;
        Ok(self.listener(feed, Some(announcements)))
    }

    fn listener(&self, feed: Subscription, announcements: Option<Subscription>) -> Listener {
        let keep = Some(Arc::clone(&self.handles) as _);
        Listener::new(feed, announcements, self.tasks.shutdown().clone(), keep)
    }

    async fn unless_stopping<T>(&self, work: impl Future<Output = T>) -> Result<T, BusError> {
        tokio::select! {
            done = work => Ok(done),
            () = self.tasks.shutdown().stopping() => Err(BusError::ShuttingDown),
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
        let reason = if letter.body.len() > outbox::HEAVIEST {
            "a message is too large for a message broker"
        } else {
            "the message broker does not take messages as fast as they come"
        };
        if !self.handles.work.put(letter) {
            self.handles.losses.add(1, reason);
        }
    }
}
