//! Traces, derived from the rows that carry their id.

use model::{ExecutionId, Page, PageOf, RuleId, Trace, TraceId, TriggerInstanceId};

use crate::{Store, StoreError};

/// Which traces are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct TraceFilter {
    /// With this tag.
    pub tag: Option<String>,
    /// That hold this execution.
    pub execution: Option<ExecutionId>,
    /// That hold this rule.
    pub rule: Option<RuleId>,
    /// That hold this trigger instance.
    pub trigger_instance: Option<TriggerInstanceId>,
    /// Oldest first; else newest first.
    pub oldest_first: bool,
}

impl Store {
    /// One trace with all its members.
    pub async fn trace(&self, id: TraceId) -> Result<Option<Trace>, StoreError> {
        unimplemented!("{id}")
    }

    /// A page of traces.
    pub async fn traces(&self, filter: &TraceFilter, page: Page) -> Result<PageOf<Trace>, StoreError> {
        unimplemented!("{filter:?} {page:?}")
    }
}
