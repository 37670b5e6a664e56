//! Datastore items.

use model::{KeyScope, KeyValue, Object};
use secrets::Vault;
use serde_json::{Value, json};

use super::time;
use crate::ApiError;

/// An item as StackStorm shows it. A secret's value is shown sealed, unless `decrypt` opens it.
pub(crate) fn key(vault: &Vault, item: &KeyValue, decrypt: bool) -> Result<Value, ApiError> {
    let opened = decrypt && item.is_secret;
    let value = if opened {
        vault.open(&item.value).map_err(|error| {
            ApiError::BadRequest(format!(
                "The key \"{}\" cannot be decrypted: {error}",
                item.name
            ))
        })?
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
        add("expire_timestamp", json!(time(expires)));
    }
    if let KeyScope::User(user) = &item.scope {
        add("user", json!(user));
    }
    add("id", json!(item.id));
    Ok(Value::Object(view))
}

/// StackStorm stores a user's items under `user:name`, and shows that in the uid.
fn stored_name(item: &KeyValue) -> String {
    match &item.scope {
        KeyScope::System => item.name.clone(),
        KeyScope::User(user) => format!("{user}:{}", item.name),
    }
}
