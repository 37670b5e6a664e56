//! What packs are published as: git repositories, and wheels beside them, so that no index is asked for a library.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

/// Makes a wheel of each module in the folder.
const WHEELS: &str = r#"
import pathlib, re, sys, zipfile
folder = pathlib.Path(sys.argv[1])
for module in sorted(folder.glob("*.py")):
    version = re.search(r'VERSION = "(.*)"', module.read_text()).group(1)
    name = f"{module.stem}-{version}"
    files = {
        module.name: module.read_text(),
        name + ".dist-info/METADATA": f"Metadata-Version: 2.1\nName: {module.stem}\nVersion: {version}\n",
        name + ".dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: story\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[name + ".dist-info/RECORD"] = "".join(path + ",,\n" for path in files)
    with zipfile.ZipFile(folder / (name + "-py3-none-any.whl"), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
"#;

/// Makes a wheel of each module in the folder, which says `VERSION = "1.0"`: `NAME-1.0-py3-none-any.whl`.
pub fn make_wheels(folder: &Path) -> Result<()> {
    run(folder, "python3", &["-c", WHEELS, "."])
}

/// Commits all of a folder, on `main`, and tags it; a folder that is no repository becomes one.
pub fn commit(folder: &Path, tag: &str) -> Result<()> {
    if !folder.join(".git").exists() {
        git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    }
    git(folder, &["add", "--all", "--force"])?;
    git(folder, &["commit", "--quiet", "--message", tag])?;
    git(folder, &["tag", tag])
}

/// Runs git there.
pub fn git(folder: &Path, arguments: &[&str]) -> Result<()> {
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    run(folder, "git", &[&who, arguments].concat())
}

/// Runs a program there, which must end well.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {arguments:?}: {said}");
    Ok(())
}
