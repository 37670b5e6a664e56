//! Who hears the news.

use std::sync::Arc;

use lifecycle::Shutdown;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::News;

/// How many pieces of news wait for a slow listener before it loses the oldest.
pub(crate) const BACKLOG: usize = 4096;

/// What keeps the bus alive while somebody listens.
pub(crate) type Keep = Arc<dyn std::fmt::Debug + Send + Sync>;

/// Hears the news.
#[derive(Debug)]
pub struct Listener {
    feed: broadcast::Receiver<Arc<News>>,
    /// Absent where announcements are not listened to.
    announcements: Option<broadcast::Receiver<Arc<News>>>,
    shutdown: Shutdown,
    _keep: Option<Keep>,
}

impl Listener {
    pub(crate) fn new(
        feed: broadcast::Receiver<Arc<News>>,
        announcements: Option<broadcast::Receiver<Arc<News>>>,
        shutdown: Shutdown,
        keep: Option<Keep>,
    ) -> Self {
        Self {
            feed,
            announcements,
            shutdown,
            _keep: keep,
        }
    }

    /// The next piece of news; `None` once the bus is closed for good. A call that is given up half-way loses
    /// nothing.
    pub async fn next(&mut self) -> Option<News> {
        let heard = tokio::select! {
            biased;
            heard = self.feed.recv() => heard,
            heard = next_of(self.announcements.as_mut()) => heard,
            () = self.shutdown.stopping() => return None,
        };
        match heard {
            Ok(news) => Some(Arc::unwrap_or_clone(news)),
            Err(RecvError::Lagged(at_least)) => Some(News::Missed { at_least }),
            Err(RecvError::Closed) => None,
        }
    }
}

async fn next_of(
    feed: Option<&mut broadcast::Receiver<Arc<News>>>,
) -> Result<Arc<News>, RecvError> {
    match feed {
        Some(feed) => feed.recv().await,
        None => std::future::pending().await,
    }
}
