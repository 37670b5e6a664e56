//! The content of packs that were installed: every node has it from here.

use chrono::{DateTime, Utc};

use crate::sql::{Sql, args};
use crate::tx::Tx;
use crate::{Store, StoreError};

/// So many contents of a pack are kept beside the one in force: executions of the one before may still run.
const KEPT: i64 = 2;

const INSTALLS: &str = "select i.pack, i.hash, i.path, a.pins from pack_installs as i \
    left join pack_archives as a on a.pack = i.pack and a.hash = i.hash";

/// The content of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackArchive {
    /// The pack.
    pub pack: String,
    /// What tells one content from another.
    pub hash: String,
    /// Where it came from, as whoever asked for it said.
    pub source: String,
    /// A gzipped tar of its files.
    pub body: Vec<u8>,
}

/// Which content of a pack is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackInstall {
    /// The pack.
    pub pack: String,
    /// The content, as [`PackArchive::hash`].
    pub hash: String,
    /// The folder where every node has it.
    pub path: String,
    /// The versions that its virtualenv was built with first, a `name==version` line each.
    pub pins: Option<String>,
}

impl Store {
    /// Stores content, without putting it in force. Content that is stored already becomes the newest.
    pub async fn add_pack_archive(
        &self,
        archive: &PackArchive,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let outcome = add(&mut tx, archive, now).await;
        tx.end(outcome).await
    }

    /// Content of a pack; the newest, where no hash is given.
    pub async fn pack_archive(
        &self,
        pack: &str,
        hash: Option<&str>,
    ) -> Result<Option<PackArchive>, StoreError> {
        let mut sql = Sql::new(
            "select hash, source, body from pack_archives where pack = ?",
            args![pack],
        );
        if let Some(hash) = hash {
            sql.push(" and hash = ?", args![hash]);
        }
        sql.push(" order by added_us desc, hash limit 1", vec![]);
        let row: Option<(String, String, Vec<u8>)> = self.first_row(sql).await?;
        Ok(row.map(|(hash, source, body)| PackArchive {
            pack: pack.to_owned(),
            hash,
            source,
            body,
        }))
    }

    /// What is in force of a pack; `None` where it was registered from a folder.
    pub async fn pack_install(&self, pack: &str) -> Result<Option<PackInstall>, StoreError> {
        let sql = Sql::new(format!("{INSTALLS} where i.pack = ?"), args![pack]);
        let row: Option<(String, String, String, Option<String>)> = self.first_row(sql).await?;
        Ok(row.map(PackInstall::from))
    }

    /// Where the content in force of a pack came from; `None` where it was registered from a folder.
    pub async fn pack_origin(&self, pack: &str) -> Result<Option<String>, StoreError> {
        let sql = Sql::new(
            "select a.source from pack_installs as i \
             join pack_archives as a on a.pack = i.pack and a.hash = i.hash where i.pack = ?",
            args![pack],
        );
        let row: Option<(String,)> = self.first_row(sql).await?;
        Ok(row.map(|(source,)| source))
    }

    /// All packs that were installed, sorted by name.
    pub async fn pack_installs(&self) -> Result<Vec<PackInstall>, StoreError> {
        let sql = Sql::new(format!("{INSTALLS} order by i.pack"), vec![]);
        let rows: Vec<(String, String, String, Option<String>)> = self.all_rows(sql).await?;
        Ok(rows.into_iter().map(PackInstall::from).collect())
    }

    /// Keeps the versions that a virtualenv for this content was built with, unless some are kept already; false then,
    /// and where there is no such content.
    pub async fn keep_pack_pins(
        &self,
        pack: &str,
        hash: &str,
        pins: &str,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let sql = Sql::new(
            "update pack_archives set pins = ? where pack = ? and hash = ? and pins is null",
            args![pins, pack, hash],
        );
        let outcome = tx.run(sql).await;
        tx.end(outcome).await.map(|changed| changed > 0)
    }
}

impl From<(String, String, String, Option<String>)> for PackInstall {
    fn from((pack, hash, path, pins): (String, String, String, Option<String>)) -> Self {
        Self {
            pack,
            hash,
            path,
            pins,
        }
    }
}

async fn add(tx: &mut Tx, archive: &PackArchive, now: DateTime<Utc>) -> Result<(), StoreError> {
    let PackArchive {
        pack,
        hash,
        source,
        body,
    } = archive;
    let sql = Sql::new(
        "insert into pack_archives (pack, hash, source, body, added_us) values (?, ?, ?, ?, ?) \
         on conflict (pack, hash) do update set source = excluded.source, added_us = excluded.added_us",
        args![
            pack,
            hash,
            source,
            Some(body.clone()),
            now.timestamp_micros()
        ],
    );
    tx.run(sql).await?;
    let sql = Sql::new(
        "delete from pack_archives where pack = ? \
         and hash not in (select hash from pack_installs where pack = ?) \
         and hash not in (select hash from pack_archives where pack = ? order by added_us desc, hash limit ?)",
        args![pack, pack, pack, KEPT],
    );
    tx.run(sql).await.map(|_| ())
}

/// Puts content in force together with what it brings. A pack that is registered from another folder is no longer an
/// installed one.
pub(crate) async fn put_in_force(
    tx: &mut Tx,
    pack: &str,
    path: Option<&str>,
    hash: Option<&str>,
) -> Result<(), StoreError> {
    let path = path.unwrap_or_default();
    let sql = match hash {
        Some(hash) => Sql::new(
            "insert into pack_installs (pack, hash, path) values (?, ?, ?) on conflict (pack) do update set \
             hash = excluded.hash, path = excluded.path",
            args![pack, hash, path],
        ),
        None => Sql::new(
            "delete from pack_installs where pack = ? and path <> ?",
            args![pack, path],
        ),
    };
    tx.run(sql).await.map(|_| ())
}

/// Whether content of a pack is in force.
pub(crate) async fn is_in_force(tx: &mut Tx, pack: &str) -> Result<bool, StoreError> {
    let sql = Sql::new("select pack from pack_installs where pack = ?", args![pack]);
    let rows: Vec<(String,)> = tx.all(sql).await?;
    Ok(!rows.is_empty())
}

/// Leaves the content of a pack, and puts none of it in force.
pub(crate) async fn take_out_of_force(tx: &mut Tx, pack: &str) -> Result<(), StoreError> {
    let sql = Sql::new("delete from pack_installs where pack = ?", args![pack]);
    tx.run(sql).await.map(|_| ())
}

/// Forgets all content of a pack.
pub(crate) async fn forget(tx: &mut Tx, pack: &str) -> Result<(), StoreError> {
    for table in ["pack_installs", "pack_archives"] {
        let sql = Sql::new(format!("delete from {table} where pack = ?"), args![pack]);
        tx.run(sql).await?;
    }
    Ok(())
}
