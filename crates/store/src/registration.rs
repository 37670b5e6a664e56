//! What packs' files gave when they were last registered, so that a start changes only what changed in files since.

use std::collections::HashMap;

use crate::digest::content_digest;
use crate::sql::{Sql, args};
use crate::tx::Tx;
use crate::{Definition, Kind, PackContent, PackFiles, Store, StoreError};

/// The kind under which the fingerprint of a pack's folder stands; the reference is the folder.
const FOLDER: &str = "folder";

impl Store {
    /// The files of every pack as they were when it was last registered wholly: the pack, and its files.
    pub async fn registered_files(&self) -> Result<Vec<(String, PackFiles)>, StoreError> {
        let sql = Sql::new(
            "select pack, reference, digest from registrations where kind = ?",
            args![FOLDER],
        );
        let rows: Vec<(String, String, String)> = self.all_rows(sql).await?;
        let files = |folder, fingerprint| PackFiles {
            folder,
            fingerprint,
        };
        Ok(rows
            .into_iter()
            .map(|(pack, folder, fingerprint)| (pack, files(folder, fingerprint)))
            .collect())
    }
}

/// Digests by kind and reference.
type Digests = HashMap<&'static str, HashMap<String, String>>;

/// The registrations of one pack while it is registered again.
#[derive(Debug)]
pub(crate) struct Registrations {
    pack: String,
    keep_unchanged: bool,
    before: HashMap<String, HashMap<String, String>>,
    now: Digests,
}

impl Registrations {
    pub(crate) async fn of(tx: &mut Tx, content: &PackContent) -> Result<Self, StoreError> {
        let pack = content.pack.pack_ref.clone();
        let sql = Sql::new(
            "select kind, reference, digest from registrations where pack = ?",
            args![&pack],
        );
        let rows: Vec<(String, String, String)> = tx.all(sql).await?;
        let mut before: HashMap<String, HashMap<String, String>> = HashMap::new();
        for (kind, reference, digest) in rows {
            before.entry(kind).or_default().insert(reference, digest);
        }
        Ok(Self {
            pack,
            keep_unchanged: content.keep_unchanged,
            before,
            now: Digests::new(),
        })
    }

    /// Takes note of what files give now, and says which of it is to be stored.
    pub(crate) fn pick<'a, D: Definition>(&mut self, definitions: &'a [D]) -> Vec<&'a D> {
        self.pick_by(D::KIND, definitions, |one| {
            (one.reference(), content_digest(one))
        })
    }

    /// As above, with a way to tell the reference and the digest.
    pub(crate) fn pick_by<'a, T>(
        &mut self,
        kind: Kind,
        items: &'a [T],
        tell: impl Fn(&T) -> (String, String),
    ) -> Vec<&'a T> {
        let before = self.before.get(kind.as_str());
        let now = self.now.entry(kind.as_str()).or_default();
        let mut changed = Vec::new();
        for item in items {
            let (reference, digest) = tell(item);
            let is_unchanged = before.and_then(|before| before.get(&reference)) == Some(&digest);
            now.insert(reference, digest);
            if !(self.keep_unchanged && is_unchanged) {
                changed.push(item);
            }
        }
        changed
    }

    /// Whether a definition that files no longer give is to go. What was given another name by hand stays at a start.
    pub(crate) fn may_remove(&self, kind: Kind, reference: &str) -> bool {
        let of_kind = self.before.get(kind.as_str());
        !self.keep_unchanged || of_kind.is_some_and(|before| before.contains_key(reference))
    }

    /// Stores what was taken note of. Kinds that were not registered keep what is remembered of them.
    pub(crate) async fn remember(
        mut self,
        tx: &mut Tx,
        files: Option<&PackFiles>,
    ) -> Result<(), StoreError> {
        let folder = files.map(|files| (files.folder.clone(), files.fingerprint.clone()));
        self.now.insert(FOLDER, folder.into_iter().collect());
        let mut rows = Vec::new();
        for (kind, now) in &self.now {
            let before = self.before.remove(*kind).unwrap_or_default();
            let gone = before
                .keys()
                .filter(|reference| !now.contains_key(*reference));
            forget(tx, &self.pack, kind, gone.cloned().collect()).await?;
            let changed = now
                .iter()
                .filter(|(reference, digest)| before.get(*reference) != Some(*digest));
            rows.extend(
                changed.map(|(reference, digest)| args![&self.pack, *kind, reference, digest]),
            );
        }
        for batch in tx.batches(rows) {
            let sql = Sql::new(
                "insert into registrations (pack, kind, reference, digest) select * from ? where true \
                 on conflict (pack, kind, reference) do update set digest = excluded.digest",
                args![batch],
            );
            tx.run(sql).await?;
        }
        Ok(())
    }
}

async fn forget(
    tx: &mut Tx,
    pack: &str,
    kind: &str,
    references: Vec<String>,
) -> Result<(), StoreError> {
    if references.is_empty() {
        return Ok(());
    }
    let sql = Sql::new(
        "delete from registrations where pack = ? and kind = ? and reference in ?",
        args![pack, kind, references],
    );
    tx.run(sql).await.map(|_| ())
}

/// Forgets everything about a pack, so that registering it is like the first time.
pub(crate) async fn forget_pack(tx: &mut Tx, pack: &str) -> Result<(), StoreError> {
    let sql = Sql::new("delete from registrations where pack = ?", args![pack]);
    tx.run(sql).await.map(|_| ())
}
