//! Executions: requested, claimed, leased, finished.

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionId, ExecutionStatus, Lease, Page, PageOf, RunnerInfo, TraceId, TriggerInstance, TriggerInstanceId};
use serde_json::Value;

use crate::{Store, StoreError};

/// How an execution ended.
#[derive(Debug, Clone)]
pub struct FinishedExecution {
    /// Which one.
    pub id: ExecutionId,
    /// Who held it: an end told by anybody else changes nothing.
    pub holder: String,
    /// A final state.
    pub status: ExecutionStatus,
    /// What it ended with, secrets masked or encrypted already. Up to 10 MB as JSON; small ones stay in the row,
    /// others are stored compressed beside it.
    pub result: Value,
    /// When.
    pub at: DateTime<Utc>,
    /// Trigger instances to store with it (action and notify triggers that rules listen to), if the end is stored.
    pub follow_ups: Vec<TriggerInstance>,
}

/// A change of state that is not an end told by a runner.
#[derive(Debug, Clone)]
pub struct StatusChange {
    /// Which one.
    pub id: ExecutionId,
    /// The states it may be in; in any other nothing is changed.
    pub expected: Vec<ExecutionStatus>,
    /// Its new state.
    pub next: ExecutionStatus,
    /// When. A final state sets the end time.
    pub at: DateTime<Utc>,
    /// The new result, if any.
    pub result: Option<Value>,
}

/// Which executions are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct ExecutionFilter {
    /// Of this action.
    pub action: Option<String>,
    /// Of actions of this pack.
    pub pack: Option<String>,
    /// By this runner.
    pub runner: Option<String>,
    /// In one of these states.
    pub statuses: Option<Vec<ExecutionStatus>>,
    /// For this user.
    pub user: Option<String>,
    /// Asked for by the rule with this name (without the pack), as st2's `rule=`.
    pub rule_name: Option<String>,
    /// Asked for by the rule with this reference.
    pub rule_ref: Option<String>,
    /// Answering an instance of the trigger with this reference.
    pub trigger: Option<String>,
    /// Answering an instance of this trigger type.
    pub trigger_type: Option<String>,
    /// Answering this instance.
    pub trigger_instance: Option<TriggerInstanceId>,
    /// With this parent; `Some(None)` are those without a parent.
    pub parent: Option<Option<ExecutionId>>,
    /// Of this trace.
    pub trace: Option<TraceId>,
    /// With one of these ids.
    pub ids: Option<Vec<ExecutionId>>,
    /// Started after this time.
    pub started_after: Option<DateTime<Utc>>,
    /// Started before this time.
    pub started_before: Option<DateTime<Utc>>,
    /// Ended after this time.
    pub ended_after: Option<DateTime<Utc>>,
    /// Ended before this time.
    pub ended_before: Option<DateTime<Utc>>,
    /// Made before this one: the cursor of a walk from new to old.
    pub older_than: Option<ExecutionId>,
    /// Oldest first; else newest first.
    pub oldest_first: bool,
    /// Read results too.
    pub with_results: bool,
}

/// A member of executions whose distinct values `executions/views/filters` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterField {
    /// Action references.
    Action,
    /// Packs of actions.
    Pack,
    /// Runner names.
    Runner,
    /// States.
    Status,
    /// Users.
    User,
    /// Rule references.
    Rule,
    /// Trigger references.
    Trigger,
    /// Trigger types.
    TriggerType,
}

/// What a runner needs to run an execution that it won.
pub type ExecutionOrder = Execution;

impl Store {
    /// Stores requested executions, in one transaction. Those whose id is stored already are passed over.
    pub async fn request_executions(&self, executions: &[Execution]) -> Result<(), StoreError> {
        unimplemented!("{executions:?}")
    }

    /// Wins what can be won of `ids` (state `requested` or `scheduled`, no delay left) in one statement: the winners
    /// are `running` under `lease`, with `scheduled` and `running` in their log. Returns the winners.
    pub async fn claim_executions(
        &self,
        ids: &[ExecutionId],
        lease: &Lease,
        runner: &RunnerInfo,
        now: DateTime<Utc>,
    ) -> Result<Vec<ExecutionId>, StoreError> {
        unimplemented!("{ids:?} {lease:?} {runner:?} {now}")
    }

    /// Executions that nobody claimed though they could have been since before `before`, oldest first: what a sweep
    /// announces again. Delayed ones appear once their delay is over.
    pub async fn unclaimed_executions(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Execution>, StoreError> {
        unimplemented!("{before} {limit}")
    }

    /// Moves the end of `holder`'s leases on these executions; returns those it still holds, with their state (so
    /// that a runner notices `canceling`).
    pub async fn renew_leases(
        &self,
        ids: &[ExecutionId],
        lease: &Lease,
    ) -> Result<Vec<(ExecutionId, ExecutionStatus)>, StoreError> {
        unimplemented!("{ids:?} {lease:?}")
    }

    /// Executions whose lease ended before `now` and that have not ended.
    pub async fn expired_leases(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Execution>, StoreError> {
        unimplemented!("{now} {limit}")
    }

    /// Stores ends, batched, one transaction: each must be open and held by its holder. Returns those that were
    /// changed.
    pub async fn finish_executions(&self, finished: &[FinishedExecution]) -> Result<Vec<ExecutionId>, StoreError> {
        unimplemented!("{finished:?}")
    }

    /// Changes a state as [`StatusChange`] says; returns the execution as it is now if it was changed, else `None`.
    pub async fn change_status(&self, change: &StatusChange) -> Result<Option<Execution>, StoreError> {
        unimplemented!("{change:?}")
    }

    /// Ends executions whose lease expired, as `abandoned` with `reason`, unless the lease was renewed meanwhile.
    /// Returns those that were ended.
    pub async fn abandon_expired(
        &self,
        ids: &[ExecutionId],
        now: DateTime<Utc>,
        reason: &str,
    ) -> Result<Vec<Execution>, StoreError> {
        unimplemented!("{ids:?} {now} {reason}")
    }

    /// One execution, with its result.
    pub async fn execution(&self, id: ExecutionId) -> Result<Option<Execution>, StoreError> {
        unimplemented!("{id}")
    }

    /// A page of executions.
    pub async fn executions(&self, filter: &ExecutionFilter, page: Page) -> Result<PageOf<Execution>, StoreError> {
        unimplemented!("{filter:?} {page:?}")
    }

    /// The ids of an execution's children, oldest first.
    pub async fn children(&self, id: ExecutionId) -> Result<Vec<ExecutionId>, StoreError> {
        unimplemented!("{id}")
    }

    /// The distinct values of a member, sorted, at most `limit`.
    pub async fn execution_values(&self, field: FilterField, limit: u32) -> Result<Vec<String>, StoreError> {
        unimplemented!("{field:?} {limit}")
    }

    /// How many executions are in each state that is not final.
    pub async fn count_open_executions(&self) -> Result<Vec<(ExecutionStatus, u64)>, StoreError> {
        unimplemented!()
    }
}
