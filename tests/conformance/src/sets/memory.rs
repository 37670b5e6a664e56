//! A datastore made of a case's `kv`.

use std::sync::Arc;

use expr::{Datastore, Scope};
use pyvalue::Value;
use serde_json::{Map, Value as Json};

/// Items of both scopes.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) system: Map<String, Json>,
    /// Of the user, where there is one.
    pub(crate) user: Option<Map<String, Json>>,
}

impl Memory {
    /// From `{"system": {...}, "user": {USER: {...}}}`.
    pub(crate) fn of_scopes(kv: &Json, user: Option<&str>) -> Arc<dyn Datastore> {
        let items = |value: &Json| value.as_object().cloned().unwrap_or_default();
        Arc::new(Self {
            system: items(&kv["system"]),
            user: user.map(|user| items(&kv["user"][user])),
        })
    }

    /// From `{"system.NAME": ..., "user.USER.NAME": ...}`.
    pub(crate) fn of_keys(kv: &Map<String, Json>, user: &str) -> Arc<dyn Datastore> {
        let below = |prefix: &str| -> Map<String, Json> {
            let items = kv.iter().filter_map(|(key, value)| {
                Some((key.strip_prefix(prefix)?.to_owned(), value.clone()))
            });
            items.collect()
        };
        Arc::new(Self {
            system: below("system."),
            user: Some(below(&format!("user.{user}."))),
        })
    }

    fn item(&self, scope: Scope, name: &str) -> Option<&Json> {
        match scope {
            Scope::System => self.system.get(name),
            Scope::User => self.user.as_ref()?.get(name),
        }
    }
}

impl Datastore for Memory {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        self.item(scope, name)?.as_str().map(str::to_owned)
    }

    /// Nothing is sealed in the recordings.
    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        Ok(sealed.to_owned())
    }

    fn has_user(&self) -> bool {
        self.user.is_some()
    }

    fn value(&self, scope: Scope, name: &str) -> Option<Value> {
        self.item(scope, name).map(Value::from_json)
    }
}
