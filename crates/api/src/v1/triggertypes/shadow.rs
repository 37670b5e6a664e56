//! The trigger that stands for a type which takes no parameters.

use model::{Object, Trigger, TriggerType};

use crate::{Api, ApiError};

/// Stores it, unless there is one.
pub(super) async fn ensure(api: &Api, of: &TriggerType) -> Result<(), ApiError> {
    let Some(trigger) = packs::definition::trigger_of_type(of, &api.origin(&of.pack, "")) else {
        return Ok(());
    };
    if api
        .store
        .find_trigger(&trigger.type_ref, &Object::new())
        .await?
        .is_none()
    {
        api.store.save(trigger).await?;
    }
    Ok(())
}

/// Removes it. (One that has parameters goes with the last rule that listens to it.)
pub(super) async fn remove(api: &Api, of: &TriggerType) -> Result<(), ApiError> {
    let found: Option<Trigger> = api.store.find(of.type_ref.as_str()).await?;
    if let Some(trigger) = found.filter(|trigger| trigger.parameters.is_empty()) {
        api.store.delete::<Trigger>(trigger.id.object_id()).await?;
    }
    Ok(())
}
