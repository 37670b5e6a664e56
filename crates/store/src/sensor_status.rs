//! Where sensors run, as the processes that run them say.

use chrono::{DateTime, Utc};
use model::{SensorState, SensorStatus};

use crate::decode::{micros, time};
use crate::sql::{Sql, args};
use crate::tx::Tx;
use crate::{Store, StoreError};

const COLUMNS: &str = "sensor_ref, holder, hostname, pid, state, since_us, dispatches, rejected, restarts, \
                       last_dispatch_us, last_error, last_error_us";

impl Store {
    /// Stores what has become of sensors; what was said of them before is replaced. Where somebody else holds a sensor
    /// at `now`, what is said of it comes too late, and changes nothing.
    pub async fn save_sensor_statuses(
        &self,
        statuses: &[SensorStatus],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let outcome = save(&mut tx, statuses, now).await;
        tx.end(outcome).await
    }

    /// All that is known, sorted by reference; each with whether the process that said it holds the sensor at `now`.
    pub async fn sensor_statuses(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(SensorStatus, bool)>, StoreError> {
        let sql = Sql::new(
            format!(
                "select {COLUMNS}, exists (select 1 from leases l where l.name = 'sensor:' || s.sensor_ref \
                 and l.holder = s.holder and l.until_us > ?) as is_held from sensor_statuses s order by sensor_ref"
            ),
            args![micros(now)],
        );
        let rows: Vec<StatusRow> = self.all_rows(sql).await?;
        rows.into_iter().map(StatusRow::into_status).collect()
    }
}

async fn save(
    tx: &mut Tx,
    statuses: &[SensorStatus],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    // In one order, so that two processes never wait for each other in a circle.
    let mut statuses: Vec<&SensorStatus> = statuses.iter().collect();
    statuses.sort_by(|one, other| one.sensor_ref.cmp(&other.sensor_ref));
    let rows = statuses.into_iter().map(|status| {
        args![
            &status.sensor_ref,
            &status.holder,
            &status.hostname,
            status.pid.map(i64::from),
            status.state.as_str(),
            micros(status.since),
            number(status.dispatches),
            number(status.rejected),
            number(status.restarts),
            status.last_dispatch.map(micros),
            status.last_error.clone(),
            status.last_error_at.map(micros),
        ]
    });
    for batch in tx.batches(rows.collect()) {
        let sql = Sql::new(
            format!(
                "insert into sensor_statuses ({COLUMNS}) select * from ? where true \
                 on conflict (sensor_ref) do update set holder = excluded.holder, hostname = excluded.hostname, \
                 pid = excluded.pid, state = excluded.state, since_us = excluded.since_us, \
                 dispatches = excluded.dispatches, rejected = excluded.rejected, restarts = excluded.restarts, \
                 last_dispatch_us = excluded.last_dispatch_us, last_error = excluded.last_error, \
                 last_error_us = excluded.last_error_us \
                 where not exists (select 1 from leases l where l.name = 'sensor:' || excluded.sensor_ref \
                 and l.holder <> excluded.holder and l.until_us > ?)"
            ),
            args![batch, micros(now)],
        );
        tx.run(sql).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct StatusRow {
    sensor_ref: String,
    holder: String,
    hostname: String,
    pid: Option<i64>,
    state: String,
    since_us: i64,
    dispatches: i64,
    rejected: i64,
    restarts: i64,
    last_dispatch_us: Option<i64>,
    last_error: Option<String>,
    last_error_us: Option<i64>,
    is_held: bool,
}

impl StatusRow {
    fn into_status(self) -> Result<(SensorStatus, bool), StoreError> {
        let mut known = SensorState::ALL.into_iter();
        let state = known.find(|state| state.as_str() == self.state);
        let state = state.ok_or_else(|| StoreError::Unreadable {
            table: "sensor_statuses",
            column: "state",
            row: self.sensor_ref.clone(),
            reason: format!("`{}` is no state of a sensor", self.state),
        })?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let status = SensorStatus {
            sensor_ref: self.sensor_ref,
            holder: self.holder,
            hostname: self.hostname,
            pid: self.pid.and_then(|pid| u32::try_from(pid).ok()),
            state,
            since: time(self.since_us),
            dispatches: count(self.dispatches),
            rejected: count(self.rejected),
            restarts: count(self.restarts),
            last_dispatch: self.last_dispatch_us.map(time),
            last_error: self.last_error,
            last_error_at: self.last_error_us.map(time),
        };
        Ok((status, self.is_held))
    }
}
