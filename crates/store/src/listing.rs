//! Pages of the big tables: by cursor or offset, newest or oldest first, with the length of the whole.

use chrono::{DateTime, Utc};

use crate::decode::{id_bounds, micros};
use crate::sql::{Arg, Sql, args};
use crate::tx::{Dialect, Row};
use crate::{Store, StoreError};
use model::Page;

/// Up to this many rows an unrestricted listing is counted; above, its length is an estimate.
const COUNTED_UP_TO: u64 = 20_000;

/// Conditions that rows of a listing meet.
#[derive(Debug, Clone)]
pub(crate) struct Conditions {
    sql: Sql,
    any: bool,
}

impl Conditions {
    pub(crate) fn new() -> Self {
        Self {
            sql: Sql::new(" where true", vec![]),
            any: false,
        }
    }

    pub(crate) fn and(&mut self, condition: &str, args: Vec<Arg>) {
        self.any = true;
        self.sql.push(" and ", vec![]);
        self.sql.push(condition, args);
    }

    /// `column` has this value, if one is asked for.
    pub(crate) fn equals<T: ToString>(&mut self, column: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.and(&format!("{column} = ?"), args![value.to_string()]);
        }
    }

    /// The time in `column` lies between the two, where they are given; so do ids, about.
    pub(crate) fn between(
        &mut self,
        column: &str,
        after: Option<DateTime<Utc>>,
        before: Option<DateTime<Utc>>,
    ) {
        let (least, beyond) = id_bounds(after, before);
        if let (Some(after), Some(least)) = (after, least) {
            self.and(
                &format!("{column} > ? and id >= ?"),
                args![micros(after), least],
            );
        }
        if let (Some(before), Some(beyond)) = (before, beyond) {
            self.and(
                &format!("{column} < ? and id < ?"),
                args![micros(before), beyond],
            );
        }
    }

    /// The end of an execution lies between the two, where they are given. (Its id is no help: it tells the start.)
    pub(crate) fn ended_between(
        &mut self,
        after: Option<DateTime<Utc>>,
        before: Option<DateTime<Utc>>,
    ) {
        if let Some(after) = after {
            self.and("end_us > ?", args![micros(after)]);
        }
        if let Some(before) = before {
            self.and("end_us < ?", args![micros(before)]);
        }
    }

    pub(crate) fn into_sql(self) -> Sql {
        self.sql
    }
}

/// A listing of a table whose key `id` sorts by time.
pub(crate) struct Listing {
    pub(crate) table: &'static str,
    pub(crate) columns: String,
    pub(crate) conditions: Conditions,
    /// Only rows with smaller ids. Not counted in the total.
    pub(crate) older_than: Option<String>,
    pub(crate) oldest_first: bool,
    pub(crate) page: Page,
}

impl Listing {
    fn statement(&self) -> Sql {
        let Self {
            table,
            columns,
            page,
            ..
        } = self;
        let order = if self.oldest_first { "asc" } else { "desc" };
        let mut conditions = self.conditions.clone().into_sql();
        if let Some(id) = &self.older_than {
            conditions.push(" and id < ?", args![id]);
        }
        let (limit, offset) = (i64::from(page.limit), i64::from(page.offset));
        let tail = format!(" order by id {order} limit ? offset ?");
        if offset == 0 {
            let mut sql = Sql::new(format!("select {columns} from {table}"), vec![]);
            sql.append(conditions);
            sql.push(&tail, args![limit, offset]);
            return sql;
        }
        // What is passed over is read from the index alone.
        let mut sql = Sql::new(
            format!("select {columns} from {table} where id in (select id from {table}"),
            vec![],
        );
        sql.append(conditions);
        sql.push(&tail, args![limit, offset]);
        sql.push(&format!(") order by id {order}"), vec![]);
        sql
    }
}

impl Store {
    /// A page of rows, and how many rows meet the conditions.
    ///
    /// The count is exact where there is any condition, and where a listing without one has at most 20,000 rows;
    /// above that it is an estimate (PostgreSQL's statistics; on SQLite the span of row numbers, exact but for rows
    /// that retention passed over), so that the first page of ten million rows costs no more than that of a hundred.
    pub(crate) async fn page<R: Row>(&self, listing: Listing) -> Result<(Vec<R>, u64), StoreError> {
        let rows: Vec<R> = self.all_rows(listing.statement()).await?;
        let is_whole = listing.older_than.is_none()
            && listing.page.offset == 0
            && rows.len() < usize::try_from(listing.page.limit).unwrap_or(usize::MAX);
        let total = if is_whole {
            rows.len() as u64
        } else {
            self.total(listing).await?
        };
        Ok((rows, total))
    }

    async fn total(&self, listing: Listing) -> Result<u64, StoreError> {
        let table = listing.table;
        if listing.conditions.any {
            let mut sql = Sql::new(format!("select count(*) from {table}"), vec![]);
            sql.append(listing.conditions.into_sql());
            return self.number(sql).await;
        }
        let bounded = format!(
            "select count(*) from (select 1 from {table} limit {}) as counted",
            COUNTED_UP_TO + 1
        );
        let counted = self.number(Sql::new(bounded, vec![])).await?;
        if counted <= COUNTED_UP_TO {
            return Ok(counted);
        }
        let estimate = match self.dialect() {
            Dialect::Postgres => format!(
                "select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint from pg_inherits i \
                 join pg_class c on c.oid = i.inhrelid where i.inhparent = '{table}'::regclass"
            ),
            Dialect::Sqlite => {
                format!(
                    "select (select max(rowid) from {table}) - (select min(rowid) from {table}) + 1"
                )
            }
        };
        Ok(self.number(Sql::new(estimate, vec![])).await?.max(counted))
    }
}
