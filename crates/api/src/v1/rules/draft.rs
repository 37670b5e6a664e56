//! Reading a rule out of a body.

use auth::Caller;
use model::{Object, Rule};
use packs::{Catalog, FileKind};
use secrets::MASK;
use serde_json::{Value, json};
use store::RuleDraft;

use crate::extract::Fields;
use crate::warnings::Warnings;
use crate::{Api, ApiError};

/// The checked rule that a body describes, and what is odd about it. As in StackStorm its context names who sent it.
pub(super) async fn draft(
    api: &Api,
    caller: &Caller,
    mut body: Object,
    pack: &str,
    file: &str,
) -> Result<(RuleDraft, Warnings), ApiError> {
    let mut context = Fields(&body)
        .object("context")?
        .cloned()
        .unwrap_or_default();
    context.insert("user".to_owned(), json!(caller.user));
    body.insert("context".to_owned(), Value::Object(context));
    let catalog = Catalog::of_store(&api.store).await?;
    let document = Value::Object(body);
    let draft = packs::definition::rule(&document, &api.origin(pack, file), &catalog)?;
    let reference = draft.rule.rule_ref.as_str();
    let warnings = Warnings::of(FileKind::Rule, &document, &catalog, reference);
    Ok((draft, warnings))
}

/// Puts back the parameters that came masked, as they do from clients that read a rule, change it and send it.
pub(super) fn restore_masked(rule: &mut Rule, old: &Rule) {
    if rule.action.action_ref != old.action.action_ref {
        return;
    }
    for (name, value) in rule
        .action
        .parameters
        .iter_mut()
        .filter(|(_, value)| *value == MASK)
    {
        if let Some(old) = old.action.parameters.get(name) {
            *value = old.clone();
        }
    }
}
