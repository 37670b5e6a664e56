//! Registering and removing packs: everything a pack brings, in one transaction.

use std::collections::{HashMap, HashSet};

use model::{PackConfig, Rule, Trigger};

use crate::catalog::{Stored, by_reference, definition_args, lock, of_pack, remove, store};
use crate::decode::to_json;
use crate::digest::content_digest;
use crate::pack_archive;
use crate::registration::{Registrations, forget_pack};
use crate::rule::{remove_unused_triggers, with_triggers};
use crate::sql::{Sql, args};
use crate::tx::Tx;
use crate::{Definition, Kind, PackContent, RuleDraft, Store, StoreError};

impl Store {
    /// Stores everything a pack brings, in one transaction; what it no longer brings is removed. Definitions that
    /// came by API (empty `metadata_file`) stay; see also [`PackContent::keep_unchanged`]. Runs in a constant number of statements per kind, whatever the size
    /// (on SQLite: for every 256 changed definitions).
    ///
    /// A configuration schema or a configuration that the pack does not bring stays as it is.
    pub async fn register_pack(&self, content: &PackContent) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let outcome = register(&mut tx, content).await;
        tx.end(outcome).await
    }

    /// Removes a pack and everything it brought; false where it is unknown. Triggers of the pack that rules of other
    /// packs listen to stay.
    pub async fn remove_pack(&self, pack: &str) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let outcome = remove_all(&mut tx, pack, Leave::Nothing).await;
        tx.end(outcome).await
    }

    /// As [`Store::remove_pack`], but its content and its configuration stay, so that it can be registered again as it
    /// was.
    pub async fn unload_pack(&self, pack: &str) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let outcome = remove_all(&mut tx, pack, Leave::ContentAndConfig).await;
        tx.end(outcome).await
    }

    /// Removes all content of a pack, and where the pack is not registered its configuration too. False, and nothing is
    /// removed, where content of it is in force.
    pub async fn forget_pack_content(&self, pack: &str) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let outcome = forget_content(&mut tx, pack).await;
        tx.end(outcome).await
    }
}

/// What of a pack outlives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    Nothing,
    ContentAndConfig,
}

async fn register(tx: &mut Tx, content: &PackContent) -> Result<(), StoreError> {
    lock(tx).await?;
    let pack = content.pack.pack_ref.as_str();
    let mut registrations = Registrations::of(tx, content).await?;
    put(tx, &[&content.pack], Vec::new()).await?;
    if let Some(schema) = &content.config_schema {
        let schema = registrations.pick(std::slice::from_ref(schema));
        put(tx, &schema, Vec::new()).await?;
    }
    if let Some(config) = &content.config {
        let tell = |one: &PackConfig| (one.reference(), content.config_mark.clone());
        let config = registrations.pick_by(Kind::Config, std::slice::from_ref(config), tell);
        put(tx, &config, Vec::new()).await?;
    }
    let known = &mut registrations;
    if let Some(types) = &content.trigger_types {
        let gone = replace_all(tx, known, pack, types).await?;
        remove_triggers_of(tx, gone).await?;
    }
    if let Some(sensors) = &content.sensors {
        replace_all(tx, known, pack, sensors).await?;
    }
    if let Some(actions) = &content.actions {
        replace_all(tx, known, pack, actions).await?;
    }
    if let Some(drafts) = &content.rules {
        replace_rules(tx, known, pack, drafts).await?;
    }
    if let Some(aliases) = &content.aliases {
        replace_all(tx, known, pack, aliases).await?;
    }
    if let Some(policies) = &content.policies {
        replace_all(tx, known, pack, policies).await?;
    }
    let (path, hash) = (content.pack.path.as_deref(), content.installed.as_deref());
    pack_archive::put_in_force(tx, pack, path, hash).await?;
    registrations.remember(tx, content.files.as_ref()).await
}

/// Rules, and the triggers that stand for what they listen to.
async fn replace_rules(
    tx: &mut Tx,
    registrations: &mut Registrations,
    pack: &str,
    drafts: &[RuleDraft],
) -> Result<(), StoreError> {
    let old = rules_of(tx, pack).await?;
    let wanted = registrations.pick_by(Kind::Rule, drafts, |draft| {
        (draft.rule.reference(), content_digest(&draft.rule))
    });
    let wanted: Vec<RuleDraft> = wanted.into_iter().cloned().collect();
    let rules = with_triggers(tx, &wanted).await?;
    let references = drafts.iter().map(|draft| draft.rule.reference()).collect();
    let rules: Vec<&Rule> = rules.iter().collect();
    replace(tx, registrations, pack, references, &rules).await?;
    remove_unused_triggers(tx, triggers_of(old)).await
}

async fn rules_of(tx: &mut Tx, pack: &str) -> Result<Vec<Rule>, StoreError> {
    let rules = of_pack(tx, Kind::Rule, pack).await?;
    Ok(rules
        .into_iter()
        .filter_map(|stored| stored.read().ok())
        .collect())
}

fn triggers_of(rules: Vec<Rule>) -> Vec<String> {
    rules
        .into_iter()
        .map(|rule| rule.trigger.trigger_ref)
        .collect()
}

/// Stores definitions of a kind and removes those of the pack that came from files and are not among them. Returns
/// the references of those that went.
async fn replace_all<D: Definition>(
    tx: &mut Tx,
    registrations: &mut Registrations,
    pack: &str,
    definitions: &[D],
) -> Result<Vec<String>, StoreError> {
    let wanted = registrations.pick(definitions);
    let references = definitions.iter().map(Definition::reference).collect();
    replace(tx, registrations, pack, references, &wanted).await
}

/// As above: `references` are those that files give, `definitions` those of them that are to be stored.
async fn replace<D: Definition>(
    tx: &mut Tx,
    registrations: &Registrations,
    pack: &str,
    references: HashSet<String>,
    definitions: &[&D],
) -> Result<Vec<String>, StoreError> {
    let stored = of_pack(tx, D::KIND, pack).await?;
    let is_gone = |old: &&Stored| {
        !references.contains(&old.reference) && registrations.may_remove(D::KIND, &old.reference)
    };
    let (mut ids, mut gone) = (Vec::new(), Vec::new());
    for old in stored.iter().filter(is_gone) {
        // What cannot be read any more was not made by hand.
        if old
            .clone()
            .read::<D>()
            .map_or(true, |old| !old.metadata_file().is_empty())
        {
            ids.push(old.id.clone());
            gone.push(old.reference.clone());
        }
    }
    remove(tx, D::KIND, ids).await?;
    put(tx, definitions, stored).await?;
    Ok(gone)
}

/// Stores what differs from what is stored. `stored` are rows that were read already.
async fn put<D: Definition>(
    tx: &mut Tx,
    definitions: &[&D],
    stored: Vec<Stored>,
) -> Result<(), StoreError> {
    let mut known: HashMap<String, Stored> = stored
        .into_iter()
        .map(|old| (old.reference.clone(), old))
        .collect();
    let unknown: Vec<String> = definitions
        .iter()
        .map(|definition| definition.reference())
        .filter(|reference| !known.contains_key(reference))
        .collect();
    if !unknown.is_empty() {
        let others = by_reference(tx, D::KIND, unknown).await?;
        known.extend(others.into_iter().map(|old| (old.reference.clone(), old)));
    }
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    // Of two with one reference the last counts.
    for definition in definitions
        .iter()
        .rev()
        .filter(|definition| seen.insert(definition.reference()))
    {
        match known.get(&definition.reference()) {
            None => rows.push(definition_args(*definition)),
            Some(old) => rows.extend(changed(*definition, old)?),
        }
    }
    rows.reverse();
    store(tx, D::KIND, rows).await
}

/// The row of a definition under the id of what it replaces, if it differs.
fn changed<D: Definition>(
    definition: &D,
    old: &Stored,
) -> Result<Option<Vec<crate::sql::Arg>>, StoreError> {
    let text = to_json(definition);
    if text == old.body {
        return Ok(None);
    }
    let mut renamed: D = crate::decode::Place {
        table: "definitions",
        row: &old.reference,
    }
    .json("body", &text)?;
    renamed.set_object_id(old.object_id()?);
    Ok((to_json(&renamed) != old.body).then(|| definition_args(&renamed)))
}

/// Removes the triggers of types that are gone, unless rules listen to them.
async fn remove_triggers_of(tx: &mut Tx, types: Vec<String>) -> Result<(), StoreError> {
    if types.is_empty() {
        return Ok(());
    }
    let sql = Sql::new(
        "select t.id from definitions as t where t.kind = 'trigger' and t.selector in ? \
         and not exists (select 1 from definitions as r where r.kind = 'rule' and r.selector = t.reference)",
        args![types],
    );
    let rows: Vec<(String,)> = tx.all(sql).await?;
    remove(
        tx,
        Kind::Trigger,
        rows.into_iter().map(|(id,)| id).collect(),
    )
    .await?;
    Ok(())
}

/// Kinds that go with their pack, rules first.
const KINDS_OF_PACKS: [Kind; 9] = [
    Kind::Rule,
    Kind::Action,
    Kind::TriggerType,
    Kind::Sensor,
    Kind::Alias,
    Kind::Policy,
    Kind::ConfigSchema,
    Kind::Config,
    Kind::Pack,
];

async fn is_registered(tx: &mut Tx, pack: &str) -> Result<bool, StoreError> {
    let found = by_reference(tx, Kind::Pack, vec![pack.to_owned()]).await?;
    Ok(!found.is_empty())
}

async fn forget_content(tx: &mut Tx, pack: &str) -> Result<bool, StoreError> {
    lock(tx).await?;
    if pack_archive::is_in_force(tx, pack).await? {
        return Ok(false);
    }
    pack_archive::forget(tx, pack).await?;
    if !is_registered(tx, pack).await? {
        let configs = of_pack(tx, Kind::Config, pack).await?;
        let configs = configs.into_iter().map(|config| config.id).collect();
        remove(tx, Kind::Config, configs).await?;
    }
    Ok(true)
}

async fn remove_all(tx: &mut Tx, pack: &str, leave: Leave) -> Result<bool, StoreError> {
    lock(tx).await?;
    let rules = rules_of(tx, pack).await?;
    forget_pack(tx, pack).await?;
    let is_kept = |kind: &Kind| leave == Leave::ContentAndConfig && *kind == Kind::Config;
    match leave {
        Leave::Nothing => pack_archive::forget(tx, pack).await?,
        Leave::ContentAndConfig => pack_archive::take_out_of_force(tx, pack).await?,
    }
    let is_known = is_registered(tx, pack).await?;
    for kind in KINDS_OF_PACKS.into_iter().filter(|kind| !is_kept(kind)) {
        let stored = of_pack(tx, kind, pack).await?;
        remove(tx, kind, stored.into_iter().map(|one| one.id).collect()).await?;
    }
    remove_unused_triggers(tx, triggers_of(rules)).await?;
    let types: Vec<String> = of_pack(tx, Kind::Trigger, pack)
        .await?
        .into_iter()
        .filter_map(|stored| stored.read::<Trigger>().ok())
        .map(|trigger| trigger.type_ref)
        .collect();
    remove_triggers_of(tx, types).await?;
    Ok(is_known)
}
