//! What a folder holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{MAX_FILES, MAX_SIZE};

/// As many links may stand on the way to one file, as on Linux.
const MAX_LINKS: usize = 40;

/// The files below a folder, by their path, with slashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    entries: BTreeMap<String, Entry>,
    size: u64,
    left_out: Vec<LeftOut>,
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

/// A link that leads out of the folder, and is no part of its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the link `{path}` leads to `{target}`, out of the folder: it is left out")]
pub struct LeftOut {
    /// Where the link was.
    pub path: String,
    /// Where it leads.
    pub target: String,
}

/// Why something is no content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// A path would lead somewhere else.
    #[error("`{0}` leads out of the archive: it is not unpacked")]
    Outside(String),
    /// Something lies below a link.
    #[error("`{0}` lies below a link: it is not unpacked")]
    BelowLink(String),
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

    /// Links that are left out, since they lead out of the folder, sorted by path.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
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
        let entries = entries.map(|(path, entry)| (path[prefix.len()..].to_owned(), entry));
        let mut inner = Self {
            entries: entries.collect(),
            ..self
        };
        // A link may have led to another place in that folder by the folder's name.
        inner.leave_out_links();
        inner
    }

    /// Adds something under a path, which is checked; links once all is there, by [`Content::settled`].
    pub(crate) fn add(&mut self, path: &Path, entry: Entry) -> Result<(), ArchiveError> {
        let parts = parts(path)?;
        if is_left_out(&parts) || parts.is_empty() {
            return Ok(());
        }
        if let Entry::File { bytes, .. } = &entry {
            self.size += bytes.len() as u64;
        }
        self.entries.insert(parts.join("/"), entry);
        if self.size > MAX_SIZE || self.entries.len() > MAX_FILES {
            return Err(ArchiveError::TooLarge);
        }
        Ok(())
    }

    /// Adds a second name of a file that is there.
    pub(crate) fn add_again(&mut self, path: &Path, first: &Path) -> Result<(), ArchiveError> {
        let name = parts(first)?.join("/");
        match self.entries.get(&name) {
            Some(entry) => self.add(path, entry.clone()),
            None => Err(ArchiveError::Broken(io::Error::other(format!(
                "`{}` is said to be the same file as `{name}`, which is not there",
                path.display()
            )))),
        }
    }

    /// The same without links that lead out, wherever other links lead.
    pub(crate) fn settled(mut self) -> Result<Self, ArchiveError> {
        self.leave_out_links();
        for path in self.entries.keys() {
            let mut above = path.match_indices('/').map(|(at, _)| &path[..at]);
            if above.any(|above| matches!(self.entries.get(above), Some(Entry::Link(_)))) {
                return Err(ArchiveError::BelowLink(path.clone()));
            }
        }
        Ok(self)
    }

    fn leave_out_links(&mut self) {
        let links = self.entries.iter().filter_map(|(path, entry)| match entry {
            Entry::Link(target) => Some((path, target)),
            Entry::File { .. } => None,
        });
        let outside = links.filter(|(path, target)| !self.stays_inside(path, target));
        let left_out = outside.map(|(path, target)| LeftOut {
            path: path.clone(),
            target: target.clone(),
        });
        let left_out: Vec<LeftOut> = left_out.collect();
        for one in &left_out {
            self.entries.remove(&one.path);
        }
        self.left_out.extend(left_out);
    }

    /// Whether a link stays below the folder on all of its way: it goes where the system would go, through other links.
    fn stays_inside(&self, path: &str, target: &str) -> bool {
        let mut place: Vec<String> = path.split('/').map(str::to_owned).collect();
        place.pop();
        let mut ahead: Vec<String> = steps(target);
        let mut links = 0;
        while let Some(step) = ahead.pop() {
            match step.as_str() {
                "/" => return false,
                ".." if place.pop().is_none() => return false,
                ".." => {}
                _ => {
                    place.push(step);
                    if let Some(Entry::Link(target)) = self.entries.get(&place.join("/")) {
                        links += 1;
                        if links > MAX_LINKS {
                            return false;
                        }
                        place.pop();
                        ahead.extend(steps(target));
                    }
                }
            }
        }
        true
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

/// The parts of a path that leads to something below the folder.
fn parts(path: &Path) -> Result<Vec<String>, ArchiveError> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(ArchiveError::Outside(path.display().to_string()));
            }
        }
    }
    Ok(parts)
}

/// The steps of a link's target, the last first.
fn steps(target: &str) -> Vec<String> {
    let components = Path::new(target).components().rev();
    let components = components.filter(|component| *component != Component::CurDir);
    let text = |component: Component<'_>| component.as_os_str().to_string_lossy().into_owned();
    components.map(text).collect()
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
    fn no_path_leads_out() {
        for path in ["../a", "/a", "a/../../b"] {
            let error = Content::default().add(Path::new(path), file(""));
            assert!(matches!(error, Err(ArchiveError::Outside(_))), "{path}");
        }
    }

    fn link(target: &str) -> Entry {
        Entry::Link(target.to_owned())
    }

    #[test]
    fn links_that_lead_out_are_left_out_and_told() {
        for (path, target) in [("a", "../b"), ("a", "/etc/passwd"), ("a/b", "c/../../../d")] {
            let content = content(&[("pack.yaml", file("")), (path, link(target))]);
            let content = content.settled().unwrap();

            let left: Vec<&str> = content.entries().map(|(path, _)| path).collect();
            assert_eq!(left, ["pack.yaml"], "{path}");
            let told: Vec<String> = content.left_out().iter().map(LeftOut::to_string).collect();
            assert_eq!(
                told,
                [format!(
                    "the link `{path}` leads to `{target}`, out of the folder: it is left out"
                )]
            );
        }
        let inside = content(&[("a/b", link("../c")), ("d", link("./a/../a/b"))]);
        let settled = inside.clone().settled().unwrap();
        assert_eq!(settled, inside);
    }

    #[test]
    fn no_chain_of_links_leads_out() {
        let chained = content(&[
            ("deep/er/up", link("..")),
            // By its text alone this stays inside.
            ("out", link("deep/er/up/../../x")),
            ("through", link("out")),
            ("round", link("about")),
            ("about", link("round")),
            ("inside", link("deep/er/up/y")),
        ]);

        let settled = chained.settled().unwrap();

        let left: Vec<&str> = settled.entries().map(|(path, _)| path).collect();
        assert_eq!(left, ["deep/er/up", "inside"]);
    }

    #[test]
    fn nothing_lies_below_a_link() {
        let below = content(&[("a", link("b")), ("a/x", file(""))]);

        assert!(matches!(below.settled(), Err(ArchiveError::BelowLink(path)) if path == "a/x"));
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
        let by_name = content(&[("x-1.0/a", file("1")), ("x-1.0/l", link("../x-1.0/a"))]);
        let taken = by_name.settled().unwrap().without_single_top();
        assert_eq!(taken.left_out().len(), 1, "it leads out of what is left");
    }
}
