//! Which files are tests, and which workflow each is about.

use std::path::{Path, PathBuf};

use rehearsal::Suite;
use yaml::Position;

use crate::client::UsageError;
use crate::workflow::source::beside;

/// How test files end.
const ENDINGS: [&str; 2] = [".test.yaml", ".test.yml"];

/// Folders are walked no deeper.
const MAX_DEPTH: usize = 32;

/// The test files of all paths, each once.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, UsageError> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        for file in of_path(path)? {
            if !found.contains(&file) {
                found.push(file);
            }
        }
    }
    Ok(found)
}

fn of_path(path: &Path) -> Result<Vec<PathBuf>, UsageError> {
    let shown = path.display();
    if path.is_dir() {
        let mut files = Vec::new();
        walk(path, MAX_DEPTH, &mut files);
        if files.is_empty() {
            return Err(UsageError::new(format!(
                "no file below `{shown}` is called *.test.yaml"
            )));
        }
        return Ok(files);
    }
    if name_of_test(path).is_some() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_file() {
        return Err(UsageError::new(format!("there is no file `{shown}`")));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let folders = [path.parent().map(Path::to_owned), tests_of(path)];
    let files: Vec<PathBuf> = folders
        .into_iter()
        .flatten()
        .flat_map(|folder| ENDINGS.map(|ending| folder.join(format!("{name}{ending}"))))
        .filter(|file| file.is_file())
        .collect();
    if files.is_empty() {
        let test = path.with_file_name(format!("{name}.test.yaml"));
        return Err(UsageError::new(format!(
            "`{shown}` has no tests: write them in `{}`",
            test.display()
        )));
    }
    Ok(files)
}

/// The folder of tests of the pack that a file is in: `tests/workflows` beside its `actions`.
fn tests_of(path: &Path) -> Option<PathBuf> {
    let actions = path
        .ancestors()
        .find(|folder| folder.file_name().is_some_and(|name| name == "actions"))?;
    Some(actions.parent()?.join("tests").join("workflows"))
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_folder = path
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_dir());
        if is_folder && depth > 0 && !name.starts_with('.') {
            walk(&path, depth - 1, found);
        } else if path.is_file() && name_of_test(&path).is_some() {
            found.push(path);
        }
    }
}

/// `NAME` of `NAME.test.yaml`.
fn name_of_test(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    ENDINGS
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .map(str::to_owned)
}

/// The workflow that a test file is about.
pub(super) fn workflow_of(file: &Path, suite: &Suite) -> Result<PathBuf, (Position, String)> {
    if let Some((name, position)) = &suite.workflow {
        let path = beside(file, name);
        let missing = || (*position, format!("there is no file `{}`", path.display()));
        return path.is_file().then(|| path.clone()).ok_or_else(missing);
    }
    let name = name_of_test(file).unwrap_or_default();
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut folders = vec![folder.to_owned()];
    if let Some(pack) = pack_of_tests(folder) {
        folders.push(pack.join("actions").join("workflows"));
    }
    let candidates = folders
        .iter()
        .flat_map(|folder| ["yaml", "yml"].map(|ending| folder.join(format!("{name}.{ending}"))));
    candidates
        .clone()
        .find(|path| path.is_file())
        .ok_or_else(|| {
            let tried: Vec<String> = candidates
                .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
                .map(|path| format!("`{}`", path.display()))
                .collect();
            let message = format!(
                "there is no workflow {}: name the workflow's file with `workflow: PATH`",
                tried.join(" or ")
            );
            (Position { line: 1, column: 1 }, message)
        })
}

/// The pack of a folder `tests/workflows`.
fn pack_of_tests(folder: &Path) -> Option<PathBuf> {
    let is_named = |folder: &Path, name: &str| folder.file_name().is_some_and(|one| one == name);
    let tests = folder.parent()?;
    let is_it = is_named(folder, "workflows") && is_named(tests, "tests");
    is_it.then(|| tests.parent().map(Path::to_owned)).flatten()
}
