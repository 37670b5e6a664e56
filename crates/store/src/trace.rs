//! Traces: a row for each, and its members derived from the rows that carry its id.

use chrono::{DateTime, Utc};
use model::{
    ExecutionId, Page, PageOf, RuleId, Trace, TraceContext, TraceId, TraceLink, TriggerInstanceId,
};

use crate::decode::{Place, micros, time};
use crate::listing::{Conditions, Listing};
use crate::sql::{Arg, Sql, args, first_text};
use crate::tx::Dialect;
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
        let sql = Sql::new(
            "select id, tag, start_us from traces where id = ?",
            args![id.to_string()],
        );
        let row: Option<TraceRow> = self.first_row(sql).await?;
        let Some(row) = row else { return Ok(None) };
        self.with_members(vec![row])
            .await
            .map(|traces| traces.into_iter().next())
    }

    /// A page of traces.
    pub async fn traces(
        &self,
        filter: &TraceFilter,
        page: Page,
    ) -> Result<PageOf<Trace>, StoreError> {
        let mut conditions = Conditions::new();
        conditions.equals("tag", filter.tag.as_ref());
        if let Some(execution) = filter.execution {
            conditions.and(
                "id = (select trace_id from executions where id = ?)",
                args![execution.to_string()],
            );
        }
        if let Some(instance) = filter.trigger_instance {
            conditions.and(
                "id = (select trace_id from trigger_instances where id = ?)",
                args![instance.to_string()],
            );
        }
        if let Some(rule) = filter.rule {
            conditions.and(
                "id in (select trace_id from enforcements where rule_id = ?)",
                args![rule.to_string()],
            );
        }
        let listing = Listing {
            table: "traces",
            columns: "id, tag, start_us".to_owned(),
            conditions,
            older_than: None,
            oldest_first: filter.oldest_first,
            page,
        };
        let (rows, total) = self.page::<TraceRow>(listing).await?;
        Ok(PageOf {
            items: self.with_members(rows).await?,
            total,
        })
    }

    /// Reads the members of all these traces in three statements.
    async fn with_members(&self, rows: Vec<TraceRow>) -> Result<Vec<Trace>, StoreError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut traces = rows
            .into_iter()
            .map(TraceRow::into_trace)
            .collect::<Result<Vec<_>, _>>()?;
        if ids.is_empty() {
            return Ok(traces);
        }
        let instances: Vec<InstanceMember> = self
            .all_rows(Sql::new(
                "select trace_id, id, trigger_ref as reference, occurred_us as at_us, caused_by from trigger_instances \
                 where trace_id in ? order by id",
                args![ids.clone()],
            ))
            .await?;
        let rules: Vec<RuleMember> = self
            .all_rows(Sql::new(
                "select trace_id, id, rule_id, rule_ref, enforced_us, trigger_instance_id from enforcements \
                 where trace_id in ? order by id",
                args![ids.clone()],
            ))
            .await?;
        let executions: Vec<ExecutionMember> = self
            .all_rows(Sql::new(
                "select trace_id, id, action_ref, start_us, trigger_instance_id, enforcement_id, rule_id, parent_id \
                 from executions where trace_id in ? order by id",
                args![ids],
            ))
            .await?;
        for trace in &mut traces {
            let id = trace.context.id.to_string();
            let of_trace = |other: &String| *other == id;
            trace.trigger_instances = collect(
                instances.iter().filter(|m| of_trace(&m.trace_id)),
                InstanceMember::link,
            )?;
            trace.rules = collect(
                rules.iter().filter(|m| of_trace(&m.trace_id)),
                RuleMember::link,
            )?;
            trace.executions = collect(
                executions.iter().filter(|m| of_trace(&m.trace_id)),
                ExecutionMember::link,
            )?;
        }
        Ok(traces)
    }
}

fn collect<'a, M: 'a, L>(
    members: impl Iterator<Item = &'a M>,
    link: fn(&M) -> Result<L, StoreError>,
) -> Result<Vec<L>, StoreError> {
    members.map(link).collect()
}

/// The row of a trace that begins at `start`.
pub(crate) fn trace_row(trace: &TraceContext, start: DateTime<Utc>) -> Vec<Arg> {
    args![trace.id.to_string(), &trace.tag, micros(start)]
}

/// Statements that add traces; those that are there already keep their start.
///
/// One order for all, so that two batches with common traces never wait for each other in a circle.
pub(crate) fn new_traces(dialect: Dialect, mut rows: Vec<Vec<Arg>>) -> Vec<Sql> {
    rows.sort_by(|a, b| first_text(a).cmp(&first_text(b)));
    rows.dedup_by(|a, b| first_text(a) == first_text(b));
    dialect.new_rows("traces (id, tag, start_us)", rows)
}

#[derive(sqlx::FromRow)]
struct TraceRow {
    id: String,
    tag: String,
    start_us: i64,
}

impl TraceRow {
    fn into_trace(self) -> Result<Trace, StoreError> {
        let place = Place {
            table: "traces",
            row: &self.id,
        };
        Ok(Trace {
            context: TraceContext {
                id: place.parse("id", &self.id)?,
                tag: self.tag,
            },
            start_timestamp: time(self.start_us),
            trigger_instances: Vec::new(),
            rules: Vec::new(),
            executions: Vec::new(),
        })
    }
}

#[derive(sqlx::FromRow)]
struct InstanceMember {
    trace_id: String,
    id: String,
    reference: String,
    at_us: i64,
    caused_by: Option<String>,
}

impl InstanceMember {
    fn link(&self) -> Result<TraceLink<TriggerInstanceId>, StoreError> {
        let place = Place {
            table: "trigger_instances",
            row: &self.id,
        };
        Ok(TraceLink {
            id: place.parse("id", &self.id)?,
            reference: self.reference.clone(),
            at: time(self.at_us),
            trigger_instance: None,
            enforcement: None,
            rule: None,
            execution: place.parse_option("caused_by", self.caused_by.as_deref())?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct RuleMember {
    trace_id: String,
    id: String,
    rule_id: String,
    rule_ref: String,
    enforced_us: i64,
    trigger_instance_id: String,
}

impl RuleMember {
    fn link(&self) -> Result<TraceLink<RuleId>, StoreError> {
        let place = Place {
            table: "enforcements",
            row: &self.id,
        };
        Ok(TraceLink {
            id: place.parse("rule_id", &self.rule_id)?,
            reference: self.rule_ref.clone(),
            at: time(self.enforced_us),
            trigger_instance: Some(place.parse("trigger_instance_id", &self.trigger_instance_id)?),
            enforcement: Some(place.parse("id", &self.id)?),
            rule: None,
            execution: None,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ExecutionMember {
    trace_id: String,
    id: String,
    action_ref: String,
    start_us: i64,
    trigger_instance_id: Option<String>,
    enforcement_id: Option<String>,
    rule_id: Option<String>,
    parent_id: Option<String>,
}

impl ExecutionMember {
    fn link(&self) -> Result<TraceLink<ExecutionId>, StoreError> {
        let place = Place {
            table: "executions",
            row: &self.id,
        };
        Ok(TraceLink {
            id: place.parse("id", &self.id)?,
            reference: self.action_ref.clone(),
            at: time(self.start_us),
            trigger_instance: place
                .parse_option("trigger_instance_id", self.trigger_instance_id.as_deref())?,
            enforcement: place.parse_option("enforcement_id", self.enforcement_id.as_deref())?,
            rule: place.parse_option("rule_id", self.rule_id.as_deref())?,
            execution: place.parse_option("parent_id", self.parent_id.as_deref())?,
        })
    }
}
