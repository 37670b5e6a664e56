//! Checks packs without a store, and shows what was found.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use model::IdSource;

use crate::layout::{find_packs, pack_of_file};
use crate::{Catalog, FileKind, FileResult, FileWarning, Reader, parallel};

/// Checks packs: each path is a pack's folder, a folder of packs, or a file of a pack.
///
/// Known are the engine's own trigger types and those of all packs under the paths. A path where there is no pack
/// gives one result that says so.
#[must_use]
pub fn lint(paths: &[PathBuf]) -> Vec<FileResult> {
    let ids = IdSource::new();
    let mut catalog = Catalog::built_in();
    let targets: Vec<(PathBuf, Vec<PathBuf>)> = paths
        .iter()
        .map(|path| (path.clone(), packs_of(path)))
        .collect();
    let mut learnt = HashSet::new();
    let folders = targets.iter().flat_map(|(_, folders)| folders);
    let folders: Vec<&Path> = folders
        .map(PathBuf::as_path)
        .filter(|folder| learnt.insert(*folder))
        .collect();
    let now = DateTime::UNIX_EPOCH;
    catalog.learn(&folders, &ids, now);
    let reader = Reader {
        catalog: &catalog,
        ids: &ids,
        now,
        overrides: None,
    };
    let mut results = Vec::new();
    for (path, folders) in &targets {
        if folders.is_empty() {
            results.push(no_pack(path));
        }
        for reading in parallel::each(folders, |folder| reader.read(folder)) {
            if path.is_file() {
                results.push(only(path, reading.results, &reading.folder));
            } else {
                results.extend(reading.results);
            }
        }
    }
    results
}

fn packs_of(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return pack_of_file(&absolute).into_iter().collect();
    }
    find_packs(path)
}

fn no_pack(path: &Path) -> FileResult {
    let file = path.display().to_string();
    let message = if path.exists() {
        "there is no pack here: neither the folder, nor one in it, nor one above the file has a pack.yaml"
    } else {
        "there is no such file or folder"
    };
    FileResult {
        pack: String::new(),
        excerpt: Some(format!("{file}: {message}")),
        file,
        kind: FileKind::Other,
        reference: None,
        ok: Some(false),
        error: Some(message.to_owned()),
        line: None,
        column: None,
        more_errors: Vec::new(),
        warnings: Vec::new(),
    }
}

/// What is said about one file of a pack; a file that is never registered is told so.
fn only(path: &Path, results: Vec<FileResult>, folder: &Path) -> FileResult {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let file = absolute
        .strip_prefix(folder)
        .unwrap_or(&absolute)
        .display()
        .to_string();
    let pack = results
        .first()
        .map(|result| result.pack.clone())
        .unwrap_or_default();
    results
        .into_iter()
        .find(|result| result.file == file)
        .unwrap_or_else(|| {
            let message = "this file is none of those that are registered".to_owned();
            let excerpt = format!("{}: warning: {message}", path.display());
            FileResult {
                pack,
                file,
                kind: FileKind::Other,
                reference: None,
                ok: None,
                error: None,
                line: None,
                column: None,
                more_errors: Vec::new(),
                warnings: vec![FileWarning {
                    message,
                    line: 1,
                    column: 1,
                    excerpt,
                }],
                excerpt: None,
            }
        })
}

/// Shows errors and warnings with their line and a caret, and counts in the end.
#[must_use]
pub fn render(results: &[FileResult]) -> String {
    let mut text = String::new();
    for result in results {
        let further = result.more_errors.iter().chain(&result.warnings);
        let further = further.map(|one| &one.excerpt);
        for excerpt in result.excerpt.iter().chain(further) {
            let _infallible = writeln!(text, "{excerpt}");
        }
    }
    let count =
        |judge: fn(&FileResult) -> bool| results.iter().filter(|result| judge(result)).count();
    let warnings: usize = results.iter().map(|result| result.warnings.len()).sum();
    let (accepted, refused) = (
        count(|result| result.ok == Some(true)),
        count(FileResult::is_refused),
    );
    let _infallible = writeln!(
        text,
        "{} files: {accepted} ok, {refused} with errors, {warnings} warnings",
        results.len()
    );
    text
}
