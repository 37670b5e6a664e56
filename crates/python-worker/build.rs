//! Embeds the Python worker: a table of the files of the worker package that packs need.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What is embedded; the rest of the folder is tests and notes.
const PARTS: [&str; 7] = [
    "__main__.py",
    "petrel_worker",
    "st2actions",
    "st2client",
    "st2common",
    "st2reactor",
    "st2tests",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../action-runner/python");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    for part in PARTS {
        collect(&root.join(part), &mut files)?;
    }
    files.sort();
    let mut table = String::from("[\n");
    for file in files {
        let name = file.strip_prefix(&root)?;
        writeln!(
            table,
            "    ({:?}, include_str!({:?})),",
            name.display().to_string(),
            file.display().to_string()
        )?;
    }
    table.push_str("]\n");
    let out = Path::new(&env::var("OUT_DIR")?).join("worker_files.rs");
    fs::write(out, table)?;
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "py") {
        files.push(path.to_owned());
    }
    Ok(())
}
