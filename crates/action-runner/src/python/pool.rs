//! The warm parents that are kept: few, and none for long without work.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use python_worker::{Interpreter, Virtualenvs, WorkerError};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::options::RunnerOptions;
use crate::python::fork::{Fork, ForkError};
use crate::python::parent::{Parent, ParentError};

/// A parent that is gone may have been idle for too long at that very moment; then another one is asked.
const TRIES: usize = 3;

/// How often idle parents are looked for at most.
const SHORTEST_TICK: Duration = Duration::from_millis(10);

/// The warm parents of a runner.
#[derive(Debug)]
pub(crate) struct Parents {
    /// Those of packs.
    pub(super) virtualenvs: Virtualenvs,
    options: RunnerOptions,
    worker: OnceCell<PathBuf>,
    kept: Mutex<HashMap<Interpreter, Arc<Place>>>,
}

/// Where a parent is, or will be.
#[derive(Debug)]
struct Place {
    parent: OnceCell<Arc<Parent>>,
    used: Mutex<Instant>,
}

/// Why an execution has no process.
#[derive(Debug, thiserror::Error)]
pub(super) enum PoolError {
    #[error(transparent)]
    Worker(#[from] WorkerError),
    #[error(transparent)]
    Parent(#[from] ParentError),
    #[error(transparent)]
    Fork(#[from] ForkError),
}

impl Parents {
    /// None yet.
    pub(crate) fn new(options: RunnerOptions) -> Self {
        Self {
            virtualenvs: Virtualenvs::default(),
            options,
            worker: OnceCell::new(),
            kept: Mutex::default(),
        }
    }

    /// The folder of the Python worker, written at first use.
    pub(super) async fn worker(&self) -> Result<&Path, WorkerError> {
        let write = || python_worker::written(&self.options.python.pythons.folder);
        Ok(self.worker.get_or_try_init(write).await?)
    }

    /// A fork of this interpreter's parent for a request; a parent is started where there is none.
    pub(super) async fn fork(
        &self,
        interpreter: &Interpreter,
        request: &[u8],
    ) -> Result<Fork, PoolError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let place = self.place(interpreter);
            let parent = match self.parent(&place, interpreter).await {
                Ok(parent) => parent,
                Err(error) => {
                    self.forget(interpreter, &place);
                    return Err(error);
                }
            };
            match Fork::of(&parent, request).await {
                Err(ForkError::Gone | ForkError::Late(_)) if tries < TRIES => {
                    self.forget(interpreter, &place);
                }
                other => return Ok(other?),
            }
        }
    }

    async fn parent(
        &self,
        place: &Place,
        interpreter: &Interpreter,
    ) -> Result<Arc<Parent>, PoolError> {
        let worker = self.worker().await?;
        let start = || async {
            let parent = Parent::start(interpreter, worker, &self.options.environment).await?;
            Ok::<_, ParentError>(Arc::new(parent))
        };
        Ok(Arc::clone(place.parent.get_or_try_init(start).await?))
    }

    /// The place of an interpreter's parent; others must go where there are too many.
    fn place(&self, interpreter: &Interpreter) -> Arc<Place> {
        let mut kept = self.kept.lock();
        if let Some(place) = kept.get(interpreter) {
            *place.used.lock() = Instant::now();
            return Arc::clone(place);
        }
        while kept.len() >= self.options.python.max_parents.max(1) {
            let Some(next) = next_to_go(&kept) else { break };
            kept.remove(&next);
        }
        let place = Arc::new(Place {
            parent: OnceCell::new(),
            used: Mutex::new(Instant::now()),
        });
        kept.insert(interpreter.clone(), Arc::clone(&place));
        place
    }

    fn forget(&self, interpreter: &Interpreter, place: &Arc<Place>) {
        let mut kept = self.kept.lock();
        if kept
            .get(interpreter)
            .is_some_and(|current| Arc::ptr_eq(current, place))
        {
            kept.remove(interpreter);
        }
    }

    /// Lets idle parents go, until `done`.
    pub(crate) async fn tend(&self, done: &CancellationToken) {
        let idle = self.options.python.idle;
        let mut tick = tokio::time::interval((idle / 4).max(SHORTEST_TICK));
        while done.run_until_cancelled(tick.tick()).await.is_some() {
            self.kept
                .lock()
                .retain(|_, place| is_busy(place) || place.used.lock().elapsed() < idle);
        }
    }
}

/// Idle ones go before busy ones, which stay until their executions have ended; of these, what was used longest ago.
fn next_to_go(kept: &HashMap<Interpreter, Arc<Place>>) -> Option<Interpreter> {
    kept.iter()
        .min_by_key(|(_, place)| (is_busy(place), *place.used.lock()))
        .map(|(interpreter, _)| interpreter.clone())
}

/// Whether somebody else holds the parent: an execution that runs, or one that is about to.
fn is_busy(place: &Arc<Place>) -> bool {
    Arc::strong_count(place) > 1
        || place
            .parent
            .get()
            .is_some_and(|parent| Arc::strong_count(parent) > 1)
}
