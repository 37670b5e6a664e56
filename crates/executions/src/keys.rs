//! Changes of the datastore, and the triggers `core.st2.key_value_pair.*` that tell of them. Secrets stay sealed there.

use intake::{Event, Target};
use model::{KeyScope, KeyValue, Object};
use secrets::{OpenError, Vault};
use serde_json::{Value, json};
use store::StoreError;

use crate::Executions;

impl Executions {
    /// Stores an item. Gives back what was replaced, and the item as it is now: it keeps the id of what it replaces.
    pub async fn put_key(
        &self,
        mut item: KeyValue,
    ) -> Result<(Option<KeyValue>, KeyValue), StoreError> {
        let old = self.store.put_key(&item).await?;
        if let Some(old) = &old {
            item.id = old.id;
            self.tell_key("update", &[("object", &item)]).await;
            if has_other_value(&self.vault, old, &item) {
                self.tell_key(
                    "value_change",
                    &[("old_object", old), ("new_object", &item)],
                )
                .await;
            }
        } else {
            self.tell_key("create", &[("object", &item)]).await;
        }
        Ok((old, item))
    }

    /// Removes an item, and gives it back.
    pub async fn delete_key(
        &self,
        scope: &KeyScope,
        name: &str,
    ) -> Result<Option<KeyValue>, StoreError> {
        let removed = self.store.delete_key(scope, name).await?;
        if let Some(removed) = &removed {
            self.tell_key("delete", &[("object", removed)]).await;
        }
        Ok(removed)
    }

    /// Only where a rule listens. The change stands whatever becomes of the event: a failure is logged.
    async fn tell_key(&self, what: &str, items: &[(&str, &KeyValue)]) {
        let trigger = format!("core.st2.key_value_pair.{what}");
        if !self.intake.is_wanted(&trigger) {
            return;
        }
        let payload = items.iter().map(|(name, item)| {
            let item =
                key_view(&self.vault, item, false).unwrap_or_else(|_| json!({"name": item.name}));
            ((*name).to_owned(), item)
        });
        let event = Event {
            target: Target::Reference(trigger.clone()),
            payload: Value::Object(payload.collect()),
            trace: None,
            caused_by: None,
        };
        if let Err(error) = self.intake.accept(event).await {
            tracing::error!(trigger.ref = trigger, "a change of the datastore could not be told to rules: {error}");
        }
    }
}

/// A secret is sealed differently each time: what counts is what was sealed.
fn has_other_value(vault: &Vault, old: &KeyValue, new: &KeyValue) -> bool {
    let plain = |item: &KeyValue| {
        if item.is_secret {
            vault.open(&item.value).ok()
        } else {
            Some(item.value.clone())
        }
    };
    plain(old) != plain(new)
}

/// An item as `StackStorm` shows it. A secret's value is shown sealed, unless `decrypt` opens it.
pub fn key_view(vault: &Vault, item: &KeyValue, decrypt: bool) -> Result<Value, OpenError> {
    let opened = decrypt && item.is_secret;
    let value = if opened {
        vault.open(&item.value)?
    } else {
        item.value.clone()
    };
    let mut view = Object::new();
    let mut add = |name: &str, value: Value| view.insert(name.to_owned(), value);
    add(
        "uid",
        json!(format!(
            "key_value_pair:{}:{}",
            item.scope.wire_name(),
            stored_name(item)
        )),
    );
    add("scope", json!(item.scope.wire_name()));
    add("name", json!(item.name));
    add("value", json!(value));
    add("secret", json!(item.is_secret));
    add("encrypted", json!(item.is_secret && !opened));
    if let Some(expires) = item.expires_at {
        let expires = expires.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        add("expire_timestamp", json!(expires));
    }
    if let KeyScope::User(user) = &item.scope {
        add("user", json!(user));
    }
    add("id", json!(item.id));
    Ok(Value::Object(view))
}

/// `StackStorm` stores a user's items under `user:name`, and shows that in the uid.
fn stored_name(item: &KeyValue) -> String {
    match &item.scope {
        KeyScope::System => item.name.clone(),
        KeyScope::User(user) => format!("{user}:{}", item.name),
    }
}
