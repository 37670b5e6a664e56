//! Executions as rows.

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionContext, ExecutionStatus, Lease, LogEntry};
use serde_json::Value;

use crate::StoreError;
use crate::admission::{GATES, gate_args};
use crate::decode::{Place, micros, time, to_json};
use crate::result::StoredResult;
use crate::sql::{Arg, Sql, args};
use crate::trace::{new_traces, trace_row};
use crate::tx::{Dialect, Tx};

/// What is read of an execution, its result apart.
const COLUMNS_BUT_RESULT: &str = "id, action_ref, runner, snapshot, status, parameters, context, start_us, end_us, \
                                  delay_ms, result_size, log, runner_info, notify, lease_holder, lease_us, gates";

/// The columns of an [`ExecutionRow`].
pub(crate) fn columns(with_result: bool) -> String {
    let result = if with_result {
        "result"
    } else {
        "cast(null as text) as result"
    };
    format!("{COLUMNS_BUT_RESULT}, {result}")
}

/// The same for those who want neither result nor parameters.
pub(crate) fn columns_but_parameters() -> String {
    columns(false).replace(" parameters,", " cast('{}' as text) as parameters,")
}

const INSERTED: &str = "executions (id, action_ref, pack, runner, snapshot, status, open, parameters, context, \
                        start_us, end_us, ready_us, delay_ms, result, result_size, log, runner_info, notify, \
                        lease_holder, lease_us, user_name, rule_name, rule_ref, rule_id, trigger_ref, trigger_type, \
                        trigger_instance_id, enforcement_id, parent_id, trace_id, gates, admitted)";

/// Adds executions (those that are there already are passed over), their results and the traces they begin.
pub(crate) async fn insert_executions(
    tx: &mut Tx,
    executions: impl Iterator<Item = &Execution>,
) -> Result<(), StoreError> {
    tx.run_together(new_executions(tx.dialect(), executions))
        .await
}

/// The statements of [`insert_executions`], of which none touches a row of another.
pub(crate) fn new_executions<'a>(
    dialect: Dialect,
    executions: impl Iterator<Item = &'a Execution>,
) -> Vec<Sql> {
    let mut new = NewExecutions::default();
    for execution in executions {
        new.add(execution);
        new.begin_trace(execution);
    }
    new.writes(dialect)
}

/// Executions to be added, as rows.
#[derive(Default)]
pub(crate) struct NewExecutions {
    rows: Vec<Vec<Arg>>,
    results: Vec<Vec<Arg>>,
    gates: Vec<Vec<Arg>>,
    traces: Vec<Vec<Arg>>,
}

impl NewExecutions {
    /// Adds an execution, the trace that it may begin apart.
    pub(crate) fn add(&mut self, execution: &Execution) {
        let result = execution.result.as_ref().map(StoredResult::of);
        if let Some(large) = result.as_ref().and_then(|result| result.large.clone()) {
            self.results
                .push(args![execution.id.to_string(), Some(large)]);
        }
        self.gates.extend(gate_args(execution));
        self.rows.push(execution_args(execution, result.as_ref()));
    }

    /// Adds the trace that an execution begins, if it begins one.
    pub(crate) fn begin_trace(&mut self, execution: &Execution) {
        if let (Some(trace), None) = (
            &execution.context.trace,
            &execution.context.trigger_instance,
        ) {
            self.traces
                .push(trace_row(trace, execution.start_timestamp));
        }
    }

    /// The statements that store it all, of which none touches a row of another.
    pub(crate) fn writes(self, dialect: Dialect) -> Vec<Sql> {
        let mut writes = new_traces(dialect, self.traces);
        writes.extend(dialect.new_rows(INSERTED, self.rows));
        writes.extend(dialect.new_rows("execution_results (execution_id, body)", self.results));
        writes.extend(dialect.new_rows(GATES, self.gates));
        writes
    }
}

fn execution_args(execution: &Execution, result: Option<&StoredResult>) -> Vec<Arg> {
    let ExecutionContext {
        user,
        rule,
        trigger_instance,
        enforcement,
        trace,
        parent,
        ..
    } = &execution.context;
    let start = micros(execution.start_timestamp);
    let delay = execution
        .delay_ms
        .map(|delay| i64::try_from(delay).unwrap_or(i64::MAX / 1000));
    let (rule, instance) = (rule.as_ref(), trigger_instance.as_ref());
    args![
        execution.id.to_string(),
        execution.action_ref.as_str(),
        execution.action_ref.pack(),
        &execution.runner,
        &execution.snapshot,
        execution.status.as_str(),
        i64::from(!execution.status.is_final()),
        to_json(&execution.parameters),
        to_json(&execution.context),
        start,
        execution.end_timestamp.map(micros),
        start.saturating_add(delay.unwrap_or(0).saturating_mul(1000)),
        delay,
        result.and_then(|result| result.inline.clone()),
        result.map(|result| result.size),
        log_text(&execution.log),
        execution.runner_info.as_ref().map(to_json),
        to_json(&execution.notify),
        execution.lease.as_ref().map(|lease| lease.holder.clone()),
        execution
            .lease
            .as_ref()
            .map(|lease| micros(lease.expires_at)),
        user,
        rule.map(|rule| rule.name.clone()),
        rule.map(|rule| rule.rule_ref.clone()),
        rule.map(|rule| rule.id.to_string()),
        instance.map(|instance| instance.trigger.clone()),
        instance.map(|instance| instance.trigger_type.clone()),
        instance.map(|instance| instance.id.to_string()),
        enforcement.map(|id| id.to_string()),
        parent.map(|id| id.to_string()),
        trace.as_ref().map(|trace| trace.id.to_string()),
        (!execution.gates.is_empty()).then(|| to_json(&execution.gates)),
        (!execution.gates.is_empty()).then_some(0_i64),
    ]
}

/// One entry of a log, as statements append it: `,state:microseconds`.
pub(crate) fn log_piece(status: ExecutionStatus, at: DateTime<Utc>) -> String {
    format!(",{status}:{}", micros(at))
}

fn log_text(log: &[LogEntry]) -> String {
    log.iter()
        .map(|entry| log_piece(entry.status, entry.timestamp))
        .collect()
}

fn read_log(place: Place<'_>, text: &str) -> Result<Vec<LogEntry>, StoreError> {
    let entry = |piece: &str| {
        let (status, at) = piece
            .split_once(':')
            .ok_or_else(|| place.unreadable("log", &"an entry has no time"))?;
        Ok(LogEntry {
            timestamp: time(place.parse("log", at)?),
            status: place.parse("log", status)?,
        })
    };
    text.split(',')
        .filter(|piece| !piece.is_empty())
        .map(entry)
        .collect()
}

/// What [`columns`] reads.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ExecutionRow {
    pub(crate) id: String,
    action_ref: String,
    runner: String,
    snapshot: String,
    status: String,
    parameters: String,
    context: String,
    start_us: i64,
    end_us: Option<i64>,
    delay_ms: Option<i64>,
    pub(crate) result: Option<String>,
    pub(crate) result_size: Option<i64>,
    log: String,
    runner_info: Option<String>,
    notify: String,
    lease_holder: Option<String>,
    lease_us: Option<i64>,
    gates: Option<String>,
}

impl ExecutionRow {
    pub(crate) fn into_execution(self) -> Result<Execution, StoreError> {
        let place = Place {
            table: "executions",
            row: &self.id,
        };
        let lease = self.lease_holder.zip(self.lease_us);
        Ok(Execution {
            id: place.parse("id", &self.id)?,
            action_ref: place.parse("action_ref", &self.action_ref)?,
            status: place.parse("status", &self.status)?,
            parameters: place.json("parameters", &self.parameters)?,
            context: place.json("context", &self.context)?,
            start_timestamp: time(self.start_us),
            end_timestamp: self.end_us.map(time),
            delay_ms: self.delay_ms.and_then(|delay| u64::try_from(delay).ok()),
            result: self
                .result
                .map(|text| place.json::<Value>("result", &text))
                .transpose()?,
            result_size: self.result_size.and_then(|size| u64::try_from(size).ok()),
            log: read_log(place, &self.log)?,
            runner_info: self
                .runner_info
                .map(|text| place.json("runner_info", &text))
                .transpose()?,
            notify: place.json("notify", &self.notify)?,
            lease: lease.map(|(holder, until)| Lease {
                holder,
                expires_at: time(until),
            }),
            gates: self
                .gates
                .map_or_else(|| Ok(Vec::new()), |text| place.json("gates", &text))?,
            runner: self.runner,
            snapshot: self.snapshot,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_log_it_writes() {
        let log = vec![
            LogEntry {
                timestamp: time(1_790_000_000_000_001),
                status: ExecutionStatus::Requested,
            },
            LogEntry {
                timestamp: time(1_790_000_000_000_002),
                status: ExecutionStatus::TimedOut,
            },
        ];

        let place = Place {
            table: "executions",
            row: "x",
        };
        assert_eq!(read_log(place, &log_text(&log)).unwrap(), log);
        assert_eq!(read_log(place, "").unwrap(), vec![]);
    }

    #[test]
    fn names_the_row_of_a_log_that_cannot_be_read() {
        let place = Place {
            table: "executions",
            row: "65f0",
        };

        assert_eq!(
            read_log(place, ",ran:5").unwrap_err().to_string(),
            "table `executions`, column `log`, row `65f0` cannot be read: `ran` is not a status of an execution"
        );
    }
}
