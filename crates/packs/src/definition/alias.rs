//! Aliases: `aliases/NAME.yaml`.

use model::ActionAlias;
use serde_json::Value;

use super::{Origin, check_pack, named};
use crate::Complaint;
use crate::form::{self, ALIAS};

/// Checks an alias and makes it (`ActionAliasAPI`). That its action exists is not checked; formats may be empty.
pub fn alias(document: &Value, origin: &Origin<'_>) -> Result<ActionAlias, Complaint> {
    let filled = ALIAS.check(document)?;
    check_pack(document, origin.pack)?;
    if document.get("formats").is_none() {
        return Err(Complaint::key::<&str>(
            &[],
            "\"formats\" is missing; give a list of what is typed in chat",
        ));
    }
    let (name, alias_ref) = named(&filled, origin.pack)?;
    let action_ref = form::text(&filled, "action_ref").unwrap_or_default();
    if !action_ref.is_empty() && !action_ref.contains('.') {
        let words = format!("\"{action_ref}\" is not a reference; write \"pack.action\"");
        return Err(Complaint::value(&["action_ref"], words));
    }
    Ok(ActionAlias {
        uid: format!("action_alias:{}:{name}", origin.pack),
        metadata_file: origin.metadata_file.to_owned(),
        name,
        alias_ref,
        description: form::text(&filled, "description"),
        pack: origin.pack.to_owned(),
        enabled: form::flag(&filled, "enabled", true),
        action_ref,
        formats: filled
            .get("formats")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
        ack: form::object(&filled, "ack"),
        result: form::object(&filled, "result"),
        extra: form::object(&filled, "extra"),
        immutable_parameters: form::object(&filled, "immutable_parameters"),
        id: origin.id(),
    })
}
