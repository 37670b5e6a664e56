//! A git repository, asked by the program `git`. Nothing that it holds is run: no hooks, no helpers of URLs.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// What git may speak: others run commands.
const PROTOCOLS: &str = "file:git:http:https:ssh";

/// Why git did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum GitError {
    #[error("git cannot be started on this node: is it installed?")]
    Start(#[source] io::Error),
    #[error("{0}")]
    Said(String),
}

/// A repository.
#[derive(Debug)]
pub(super) struct Git {
    /// The folder that git works in: a checkout, or a bare clone.
    folder: PathBuf,
    /// What a clone is a clone of.
    url: Option<String>,
}

/// The repository that a pack was installed from; `None` where that was none, or is not known. What comes is what
/// `packs.download` was asked for: `URL=VERSION`, `OWNER/REPOSITORY`, a folder, an archive, or a name in an index.
pub(super) fn url(origin: &str) -> Option<String> {
    let (place, _) = origin.split_once('=').unwrap_or((origin, ""));
    let path = place.strip_prefix("file://").unwrap_or(place);
    if path.starts_with('/') {
        let is_repository =
            Path::new(path).join(".git").exists() || Path::new(path).join("HEAD").is_file();
        return is_repository.then(|| format!("file://{path}"));
    }
    let is_archive = [".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz"]
        .iter()
        .any(|extension| place.ends_with(extension));
    if is_archive || !place.contains('/') {
        return None;
    }
    let is_short = place.matches('/').count() == 1 && !place.contains(['@', ':']);
    Some(if is_short {
        format!("https://github.com/{place}")
    } else {
        place.to_owned()
    })
}

impl Git {
    /// The repository of a folder that is a checkout.
    pub(super) fn of_checkout(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            url: None,
        }
    }

    /// A bare clone of the repository at `url`, in this folder.
    pub(super) fn of_clone(folder: &Path, url: String) -> Self {
        Self {
            folder: folder.to_owned(),
            url: Some(url),
        }
    }

    pub(super) fn is_clone(&self) -> bool {
        self.url.is_some()
    }

    /// Clones, unless a clone of this URL is there.
    pub(super) async fn make(&self) -> Result<(), GitError> {
        let Some(url) = &self.url else { return Ok(()) };
        if self.folder.exists() {
            let made_of = self.run(&["config", "--get", "remote.origin.url"]).await;
            if made_of.is_ok_and(|made_of| made_of.trim_ascii() == url.as_bytes()) {
                return Ok(());
            }
        }
        let draft = self.folder.with_extension("draft");
        for folder in [&draft, &self.folder] {
            remove(folder).await.map_err(GitError::Start)?;
        }
        let at = draft.display().to_string();
        let parent = self.folder.parent().unwrap_or(Path::new("/"));
        run(parent, &["clone", "--quiet", "--mirror", "--", url, &at]).await?;
        tokio::fs::rename(&draft, &self.folder)
            .await
            .map_err(GitError::Start)
    }

    /// Brings a clone up to date.
    pub(super) async fn fetch(&self) -> Result<(), GitError> {
        self.run(&["fetch", "--quiet", "--prune", "origin"])
            .await
            .map(drop)
    }

    /// How long ago a clone was brought up to date; `None` where it never was.
    pub(super) fn age(&self) -> Option<Duration> {
        let fetched = self.folder.join("FETCH_HEAD").metadata().ok()?;
        fetched.modified().ok()?.elapsed().ok()
    }

    /// The commit that a revision means.
    pub(super) async fn commit(&self, revision: &str) -> Result<Option<String>, GitError> {
        for candidate in [
            revision.to_owned(),
            format!("refs/remotes/origin/{revision}"),
        ] {
            let candidate = format!("{candidate}^{{commit}}");
            let asked = [
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &candidate,
            ];
            match self.run(&asked).await {
                Ok(commit) => {
                    return Ok(Some(
                        String::from_utf8_lossy(commit.trim_ascii()).into_owned(),
                    ));
                }
                // What it does not know it says nothing about.
                Err(GitError::Said(said))
                    if said.is_empty() || said.contains("unknown revision") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether a revision is a tag, which stays where it is.
    pub(super) async fn is_tag(&self, revision: &str) -> bool {
        let tag = format!("refs/tags/{revision}");
        self.run(&["show-ref", "--verify", "--quiet", "--", &tag])
            .await
            .is_ok()
    }

    /// The files of a commit: a gzipped tar.
    pub(super) async fn archive(&self, commit: &str) -> Result<Vec<u8>, GitError> {
        self.run(&[
            "archive",
            "--format=tar.gz",
            "-1",
            "--end-of-options",
            commit,
        ])
        .await
    }

    async fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        run(&self.folder, arguments).await
    }
}

impl fmt::Display for Git {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.url {
            Some(url) => write!(out, "`{}`", without_password(url)),
            None => write!(out, "`{}`", self.folder.display()),
        }
    }
}

/// Runs git in a folder; gives what it prints.
async fn run(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command
        // Whose repository it is does not matter: nothing of it runs here.
        .args(["-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null"])
        .args(arguments)
        .current_dir(folder)
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "true")
        .env("GIT_ALLOW_PROTOCOL", PROTOCOLS)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = command.output().await.map_err(GitError::Start)?;
    if ended.status.success() {
        return Ok(ended.stdout);
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    Err(GitError::Said(without_password(said.trim())))
}

async fn remove(folder: &Path) -> io::Result<()> {
    match tokio::fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Without what stands before the host in URLs.
fn without_password(text: &str) -> String {
    let mut pieces = text.split("://");
    let mut clean = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(['/', ' ', '\'', '\n']).unwrap_or(piece.len());
        let host = piece[..end].rfind('@').map_or(0, |at| at + 1);
        clean = format!("{clean}://{}", &piece[host..]);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_a_repository() {
        let of = |origin: &str| url(origin);

        assert_eq!(
            of("https://h/o/p.git=v1"),
            Some("https://h/o/p.git".to_owned())
        );
        assert_eq!(of("git@h:o/p.git"), Some("git@h:o/p.git".to_owned()));
        assert_eq!(of("o/p"), Some("https://github.com/o/p".to_owned()));
        assert_eq!(of("https://h/p.tar.gz"), None);
        assert_eq!(of("/no/such/folder"), None);
        assert_eq!(of("name=1.0.0"), None);
    }

    #[test]
    fn hides_passwords() {
        let said = "fatal: unable to access 'https://me:secret@h/p.git/': no, see http://h/a@b";

        let expected = "fatal: unable to access 'https://h/p.git/': no, see http://h/a@b";
        assert_eq!(without_password(said), expected);
    }
}
