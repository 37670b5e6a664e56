//! Trigger instances and enforcements: from "this happened" to "so this was requested".

use chrono::{DateTime, Utc};
use model::{
    EnforcementId, Execution, ExecutionId, Page, PageOf, RuleEnforcement, TriggerInstance, TriggerInstanceId,
    TriggerInstanceStatus,
};

use crate::{Store, StoreError};

/// What the rules engine made of one trigger instance.
#[derive(Debug, Clone)]
pub struct ProcessedInstance {
    /// Which one.
    pub id: TriggerInstanceId,
    /// `Processed` or `ProcessingFailed`.
    pub status: TriggerInstanceStatus,
    /// Why: what was looked at and what fired, or what failed.
    pub reason: String,
    /// An enforcement for each rule that matched or could not be evaluated.
    pub enforcements: Vec<RuleEnforcement>,
    /// The executions that the successful ones request.
    pub executions: Vec<Execution>,
}

/// Which trigger instances are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct TriggerInstanceFilter {
    /// Of the trigger with this reference.
    pub trigger: Option<String>,
    /// Of triggers of this type.
    pub trigger_type: Option<String>,
    /// In this state.
    pub status: Option<TriggerInstanceStatus>,
    /// After this time.
    pub after: Option<DateTime<Utc>>,
    /// Before this time.
    pub before: Option<DateTime<Utc>>,
    /// Made before this one: the cursor of a walk from new to old.
    pub older_than: Option<TriggerInstanceId>,
    /// Oldest first; else newest first.
    pub oldest_first: bool,
}

/// Which enforcements are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct EnforcementFilter {
    /// Of the rule with this reference.
    pub rule_ref: Option<String>,
    /// Of the rule with this id.
    pub rule_id: Option<model::RuleId>,
    /// That requested this execution.
    pub execution: Option<ExecutionId>,
    /// Of this trigger instance.
    pub trigger_instance: Option<TriggerInstanceId>,
    /// After this time.
    pub after: Option<DateTime<Utc>>,
    /// Before this time.
    pub before: Option<DateTime<Utc>>,
    /// Made before this one: the cursor of a walk from new to old.
    pub older_than: Option<EnforcementId>,
    /// Oldest first; else newest first.
    pub oldest_first: bool,
}

impl Store {
    /// Stores what happened, all of it or nothing, in one transaction of few statements. Once this returns, the
    /// instances are accepted. Instances whose id is stored already are passed over.
    pub async fn add_trigger_instances(&self, instances: &[TriggerInstance]) -> Result<(), StoreError> {
        unimplemented!("{instances:?}")
    }

    /// Stores what came of a batch: wins each instance (`pending` -> its new status) and, for those that were won and
    /// no others, adds enforcements and executions; one transaction. Returns those that were won.
    pub async fn finish_trigger_instances(
        &self,
        processed: &[ProcessedInstance],
    ) -> Result<Vec<TriggerInstanceId>, StoreError> {
        unimplemented!("{processed:?}")
    }

    /// Instances still `pending` that occurred before `before`, oldest first: what a sweep announces again.
    pub async fn pending_trigger_instances(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<TriggerInstance>, StoreError> {
        unimplemented!("{before} {limit}")
    }

    /// How many instances are `pending`: what intake compares with its bound before it says 429.
    pub async fn count_pending_trigger_instances(&self) -> Result<u64, StoreError> {
        unimplemented!()
    }

    /// One instance.
    pub async fn trigger_instance(&self, id: TriggerInstanceId) -> Result<Option<TriggerInstance>, StoreError> {
        unimplemented!("{id}")
    }

    /// A page of instances.
    pub async fn trigger_instances(
        &self,
        filter: &TriggerInstanceFilter,
        page: Page,
    ) -> Result<PageOf<TriggerInstance>, StoreError> {
        unimplemented!("{filter:?} {page:?}")
    }

    /// One enforcement.
    pub async fn enforcement(&self, id: EnforcementId) -> Result<Option<RuleEnforcement>, StoreError> {
        unimplemented!("{id}")
    }

    /// A page of enforcements.
    pub async fn enforcements(
        &self,
        filter: &EnforcementFilter,
        page: Page,
    ) -> Result<PageOf<RuleEnforcement>, StoreError> {
        unimplemented!("{filter:?} {page:?}")
    }
}
