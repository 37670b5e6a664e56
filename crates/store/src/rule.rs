//! Rules, and the triggers that stand for what they listen to.

use std::collections::{HashMap, HashSet};

use model::{Object, ObjectId, Rule, Trigger};

use crate::catalog::{
    Stored, by_id, by_reference, definition_args, lock, refuse_taken, remove, store,
};
use crate::decode::to_json;
use crate::digest::trigger_digest;
use crate::sql::{Sql, args};
use crate::tx::Tx;
use crate::{Definition as _, Kind, SaveError, Store, StoreError};

/// A rule before it is stored: its `trigger.trigger_ref` is found (a trigger of equal type and parameters) or made
/// from `trigger` in the transaction that stores the rule.
#[derive(Debug, Clone)]
pub struct RuleDraft {
    /// The rule; `trigger.trigger_ref` and (where the reference is stored already) `id` are overwritten.
    pub rule: Rule,
    /// The trigger to make where none is equal: fresh id and, where it has parameters, a UUID as name.
    pub trigger: Trigger,
}

impl Store {
    /// Stores a new rule; refuses where its reference is taken. Returns it as stored.
    pub async fn create_rule(&self, draft: &RuleDraft) -> Result<Rule, SaveError> {
        let mut tx = self.write().await?;
        let outcome = create_in(&mut tx, draft).await;
        tx.end(outcome).await
    }

    /// Replaces the rule that has `draft.rule.id`; its old trigger goes if no rule uses it any more and it has
    /// parameters. `None` where there is no such rule.
    pub async fn replace_rule(&self, draft: &RuleDraft) -> Result<Option<Rule>, SaveError> {
        let mut tx = self.write().await?;
        let outcome = replace_in(&mut tx, draft).await;
        tx.end(outcome).await
    }

    /// Removes a rule and, as above, its trigger; false where there was none.
    pub async fn delete_rule(&self, id: ObjectId) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let outcome = delete_in(&mut tx, id).await;
        tx.end(outcome).await
    }

    /// The trigger of this type with equal parameters; of several, the oldest: the one that rules get.
    pub async fn find_trigger(
        &self,
        type_ref: &str,
        parameters: &Object,
    ) -> Result<Option<Trigger>, StoreError> {
        let row: Option<Stored> = self
            .first_row(trigger_statement(vec![trigger_digest(
                type_ref, parameters,
            )]))
            .await?;
        row.map(Stored::read).transpose()
    }
}

/// Equal triggers can stand beside each other (made by hand under several names): the oldest comes first.
fn trigger_statement(digests: Vec<String>) -> Sql {
    Sql::new(
        "select id, reference, body from definitions where kind = 'trigger' and digest <> '' and digest in ? \
         order by id",
        args![digests],
    )
}

async fn create_in(tx: &mut Tx, draft: &RuleDraft) -> Result<Rule, SaveError> {
    lock(tx).await?;
    refuse_taken(tx, Kind::Rule, draft.rule.reference(), None).await?;
    let rule = with_triggers(tx, std::slice::from_ref(draft))
        .await?
        .remove(0);
    store(tx, Kind::Rule, vec![definition_args(&rule)]).await?;
    Ok(rule)
}

async fn replace_in(tx: &mut Tx, draft: &RuleDraft) -> Result<Option<Rule>, SaveError> {
    lock(tx).await?;
    let id = draft.rule.object_id();
    let Some(stored) = by_id(tx, Kind::Rule, id).await? else {
        return Ok(None);
    };
    refuse_taken(tx, Kind::Rule, draft.rule.reference(), Some(id)).await?;
    let rule = with_triggers(tx, std::slice::from_ref(draft))
        .await?
        .remove(0);
    if stored.body != to_json(&rule) {
        let old: Rule = stored.read()?;
        store(tx, Kind::Rule, vec![definition_args(&rule)]).await?;
        remove_unused_triggers(tx, vec![old.trigger.trigger_ref]).await?;
    }
    Ok(Some(rule))
}

async fn delete_in(tx: &mut Tx, id: ObjectId) -> Result<bool, StoreError> {
    lock(tx).await?;
    let Some(stored) = by_id(tx, Kind::Rule, id).await? else {
        return Ok(false);
    };
    let rule: Rule = stored.read()?;
    remove(tx, Kind::Rule, vec![id.to_string()]).await?;
    remove_unused_triggers(tx, vec![rule.trigger.trigger_ref]).await?;
    Ok(true)
}

/// The rules of these drafts with the triggers that stand for what they listen to; missing triggers are made.
pub(crate) async fn with_triggers(
    tx: &mut Tx,
    drafts: &[RuleDraft],
) -> Result<Vec<Rule>, StoreError> {
    let digest_of = |draft: &RuleDraft| {
        trigger_digest(&draft.rule.trigger.type_ref, &draft.rule.trigger.parameters)
    };
    let digests: Vec<String> = drafts.iter().map(digest_of).collect();
    let mut known: HashMap<String, String> = HashMap::new();
    for stored in tx.all::<Stored>(trigger_statement(digests.clone())).await? {
        let trigger: Trigger = stored.read()?;
        known
            .entry(trigger.digest())
            .or_insert_with(|| trigger.trigger_ref.to_string());
    }
    let mut made: HashMap<String, Trigger> = HashMap::new();
    for (draft, digest) in drafts
        .iter()
        .zip(&digests)
        .filter(|(_, digest)| !known.contains_key(*digest))
    {
        made.entry(digest.clone())
            .or_insert_with(|| trigger_of(draft));
    }
    let references = made.values().map(Trigger::reference).collect();
    let taken: HashSet<String> = by_reference(tx, Kind::Trigger, references)
        .await?
        .into_iter()
        .map(|stored| stored.reference)
        .collect();
    let rows = made
        .values()
        .filter(|trigger| !taken.contains(&trigger.reference()))
        .map(definition_args)
        .collect();
    store(tx, Kind::Trigger, rows).await?;
    known.extend(
        made.into_iter()
            .map(|(digest, trigger)| (digest, trigger.trigger_ref.to_string())),
    );
    let rules = drafts.iter().zip(&digests).map(|(draft, digest)| {
        let mut rule = draft.rule.clone();
        if let Some(reference) = known.get(digest) {
            rule.trigger.trigger_ref.clone_from(reference);
        }
        rule
    });
    Ok(rules.collect())
}

/// The trigger that a draft proposes, for exactly the type and parameters that its rule asks for.
fn trigger_of(draft: &RuleDraft) -> Trigger {
    let mut trigger = draft.trigger.clone();
    trigger.type_ref.clone_from(&draft.rule.trigger.type_ref);
    trigger
        .parameters
        .clone_from(&draft.rule.trigger.parameters);
    trigger
}

/// Removes those of these triggers that have parameters and that no rule listens to.
pub(crate) async fn remove_unused_triggers(
    tx: &mut Tx,
    mut references: Vec<String>,
) -> Result<(), StoreError> {
    references.sort();
    references.dedup();
    if references.is_empty() {
        return Ok(());
    }
    let sql = Sql::new(
        "select id, reference, body from definitions as t where kind = 'trigger' and reference in ? \
         and not exists (select 1 from definitions as r where r.kind = 'rule' and r.selector = t.reference)",
        args![references],
    );
    let mut unused = Vec::new();
    for stored in tx.all::<Stored>(sql).await? {
        let id = stored.id.clone();
        let trigger: Trigger = stored.read()?;
        if !trigger.parameters.is_empty() {
            unused.push(id);
        }
    }
    remove(tx, Kind::Trigger, unused).await?;
    Ok(())
}
