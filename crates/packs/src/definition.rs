//! Single definitions, checked and made into the model's types. They come as JSON, whether from a file or by API.
//!
//! Each function takes the document as its author wrote it and says what is wrong as a [`Complaint`]
//! with the path into that document.

mod action;
mod alias;
mod config;
mod pack;
mod policy;
mod rule;
mod sensor;
mod trigger;

use chrono::{DateTime, Utc};
use model::{IdSource, Object, Reference, Tag, Trigger};
use serde_json::Value;

use crate::Complaint;
use crate::complaint::shown;

pub use action::action;
pub use alias::alias;
pub use config::{check_config, config_schema};
pub use pack::pack;
pub use policy::policy;
pub use rule::rule;
pub use sensor::sensor;
pub use trigger::{trigger_named, trigger_of_type, trigger_type};

/// Where a definition comes from, and what its id is made of.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The pack it belongs to.
    pub pack: &'a str,
    /// Its file, relative to the pack; empty where it came by API.
    pub metadata_file: &'a str,
    /// Where ids come from.
    pub ids: &'a IdSource,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Origin<'_> {
    fn id<I: From<model::ObjectId>>(&self) -> I {
        self.ids.next(self.now)
    }
}

/// The name, which may hold anything but must not be empty; and the reference it gives.
fn named(document: &Object, pack: &str) -> Result<(String, Reference), Complaint> {
    match document.get("name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Ok((name.to_owned(), Reference::new(pack, name))),
        _ => Err(Complaint::value(&["name"], "\"name\" must not be empty")),
    }
}

/// A stated pack must be the one that the file lies in.
fn check_pack(document: &Value, pack: &str) -> Result<(), Complaint> {
    let is_falsy = |stated: &Value| {
        matches!(stated, Value::Null | Value::Bool(false))
            || stated == ""
            || stated.as_f64() == Some(0.0)
    };
    match document.get("pack") {
        Some(stated) if !is_falsy(stated) && stated != pack => {
            let words = format!(
                "\"pack\" is {}, but the file lies in the pack \"{pack}\"; leave it out",
                shown(stated)
            );
            Err(Complaint::value(&["pack"], words))
        }
        _ => Ok(()),
    }
}

/// Null counts as absent elsewhere, not here.
fn refuse_null(document: &Value, key: &str, what: &str) -> Result<(), Complaint> {
    match document.get(key) {
        Some(Value::Null) => Err(Complaint::value(
            &[key],
            format!("\"{key}\" is empty; give {what} or leave it out"),
        )),
        _ => Ok(()),
    }
}

fn tags(document: &Object) -> Vec<Tag> {
    let items = document
        .get("tags")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    items
        .iter()
        .map(|item| Tag {
            name: text(item, "name").unwrap_or_default(),
            value: text(item, "value"),
        })
        .collect()
}

/// A trigger of this type with these parameters, as `StackStorm` names them: by the type where there are none, by a
/// UUID otherwise.
fn trigger(type_ref: &Reference, parameters: Object, origin: &Origin<'_>) -> Trigger {
    let name = if parameters.is_empty() {
        type_ref.name().to_owned()
    } else {
        uuid::Uuid::new_v4().to_string()
    };
    let digest = digest(&Value::Object(parameters.clone()));
    Trigger {
        uid: format!("trigger:{}:{name}:{digest}", type_ref.pack()),
        trigger_ref: Reference::new(type_ref.pack(), &name),
        name,
        pack: type_ref.pack().to_owned(),
        type_ref: type_ref.to_string(),
        parameters,
        description: None,
        id: origin.id(),
    }
}

/// A short name for a value that does not depend on the order of keys (FNV-1a).
fn digest(value: &Value) -> String {
    fn mix(hash: u64, bytes: &[u8]) -> u64 {
        bytes.iter().fold(hash, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
    fn walk(value: &Value, hash: u64) -> u64 {
        match value {
            Value::Object(object) => {
                let mut members: Vec<_> = object.iter().collect();
                members.sort_by_key(|(key, _)| *key);
                let hash = mix(hash, b"{");
                members.into_iter().fold(hash, |hash, (key, value)| {
                    walk(value, mix(mix(hash, key.as_bytes()), b":"))
                })
            }
            Value::Array(items) => items
                .iter()
                .fold(mix(hash, b"["), |hash, item| walk(item, mix(hash, b","))),
            other => mix(hash, other.to_string().as_bytes()),
        }
    }
    format!("{:016x}", walk(value, 0xcbf2_9ce4_8422_2325))
}
