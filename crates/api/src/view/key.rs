//! Datastore items.

use executions::key_view;
use model::KeyValue;
use secrets::Vault;
use serde_json::Value;

use crate::ApiError;

/// An item as StackStorm shows it. A secret's value is shown sealed, unless `decrypt` opens it.
pub(crate) fn key(vault: &Vault, item: &KeyValue, decrypt: bool) -> Result<Value, ApiError> {
    key_view(vault, item, decrypt).map_err(|error| {
        ApiError::BadRequest(format!(
            "The key \"{}\" cannot be decrypted: {error}",
            item.name
        ))
    })
}
