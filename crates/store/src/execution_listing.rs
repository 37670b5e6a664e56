//! Looking executions up: one, a page, children, values to filter by.

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionId, ExecutionStatus, Page, PageOf, TraceId, TriggerInstanceId};

use crate::decode::Place;
use crate::execution_row::{ExecutionRow, columns};
use crate::listing::{Conditions, Listing};
use crate::sql::{Sql, args};
use crate::{Store, StoreError};

/// Values to filter by are taken from this many of the newest executions.
const VALUES_FROM_NEWEST: i64 = 50_000;

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

impl FilterField {
    fn column(self) -> &'static str {
        match self {
            Self::Action => "action_ref",
            Self::Pack => "pack",
            Self::Runner => "runner",
            Self::Status => "status",
            Self::User => "user_name",
            Self::Rule => "rule_ref",
            Self::Trigger => "trigger_ref",
            Self::TriggerType => "trigger_type",
        }
    }
}

impl Store {
    /// One execution, with its result.
    pub async fn execution(&self, id: ExecutionId) -> Result<Option<Execution>, StoreError> {
        let text = format!("select {} from executions where id = ?", columns(true));
        let mut rows: Vec<ExecutionRow> =
            self.all_rows(Sql::new(text, args![id.to_string()])).await?;
        self.fill_results(&mut rows).await?;
        rows.into_iter()
            .next()
            .map(ExecutionRow::into_execution)
            .transpose()
    }

    /// A page of executions.
    pub async fn executions(
        &self,
        filter: &ExecutionFilter,
        page: Page,
    ) -> Result<PageOf<Execution>, StoreError> {
        let mut conditions = conditions(filter);
        if let Some(instance) = filter.trigger_instance {
            conditions.equals("trigger_instance_id", Some(&instance));
            self.narrow_to_trace(&mut conditions, "trigger_instances", instance.to_string())
                .await?;
        }
        let listing = Listing {
            table: "executions",
            columns: columns(filter.with_results),
            conditions,
            older_than: filter.older_than.map(|id| id.to_string()),
            oldest_first: filter.oldest_first,
            page,
        };
        let (mut rows, total) = self.page::<ExecutionRow>(listing).await?;
        if filter.with_results {
            self.fill_results(&mut rows).await?;
        }
        let items = rows
            .into_iter()
            .map(ExecutionRow::into_execution)
            .collect::<Result<_, _>>()?;
        Ok(PageOf { items, total })
    }

    /// The ids of an execution's children, oldest first.
    pub async fn children(&self, id: ExecutionId) -> Result<Vec<ExecutionId>, StoreError> {
        let sql = Sql::new(
            "select id from executions where parent_id = ? order by id",
            args![id.to_string()],
        );
        let rows: Vec<(String,)> = self.all_rows(sql).await?;
        rows.iter()
            .map(|(id,)| {
                Place {
                    table: "executions",
                    row: id,
                }
                .parse("id", id)
            })
            .collect()
    }

    /// The distinct values of a member, sorted, at most `limit`; of the newest 50,000 executions.
    pub async fn execution_values(
        &self,
        field: FilterField,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let column = field.column();
        let text = format!(
            "select distinct {column} from (select {column} from executions order by id desc limit ?) as newest \
             where {column} is not null order by {column} limit ?"
        );
        let rows: Vec<(String,)> = self
            .all_rows(Sql::new(text, args![VALUES_FROM_NEWEST, i64::from(limit)]))
            .await?;
        Ok(rows.into_iter().map(|(value,)| value).collect())
    }

    /// How many executions are in each state that is not final.
    pub async fn count_open_executions(&self) -> Result<Vec<(ExecutionStatus, u64)>, StoreError> {
        let sql = Sql::new(
            "select status, count(*) from executions where open = 1 group by status",
            vec![],
        );
        let rows: Vec<(String, i64)> = self.all_rows(sql).await?;
        let count = |(status, count): (String, i64)| {
            let place = Place {
                table: "executions",
                row: &status,
            };
            Ok((
                place.parse("status", &status)?,
                u64::try_from(count).unwrap_or(0),
            ))
        };
        rows.into_iter().map(count).collect()
    }
}

fn conditions(filter: &ExecutionFilter) -> Conditions {
    let mut conditions = Conditions::new();
    conditions.equals("action_ref", filter.action.as_ref());
    conditions.equals("pack", filter.pack.as_ref());
    conditions.equals("runner", filter.runner.as_ref());
    if let Some(statuses) = &filter.statuses {
        if !statuses.iter().any(|status| status.is_final()) {
            // Said aloud, so that the index of open executions is used.
            conditions.and("open = 1", vec![]);
        }
        let names: Vec<String> = statuses.iter().map(ToString::to_string).collect();
        conditions.and("status in ?", args![names]);
    }
    conditions.equals("user_name", filter.user.as_ref());
    conditions.equals("rule_name", filter.rule_name.as_ref());
    conditions.equals("rule_ref", filter.rule_ref.as_ref());
    conditions.equals("trigger_ref", filter.trigger.as_ref());
    conditions.equals("trigger_type", filter.trigger_type.as_ref());
    match filter.parent {
        Some(Some(parent)) => conditions.equals("parent_id", Some(&parent)),
        Some(None) => conditions.and("parent_id is null", vec![]),
        None => {}
    }
    conditions.equals("trace_id", filter.trace.as_ref());
    if let Some(ids) = &filter.ids {
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        conditions.and("id in ?", args![names]);
    }
    conditions.between("start_us", filter.started_after, filter.started_before);
    conditions.ended_between(filter.ended_after, filter.ended_before);
    conditions
}
