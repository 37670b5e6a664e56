//! Which files a pack has, and which of them mean something.

use std::path::{Path, PathBuf};

use crate::FileKind;

/// The folders that are registered, in the order in which they are.
const FOLDERS: [(&str, FileKind); 6] = [
    ("triggers", FileKind::Trigger),
    ("sensors", FileKind::Sensor),
    ("actions", FileKind::Action),
    ("rules", FileKind::Rule),
    ("aliases", FileKind::Alias),
    ("policies", FileKind::Policy),
];
/// How deep folders are searched.
const MAX_DEPTH: usize = 16;

/// The packs under a folder: itself, if it is one, else the folders in it that are; sorted.
#[must_use]
pub fn find_packs(folder: &Path) -> Vec<PathBuf> {
    if is_pack(folder) {
        return vec![folder.to_owned()];
    }
    entries(folder)
        .into_iter()
        .filter(|path| is_pack(path))
        .collect()
}

/// The pack that a file belongs to: the nearest folder above it with a `pack.yaml`.
#[must_use]
pub fn pack_of_file(file: &Path) -> Option<PathBuf> {
    file.ancestors()
        .skip(1)
        .find(|folder| is_pack(folder))
        .map(Path::to_owned)
}

fn is_pack(folder: &Path) -> bool {
    folder.join("pack.yaml").is_file()
}

/// The files of the six folders: directly in them, `.yaml` and `.yml`, sorted. `actions/config.yaml` is none.
pub(crate) fn metadata_files(folder: &Path, kind: FileKind) -> Vec<PathBuf> {
    let Some((name, _)) = FOLDERS.iter().find(|(_, one)| *one == kind) else {
        return Vec::new();
    };
    let is_metadata =
        |path: &PathBuf| is_yaml(path) && path.is_file() && !is_old_configuration(path);
    entries(&folder.join(name))
        .into_iter()
        .filter(is_metadata)
        .collect()
}

/// `NAME.yaml.example` beside `pack.yaml`, whatever the name.
pub(crate) fn config_examples(folder: &Path) -> Vec<PathBuf> {
    let is_example =
        |path: &PathBuf| path.to_string_lossy().ends_with(".yaml.example") && path.is_file();
    entries(folder).into_iter().filter(is_example).collect()
}

/// Where actions kept their configuration before packs did.
fn is_old_configuration(path: &Path) -> bool {
    path.ends_with("actions/config.yaml") || path.ends_with("actions/config.yml")
}

/// YAML in folders below `actions/`: workflows, chains, and whatever else authors keep there.
pub(crate) fn files_below_actions(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(&folder.join("actions"))
        .into_iter()
        .filter(|path| is_real_folder(path))
    {
        collect(&path, MAX_DEPTH, &mut found);
    }
    found.retain(|path| is_yaml(path));
    found.sort();
    found
}

/// All files of a pack relative to it, sorted; compiled Python and version control are left out.
pub(crate) fn all_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    collect(folder, MAX_DEPTH, &mut found);
    let relative = found
        .iter()
        .filter_map(|path| path.strip_prefix(folder).ok());
    let mut files: Vec<String> = relative.map(|path| path.display().to_string()).collect();
    files.retain(|file| !is_compiled(file));
    files.sort();
    files
}

/// Whether a folder, or one below it, holds anything but YAML.
pub(crate) fn has_scripts(folder: &Path) -> bool {
    let mut found = Vec::new();
    collect(folder, MAX_DEPTH, &mut found);
    found.iter().any(|path| !is_yaml(path))
}

fn is_compiled(file: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "pyc")
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if depth == 0 {
        return;
    }
    for path in entries(folder) {
        if is_real_folder(&path) {
            collect(&path, depth - 1, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// A folder that is no link, so that a walk ends.
fn is_real_folder(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir())
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// What a folder holds, sorted; hidden entries are left out. Empty where it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(read) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_hidden = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
    };
    let mut paths: Vec<PathBuf> = read
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| !is_hidden(path));
    paths.sort();
    paths
}
