//! The triggers `core.st2.key_value_pair.*`, for whoever changes the datastore. Secrets stay sealed in them.

use intake::{Event, Target};
use model::KeyValue;
use serde_json::{Value, json};

use crate::{Api, view};

/// Tells rules that an item was made or changed.
pub(super) async fn after_put(api: &Api, old: Option<&KeyValue>, new: &KeyValue) {
    let Some(old) = old else {
        return tell(api, "create", &[("object", new)]).await;
    };
    tell(api, "update", &[("object", new)]).await;
    if has_other_value(api, old, new) {
        tell(
            api,
            "value_change",
            &[("old_object", old), ("new_object", new)],
        )
        .await;
    }
}

/// Tells rules that an item was removed.
pub(super) async fn after_delete(api: &Api, removed: &KeyValue) {
    tell(api, "delete", &[("object", removed)]).await;
}

/// A secret is sealed differently each time: what counts is what was sealed.
fn has_other_value(api: &Api, old: &KeyValue, new: &KeyValue) -> bool {
    let plain = |item: &KeyValue| {
        if item.is_secret {
            api.vault.open(&item.value).ok()
        } else {
            Some(item.value.clone())
        }
    };
    plain(old) != plain(new)
}

/// Only where a rule listens. The change stands whatever becomes of the event: a failure is logged.
async fn tell(api: &Api, what: &str, items: &[(&str, &KeyValue)]) {
    let trigger = format!("core.st2.key_value_pair.{what}");
    if !api.intake.is_wanted(&trigger) {
        return;
    }
    let payload = items.iter().map(|(name, item)| {
        let item =
            view::key(&api.vault, item, false).unwrap_or_else(|_| json!({"name": item.name}));
        ((*name).to_owned(), item)
    });
    let payload = Value::Object(payload.collect());
    let event = Event {
        target: Target::Reference(trigger.clone()),
        payload,
        trace: None,
        caused_by: None,
    };
    if let Err(error) = api.intake.accept(event).await {
        tracing::error!(trigger.ref = trigger, "a change of the datastore could not be told to rules: {error}");
    }
}
