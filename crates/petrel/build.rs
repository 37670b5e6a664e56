//! Embeds the packs that the engine brings, without their tests.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use embedded::Part;

const PACKS: [&str; 4] = ["core", "default", "linux", "packs"];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../packs");
    for pack in PACKS {
        println!("cargo::rerun-if-changed={}", folder.join(pack).display());
    }
    let parts = PACKS.map(|path| Part { path, is_wanted });
    let out = Path::new(&env::var("OUT_DIR")?).join("system_packs.rs");
    fs::write(out, embedded::table(&folder, &parts)?)?;
    Ok(())
}

fn is_wanted(file: &Path) -> bool {
    let is_test = file.components().any(|part| part.as_os_str() == "tests");
    let is_compiled = file.extension().is_some_and(|extension| extension == "pyc");
    !is_test && !is_compiled
}
