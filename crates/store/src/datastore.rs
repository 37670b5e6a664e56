//! The datastore: keys and values.

use chrono::{DateTime, Utc};
use model::{KeyScope, KeyValue, Page, PageOf};

use crate::decode::{Place, micros, time};
use crate::listing::Conditions;
use crate::sql::{Sql, args};
use crate::tx::{Dialect, Tx};
use crate::{Store, StoreError};

/// Which items are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    /// Of these scopes; all scopes where empty.
    pub scopes: Vec<KeyScope>,
    /// Of the system's scope and all users'.
    pub all_users: bool,
    /// Whose name starts so.
    pub prefix: Option<String>,
    /// With this name.
    pub name: Option<String>,
}

const COLUMNS: &str = "id, scope, owner, name, value, is_secret, expires_us, updated_us";

impl Store {
    /// Stores an item under scope and name, keeping the id of what it replaces. Returns what it replaced (if that
    /// had not expired).
    pub async fn put_key(&self, item: &KeyValue) -> Result<Option<KeyValue>, StoreError> {
        let mut tx = self.write().await?;
        let outcome = put(&mut tx, item).await;
        tx.end(outcome).await
    }

    /// One item, unless it has expired.
    pub async fn key(
        &self,
        scope: &KeyScope,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<KeyValue>, StoreError> {
        let mut sql = Sql::new(format!("select {COLUMNS} from keys "), vec![]);
        sql.append(named(scope, name));
        let row: Option<KeyRow> = self.first_row(sql).await?;
        Ok(row
            .map(KeyRow::into_item)
            .transpose()?
            .filter(|item| is_alive(item, now)))
    }

    /// A page of items that have not expired, sorted by name.
    pub async fn keys(
        &self,
        filter: &KeyFilter,
        page: Page,
        now: DateTime<Utc>,
    ) -> Result<PageOf<KeyValue>, StoreError> {
        let conditions = conditions(filter, now);
        let mut sql = Sql::new(format!("select {COLUMNS} from keys"), vec![]);
        sql.append(conditions.clone().into_sql());
        sql.push(
            " order by name, scope, owner limit ? offset ?",
            args![i64::from(page.limit), i64::from(page.offset)],
        );
        let rows: Vec<KeyRow> = self.all_rows(sql).await?;
        let mut count = Sql::new("select count(*) from keys", vec![]);
        count.append(conditions.into_sql());
        let total = self.number(count).await?;
        Ok(PageOf {
            items: rows
                .into_iter()
                .map(KeyRow::into_item)
                .collect::<Result<_, _>>()?,
            total,
        })
    }

    /// Removes an item and returns it, even if it has expired.
    pub async fn delete_key(
        &self,
        scope: &KeyScope,
        name: &str,
    ) -> Result<Option<KeyValue>, StoreError> {
        let mut sql = Sql::new("delete from keys ", vec![]);
        sql.append(named(scope, name));
        sql.push(&format!(" returning {COLUMNS}"), vec![]);
        let rows: Vec<KeyRow> = self.write_rows(sql).await?;
        rows.into_iter().next().map(KeyRow::into_item).transpose()
    }

    /// Removes and returns items that expired before `now`.
    pub async fn expire_keys(&self, now: DateTime<Utc>) -> Result<Vec<KeyValue>, StoreError> {
        let sql = Sql::new(
            format!("delete from keys where expires_us <= ? returning {COLUMNS}"),
            args![micros(now)],
        );
        let rows: Vec<KeyRow> = self.write_rows(sql).await?;
        rows.into_iter().map(KeyRow::into_item).collect()
    }
}

async fn put(tx: &mut Tx, item: &KeyValue) -> Result<Option<KeyValue>, StoreError> {
    let lock = match tx.dialect() {
        Dialect::Postgres => " for update",
        Dialect::Sqlite => "",
    };
    let mut sql = Sql::new(format!("select {COLUMNS} from keys "), vec![]);
    sql.append(named(&item.scope, &item.name));
    sql.push(lock, vec![]);
    let old: Option<KeyRow> = tx.first(sql).await?;
    let old = old.map(KeyRow::into_item).transpose()?;
    let sql = Sql::new(
        format!(
            "insert into keys ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?) \
             on conflict (name, scope, owner) do update set value = excluded.value, \
             is_secret = excluded.is_secret, expires_us = excluded.expires_us, updated_us = excluded.updated_us"
        ),
        args![
            item.id.to_string(),
            scope_word(&item.scope),
            item.scope.owner(),
            &item.name,
            &item.value,
            item.is_secret,
            item.expires_at.map(micros),
            micros(item.updated_at),
        ],
    );
    tx.run(sql).await?;
    Ok(old.filter(|old| is_alive(old, item.updated_at)))
}

fn scope_word(scope: &KeyScope) -> &'static str {
    match scope {
        KeyScope::System => "system",
        KeyScope::User(_) => "user",
    }
}

fn named(scope: &KeyScope, name: &str) -> Sql {
    Sql::new(
        "where name = ? and scope = ? and owner = ?",
        args![name, scope_word(scope), scope.owner()],
    )
}

fn is_alive(item: &KeyValue, now: DateTime<Utc>) -> bool {
    item.expires_at.is_none_or(|end| end > now)
}

fn conditions(filter: &KeyFilter, now: DateTime<Utc>) -> Conditions {
    let mut conditions = Conditions::new();
    conditions.and("(expires_us is null or expires_us > ?)", args![micros(now)]);
    if !filter.scopes.is_empty() && !filter.all_users {
        let one_of = vec!["(scope = ? and owner = ?)"; filter.scopes.len()].join(" or ");
        let values = filter
            .scopes
            .iter()
            .flat_map(|scope| args![scope_word(scope), scope.owner()])
            .collect();
        conditions.and(&format!("({one_of})"), values);
    }
    if let Some(prefix) = &filter.prefix {
        let length = i64::from(i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX));
        conditions.and(
            "substr(name, 1, cast(? as integer)) = ?",
            args![length, prefix],
        );
    }
    conditions.equals("name", filter.name.as_ref());
    conditions
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: String,
    scope: String,
    owner: String,
    name: String,
    value: String,
    is_secret: bool,
    expires_us: Option<i64>,
    updated_us: i64,
}

impl KeyRow {
    fn into_item(self) -> Result<KeyValue, StoreError> {
        let place = Place {
            table: "keys",
            row: &self.id,
        };
        let scope = match self.scope.as_str() {
            "system" => KeyScope::System,
            "user" => KeyScope::User(self.owner),
            other => return Err(place.unreadable("scope", &format!("`{other}` is no scope"))),
        };
        Ok(KeyValue {
            id: place.parse("id", &self.id)?,
            scope,
            name: self.name,
            value: self.value,
            is_secret: self.is_secret,
            expires_at: self.expires_us.map(time),
            updated_at: time(self.updated_us),
        })
    }
}
