//! Group commit: many events, one transaction.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lifecycle::Shutdown;
use model::TriggerInstance;
use store::StoreError;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::accept::Inner;
use crate::announce;

/// An event whose sender waits to hear that it is stored.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) instance: TriggerInstance,
    pub(crate) answer: oneshot::Sender<Result<(), Arc<StoreError>>>,
}

/// Where events wait; behind a lock so that the task can be started again.
pub(crate) type Queue = Mutex<mpsc::Receiver<Waiting>>;

impl Inner {
    /// Stores whatever waits, group after group. After the shutdown began nothing new is let in; what waits is stored.
    pub(crate) async fn store_groups(&self, queue: &Queue, shutdown: &Shutdown) {
        let mut queue = queue.lock().await;
        let mut group = Vec::with_capacity(self.options.group);
        loop {
            let taken = tokio::select! {
                taken = queue.recv_many(&mut group, self.options.group) => taken,
                () = shutdown.draining(), if !queue.is_closed() => {
                    queue.close();
                    continue;
                }
            };
            if taken == 0 {
                return;
            }
            self.store_group(std::mem::take(&mut group)).await;
        }
    }

    async fn store_group(&self, group: Vec<Waiting>) {
        let (instances, answers): (Vec<_>, Vec<_>) = group
            .into_iter()
            .map(|waiting| (waiting.instance, waiting.answer))
            .unzip();
        match self.store.add_trigger_instances(&instances).await {
            Ok(()) => {
                for answer in answers {
                    reply(answer, Ok(()));
                }
                self.stored(instances);
            }
            // One event that the database refuses must not take its neighbours along.
            Err(StoreError::Refused(error)) if instances.len() > 1 => {
                tracing::warn!(
                    "a group of {} events was refused, storing each alone: {error}",
                    instances.len()
                );
                self.store_each(instances, answers).await;
            }
            Err(error) => {
                let error = Arc::new(error);
                for answer in answers {
                    reply(answer, Err(Arc::clone(&error)));
                }
            }
        }
    }

    async fn store_each(
        &self,
        instances: Vec<TriggerInstance>,
        answers: Vec<oneshot::Sender<Result<(), Arc<StoreError>>>>,
    ) {
        let mut stored = Vec::with_capacity(instances.len());
        for (instance, answer) in instances.into_iter().zip(answers) {
            let result = self
                .store
                .add_trigger_instances(std::slice::from_ref(&instance))
                .await;
            if result.is_ok() {
                stored.push(instance);
            }
            reply(answer, result.map_err(Arc::new));
        }
        self.stored(stored);
    }

    fn stored(&self, instances: Vec<TriggerInstance>) {
        self.pending
            .fetch_add(instances.len() as u64, Ordering::Relaxed);
        self.announce(instances);
    }

    /// Announces stored instances to the rules engines.
    pub(crate) fn announce(&self, instances: Vec<TriggerInstance>) {
        for message in announce::messages(instances) {
            self.bus.announce(message);
        }
    }
}

fn reply(
    answer: oneshot::Sender<Result<(), Arc<StoreError>>>,
    result: Result<(), Arc<StoreError>>,
) {
    if answer.send(result).is_err() {
        tracing::debug!("a sender went away before its event was stored");
    }
}
