//! What API, rules, workflows and chat all do with executions: check, render, mask, request, cancel, re-run.
//!
//! The one place where parameters meet their schemas and where secrets are sealed and masked. It runs nothing, and it
//! decides nothing about when something runs: runners and the scheduler do.

mod broadcast;
mod by_hand;
mod cancel;
mod context;
mod datastore;
mod finish;
mod follow_up;
mod inquiry;
mod inspect;
mod keys;
mod limits;
mod mask;
mod output;
mod pack_folders;
mod parameters;
mod pause;
mod plan;
mod policies;
mod progress;
mod request;
mod rerun;
mod retry;
mod settings;
mod settle;
mod tasks;

pub use cancel::CancelError;
pub use finish::{End, Outcome};
pub use inquiry::{INQUIRER, QuestionError, RespondError, Responder, inquiry_view, question};
pub use keys::key_view;
pub use mask::mask_result;
pub use pack_folders::{PackError, PackFolders};
pub use parameters::{FinalParameters, ParameterError, cast, render_final, render_live};
pub use pause::PauseError;
pub use progress::progress;
pub use request::{ExecutionRequest, RequestError};
pub use rerun::{RerunError, RerunOptions};
pub use settle::SettleError;

use std::sync::Arc;

use bus::Bus;
use intake::Intake;
use lifecycle::Clock;
use model::IdSource;
use secrets::Vault;
use store::Store;

/// The operations on executions. Cheap to clone; clones share what they hold of the store's definitions.
#[derive(Debug, Clone)]
pub struct Executions {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    pub(crate) ids: Arc<IdSource>,
    pub(crate) intake: Intake,
    pub(crate) plans: Arc<plan::Plans>,
    pub(crate) templates: Arc<parameters::Templates>,
}

impl Executions {
    /// Operations on this store, announced on this bus.
    #[must_use]
    pub fn new(
        store: Store,
        bus: Bus,
        vault: Vault,
        clock: Clock,
        ids: Arc<IdSource>,
        intake: Intake,
    ) -> Self {
        Self {
            store,
            bus,
            vault,
            clock,
            ids,
            intake,
            plans: Arc::default(),
            templates: Arc::default(),
        }
    }
}

#[cfg(test)]
mod tests;
