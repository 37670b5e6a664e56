//! Cleans up after a server even where the test process cannot: statics are never dropped, and a test may be killed.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Waits for the end of its input, which comes with the end of the process that holds the other end; then ends the
/// process groups named in the folder's `*.group` files and removes the folder.
const SCRIPT: &str = r#"
cat > /dev/null
for file in "$1"/*.group; do
    [ -e "$file" ] && read -r group signal < "$file" && kill -s "$signal" -- "-$group" 2> /dev/null
done
for file in "$1"/*.group; do
    [ -e "$file" ] && read -r group signal < "$file" || continue
    tries=0
    while kill -s 0 -- "-$group" 2> /dev/null && [ "$tries" -lt 100 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -s KILL -- "-$group" 2> /dev/null
done
rm -rf -- "$1"
"#;

/// Owns a server's folder.
#[derive(Debug)]
pub(crate) struct Guardian {
    folder: PathBuf,
    shell: Child,
}

impl Guardian {
    /// Makes a folder and sets a shell to watch over it.
    pub(crate) fn new(kind: &str) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(&format!("petrel-{kind}-"))
            .tempdir()
            .context("no temporary folder for a test server")?
            .keep();
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "guardian"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Of its own, so that Ctrl-C in the terminal does not reach it.
            .process_group(0)
            .spawn()
            .context("`sh` cannot be started")?;
        Ok(Self { folder, shell })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ended: io::Result<_> = self.shell.wait();
    }
}
