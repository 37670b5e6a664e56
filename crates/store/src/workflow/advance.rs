//! Storing steps: one transaction, and the number of its statements does not grow with the steps.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionContext, ExecutionId, ExecutionStatus};

use super::change::{Records, StoredChange, may_follow};
use super::{RecordChange, WorkflowBeginning, WorkflowStep};
use crate::decode::{Place, micros, to_json};
use crate::digest::digest;
use crate::execution::{End, finish, keeps_lease};
use crate::execution_row::{NewExecutions, log_piece};
use crate::result::StoredResult;
use crate::sql::{Arg, Sql, args, first_column, span};
use crate::tx::{Dialect, Tx};
use crate::{Store, StoreError};

/// How many definitions a process remembers to have stored; beyond, it forgets all and begins again.
const REMEMBERED: usize = 4096;

/// Keys of the definitions that this process knows to be stored.
#[derive(Debug, Default)]
pub(crate) struct KnownDefinitions(Mutex<HashSet<String>>);

impl KnownDefinitions {
    fn has(&self, key: &str) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(key)
    }

    fn add(&self, keys: impl Iterator<Item = String>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.extend(keys);
    }
}

impl Store {
    /// Stores steps of several workflows in one transaction, in a number of statements that does not grow with them. A
    /// step whose workflow its holder does not hold any more (or that has ended) changes nothing. Returns the others'
    /// executions, in the order of their ids, and the state each has now.
    pub async fn advance_workflows(
        &self,
        steps: &[WorkflowStep],
    ) -> Result<Vec<(ExecutionId, ExecutionStatus)>, StoreError> {
        let mut prepared = Vec::with_capacity(steps.len());
        for step in steps.iter().filter(|step| is_consistent(step)) {
            prepared.push(Prepared::of(step).await);
        }
        if prepared.is_empty() {
            return Ok(Vec::new());
        }
        let definitions = self.new_definitions(steps).await;
        let keys: Vec<String> = definitions.keys().cloned().collect();
        let mut tx = self.write().await?;
        let outcome = advance(&mut tx, prepared, definitions).await;
        let advanced = tx.end(outcome).await?;
        self.known_workflow_definitions().add(keys.into_iter());
        Ok(advanced)
    }

    /// Definitions that this process has not stored yet, by key: one order for all, so that two transactions with
    /// common ones never wait for each other in a circle.
    async fn new_definitions(&self, steps: &[WorkflowStep]) -> BTreeMap<String, StoredResult> {
        let mut new = BTreeMap::new();
        for beginning in steps.iter().filter_map(|step| step.beginning.as_ref()) {
            let key = key_of(&beginning.definition);
            if !self.known_workflow_definitions().has(&key) && !new.contains_key(&key) {
                let body = StoredResult::of_text_of_any_size(beginning.definition.clone()).await;
                new.insert(key, body);
            }
        }
        new
    }
}

fn key_of(definition: &str) -> String {
    digest(definition.as_bytes())
}

/// Whether the end that a step tells, if any, is an end, and that of the step's workflow.
fn is_consistent(step: &WorkflowStep) -> bool {
    step.end
        .as_ref()
        .is_none_or(|end| end.status.is_final() && end.id == step.id && end.holder == step.holder)
}

/// A step with what it stores packed, so that nobody waits for that while rows are locked.
struct Prepared<'a> {
    step: &'a WorkflowStep,
    changes: Vec<StoredChange>,
    end: Option<End<'a>>,
}

impl<'a> Prepared<'a> {
    async fn of(step: &'a WorkflowStep) -> Self {
        let mut changes = Vec::with_capacity(step.changes.len());
        for change in &step.changes {
            changes.push(match change {
                RecordChange::Put { key, body } => StoredChange::Put {
                    key: key.clone(),
                    body: StoredResult::of_text_of_any_size(body.clone()).await,
                },
                RecordChange::Remove { key } => StoredChange::Remove { key: key.clone() },
                RecordChange::RemoveUnder { prefix } => StoredChange::RemoveUnder {
                    prefix: prefix.clone(),
                },
            });
        }
        let end = match &step.end {
            Some(end) => Some(End::of(end).await),
            None => None,
        };
        Self { step, changes, end }
    }
}

/// A workflow whose row is locked, and what its steps make of it.
struct Held<'a> {
    holder: String,
    trace: Option<String>,
    status: ExecutionStatus,
    /// What is added to its log.
    log: String,
    is_released: bool,
    beginning: Option<&'a WorkflowBeginning>,
    context: Option<&'a ExecutionContext>,
    records: Records,
    requests: Vec<&'a Execution>,
    end: Option<End<'a>>,
    /// The time of the last step that was taken.
    at: Option<DateTime<Utc>>,
}

impl<'a> Held<'a> {
    /// Takes one more step, if whoever tells it (still) holds the workflow.
    fn take(&mut self, Prepared { step, changes, end }: Prepared<'a>) {
        if step.holder != self.holder || self.is_released || self.end.is_some() {
            return;
        }
        if let Some(next) = step.status {
            if may_follow(self.status, next) {
                self.status = next;
                self.log.push_str(&log_piece(next, step.at));
            }
            self.is_released = self.status == next && !keeps_lease(next);
        }
        self.is_released |= step.is_released;
        self.beginning = self.beginning.or(step.beginning.as_ref());
        let begun = step.beginning.as_ref().map(|beginning| &beginning.context);
        self.context = step.context.as_ref().or(begun).or(self.context);
        self.records.change(changes);
        self.requests.extend(&step.requests);
        if let Some(told) = &step.end {
            self.status = told.status;
        }
        self.end = end;
        self.at = Some(step.at);
    }

    /// The execution's row where it changes otherwise than by an end.
    fn row(&self, id: &str) -> Option<Vec<Arg>> {
        let is_released = self.is_released && self.end.is_none();
        if self.log.is_empty() && self.context.is_none() && !is_released {
            return None;
        }
        Some(args![
            id,
            &self.log,
            // The state of what ends here changes with the end.
            self.end.is_none().then(|| self.status.to_string()),
            i64::from(is_released),
            self.context.map(to_json),
        ])
    }
}

async fn advance(
    tx: &mut Tx,
    prepared: Vec<Prepared<'_>>,
    definitions: BTreeMap<String, StoredResult>,
) -> Result<Vec<(ExecutionId, ExecutionStatus)>, StoreError> {
    let mut held = lock(tx, &prepared).await?;
    for one in prepared {
        if let Some(workflow) = held.get_mut(&one.step.id) {
            workflow.take(one);
        }
    }
    held.retain(|_, workflow| workflow.at.is_some());
    let advanced: Vec<(ExecutionId, ExecutionStatus)> = held
        .iter()
        .map(|(id, workflow)| (*id, workflow.status))
        .collect();
    let mut changes = Changes::default();
    for (id, workflow) in held {
        changes.add(id, workflow);
    }
    changes.store(tx, definitions).await?;
    Ok(advanced)
}

/// Locks the rows of the workflows, in the order of their ids, so that two transactions never wait for each other in a
/// circle. Those that somebody else holds by now are left out.
async fn lock<'a>(
    tx: &mut Tx,
    prepared: &[Prepared<'_>],
) -> Result<BTreeMap<ExecutionId, Held<'a>>, StoreError> {
    let names: Vec<String> = prepared.iter().map(|one| one.step.id.to_string()).collect();
    let mut holders: Vec<String> = prepared.iter().map(|one| one.step.holder.clone()).collect();
    holders.sort_unstable();
    holders.dedup();
    let mut sql = Sql::new(
        "select id, status, lease_holder, trace_id from executions \
         where id in ? and open = 1 and lease_holder in ? order by id",
        args![names, holders],
    );
    if tx.dialect() == Dialect::Postgres {
        sql.push(" for update", vec![]);
    }
    let rows: Vec<(String, String, String, Option<String>)> = tx.all(sql).await?;
    let mut held = BTreeMap::new();
    for (id, status, holder, trace) in rows {
        let place = Place {
            table: "executions",
            row: &id,
        };
        let workflow = Held {
            holder,
            trace,
            status: place.parse("status", &status)?,
            log: String::new(),
            is_released: false,
            beginning: None,
            context: None,
            records: Records::default(),
            requests: Vec::new(),
            end: None,
            at: None,
        };
        held.insert(place.parse("id", &id)?, workflow);
    }
    Ok(held)
}

/// Rows to be written, of all workflows together.
#[derive(Default)]
struct Changes<'a> {
    executions: Vec<Vec<Arg>>,
    begun: Vec<Vec<Arg>>,
    moved: Vec<Vec<Arg>>,
    /// Single records.
    gone: Vec<Vec<Arg>>,
    /// All records between two keys.
    gone_between: Vec<Vec<Arg>>,
    put: Vec<Vec<Arg>>,
    requests: NewExecutions,
    ends: Vec<End<'a>>,
}

impl<'a> Changes<'a> {
    fn add(&mut self, id: ExecutionId, workflow: Held<'a>) {
        let name = id.to_string();
        let at = workflow.at.map_or(0, micros);
        let row = workflow.row(&name);
        if let Some(beginning) = workflow.beginning {
            let definition = key_of(&beginning.definition);
            self.begun.push(args![&name, definition, at]);
        } else if row.is_some() {
            self.moved.push(args![&name, at]);
        }
        self.executions.extend(row);
        let (gone, put) = workflow.records.into_parts();
        for (first, last) in gone {
            if first == last {
                self.gone.push(args![&name, first]);
            } else {
                self.gone_between.push(args![&name, first, last]);
            }
        }
        for (key, body) in put {
            self.put.push(args![&name, key, body.inline, body.large]);
        }
        for request in workflow.requests {
            self.requests.add(request);
            let trace = request.context.trace.as_ref();
            // The workflow's own trace is there.
            if trace.map(|trace| trace.id.to_string()) != workflow.trace {
                self.requests.begin_trace(request);
            }
        }
        self.ends.extend(workflow.end);
    }

    async fn store(
        self,
        tx: &mut Tx,
        definitions: BTreeMap<String, StoredResult>,
    ) -> Result<(), StoreError> {
        let dialect = tx.dialect();
        for batch in tx.batches(self.gone_between) {
            tx.run(remove_between(dialect, batch)).await?;
        }
        for batch in tx.batches(self.gone) {
            tx.run(remove_records(dialect, batch)).await?;
        }
        let definitions = definitions
            .into_iter()
            .map(|(key, body)| args![key, body.inline, body.large])
            .collect();
        let mut writes = tx.new_rows("workflow_definitions (key, body, packed)", definitions);
        writes.extend(tx.insertions(
            "workflows (execution_id, definition, updated_us)",
            "(execution_id) do update set updated_us = excluded.updated_us",
            self.begun,
        ));
        let moved = tx.batches(self.moved);
        writes.extend(
            moved
                .into_iter()
                .map(|batch| touch_workflows(dialect, batch)),
        );
        let executions = tx.batches(self.executions);
        writes.extend(
            executions
                .into_iter()
                .map(|batch| move_executions(dialect, batch)),
        );
        writes.extend(tx.insertions(
            "workflow_records (execution_id, key, body, packed)",
            "(execution_id, key) do update set body = excluded.body, packed = excluded.packed",
            self.put,
        ));
        writes.extend(self.requests.writes(tx.dialect()));
        tx.run_together(writes).await?;
        if !self.ends.is_empty() {
            finish(tx, self.ends).await?;
        }
        Ok(())
    }
}

/// Adds what PostgreSQL needs to look only at the partitions that the rows of a batch are in.
fn within(dialect: Dialect, text: &str, column: &str, batch: Vec<Vec<Arg>>) -> Sql {
    let ids = first_column(&batch);
    let mut sql = Sql::new(text, args![batch]);
    if dialect == Dialect::Postgres {
        let (first, last) = span(&ids);
        sql.push(
            &format!(" and {column} between ? and ?"),
            args![first, last],
        );
    }
    sql
}

fn move_executions(dialect: Dialect, batch: Vec<Vec<Arg>>) -> Sql {
    let text = "update executions set log = log || v.column2, status = coalesce(v.column3, status), \
                lease_holder = case when v.column4 = 0 then lease_holder end, \
                lease_us = case when v.column4 = 0 then lease_us end, \
                context = coalesce(v.column5, context) from ? where executions.id = v.column1";
    within(dialect, text, "executions.id", batch)
}

fn touch_workflows(dialect: Dialect, batch: Vec<Vec<Arg>>) -> Sql {
    let text = "update workflows set updated_us = v.column2 from ? where execution_id = v.column1";
    within(dialect, text, "execution_id", batch)
}

/// Apart from [`remove_between`]: PostgreSQL compares every range with every record, which is too much for single ones.
fn remove_records(dialect: Dialect, batch: Vec<Vec<Arg>>) -> Sql {
    match dialect {
        Dialect::Postgres => {
            let text = "delete from workflow_records using ? where execution_id = v.column1 and key = v.column2";
            within(dialect, text, "execution_id", batch)
        }
        Dialect::Sqlite => Sql::new(
            "delete from workflow_records where rowid in (select r.rowid from ? cross join workflow_records r \
             where r.execution_id = v.column1 and r.key = v.column2)",
            args![batch],
        ),
    }
}

fn remove_between(dialect: Dialect, batch: Vec<Vec<Arg>>) -> Sql {
    match dialect {
        Dialect::Postgres => {
            let text = "delete from workflow_records using ? where execution_id = v.column1 \
                        and key between v.column2 and v.column3";
            within(dialect, text, "execution_id", batch)
        }
        Dialect::Sqlite => Sql::new(
            "delete from workflow_records where rowid in (select r.rowid from ? cross join workflow_records r \
             where r.execution_id = v.column1 and r.key between v.column2 and v.column3)",
            args![batch],
        ),
    }
}
