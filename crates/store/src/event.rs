//! Trigger instances: from "this happened" to "so this was requested".

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use model::{
    Execution, Page, PageOf, RuleEnforcement, TraceContext, TriggerInstance, TriggerInstanceId,
    TriggerInstanceStatus,
};

use crate::decode::{Place, micros, time, to_json};
use crate::enforcement::insert_enforcements;
use crate::execution_row::insert_executions;
use crate::listing::{Conditions, Listing};
use crate::sql::{Arg, Sql, args, first_column, span};
use crate::trace::{new_traces, trace_row};
use crate::tx::{Dialect, Tx};
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

impl Store {
    /// Stores what happened, all of it or nothing, in one transaction of few statements. Once this returns, the
    /// instances are accepted. Instances whose id is stored already are passed over.
    pub async fn add_trigger_instances(
        &self,
        instances: &[TriggerInstance],
    ) -> Result<(), StoreError> {
        if instances.is_empty() {
            return Ok(());
        }
        self.write_together(new_trigger_instances(self.dialect(), instances))
            .await
    }

    /// Stores what came of a batch: wins each instance (`pending` -> its new status) and, for those that were won and
    /// no others, adds enforcements and executions; one transaction. Returns those that were won.
    pub async fn finish_trigger_instances(
        &self,
        processed: &[ProcessedInstance],
    ) -> Result<Vec<TriggerInstanceId>, StoreError> {
        if processed.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.write().await?;
        let outcome = finish(&mut tx, processed).await;
        tx.end(outcome).await
    }

    /// Instances still `pending` that occurred before `before`, oldest first: what a sweep announces again.
    pub async fn pending_trigger_instances(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<TriggerInstance>, StoreError> {
        let text = format!(
            "select {INSTANCE_COLUMNS} from trigger_instances \
             where status = 'pending' and occurred_us < ? order by id limit ?"
        );
        let rows: Vec<InstanceRow> = self
            .all_rows(Sql::new(text, args![micros(before), i64::from(limit)]))
            .await?;
        rows.into_iter().map(InstanceRow::into_instance).collect()
    }

    /// How many instances are `pending`: what intake compares with its bound before it says 429.
    pub async fn count_pending_trigger_instances(&self) -> Result<u64, StoreError> {
        self.number(Sql::new(
            "select count(*) from trigger_instances where status = 'pending'",
            vec![],
        ))
        .await
    }

    /// One instance.
    pub async fn trigger_instance(
        &self,
        id: TriggerInstanceId,
    ) -> Result<Option<TriggerInstance>, StoreError> {
        let text = format!("select {INSTANCE_COLUMNS} from trigger_instances where id = ?");
        let row: Option<InstanceRow> = self
            .first_row(Sql::new(text, args![id.to_string()]))
            .await?;
        row.map(InstanceRow::into_instance).transpose()
    }

    /// A page of instances.
    pub async fn trigger_instances(
        &self,
        filter: &TriggerInstanceFilter,
        page: Page,
    ) -> Result<PageOf<TriggerInstance>, StoreError> {
        let mut conditions = Conditions::new();
        conditions.equals("trigger_ref", filter.trigger.as_ref());
        conditions.equals("trigger_type", filter.trigger_type.as_ref());
        if filter.status == Some(TriggerInstanceStatus::Pending) {
            // Spelled out, so that the index of pending rows is used.
            conditions.and("status = 'pending'", vec![]);
        } else {
            conditions.equals("status", filter.status.as_ref());
        }
        conditions.between("occurred_us", filter.after, filter.before);
        let listing = Listing {
            table: "trigger_instances",
            columns: INSTANCE_COLUMNS.to_owned(),
            conditions,
            older_than: filter.older_than.map(|id| id.to_string()),
            oldest_first: filter.oldest_first,
            page,
        };
        let (rows, total) = self.page::<InstanceRow>(listing).await?;
        let items = rows
            .into_iter()
            .map(InstanceRow::into_instance)
            .collect::<Result<_, _>>()?;
        Ok(PageOf { items, total })
    }
}

/// Adds instances and the traces that they begin.
pub(crate) async fn insert_trigger_instances(
    tx: &mut Tx,
    instances: &[TriggerInstance],
) -> Result<(), StoreError> {
    tx.run_together(new_trigger_instances(tx.dialect(), instances))
        .await
}

/// Statements that add instances and the traces that they begin.
fn new_trigger_instances(dialect: Dialect, instances: &[TriggerInstance]) -> Vec<Sql> {
    let begun = instances
        .iter()
        .map(|instance| trace_row(&instance.trace, instance.occurrence_time));
    let mut writes = new_traces(dialect, begun.collect());
    let rows = instances.iter().map(instance_args).collect();
    writes.extend(dialect.new_rows(&format!("trigger_instances ({INSTANCE_COLUMNS})"), rows));
    writes
}

async fn finish(
    tx: &mut Tx,
    processed: &[ProcessedInstance],
) -> Result<Vec<TriggerInstanceId>, StoreError> {
    // An instance that is named twice is won once, and what came of it is what was said first.
    let mut seen = HashSet::new();
    let unique: Vec<&ProcessedInstance> =
        processed.iter().filter(|one| seen.insert(one.id)).collect();
    let won = win(tx, &unique).await?;
    let winners = || unique.iter().filter(|one| won.contains(&one.id));
    let enforcements = winners().flat_map(|one| &one.enforcements);
    insert_enforcements(tx, enforcements).await?;
    insert_executions(tx, winners().flat_map(|one| &one.executions)).await?;
    Ok(winners().map(|one| one.id).collect())
}

/// Moves instances out of `pending`; those that this call moved.
async fn win(
    tx: &mut Tx,
    processed: &[&ProcessedInstance],
) -> Result<HashSet<TriggerInstanceId>, StoreError> {
    let rows = processed
        .iter()
        .map(|one| args![one.id.to_string(), one.status.as_str(), &one.reason])
        .collect();
    let mut won = HashSet::new();
    for batch in tx.batches(rows) {
        let ids: Vec<String> = first_column(&batch);
        let sql = match tx.dialect() {
            // Rows that another engine is just finishing are left to it, in whatever order it locks them.
            Dialect::Postgres => Sql::new(
                "with free as (select id from trigger_instances where id in ? and status = 'pending' \
                 for update skip locked) \
                 update trigger_instances as t set status = v.column2, status_reason = v.column3 \
                 from free, ? where t.id = free.id and v.column1 = free.id and t.id between ? and ? returning t.id",
                args![ids.clone(), batch, span(&ids).0, span(&ids).1],
            ),
            Dialect::Sqlite => Sql::new(
                "update trigger_instances as t set status = v.column2, status_reason = v.column3 \
                 from ? where t.id = v.column1 and t.status = 'pending' returning id",
                args![batch],
            ),
        };
        let rows: Vec<(String,)> = tx.all(sql).await?;
        for (id,) in rows {
            won.insert(
                Place {
                    table: "trigger_instances",
                    row: &id,
                }
                .parse("id", &id)?,
            );
        }
    }
    Ok(won)
}

const INSTANCE_COLUMNS: &str = "id, trigger_ref, trigger_type, payload, occurred_us, status, status_reason, \
                                trace_id, trace_tag, caused_by";

fn instance_args(instance: &TriggerInstance) -> Vec<Arg> {
    args![
        instance.id.to_string(),
        &instance.trigger,
        &instance.trigger_type,
        to_json(&instance.payload),
        micros(instance.occurrence_time),
        instance.status.as_str(),
        instance.status_reason.clone(),
        instance.trace.id.to_string(),
        &instance.trace.tag,
        instance.caused_by.map(|id| id.to_string()),
    ]
}

#[derive(sqlx::FromRow)]
struct InstanceRow {
    id: String,
    trigger_ref: String,
    trigger_type: String,
    payload: String,
    occurred_us: i64,
    status: String,
    status_reason: Option<String>,
    trace_id: String,
    trace_tag: String,
    caused_by: Option<String>,
}

impl InstanceRow {
    fn into_instance(self) -> Result<TriggerInstance, StoreError> {
        let place = Place {
            table: "trigger_instances",
            row: &self.id,
        };
        Ok(TriggerInstance {
            id: place.parse("id", &self.id)?,
            payload: place.json("payload", &self.payload)?,
            occurrence_time: time(self.occurred_us),
            status: place.parse("status", &self.status)?,
            trace: TraceContext {
                id: place.parse("trace_id", &self.trace_id)?,
                tag: self.trace_tag,
            },
            caused_by: place.parse_option("caused_by", self.caused_by.as_deref())?,
            trigger: self.trigger_ref,
            trigger_type: self.trigger_type,
            status_reason: self.status_reason,
        })
    }
}
