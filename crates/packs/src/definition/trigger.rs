//! Trigger types: `triggers/NAME.yaml`, and those that sensors state.

use model::{Object, Reference, Trigger, TriggerType};
use serde_json::Value;

use super::{Origin, check_pack, named, tags, trigger};
use crate::Complaint;
use crate::form::{self, TRIGGER_TYPE};

/// Checks a trigger type and makes it (`TriggerTypeAPI`). Unknown keys pass; that the schemas are sound is not
/// checked before they are used.
pub fn trigger_type(document: &Value, origin: &Origin<'_>) -> Result<TriggerType, Complaint> {
    let filled = TRIGGER_TYPE.check(document)?;
    check_pack(document, origin.pack)?;
    let (name, type_ref) = named(&filled, origin.pack)?;
    Ok(TriggerType {
        description: form::text(&filled, "description"),
        tags: tags(&filled),
        uid: format!("trigger_type:{}:{name}", origin.pack),
        metadata_file: Some(origin.metadata_file.to_owned()).filter(|file| !file.is_empty()),
        type_ref,
        name,
        pack: origin.pack.to_owned(),
        payload_schema: form::object(&filled, "payload_schema"),
        parameters_schema: form::object(&filled, "parameters_schema"),
        id: origin.id(),
    })
}

/// The trigger that stands for a type which takes no parameters; none for a type that does.
#[must_use]
pub fn trigger_of_type(of: &TriggerType, origin: &Origin<'_>) -> Option<Trigger> {
    let type_ref = Reference::new(&of.pack, &of.name);
    of.parameters_schema
        .is_empty()
        .then(|| trigger(&type_ref, Object::new(), origin))
}

/// A trigger in `origin.pack`, as somebody makes it by hand (`TriggerAPI`): under the name that was chosen, or one that
/// the engine would give.
#[must_use]
pub fn trigger_named(
    name: Option<&str>,
    type_ref: &Reference,
    parameters: Object,
    origin: &Origin<'_>,
) -> Trigger {
    let made = trigger(type_ref, parameters, origin);
    let name = name.unwrap_or(&made.name).to_owned();
    let digest = made.uid.rsplit(':').next().unwrap_or_default();
    Trigger {
        uid: format!("trigger:{}:{name}:{digest}", origin.pack),
        trigger_ref: Reference::new(origin.pack, &name),
        pack: origin.pack.to_owned(),
        name,
        ..made
    }
}
