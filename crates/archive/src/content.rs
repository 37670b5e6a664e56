//! What a folder holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{MAX_FILES, MAX_SIZE};

/// The files below a folder, by their path, with slashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    entries: BTreeMap<String, Entry>,
    size: u64,
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File {
        /// What it holds.
        bytes: Vec<u8>,
        /// Whether it may be run.
        executable: bool,
    },
    /// A link to something else in the folder.
    Link(String),
}

/// Why something is no content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// A path would lead somewhere else.
    #[error("`{0}` leads out of the archive: it is not unpacked")]
    Outside(String),
    /// A link would.
    #[error("the link `{0}` leads to `{1}`, out of the folder: make it a file, or leave it out")]
    LinkOutside(String, String),
    /// Too many bytes or files.
    #[error("it holds more than {} MiB or {MAX_FILES} files", MAX_SIZE >> 20)]
    TooLarge,
    /// No known kind of archive.
    #[error("this is no archive: a tar (gzipped or not) or a zip is expected")]
    UnknownFormat,
    /// An archive that is broken.
    #[error("the archive is broken")]
    Broken(#[source] io::Error),
    /// The file system failed.
    #[error("`{0}` cannot be read or written")]
    Io(PathBuf, #[source] io::Error),
}

impl Content {
    /// Its entries by path, sorted.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .map(|(path, entry)| (path.as_str(), entry))
    }

    /// The bytes of a file.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        match self.entries.get(path)? {
            Entry::File { bytes, .. } => Some(bytes),
            Entry::Link(_) => None,
        }
    }

    /// The same for the same paths, files, links and permissions; 32 hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (path, entry) in &self.entries {
            let (kind, bytes): (&[u8], &[u8]) = match entry {
                Entry::File {
                    bytes,
                    executable: false,
                } => (b"f", bytes),
                Entry::File {
                    bytes,
                    executable: true,
                } => (b"x", bytes),
                Entry::Link(target) => (b"l", target.as_bytes()),
            };
            for part in [path.as_bytes(), kind, bytes] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        let digest = hash.finalize();
        digest
            .iter()
            .take(16)
            .fold(String::new(), |mut text, byte| {
                let _infallible = write!(text, "{byte:02x}");
                text
            })
    }

    /// The content of the only folder at its top, where all is in one, as archives of repositories are made.
    #[must_use]
    pub fn without_single_top(self) -> Self {
        let top = |path: &String| path.split_once('/').map(|(top, _)| format!("{top}/"));
        let Some(prefix) = self.entries.keys().next().and_then(top) else {
            return self;
        };
        if !self.entries.keys().all(|path| path.starts_with(&prefix)) {
            return self;
        }
        let entries = self.entries.into_iter();
        Self {
            entries: entries
                .map(|(path, entry)| (path[prefix.len()..].to_owned(), entry))
                .collect(),
            size: self.size,
        }
    }

    /// Adds something under a path, which is checked.
    pub(crate) fn add(&mut self, path: &Path, entry: Entry) -> Result<(), ArchiveError> {
        let shown = path.display().to_string();
        let mut parts = Vec::new();
        for component in path.components() {
            match component {
                Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
                Component::CurDir => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(ArchiveError::Outside(shown));
                }
            }
        }
        if is_left_out(&parts) || parts.is_empty() {
            return Ok(());
        }
        match &entry {
            Entry::File { bytes, .. } => self.size += bytes.len() as u64,
            Entry::Link(target) => check_link(&shown, &parts, target)?,
        }
        self.entries.insert(parts.join("/"), entry);
        if self.size > MAX_SIZE || self.entries.len() > MAX_FILES {
            return Err(ArchiveError::TooLarge);
        }
        Ok(())
    }

    /// How many bytes more it may take.
    pub(crate) fn room(&self) -> u64 {
        MAX_SIZE.saturating_sub(self.size)
    }
}

fn is_left_out(parts: &[String]) -> bool {
    let is_hidden = |part: &String| part == ".git" || part == "__pycache__";
    let is_compiled = parts.last().is_some_and(|name| {
        Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "pyc")
    });
    parts.iter().any(is_hidden) || is_compiled
}

/// A link must lead to something below the folder.
fn check_link(shown: &str, parts: &[String], target: &str) -> Result<(), ArchiveError> {
    let mut depth = parts.len().saturating_sub(1);
    for component in Path::new(target).components() {
        let next = match component {
            Component::Normal(_) => Some(depth + 1),
            Component::CurDir => Some(depth),
            Component::ParentDir => depth.checked_sub(1),
            Component::RootDir | Component::Prefix(_) => None,
        };
        depth =
            next.ok_or_else(|| ArchiveError::LinkOutside(shown.to_owned(), target.to_owned()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Entry {
        Entry::File {
            bytes: text.as_bytes().to_vec(),
            executable: false,
        }
    }

    fn content(entries: &[(&str, Entry)]) -> Content {
        let mut content = Content::default();
        for (path, entry) in entries {
            content.add(Path::new(path), entry.clone()).unwrap();
        }
        content
    }

    #[test]
    fn the_hash_is_of_paths_texts_and_permissions() {
        let plain = content(&[("a", file("x")), ("b", file("y"))]);
        let turned = content(&[("b", file("y")), ("./a", file("x"))]);
        let runnable = Entry::File {
            bytes: b"x".to_vec(),
            executable: true,
        };

        assert_eq!(plain.hash(), turned.hash());
        for other in [
            content(&[("a", file("x"))]),
            content(&[("a", file("xb")), ("b", file("y"))]),
            content(&[("a", runnable), ("b", file("y"))]),
        ] {
            assert_ne!(plain.hash(), other.hash());
        }
    }

    #[test]
    fn no_path_and_no_link_leads_out() {
        for path in ["../a", "/a", "a/../../b"] {
            let error = Content::default().add(Path::new(path), file(""));
            assert!(matches!(error, Err(ArchiveError::Outside(_))), "{path}");
        }
        for (path, target) in [("a", "../b"), ("a", "/etc/passwd"), ("a/b", "c/../../../d")] {
            let error = Content::default().add(Path::new(path), Entry::Link(target.into()));
            assert!(
                matches!(error, Err(ArchiveError::LinkOutside(..))),
                "{path}"
            );
        }
        content(&[("a/b", Entry::Link("../c".into()))]);
    }

    #[test]
    fn leaves_out_what_is_no_content() {
        let content = content(&[
            (".git/config", file("")),
            ("lib/__pycache__/a.pyc", file("")),
            ("a.pyc", file("")),
            (".gitignore", file("")),
        ]);

        let paths: Vec<&str> = content.entries().map(|(path, _)| path).collect();
        assert_eq!(paths, [".gitignore"]);
    }

    #[test]
    fn takes_off_a_single_top_folder_only() {
        let one = content(&[("x-1.0/a", file("1")), ("x-1.0/b/c", file("2"))]);
        let two = content(&[("a", file("1")), ("b/c", file("2"))]);

        assert_eq!(
            one.without_single_top().entries().collect::<Vec<_>>(),
            two.entries().collect::<Vec<_>>()
        );
        assert_eq!(two.clone().without_single_top(), two);
    }
}
