//! Configurations of packs.

use model::PackConfig;
use secrets::Vault;
use serde_json::{Value, json};

use super::secret::{mask, open};

/// A configuration, its secrets masked unless they are to be shown.
pub(crate) fn config(vault: &Vault, config: PackConfig, show: bool) -> Value {
    let mut values = Value::Object(config.values);
    if show {
        open(vault, &mut values);
    } else {
        mask(&mut values);
    }
    json!({"pack": config.pack, "values": values, "id": config.id})
}
