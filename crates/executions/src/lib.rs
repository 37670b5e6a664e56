//! What API, rules, workflows and chat all do with executions: check, render, mask, request, cancel, re-run.
//!
//! The one place where parameters meet their schemas and where secrets are sealed and masked.

mod cancel;
mod finish;
mod mask;
mod parameters;
mod request;
mod rerun;

pub use cancel::CancelError;
pub use finish::Outcome;
pub use mask::mask_result;
pub use parameters::{FinalParameters, ParameterError, cast, render_final, render_live};
pub use request::{ExecutionRequest, RequestError};
pub use rerun::{RerunError, RerunOptions};

use std::sync::Arc;

use bus::Bus;
use intake::Intake;
use lifecycle::Clock;
use model::IdSource;
use secrets::Vault;
use store::Store;

/// The operations on executions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Executions {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    pub(crate) ids: Arc<IdSource>,
    pub(crate) intake: Intake,
}

impl Executions {
    /// Operations on this store, announced on this bus.
    #[must_use]
    pub fn new(store: Store, bus: Bus, vault: Vault, clock: Clock, ids: Arc<IdSource>, intake: Intake) -> Self {
        Self { store, bus, vault, clock, ids, intake }
    }
}
