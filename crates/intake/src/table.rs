//! A live copy of the triggers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::{Trigger, TriggerType};

/// The triggers, their types, and who listens, as of one moment.
#[derive(Debug, Default)]
pub struct TriggerTable {
    /// Triggers by reference.
    pub triggers: HashMap<String, Arc<Trigger>>,
    /// Types by reference.
    pub types: HashMap<String, Arc<TriggerType>>,
    /// Webhook triggers by normalised url (no slash at either end).
    pub webhooks: HashMap<String, Arc<Trigger>>,
    /// References of the triggers that enabled rules listen to.
    pub wanted: HashSet<String>,
}
