//! Embeds the Python worker: what packs need of the worker package's folder; the rest of it is tests and notes.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use embedded::Part;

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
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../action-runner/python");
    println!("cargo::rerun-if-changed={}", folder.display());
    let parts = PARTS.map(|path| Part { path, is_wanted });
    let out = Path::new(&env::var("OUT_DIR")?).join("worker_files.rs");
    fs::write(out, embedded::table(&folder, &parts)?)?;
    Ok(())
}

fn is_wanted(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "py")
}
