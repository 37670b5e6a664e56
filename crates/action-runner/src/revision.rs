//! The content of a pack at another git revision than the one in force, as st2's `GitWorktreeActionRunner`.
//!
//! A pack that was registered from a git checkout is its own repository. One that was installed from git is cloned
//! again, once, below the folder of revisions; revisions are unpacked beside the clone and kept for the next execution.

mod git;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use archive::{ArchiveError, Content};
use nix::fcntl::{Flock, FlockArg};
use serde_json::Value;

use crate::run::{Assignment, Failure};
use git::{Git, GitError};

/// What a branch of a clone stands at is looked up again after this time.
const FRESH: Duration = Duration::from_mins(1);
/// So many revisions of a pack are kept.
const KEPT: usize = 8;

/// Why a pack's content cannot be had at a revision. The beginning is what st2 says.
#[derive(Debug, thiserror::Error)]
enum RevisionError {
    #[error(
        "Failed to create git worktree for pack \"{pack}\": Pack directory \"{}\" is not a git repository. To utilize \
         this functionality, pack directory needs to be a git repository, or the pack must be installed from the URL or \
         folder of one.", folder.display()
    )]
    NoRepository { pack: String, folder: PathBuf },
    #[error(
        "Failed to create git worktree for pack \"{pack}\": Invalid content_version \"{revision}\" provided. Make sure \
         that git repository is up to date and contains that revision: it is no commit, tag or branch of {repository}."
    )]
    Unknown {
        pack: String,
        revision: String,
        repository: String,
    },
    #[error("Failed to create git worktree for pack \"{pack}\": {repository} cannot be read")]
    Git {
        pack: String,
        repository: String,
        #[source]
        error: GitError,
    },
    #[error("the content of pack `{pack}` at revision `{revision}` cannot be unpacked")]
    Unpack {
        pack: String,
        revision: String,
        #[source]
        error: ArchiveError,
    },
    #[error("the revisions of pack `{0}` cannot be kept in `{1}`")]
    Folder(String, PathBuf, #[source] io::Error),
}

/// The folder with the content that the execution's `content_version` names; `None` where it names none.
pub(crate) async fn folder(
    assignment: &Assignment<'_>,
    in_force: &Path,
) -> Result<Option<PathBuf>, Failure> {
    let revision = match assignment.parameters.runner.get("content_version") {
        Some(Value::String(revision)) if !revision.is_empty() => revision,
        _ => return Ok(None),
    };
    let pack = &assignment.snapshot.action.pack;
    let origin = assignment.packs.origin(pack).await;
    let origin = origin.map_err(|error| Failure::of(&error))?;
    let at = Place {
        pack,
        in_force,
        origin: origin.as_deref(),
        kept: assignment.options.revisions.join(pack),
    };
    let found = at.content(revision).await;
    found.map(Some).map_err(|error| Failure::of(&error))
}

/// Where a pack's revisions come from and go to.
#[derive(Debug)]
struct Place<'a> {
    pack: &'a str,
    /// The content in force.
    in_force: &'a Path,
    /// What it was installed from.
    origin: Option<&'a str>,
    kept: PathBuf,
}

impl Place<'_> {
    /// The folder of a revision, made where it is not there.
    async fn content(&self, revision: &str) -> Result<PathBuf, RevisionError> {
        let _turn = self.turn().await?;
        let git = self.repository().await?;
        let commit = self.commit(&git, revision).await?;
        let folder = self.kept.join(&commit).join(self.pack);
        if tokio::fs::try_exists(&folder).await.unwrap_or(false) {
            return Ok(folder);
        }
        let archive = git.archive(&commit).await;
        let archive = archive.map_err(|error| self.failed(&git, error))?;
        let (to, kept) = (folder.clone(), self.kept.clone());
        let unpack = move || {
            remove_old(&kept);
            Content::of_archive(&archive)?.write_to(&to)
        };
        tokio::task::spawn_blocking(unpack)
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
            .map_err(|error| RevisionError::Unpack {
                pack: self.pack.to_owned(),
                revision: revision.to_owned(),
                error,
            })?;
        Ok(folder)
    }

    /// One execution at a time, of all processes that share the folder.
    async fn turn(&self) -> Result<Flock<std::fs::File>, RevisionError> {
        let kept = self.kept.clone();
        let lock = move || {
            std::fs::create_dir_all(&kept)?;
            let file = std::fs::File::create(kept.join("lock"))?;
            Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| io::Error::from(error))
        };
        tokio::task::spawn_blocking(lock)
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
            .map_err(|error| RevisionError::Folder(self.pack.to_owned(), self.kept.clone(), error))
    }

    /// The repository: the pack's own, else a clone of the one that it was installed from.
    async fn repository(&self) -> Result<Git, RevisionError> {
        let own = self.in_force.join(".git");
        if tokio::fs::try_exists(&own).await.unwrap_or(false) {
            return Ok(Git::of_checkout(self.in_force));
        }
        let url = self
            .origin
            .and_then(git::url)
            .ok_or_else(|| RevisionError::NoRepository {
                pack: self.pack.to_owned(),
                folder: self.in_force.to_owned(),
            })?;
        let git = Git::of_clone(&self.kept.join("repository.git"), url);
        git.make().await.map_err(|error| self.failed(&git, error))?;
        Ok(git)
    }

    /// The commit that a revision means. A clone is brought up to date where it does not know the revision, or where
    /// that is a branch, which may have moved.
    async fn commit(&self, git: &Git, revision: &str) -> Result<String, RevisionError> {
        let known = git.commit(revision).await;
        let known = known.map_err(|error| self.failed(git, error))?;
        let may_be_old = match &known {
            None => true,
            Some(commit) => {
                let is_fixed = commit.starts_with(revision) || git.is_tag(revision).await;
                !is_fixed && git.age().is_none_or(|age| age > FRESH)
            }
        };
        if !may_be_old || !git.is_clone() {
            return known.ok_or_else(|| self.unknown(git, revision));
        }
        match (git.fetch().await, known) {
            (Ok(()), _) => git
                .commit(revision)
                .await
                .map_err(|error| self.failed(git, error))?
                .ok_or_else(|| self.unknown(git, revision)),
            (Err(error), Some(commit)) => {
                tracing::warn!(
                    pack = self.pack,
                    "its repository cannot be fetched: {error}"
                );
                Ok(commit)
            }
            (Err(error), None) => Err(self.failed(git, error)),
        }
    }

    fn unknown(&self, git: &Git, revision: &str) -> RevisionError {
        RevisionError::Unknown {
            pack: self.pack.to_owned(),
            revision: revision.to_owned(),
            repository: git.to_string(),
        }
    }

    fn failed(&self, git: &Git, error: GitError) -> RevisionError {
        RevisionError::Git {
            pack: self.pack.to_owned(),
            repository: git.to_string(),
            error,
        }
    }
}

/// Makes room for one more revision: those that were unpacked first go.
fn remove_old(kept: &Path) {
    let entries = std::fs::read_dir(kept).into_iter().flatten();
    let age = |path: &PathBuf| {
        let changed = path.metadata().and_then(|found| found.modified());
        changed.unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let mut revisions: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && path.extension().is_none())
        .collect();
    revisions.sort_by_key(age);
    let surplus = (revisions.len() + 1).saturating_sub(KEPT);
    for folder in revisions.iter().take(surplus) {
        if let Err(error) = std::fs::remove_dir_all(folder) {
            tracing::warn!("`{}` cannot be removed: {error}", folder.display());
        }
    }
}

#[cfg(test)]
mod tests;
