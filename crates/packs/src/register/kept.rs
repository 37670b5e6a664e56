//! A file that breaks does not take away what it registered before.

use model::{Action, ActionAlias, Policy, Rule, Sensor, Trigger};
use store::{Definition, PackContent, RuleDraft, Store, StoreError};

use crate::{FileKind, FileResult};

/// Adds to the content what is stored of files that are refused now, found by the reference that they state.
///
/// Trigger types of a broken sensor are not known by its file's reference and go.
pub(super) async fn keep_stored(
    store: &Store,
    results: &[FileResult],
    content: &mut PackContent,
) -> Result<(), StoreError> {
    for result in results.iter().filter(|result| result.is_refused()) {
        let Some(reference) = &result.reference else {
            continue;
        };
        match result.kind {
            FileKind::Action => keep::<Action>(store, reference, content.actions.as_mut()).await?,
            FileKind::Alias => {
                keep::<ActionAlias>(store, reference, content.aliases.as_mut()).await?;
            }
            FileKind::Policy => keep::<Policy>(store, reference, content.policies.as_mut()).await?,
            FileKind::Sensor => keep::<Sensor>(store, reference, content.sensors.as_mut()).await?,
            FileKind::Rule => keep_rule(store, reference, content.rules.as_mut()).await?,
            FileKind::Pack
            | FileKind::ConfigSchema
            | FileKind::ConfigExample
            | FileKind::Config
            | FileKind::Trigger
            | FileKind::Workflow
            | FileKind::Other => {}
        }
    }
    Ok(())
}

async fn keep<D: Definition>(
    store: &Store,
    reference: &str,
    list: Option<&mut Vec<D>>,
) -> Result<(), StoreError> {
    let Some(list) = list.filter(|list| list.iter().all(|one| one.reference() != reference)) else {
        return Ok(());
    };
    list.extend(store.find::<D>(reference).await?);
    Ok(())
}

async fn keep_rule(
    store: &Store,
    reference: &str,
    list: Option<&mut Vec<RuleDraft>>,
) -> Result<(), StoreError> {
    let Some(list) =
        list.filter(|list| list.iter().all(|draft| draft.rule.reference() != reference))
    else {
        return Ok(());
    };
    if let Some(rule) = store.find::<Rule>(reference).await?
        && let Some(trigger) = store.find::<Trigger>(&rule.trigger.trigger_ref).await?
    {
        list.push(RuleDraft { rule, trigger });
    }
    Ok(())
}
