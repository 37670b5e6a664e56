//! What the sensors of a process share when they start: turns, and the virtualenvs of their packs.

use std::path::Path;
use std::sync::Arc;

use python_worker::{Interpreter, VirtualenvError, Virtualenvs, Wanted};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::SensorOptions;
use crate::installation::Installation;
use crate::service::SensorResources;

/// Hundreds of sensors may be wanted at once; they start a few at a time.
#[derive(Debug)]
pub(crate) struct Workshop {
    virtualenvs: Virtualenvs,
    builds: Semaphore,
    starts: Arc<Semaphore>,
}

impl Workshop {
    pub(crate) fn new(options: &SensorOptions) -> Self {
        let at_once = options.starts_at_once.max(1);
        Self {
            virtualenvs: Virtualenvs::default(),
            builds: Semaphore::new(at_once),
            starts: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// A turn to start; it lasts until it is dropped.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // There is none only where turns are given no more, which does not happen.
        Arc::clone(&self.starts).acquire_owned().await.ok()
    }

    /// The Python of a pack, and the virtualenv that it is from, which is built where there is none for what the pack
    /// wants.
    pub(crate) async fn interpreter(
        &self,
        pack: &str,
        folder: &Path,
        resources: &SensorResources,
        options: &SensorOptions,
    ) -> Result<(Interpreter, Option<Installation>), VirtualenvError> {
        let _turn = self.builds.acquire().await;
        let packs = &resources.folders;
        let wanted = Wanted {
            pack,
            folder,
            tests: false,
            pythons: &options.pythons,
            environment: &options.environment,
        };
        let found = self.virtualenvs.of_pack(wanted, packs.pins(pack)).await?;
        if let Some(freeze) = found.freeze {
            packs.keep_pins(pack, folder, &freeze).await;
        }
        let installation = match &found.virtualenv {
            Some(virtualenv) => Some(Installation::of(virtualenv).await),
            None => None,
        };
        let interpreter = Interpreter::of_virtualenv(found.virtualenv, &options.pythons).await;
        Ok((interpreter, installation))
    }
}
