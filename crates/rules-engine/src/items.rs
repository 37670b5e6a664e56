//! The items of the datastore that a batch of events may read.

use std::collections::HashMap;
use std::fmt;

use expr::{Datastore, Scope};
use model::KeyValue;
use secrets::Vault;

/// Items read beforehand.
pub(crate) struct Items {
    values: HashMap<String, String>,
    vault: Vault,
}

/// The names only: values may be secret.
impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Items {
    pub(crate) fn new(vault: Vault) -> Self {
        Self {
            values: HashMap::new(),
            vault,
        }
    }

    pub(crate) fn extend(&mut self, items: impl IntoIterator<Item = KeyValue>) {
        self.values
            .extend(items.into_iter().map(|item| (item.name, item.value)));
    }
}

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        match scope {
            Scope::System => self.values.get(name).cloned(),
            Scope::User => None,
        }
    }

    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        self.vault.open(sealed).map_err(|error| error.to_string())
    }
}
