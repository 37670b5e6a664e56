//! Enforcements: that a rule matched, or could not be evaluated.

use chrono::{DateTime, Utc};
use model::{
    EnforcedRule, EnforcementId, ExecutionId, Page, PageOf, RuleEnforcement, TraceContext,
    TriggerInstanceId,
};

use crate::decode::{Place, micros, time};
use crate::listing::{Conditions, Listing};
use crate::sql::{Arg, Sql, args};
use crate::tx::Tx;
use crate::{Store, StoreError};

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
    /// One enforcement.
    pub async fn enforcement(
        &self,
        id: EnforcementId,
    ) -> Result<Option<RuleEnforcement>, StoreError> {
        let text = format!("select {COLUMNS} from enforcements where id = ?");
        let row: Option<EnforcementRow> = self
            .first_row(Sql::new(text, args![id.to_string()]))
            .await?;
        row.map(EnforcementRow::into_enforcement).transpose()
    }

    /// A page of enforcements.
    pub async fn enforcements(
        &self,
        filter: &EnforcementFilter,
        page: Page,
    ) -> Result<PageOf<RuleEnforcement>, StoreError> {
        let mut conditions = Conditions::new();
        conditions.equals("rule_ref", filter.rule_ref.as_ref());
        conditions.equals("rule_id", filter.rule_id.as_ref());
        conditions.between("enforced_us", filter.after, filter.before);
        if let Some(instance) = filter.trigger_instance {
            conditions.equals("trigger_instance_id", Some(&instance));
            self.narrow_to_trace(&mut conditions, "trigger_instances", instance.to_string())
                .await?;
        }
        if let Some(execution) = filter.execution {
            conditions.equals("execution_id", Some(&execution));
            self.narrow_to_trace(&mut conditions, "executions", execution.to_string())
                .await?;
        }
        let listing = Listing {
            table: "enforcements",
            columns: COLUMNS.to_owned(),
            conditions,
            older_than: filter.older_than.map(|id| id.to_string()),
            oldest_first: filter.oldest_first,
            page,
        };
        let (rows, total) = self.page::<EnforcementRow>(listing).await?;
        let items = rows
            .into_iter()
            .map(EnforcementRow::into_enforcement)
            .collect::<Result<_, _>>()?;
        Ok(PageOf { items, total })
    }

    /// Whoever belongs to a trigger instance or an execution has its trace too: the index on traces finds them, and
    /// the hot tables need no further index.
    pub(crate) async fn narrow_to_trace(
        &self,
        conditions: &mut Conditions,
        table: &str,
        id: String,
    ) -> Result<(), StoreError> {
        let text = format!("select trace_id from {table} where id = ?");
        let row: Option<(Option<String>,)> = self.first_row(Sql::new(text, args![id])).await?;
        conditions.equals("trace_id", row.and_then(|(trace,)| trace).as_ref());
        Ok(())
    }
}

/// Adds enforcements; those that are there already are passed over.
pub(crate) async fn insert_enforcements(
    tx: &mut Tx,
    enforcements: impl Iterator<Item = &RuleEnforcement>,
) -> Result<(), StoreError> {
    let rows = enforcements.map(enforcement_args).collect();
    tx.insert_new(&format!("enforcements ({COLUMNS})"), rows)
        .await?;
    Ok(())
}

const COLUMNS: &str = "id, trigger_instance_id, execution_id, rule_ref, rule_id, rule_uid, enforced_us, status, \
                       failure_reason, trace_id, trace_tag";

fn enforcement_args(enforcement: &RuleEnforcement) -> Vec<Arg> {
    args![
        enforcement.id.to_string(),
        enforcement.trigger_instance_id.to_string(),
        enforcement.execution_id.map(|id| id.to_string()),
        &enforcement.rule.rule_ref,
        enforcement.rule.id.to_string(),
        &enforcement.rule.uid,
        micros(enforcement.enforced_at),
        enforcement.status.as_str(),
        enforcement.failure_reason.clone(),
        enforcement.trace.id.to_string(),
        &enforcement.trace.tag,
    ]
}

#[derive(sqlx::FromRow)]
struct EnforcementRow {
    id: String,
    trigger_instance_id: String,
    execution_id: Option<String>,
    rule_ref: String,
    rule_id: String,
    rule_uid: String,
    enforced_us: i64,
    status: String,
    failure_reason: Option<String>,
    trace_id: String,
    trace_tag: String,
}

impl EnforcementRow {
    fn into_enforcement(self) -> Result<RuleEnforcement, StoreError> {
        let place = Place {
            table: "enforcements",
            row: &self.id,
        };
        Ok(RuleEnforcement {
            id: place.parse("id", &self.id)?,
            trigger_instance_id: place.parse("trigger_instance_id", &self.trigger_instance_id)?,
            execution_id: place.parse_option("execution_id", self.execution_id.as_deref())?,
            rule: EnforcedRule {
                id: place.parse("rule_id", &self.rule_id)?,
                rule_ref: self.rule_ref,
                uid: self.rule_uid,
            },
            enforced_at: time(self.enforced_us),
            status: place.parse("status", &self.status)?,
            trace: TraceContext {
                id: place.parse("trace_id", &self.trace_id)?,
                tag: self.trace_tag,
            },
            failure_reason: self.failure_reason,
        })
    }
}
