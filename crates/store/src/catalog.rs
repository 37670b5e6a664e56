//! One definition at a time: create, save, replace, find, list, delete.

use model::{ObjectId, Page, PageOf};

use crate::decode::{Place, to_json};
use crate::listing::Conditions;
use crate::sql::{Arg, Sql, args};
use crate::tx::{Dialect, Tx};
use crate::{Definition, DefinitionFilter, Kind, Revision, SaveError, Store, StoreError};

impl Store {
    /// Stores a new definition; refuses where the reference is taken. (Rules: `create_rule`.)
    pub async fn create<D: Definition>(&self, definition: &D) -> Result<(), SaveError> {
        let mut tx = self.write().await?;
        let outcome = create_in(&mut tx, definition).await;
        tx.end(outcome).await
    }

    /// Stores a definition under its reference, keeping the id of what it replaces. Returns it as stored.
    /// A write that would change nothing changes nothing (and moves no revision).
    pub async fn save<D: Definition>(&self, definition: D) -> Result<D, StoreError> {
        let mut tx = self.write().await?;
        let outcome = save_in(&mut tx, definition).await;
        tx.end(outcome).await
    }

    /// Replaces the definition that has this id (its reference may change); false where there is none.
    pub async fn replace<D: Definition>(&self, definition: &D) -> Result<bool, SaveError> {
        let mut tx = self.write().await?;
        let outcome = replace_in(&mut tx, definition).await;
        tx.end(outcome).await
    }

    /// Finds a definition by reference or by id.
    pub async fn find<D: Definition>(
        &self,
        reference_or_id: &str,
    ) -> Result<Option<D>, StoreError> {
        let kind = D::KIND.as_str();
        let mut sql = Sql::new(SELECT, vec![]);
        if reference_or_id.parse::<ObjectId>().is_ok() {
            let id = reference_or_id.to_ascii_lowercase();
            sql.push(
                " where kind = ? and (reference = ? or id = ?) order by case when id = ? then 0 else 1 end limit 1",
                args![kind, reference_or_id, &id, &id],
            );
        } else {
            sql.push(
                " where kind = ? and reference = ?",
                args![kind, reference_or_id],
            );
        }
        let row: Option<Stored> = self.first_row(sql).await?;
        row.map(Stored::read).transpose()
    }

    /// A page of definitions.
    pub async fn list<D: Definition>(
        &self,
        filter: &DefinitionFilter,
        page: Page,
    ) -> Result<PageOf<D>, StoreError> {
        let conditions = conditions(D::KIND, filter);
        let mut sql = Sql::new(SELECT, vec![]);
        sql.append(conditions.clone().into_sql());
        sql.push(order(filter), vec![]);
        sql.push(
            " limit ? offset ?",
            args![i64::from(page.limit), i64::from(page.offset)],
        );
        let rows: Vec<Stored> = self.all_rows(sql).await?;
        let mut count = Sql::new("select count(*) from definitions", vec![]);
        count.append(conditions.into_sql());
        let total = self.number(count).await?;
        Ok(PageOf {
            items: rows
                .into_iter()
                .map(Stored::read)
                .collect::<Result<_, _>>()?,
            total,
        })
    }

    /// All definitions that fit, sorted by reference.
    pub async fn all<D: Definition>(
        &self,
        filter: &DefinitionFilter,
    ) -> Result<Vec<D>, StoreError> {
        let mut sql = Sql::new(SELECT, vec![]);
        sql.append(conditions(D::KIND, filter).into_sql());
        sql.push(order(filter), vec![]);
        let rows: Vec<Stored> = self.all_rows(sql).await?;
        rows.into_iter().map(Stored::read).collect()
    }

    /// Removes a definition; false where there was none. (Rules: `delete_rule`.)
    pub async fn delete<D: Definition>(&self, id: ObjectId) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let outcome = async {
            lock(&mut tx).await?;
            remove(&mut tx, D::KIND, vec![id.to_string()]).await
        }
        .await;
        tx.end(outcome).await.map(|removed| removed > 0)
    }

    /// How often definitions of this kind have changed: live copies (the rules engine's) compare it.
    pub async fn revision(&self, kind: Kind) -> Result<Revision, StoreError> {
        let sql = Sql::new(
            "select revision from revisions where kind = ?",
            args![kind.as_str()],
        );
        let row: Option<(i64,)> = self.first_row(sql).await?;
        Ok(Revision(row.map_or(0, |(revision,)| revision)))
    }

    /// As [`Store::revision`], of several kinds at once, in one statement.
    pub async fn revisions<const N: usize>(
        &self,
        kinds: [Kind; N],
    ) -> Result<[Revision; N], StoreError> {
        let names: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
        let sql = Sql::new(
            "select kind, revision from revisions where kind in ?",
            args![names],
        );
        let rows: Vec<(String, i64)> = self.all_rows(sql).await?;
        let revision = |kind: Kind| {
            let row = rows.iter().find(|(name, _)| name == kind.as_str());
            Revision(row.map_or(0, |(_, revision)| *revision))
        };
        Ok(kinds.map(revision))
    }
}

const SELECT: &str = "select id, reference, body from definitions";

fn order(filter: &DefinitionFilter) -> &'static str {
    if filter.newest_first {
        " order by id desc"
    } else {
        " order by reference"
    }
}

fn conditions(kind: Kind, filter: &DefinitionFilter) -> Conditions {
    let mut conditions = Conditions::new();
    conditions.equals("kind", Some(&kind.as_str()));
    conditions.equals("pack", filter.pack.as_ref());
    conditions.equals("name", filter.name.as_ref());
    conditions.equals("selector", filter.selector.as_ref());
    if let Some(enabled) = filter.enabled {
        conditions.and("enabled = ?", args![enabled]);
    }
    if let Some(references) = &filter.references {
        conditions.and("reference in ?", args![references.clone()]);
    }
    conditions
}

/// A definition as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) reference: String,
    pub(crate) body: String,
}

impl Stored {
    pub(crate) fn read<D: Definition>(self) -> Result<D, StoreError> {
        Place {
            table: "definitions",
            row: &self.reference,
        }
        .json("body", &self.body)
    }

    pub(crate) fn object_id(&self) -> Result<ObjectId, StoreError> {
        Place {
            table: "definitions",
            row: &self.reference,
        }
        .parse("id", &self.id)
    }
}

/// Makes this transaction the only one that changes definitions. They change rarely, and so every change can first
/// look at what there is. (On SQLite there is but one writer anyway.)
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Postgres {
        tx.run(Sql::new("select pg_advisory_xact_lock(7310589041)", vec![]))
            .await?;
    }
    Ok(())
}

/// What is stored of a kind under these references.
pub(crate) async fn by_reference(
    tx: &mut Tx,
    kind: Kind,
    references: Vec<String>,
) -> Result<Vec<Stored>, StoreError> {
    tx.all(Sql::new(
        format!("{SELECT} where kind = ? and reference in ?"),
        args![kind.as_str(), references],
    ))
    .await
}

/// What is stored of a kind in a pack.
pub(crate) async fn of_pack(
    tx: &mut Tx,
    kind: Kind,
    pack: &str,
) -> Result<Vec<Stored>, StoreError> {
    tx.all(Sql::new(
        format!("{SELECT} where kind = ? and pack = ?"),
        args![kind.as_str(), pack],
    ))
    .await
}

/// What is stored under this id.
pub(crate) async fn by_id(
    tx: &mut Tx,
    kind: Kind,
    id: ObjectId,
) -> Result<Option<Stored>, StoreError> {
    tx.first(Sql::new(
        format!("{SELECT} where kind = ? and id = ?"),
        args![kind.as_str(), id.to_string()],
    ))
    .await
}

/// The row of a definition.
pub(crate) fn definition_args<D: Definition>(definition: &D) -> Vec<Arg> {
    args![
        D::KIND.as_str(),
        definition.object_id().to_string(),
        definition.reference(),
        definition.pack(),
        definition.name(),
        definition.is_enabled(),
        definition.selector(),
        definition.digest(),
        to_json(definition),
    ]
}

/// Stores rows of one kind under their ids, and counts the change.
pub(crate) async fn store(tx: &mut Tx, kind: Kind, rows: Vec<Vec<Arg>>) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    for batch in tx.batches(rows) {
        let sql = Sql::new(
            "insert into definitions (kind, id, reference, pack, name, enabled, selector, digest, body) \
             select * from ? where true on conflict (kind, id) do update set reference = excluded.reference, \
             pack = excluded.pack, name = excluded.name, enabled = excluded.enabled, selector = excluded.selector, \
             digest = excluded.digest, body = excluded.body",
            args![batch],
        );
        tx.run(sql).await?;
    }
    count_change(tx, kind).await
}

/// Removes definitions of one kind, and counts the change; how many went.
pub(crate) async fn remove(tx: &mut Tx, kind: Kind, ids: Vec<String>) -> Result<u64, StoreError> {
    if ids.is_empty() {
        return Ok(0);
    }
    if kind == Kind::Trigger {
        tx.run(Sql::new(
            "delete from timers where trigger_id in ?",
            args![ids.clone()],
        ))
        .await?;
    }
    let sql = Sql::new(
        "delete from definitions where kind = ? and id in ?",
        args![kind.as_str(), ids],
    );
    let removed = tx.run(sql).await?;
    if removed > 0 {
        count_change(tx, kind).await?;
    }
    Ok(removed)
}

async fn count_change(tx: &mut Tx, kind: Kind) -> Result<(), StoreError> {
    let sql = Sql::new(
        "insert into revisions (kind, revision) values (?, 1) \
         on conflict (kind) do update set revision = revisions.revision + 1",
        args![kind.as_str()],
    );
    tx.run(sql).await.map(|_| ())
}

async fn create_in<D: Definition>(tx: &mut Tx, definition: &D) -> Result<(), SaveError> {
    lock(tx).await?;
    refuse_taken(tx, D::KIND, definition.reference(), None).await?;
    store(tx, D::KIND, vec![definition_args(definition)]).await?;
    Ok(())
}

/// Refuses where a definition other than `own` has this reference.
pub(crate) async fn refuse_taken(
    tx: &mut Tx,
    kind: Kind,
    reference: String,
    own: Option<ObjectId>,
) -> Result<(), SaveError> {
    let Some(taken) = by_reference(tx, kind, vec![reference.clone()])
        .await?
        .into_iter()
        .next()
    else {
        return Ok(());
    };
    let id = taken.object_id()?;
    if own == Some(id) {
        Ok(())
    } else {
        Err(SaveError::Conflict { reference, id })
    }
}

async fn save_in<D: Definition>(tx: &mut Tx, mut definition: D) -> Result<D, StoreError> {
    lock(tx).await?;
    if let Some(stored) = by_reference(tx, D::KIND, vec![definition.reference()])
        .await?
        .into_iter()
        .next()
    {
        definition.set_object_id(stored.object_id()?);
        if stored.body == to_json(&definition) {
            return Ok(definition);
        }
    }
    store(tx, D::KIND, vec![definition_args(&definition)]).await?;
    Ok(definition)
}

async fn replace_in<D: Definition>(tx: &mut Tx, definition: &D) -> Result<bool, SaveError> {
    lock(tx).await?;
    let id = definition.object_id();
    let Some(stored) = by_id(tx, D::KIND, id).await? else {
        return Ok(false);
    };
    if stored.body == to_json(definition) {
        return Ok(true);
    }
    refuse_taken(tx, D::KIND, definition.reference(), Some(id)).await?;
    store(tx, D::KIND, vec![definition_args(definition)]).await?;
    Ok(true)
}
