//! Packs made for one test.

use std::path::{Path, PathBuf};

use packs::{FileResult, FileWarning, lint};

const PACK: &str =
    "name: demo\ndescription: A demo.\nversion: 1.0.0\nauthor: A\nemail: a@example.com\n";

/// A pack folder with these files beside a sound `pack.yaml`.
pub(crate) fn pack(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("demo");
    write(&folder, "pack.yaml", PACK);
    for (file, text) in files {
        write(&folder, file, text);
    }
    (scratch, folder)
}

pub(crate) fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(crate) fn by_file<'a>(results: &'a [FileResult], file: &str) -> &'a FileResult {
    results.iter().find(|result| result.file == file).unwrap()
}

/// `line:column: message`.
pub(crate) fn placed(one: &FileWarning) -> String {
    format!("{}:{}: {}", one.line, one.column, one.message)
}

/// What lint warns of in a pack: `file:line:column: message`.
pub(crate) fn warnings(folder: &Path) -> Vec<String> {
    let results = lint(&[folder.to_owned()]);
    let told = results
        .iter()
        .flat_map(|result| result.warnings.iter().map(move |one| (result, one)));
    told.map(|(result, one)| format!("{}:{}", result.file, placed(one)))
        .collect()
}
