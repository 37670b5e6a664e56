//! What every handler can reach.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use auth::Authenticator;
use bus::Bus;
use executions::Executions;
use intake::Intake;
use lifecycle::{Clock, Shutdown};
use metrics_exporter_prometheus::PrometheusHandle;
use model::IdSource;
use secrets::Vault;
use store::Store;

use crate::aliases::LiveAliases;

/// The API's parts. Cheap to clone: all clones share them.
#[derive(Debug, Clone)]
pub struct Api(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    parts: ApiParts,
    aliases: LiveAliases,
}

/// What the API works with.
#[derive(Debug)]
pub struct ApiParts {
    /// Everything that is remembered.
    pub store: Store,
    /// Where changes are announced, and streams hear of them.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Arc<IdSource>,
    /// Opens and seals secrets.
    pub vault: Vault,
    /// The operations on executions.
    pub executions: Executions,
    /// Takes events in.
    pub intake: Intake,
    /// Knows callers.
    pub authenticator: Authenticator,
    /// Streams end when it drains.
    pub shutdown: Shutdown,
    /// Renders `/metrics`; without it the path answers 404.
    pub metrics: Option<PrometheusHandle>,
    /// Settings.
    pub options: ApiOptions,
}

/// Settings of the API.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// Larger bodies are refused (413). Bytes.
    pub body_limit: usize,
    /// `limit` above this is for administrators.
    pub max_page_size: u32,
    /// `limit=-1` of a history (executions, trigger instances, enforcements, traces) gives at most so many.
    pub history_ceiling: u32,
    /// Secrets are masked in answers unless `show_secrets` is asked for by somebody who may.
    pub mask_secrets: bool,
    /// Where people see executions: `web_url` of answers begins so.
    pub web_url: String,
    /// Origins that browsers may call from, beside StackStorm's defaults; `*` is any.
    pub allowed_origins: Vec<String>,
    /// Folders that packs are read from, in order.
    pub pack_folders: Vec<PathBuf>,
    /// The folder of the packs that the engine brings; each counts where none of the other folders has it.
    pub system_packs: Option<PathBuf>,
    /// The folder of `PACK.yaml` files that configure packs, where there is one.
    pub config_folder: Option<PathBuf>,
    /// Where the content of installed packs is unpacked, on every node.
    pub installed_packs: Option<PathBuf>,
    /// Indexes of packs that can be installed: URLs or files. Of two packs with one name that of the first counts.
    pub pack_indexes: Vec<String>,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            body_limit: 32 * 1024 * 1024,
            max_page_size: 100,
            history_ceiling: 10_000,
            mask_secrets: true,
            web_url: "http://127.0.0.1:9101".to_owned(),
            allowed_origins: Vec::new(),
            pack_folders: Vec::new(),
            system_packs: None,
            config_folder: None,
            installed_packs: None,
            pack_indexes: Vec::new(),
        }
    }
}

impl Api {
    /// An API of these parts.
    #[must_use]
    pub fn new(parts: ApiParts) -> Self {
        Self(Arc::new(Shared {
            parts,
            aliases: LiveAliases::default(),
        }))
    }

    /// What is held of the store's aliases.
    pub(crate) fn live_aliases(&self) -> &LiveAliases {
        &self.0.aliases
    }
}

impl Deref for Api {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.0.parts
    }
}
