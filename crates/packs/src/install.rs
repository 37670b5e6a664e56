//! Puts content of packs in force that comes from elsewhere than a folder of the operator's.

mod engine_version;

use std::path::{Path, PathBuf};

use archive::{ArchiveError, Content};
use chrono::{DateTime, Utc};
use model::{IdSource, Pack};
use serde_json::Value;
use store::{PackArchive, Store, StoreError};

use crate::definition::{self, Origin};
use crate::{Complaint, RegisterOptions, Report, register};

pub use engine_version::COMPATIBLE_WITH;

/// Why content was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// It cannot be read.
    #[error("the pack cannot be read")]
    Content(#[source] ArchiveError),
    /// It is no pack.
    #[error("there is no `pack.yaml` at its top: this is no pack")]
    NoPack,
    /// Its `pack.yaml` cannot be used.
    #[error("its pack.yaml is not right: {0}")]
    PackFile(String),
    /// Nothing says how it is called.
    #[error(
        "its pack.yaml states no usable `ref`: small letters, digits and underscores are expected"
    )]
    NoRef,
    /// It asks for another engine.
    #[error(
        "Pack \"{pack}\" requires StackStorm \"{wanted}\", and this engine is compatible with {COMPATIBLE_WITH}. You can override this with `force`; the pack is not guaranteed to work then."
    )]
    EngineVersion {
        /// The pack.
        pack: String,
        /// What it asks for.
        wanted: String,
    },
    /// It asks for another Python.
    #[error(
        "Pack \"{pack}\" requires Python {wanted}, and there is Python 3 here. You can override this with `force`; the pack is not guaranteed to work then."
    )]
    PythonVersion {
        /// The pack.
        pack: String,
        /// What it asks for.
        wanted: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads what a content says of itself.
pub fn examine(
    content: &Content,
    ids: &IdSource,
    now: DateTime<Utc>,
) -> Result<Pack, InstallError> {
    let text = content.file("pack.yaml").ok_or(InstallError::NoPack)?;
    let text = String::from_utf8_lossy(text);
    let document = yaml::parse(&text).map_err(|error| {
        let (line, column) = (error.line, error.column);
        InstallError::PackFile(format!("line {line}, column {column}: {}", error.message))
    })?;
    let document = document.root.to_json();
    let pack_ref = pack_ref(&document).ok_or(InstallError::NoRef)?;
    let origin = Origin {
        pack: &pack_ref,
        metadata_file: "pack.yaml",
        ids,
        now,
    };
    definition::pack(&document, &origin)
        .map_err(|Complaint { message, .. }| InstallError::PackFile(message))
}

/// The stated ref; else the name, where it can be one.
fn pack_ref(document: &Value) -> Option<String> {
    let is_usable = |text: &&str| {
        !text.is_empty()
            && *text != "_global"
            && text
                .chars()
                .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
    };
    let stated = ["ref", "name"]
        .into_iter()
        .filter_map(|key| document.get(key)?.as_str());
    stated.into_iter().find(is_usable).map(str::to_owned)
}

/// Refuses a pack that says that it does not work here.
pub fn check_compatible(pack: &Pack) -> Result<(), InstallError> {
    let wanted = pack.stackstorm_version.as_deref().unwrap_or_default();
    if !engine_version::is_met(wanted) {
        return Err(InstallError::EngineVersion {
            pack: pack.pack_ref.clone(),
            wanted: wanted.to_owned(),
        });
    }
    let is_three = |version: &String| version.starts_with('3');
    if !pack.python_versions.is_empty() && !pack.python_versions.iter().any(is_three) {
        return Err(InstallError::PythonVersion {
            pack: pack.pack_ref.clone(),
            wanted: pack.python_versions.join(", "),
        });
    }
    Ok(())
}

/// Where the content of a pack lies below the folder of installed packs, on every node. The last part is the pack's
/// ref, as StackStorm has it.
#[must_use]
pub fn installed_at(folder: &Path, pack: &str, hash: &str) -> PathBuf {
    folder.join(hash).join(pack)
}

/// Unpacks stored content and registers what it brings, which is one transaction: until then the content that was in
/// force before is, and all of it.
pub async fn put_in_force(
    store: &Store,
    archive: &PackArchive,
    folder: &Path,
    options: &RegisterOptions<'_>,
) -> Result<Report, InstallError> {
    let at = installed_at(folder, &archive.pack, &archive.hash);
    let (body, to) = (archive.body.clone(), at.clone());
    let unpack = move || Content::of_archive(&body)?.write_to(&to);
    tokio::task::spawn_blocking(unpack)
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
        .map_err(InstallError::Content)?;
    let options = RegisterOptions {
        installed: Some(&archive.hash),
        ..*options
    };
    Ok(register(store, &[at], &options).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examined(pack_yaml: &str) -> Result<Pack, InstallError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pack.yaml"), pack_yaml).unwrap();
        let content = Content::of_folder(folder.path()).unwrap();
        examine(&content, &IdSource::new(), DateTime::UNIX_EPOCH)
    }

    const REST: &str = "description: d\nversion: 1.0.0\nauthor: A\nemail: a@example.com\n";

    #[test]
    fn a_pack_is_called_by_its_ref_or_its_name() {
        let of = |head: &str| examined(&format!("{head}\n{REST}")).map(|pack| pack.pack_ref);

        assert_eq!(of("ref: a_b\nname: A B").unwrap(), "a_b");
        assert_eq!(of("name: demo").unwrap(), "demo");
        assert!(matches!(of("name: A B"), Err(InstallError::NoRef)));
        assert!(matches!(
            of("name: demo\nkeywords: 7"),
            Err(InstallError::PackFile(_))
        ));
    }

    #[test]
    fn says_where_its_file_is_broken() {
        let error = examined("name: demo\nx: [\n").unwrap_err().to_string();

        assert!(
            error.starts_with("its pack.yaml is not right: line 3, column 1: "),
            "{error}"
        );
    }

    #[test]
    fn a_pack_that_does_not_work_here_is_refused() {
        let of = |more: &str| {
            let pack = examined(&format!("name: demo\n{REST}{more}\n")).unwrap();
            check_compatible(&pack).map_err(|error| error.to_string())
        };

        assert_eq!(of("python_versions: ['2', '3']"), Ok(()));
        assert_eq!(of("stackstorm_version: '>=2.9.0, <4.0.0'"), Ok(()));
        let error = of("python_versions: ['2']").unwrap_err();
        assert!(error.starts_with("Pack \"demo\" requires Python 2, and"));
        let error = of("stackstorm_version: '<3.0.0'").unwrap_err();
        assert!(error.starts_with("Pack \"demo\" requires StackStorm \"<3.0.0\", and"));
    }
}
