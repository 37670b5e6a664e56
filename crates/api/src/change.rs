//! What every change of a definition through the API has in common: whose it may be, where it comes from, and who is
//! told of it.

use auth::Caller;
use bus::{DefinitionsChanged, News};
use model::{AuditAction, Object};
use packs::definition::Origin;
use serde_json::Value;
use store::{Definition, Kind};

use crate::extract::Fields;
use crate::{Api, ApiError};

/// Packs whose definitions the engine itself relies on.
const SYSTEM_PACKS: [&str; 3] = ["chatops", "core", "packs"];
/// The pack of what names none, where StackStorm does not insist.
pub(crate) const DEFAULT_PACK: &str = "default";

impl Api {
    /// After a change of a definition: live copies are told to reload, and the audit log knows who did it.
    pub(crate) async fn changed<D: Definition>(
        &self,
        caller: &Caller,
        action: AuditAction,
        definition: &D,
    ) {
        let kind = kind_name(D::KIND);
        if matches!(D::KIND, Kind::Rule | Kind::Trigger | Kind::TriggerType) {
            self.know_triggers().await;
        }
        self.bus.tell(News::DefinitionsChanged(DefinitionsChanged {
            kind: kind.clone(),
        }));
        self.record(caller, action, &kind, &definition.reference())
            .await;
    }

    /// Makes this process know the triggers that it has just changed: the next event may be for one of them. The change
    /// stands whatever becomes of this: a failure is logged, and the news do the same a little later.
    pub(crate) async fn know_triggers(&self) {
        if let Err(error) = self.intake.refresh().await {
            tracing::warn!("the triggers cannot be read again after a change: {error}");
        }
    }

    /// Where a definition that came in a request comes from.
    pub(crate) fn origin<'a>(&'a self, pack: &'a str, metadata_file: &'a str) -> Origin<'a> {
        Origin {
            pack,
            metadata_file,
            ids: &self.ids,
            now: self.clock.now(),
        }
    }
}

/// The kind in `snake_case`, as the bus and the audit log name it.
fn kind_name(kind: Kind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(name)) => name,
        Ok(_) | Err(_) => String::new(),
    }
}

/// 400 for what belongs to a pack that the engine relies on.
pub(crate) fn refuse_system_pack(pack: &str) -> Result<(), ApiError> {
    if SYSTEM_PACKS.contains(&pack) {
        return Err(ApiError::bad_request(
            "Resources belonging to system level packs can't be manipulated",
        ));
    }
    Ok(())
}

/// The pack that a body names, else `otherwise`.
pub(crate) fn pack_of(body: &Object, otherwise: &str) -> Result<String, ApiError> {
    Ok(Fields(body)
        .text("pack")?
        .filter(|pack| !pack.is_empty())
        .unwrap_or(otherwise)
        .to_owned())
}

/// The file that a changed definition belongs to: as in StackStorm the one it had where the body says so, else none.
/// A body cannot claim another file.
pub(crate) fn kept_file(body: &Object, file: &str) -> String {
    let is_stated = body.get("metadata_file").and_then(Value::as_str) == Some(file);
    if is_stated {
        file.to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_are_named_as_the_store_names_them() {
        assert_eq!(kind_name(Kind::TriggerType), "trigger_type");
        assert_eq!(kind_name(Kind::Rule), "rule");
    }

    #[test]
    fn a_body_keeps_its_file_but_cannot_claim_another() {
        let body = json!({"metadata_file": "rules/a.yaml"});
        let body = body.as_object().unwrap();

        assert_eq!(kept_file(body, "rules/a.yaml"), "rules/a.yaml");
        assert_eq!(kept_file(body, "rules/b.yaml"), "");
        assert_eq!(kept_file(&Object::new(), "rules/a.yaml"), "");
    }

    #[test]
    fn what_names_no_pack_gets_the_other_one() {
        let body = json!({"pack": ""});

        assert_eq!(
            pack_of(body.as_object().unwrap(), DEFAULT_PACK).unwrap(),
            "default"
        );
        assert!(refuse_system_pack("core").is_err());
        assert!(refuse_system_pack("demo").is_ok());
    }
}
