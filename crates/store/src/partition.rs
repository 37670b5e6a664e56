//! PostgreSQL's daily partitions: made ahead, dropped whole.
//!
//! A partition holds the ids of one UTC day. What falls outside every day lies in the table's default partition; when
//! a day's partition is made late, such rows are moved into it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use model::ObjectId;

use crate::retention::KEPT;
use crate::sql::{Sql, args};
use crate::tx::{Dialect, Tx};
use crate::{Store, StoreError};

/// Partitioned tables and the column that they are partitioned by.
const TABLES: [(&str, &str); 9] = [
    ("trigger_instances", "id"),
    ("enforcements", "id"),
    ("traces", "id"),
    ("executions", "id"),
    ("execution_results", "execution_id"),
    ("execution_output", "execution_id"),
    ("workflows", "execution_id"),
    ("workflow_records", "execution_id"),
    ("audit_entries", "id"),
];

/// Partitions are made for yesterday (late writers), today and this many days to come.
const DAYS_AHEAD: i64 = 7;

impl Store {
    /// Makes the partitions of the coming days (PostgreSQL); does nothing on SQLite.
    pub async fn prepare_partitions(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let days: Vec<NaiveDate> = (-1..=DAYS_AHEAD)
            .map(|offset| now.date_naive() + TimeDelta::days(offset))
            .collect();
        for (table, key) in TABLES {
            let known = self.partitions(table).await?;
            for day in days.iter().filter(|day| !known.contains(day)) {
                self.make_partition(table, key, *day).await?;
            }
        }
        Ok(())
    }

    /// Drops the partitions of days that ended before `before`, of tables that belong together: a day goes for all of
    /// them or, where one holds something unfinished, for none.
    pub(crate) async fn drop_partitions(
        &self,
        tables: &[&'static str],
        before: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(0);
        }
        let mut days: Vec<NaiveDate> = Vec::new();
        for table in tables {
            days.extend(self.partitions(table).await?);
        }
        days.sort_unstable();
        days.dedup();
        let mut dropped = 0;
        for day in days
            .into_iter()
            .filter(|day| start_of(*day + TimeDelta::days(1)) <= before)
        {
            let mut tx = self.write().await?;
            let outcome = drop_day(&mut tx, tables, day).await;
            dropped += tx.end(outcome).await?;
        }
        Ok(dropped)
    }

    /// The days that a table has partitions for.
    async fn partitions(&self, table: &str) -> Result<Vec<NaiveDate>, StoreError> {
        let text = format!(
            "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid \
             where i.inhparent = '{table}'::regclass"
        );
        let rows: Vec<(String,)> = self.all_rows(Sql::new(text, vec![])).await?;
        Ok(rows
            .iter()
            .filter_map(|(name,)| day_of(table, name))
            .collect())
    }

    async fn make_partition(
        &self,
        table: &str,
        key: &str,
        day: NaiveDate,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let outcome = make(&mut tx, table, key, day).await;
        tx.end(outcome).await
    }
}

fn name_of(table: &str, day: NaiveDate) -> String {
    format!("{table}_{}", day.format("%Y%m%d"))
}

fn day_of(table: &str, name: &str) -> Option<NaiveDate> {
    let digits = name.strip_prefix(table)?.strip_prefix('_')?;
    NaiveDate::parse_from_str(digits, "%Y%m%d").ok()
}

fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Makes a table, moves into it what the default partition holds of that day, and attaches it. Attaching, unlike
/// making a partition in place, does not stop those who read and write the other partitions.
async fn make(tx: &mut Tx, table: &str, key: &str, day: NaiveDate) -> Result<(), StoreError> {
    let name = name_of(table, day);
    let (from, to) = (
        ObjectId::floor(start_of(day)),
        ObjectId::floor(start_of(day + TimeDelta::days(1))),
    );
    // One process makes partitions at a time; who comes second finds them.
    tx.run(Sql::new("select pg_advisory_xact_lock(7310589042)", vec![]))
        .await?;
    let there: Vec<(bool,)> = tx
        .all(Sql::new(
            format!("select to_regclass('{name}') is not null"),
            vec![],
        ))
        .await?;
    if there.first().is_some_and(|(is_there,)| *is_there) {
        return Ok(());
    }
    // Rows that change often find room for their next version beside them.
    let fill = if matches!(table, "executions" | "workflows" | "workflow_records") {
        " with (fillfactor = 70)"
    } else {
        ""
    };
    let statements = [
        "set local lock_timeout = '5s'".to_owned(),
        format!(
            "create table {name} (like {table} including defaults including constraints){fill}"
        ),
        format!("lock table {table}_default in access exclusive mode"),
        format!(
            "with moved as (delete from {table}_default where {key} >= '{from}' and {key} < '{to}' returning *) \
             insert into {name} select * from moved"
        ),
        format!(
            "alter table {table} attach partition {name} for values from ('{from}') to ('{to}')"
        ),
    ];
    for statement in statements {
        tx.run(Sql::new(statement, vec![])).await?;
    }
    Ok(())
}

/// Drops a day's partitions unless something in them is unfinished; how many went.
async fn drop_day(tx: &mut Tx, tables: &[&'static str], day: NaiveDate) -> Result<u64, StoreError> {
    tx.run(Sql::new("select pg_advisory_xact_lock(7310589042)", vec![]))
        .await?;
    tx.run(Sql::new("set local lock_timeout = '5s'", vec![]))
        .await?;
    let mut there = Vec::new();
    for table in tables {
        let name = name_of(table, day);
        let rows: Vec<(bool,)> = tx
            .all(Sql::new(
                format!("select to_regclass('{name}') is not null"),
                vec![],
            ))
            .await?;
        if rows.first().is_some_and(|(is_there,)| *is_there) {
            there.push((*table, name));
        }
    }
    let next_day = ObjectId::floor(start_of(day + TimeDelta::days(1))).to_string();
    for (table, name) in &there {
        let unfinished = match *table {
            "executions" => Sql::new(
                format!("{KEPT}select exists (select 1 from {name} join kept using (id))"),
                args![&next_day],
            ),
            "trigger_instances" => Sql::new(
                format!("select exists (select 1 from {name} where status = 'pending')"),
                args![],
            ),
            _ => continue,
        };
        let rows: Vec<(bool,)> = tx.all(unfinished).await?;
        if rows.first().is_some_and(|(exists,)| *exists) {
            return Ok(0);
        }
    }
    for (table, name) in &there {
        tx.run(Sql::new(
            format!("alter table {table} detach partition {name}"),
            vec![],
        ))
        .await?;
        tx.run(Sql::new(format!("drop table {name}"), vec![]))
            .await?;
    }
    Ok(there.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_partitions_by_their_day() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();

        assert_eq!(name_of("executions", day), "executions_20261121");
        assert_eq!(day_of("executions", "executions_20261121"), Some(day));
        assert_eq!(day_of("executions", "executions_default"), None);
        assert_eq!(day_of("execution", "executions_20261121"), None);
    }
}
