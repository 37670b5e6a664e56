//! Secrets in what is shown: masked, unless they are asked for by somebody who may see them.

use auth::Caller;
use model::{ActionSnapshot, Object};
use secrets::{MASK, Vault};
use serde_json::Value;

use crate::Api;
use crate::extract::Params;

/// Whether this request gets to see secrets.
pub(crate) fn may_show_secrets(api: &Api, caller: &Caller, params: &Params) -> bool {
    !api.options.mask_secrets || (params.flag("show_secrets") && caller.is_admin)
}

/// Opens every sealed value in a tree. What another key sealed is masked.
pub(super) fn open(vault: &Vault, value: &mut Value) {
    match value {
        Value::String(text) if Vault::is_sealed(text) => {
            *value = vault
                .open_value(value)
                .unwrap_or_else(|_| Value::String(MASK.to_owned()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| open(vault, item)),
        Value::Object(members) => members.values_mut().for_each(|member| open(vault, member)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Masks every sealed value in a tree.
pub(super) fn mask(value: &mut Value) {
    match value {
        Value::String(text) if Vault::is_sealed(text) => MASK.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => members.values_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Masks the members that the action or its runner declares secret (a rule's parameters for it).
pub(super) fn mask_declared(parameters: &mut Object, snapshot: &ActionSnapshot) {
    for (name, value) in parameters {
        let is_secret = |schemas: &Object| {
            schemas
                .get(name)
                .is_some_and(|schema| schema["secret"] == true)
        };
        if is_secret(&snapshot.action.parameters) || is_secret(&snapshot.runner.runner_parameters) {
            *value = Value::String(MASK.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn opens_sealed_values_wherever_they_stand() {
        let vault = Vault::ephemeral();
        let mut value = json!({"a": [vault.seal_value(&json!({"b": 1}))], "c": "plain"});

        open(&vault, &mut value);

        assert_eq!(value, json!({"a": [{"b": 1}], "c": "plain"}));
    }

    #[test]
    fn masks_what_cannot_be_opened() {
        let mut value = Vault::ephemeral().seal_value(&json!("x"));

        open(&Vault::ephemeral(), &mut value);

        assert_eq!(value, json!(MASK));
    }
}
