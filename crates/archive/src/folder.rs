//! From and to folders.

use std::fs;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::{ArchiveError, Content, Entry};

/// How deep a folder is read.
const MAX_DEPTH: usize = 32;

impl Content {
    /// Of a folder.
    pub fn of_folder(folder: &Path) -> Result<Self, ArchiveError> {
        let mut content = Self::default();
        read(folder, folder, MAX_DEPTH, &mut content)?;
        content.settled()
    }

    /// Writes it to a folder that is not there yet, in one step: whoever sees the folder sees all of it. False where
    /// somebody else was first.
    pub fn write_to(&self, folder: &Path) -> Result<bool, ArchiveError> {
        let parent = folder.parent().unwrap_or(folder);
        let failed = |error| ArchiveError::Io(folder.to_owned(), error);
        fs::create_dir_all(parent).map_err(failed)?;
        let draft = beside(folder);
        let written = self
            .write_all(&draft)
            .and_then(|()| fs::rename(&draft, folder));
        match written {
            Ok(()) => Ok(true),
            Err(error) => {
                // What is left of the draft harms nobody.
                drop(fs::remove_dir_all(&draft));
                if folder.is_dir() {
                    Ok(false)
                } else {
                    Err(failed(error))
                }
            }
        }
    }

    fn write_all(&self, draft: &Path) -> io::Result<()> {
        fs::create_dir(draft)?;
        let mut links = Vec::new();
        for (path, entry) in self.entries() {
            let at = draft.join(path);
            match entry {
                Entry::File { bytes, executable } => {
                    make_parent(&at)?;
                    let mode = if *executable { 0o755 } else { 0o644 };
                    let mut options = fs::OpenOptions::new();
                    let mut file = options.write(true).create_new(true).mode(mode).open(&at)?;
                    io::Write::write_all(&mut file, bytes)?;
                }
                // Last, so that nothing is written through one.
                Entry::Link(target) => links.push((at, target)),
            }
        }
        for (at, target) in links {
            make_parent(&at)?;
            symlink(target, at)?;
        }
        Ok(())
    }
}

/// Removes a folder that [`Content::write_to`] wrote, in one step too: what is left where that is broken off does not
/// pass for the folder.
pub fn remove_written(folder: &Path) -> io::Result<()> {
    let draft = beside(folder);
    fs::rename(folder, &draft)?;
    fs::remove_dir_all(&draft)
}

/// A hidden name for what is not whole.
fn beside(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!(".{name}.{:08x}", rand::random::<u32>()))
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

fn read(
    root: &Path,
    folder: &Path,
    depth: usize,
    content: &mut Content,
) -> Result<(), ArchiveError> {
    let failed = |error| ArchiveError::Io(folder.to_owned(), error);
    if depth == 0 {
        return Err(ArchiveError::TooLarge);
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let failed = |error| ArchiveError::Io(path.clone(), error);
        let metadata = path.symlink_metadata().map_err(failed)?;
        let relative = path.strip_prefix(root).unwrap_or(&path);
        if metadata.is_dir() {
            if !path.ends_with(".git") {
                read(root, &path, depth - 1, content)?;
            }
        } else if metadata.is_symlink() {
            let target = fs::read_link(&path).map_err(failed)?;
            content.add(relative, Entry::Link(target.to_string_lossy().into_owned()))?;
        } else if metadata.is_file() {
            if metadata.len() > content.room() {
                return Err(ArchiveError::TooLarge);
            }
            let bytes = fs::read(&path).map_err(failed)?;
            let executable = metadata.permissions().mode() & 0o100 != 0;
            content.add(relative, Entry::File { bytes, executable })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_comes_back_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to/x"));
        fs::create_dir_all(from.join("actions")).unwrap();
        fs::create_dir_all(from.join(".git")).unwrap();
        fs::write(from.join(".git/config"), "").unwrap();
        fs::write(from.join("pack.yaml"), "name: a\n").unwrap();
        fs::write(from.join("actions/a.sh"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(from.join("actions/a.sh"), fs::Permissions::from_mode(0o700)).unwrap();
        symlink("actions/a.sh", from.join("link")).unwrap();
        let content = Content::of_folder(&from).unwrap();

        assert!(content.write_to(&to).unwrap());
        assert!(!content.write_to(&to).unwrap(), "it is there already");

        assert_eq!(Content::of_folder(&to).unwrap(), content);
        assert_eq!(fs::read_to_string(to.join("link")).unwrap(), "#!/bin/sh\n");
        assert!(!to.join(".git").exists());
        let mode = to.join("actions/a.sh").metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o100, 0o100);
        let beside: Vec<_> = fs::read_dir(place.path().join("to")).unwrap().collect();
        assert_eq!(beside.len(), 1, "no draft is left");
        remove_written(&to).unwrap();
        assert_eq!(fs::read_dir(place.path().join("to")).unwrap().count(), 0);
    }
}
