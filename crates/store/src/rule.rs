//! Rules, and the triggers that stand for what they listen to.

use model::{Object, ObjectId, Rule, Trigger};

use crate::{SaveError, Store, StoreError};

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
        unimplemented!("{draft:?}")
    }

    /// Replaces the rule that has `draft.rule.id`; its old trigger goes if no rule uses it any more and it has
    /// parameters. `None` where there is no such rule.
    pub async fn replace_rule(&self, draft: &RuleDraft) -> Result<Option<Rule>, SaveError> {
        unimplemented!("{draft:?}")
    }

    /// Removes a rule and, as above, its trigger; false where there was none.
    pub async fn delete_rule(&self, id: ObjectId) -> Result<bool, StoreError> {
        unimplemented!("{id}")
    }

    /// The trigger of this type with equal parameters.
    pub async fn find_trigger(&self, type_ref: &str, parameters: &Object) -> Result<Option<Trigger>, StoreError> {
        unimplemented!("{type_ref} {parameters:?}")
    }
}
