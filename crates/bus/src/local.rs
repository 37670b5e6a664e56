//! The bus of one process: queues in memory, nothing serialised.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use lifecycle::Shutdown;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast};

use crate::listener::BACKLOG;
use crate::losses::Losses;
use crate::{Listener, Message, News};

/// How many messages of a topic wait for its workers; more are left to the sweeps.
const CAPACITY: usize = 10_000;

#[derive(Debug, Clone)]
pub(crate) struct LocalBus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// A [`Topic`] for each type of message.
    topics: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
    news: broadcast::Sender<Arc<News>>,
    announcements: broadcast::Sender<Arc<News>>,
    losses: Losses,
    shutdown: Shutdown,
}

impl LocalBus {
    pub(crate) fn new(shutdown: Shutdown) -> Self {
        let (news, _) = broadcast::channel(BACKLOG);
        let (announcements, _) = broadcast::channel(BACKLOG);
        Self(Arc::new(Inner {
            topics: Mutex::default(),
            news,
            announcements,
            losses: Losses::default(),
            shutdown,
        }))
    }

    pub(crate) fn announce<M: Message>(&self, message: M) {
        if !self.topic::<M>().add(message) {
            self.0.losses.add(
                1,
                &format!(
                    "{CAPACITY} messages of `{}` wait for workers already",
                    M::TOPIC
                ),
            );
        }
    }

    pub(crate) fn tell(&self, news: News) {
        let feed = if news.is_for_streams() {
            &self.0.announcements
        } else {
            &self.0.news
        };
        // An error only says that nobody listens.
        let _listeners: Result<usize, _> = feed.send(Arc::new(news));
    }

    pub(crate) fn has_audience(&self) -> bool {
        self.0.announcements.receiver_count() > 0
    }

    pub(crate) fn work<M: Message>(&self, prefetch: u16) -> LocalWorker<M> {
        LocalWorker {
            topic: self.topic(),
            permits: Arc::new(Semaphore::new(usize::from(prefetch.max(1)))),
            shutdown: self.0.shutdown.clone(),
        }
    }

    pub(crate) fn listen(&self) -> Listener {
        Listener::new(self.0.news.subscribe(), None, self.0.shutdown.clone(), None)
    }

    pub(crate) fn listen_to_all(&self) -> Listener {
        let announcements = Some(self.0.announcements.subscribe());
        Listener::new(
            self.0.news.subscribe(),
            announcements,
            self.0.shutdown.clone(),
            None,
        )
    }

    pub(crate) fn given_up(&self) -> u64 {
        self.0.losses.total()
    }

    fn topic<M: Message>(&self) -> Arc<Topic<M>> {
        let mut topics = lock(&self.0.topics);
        let topic = topics
            .entry(TypeId::of::<M>())
            .or_insert_with(|| Box::new(Arc::new(Topic::<M>::new())));
        topic
            .downcast_ref::<Arc<Topic<M>>>()
            .expect("the key is the type")
            .clone()
    }
}

/// The messages of a type that wait for a worker, in the order in which they were announced.
#[derive(Debug)]
struct Topic<M> {
    queue: Mutex<Queue<M>>,
    arrived: Notify,
}

#[derive(Debug)]
struct Queue<M> {
    announced: u64,
    /// By number, so that what comes back takes its old place.
    waiting: BTreeMap<u64, Arc<M>>,
}

impl<M> Topic<M> {
    fn new() -> Self {
        Self {
            queue: Mutex::new(Queue {
                announced: 0,
                waiting: BTreeMap::new(),
            }),
            arrived: Notify::new(),
        }
    }

    /// False where the topic is full.
    fn add(&self, message: M) -> bool {
        let mut queue = lock(&self.queue);
        if queue.waiting.len() >= CAPACITY {
            return false;
        }
        queue.announced += 1;
        let number = queue.announced;
        queue.waiting.insert(number, Arc::new(message));
        drop(queue);
        self.arrived.notify_one();
        true
    }

    fn put_back(&self, number: u64, message: Arc<M>) {
        lock(&self.queue).waiting.insert(number, message);
        self.arrived.notify_one();
    }

    fn take(&self) -> Option<(u64, Arc<M>)> {
        lock(&self.queue).waiting.pop_first()
    }
}

impl<M: Message> Topic<M> {
    async fn wait(&self) -> (u64, Arc<M>) {
        loop {
            let arrived = self.arrived.notified();
            if let Some(taken) = self.take() {
                return taken;
            }
            arrived.await;
        }
    }
}

#[derive(Debug)]
pub(crate) struct LocalWorker<M: Message> {
    topic: Arc<Topic<M>>,
    permits: Arc<Semaphore>,
    shutdown: Shutdown,
}

impl<M: Message> LocalWorker<M> {
    pub(crate) async fn next(&mut self) -> Option<(M, Ticket<M>)> {
        let taken = async {
            let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
            Some((permit, self.topic.wait().await))
        };
        tokio::select! {
            biased;
            () = self.shutdown.stopping() => None,
            taken = taken => taken.map(|(permit, taken)| self.hand_out(permit, taken)),
        }
    }

    pub(crate) fn try_next(&mut self) -> Option<(M, Ticket<M>)> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .now_or_never()?
            .ok()?;
        let taken = self.topic.take()?;
        Some(self.hand_out(permit, taken))
    }

    fn hand_out(
        &self,
        permit: OwnedSemaphorePermit,
        (number, message): (u64, Arc<M>),
    ) -> (M, Ticket<M>) {
        let copy = M::clone(&message);
        let topic = Arc::clone(&self.topic);
        (
            copy,
            Ticket {
                number,
                message: Some(message),
                topic,
                _permit: permit,
            },
        )
    }
}

/// Puts the message back unless it is done.
#[derive(Debug)]
pub(crate) struct Ticket<M> {
    number: u64,
    message: Option<Arc<M>>,
    topic: Arc<Topic<M>>,
    _permit: OwnedSemaphorePermit,
}

impl<M> Ticket<M> {
    pub(crate) fn done(mut self) {
        self.message = None;
    }
}

impl<M> Drop for Ticket<M> {
    fn drop(&mut self) {
        if let Some(message) = self.message.take() {
            self.topic.put_back(self.number, message);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
