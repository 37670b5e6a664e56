//! The pack's aliases, for `BaseActionAliasTestCase`: read as the engine reads them, so that the tests see what counts,
//! and no Python needs a library for YAML.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

/// Tells the tests where the file is; `st2tests/action_aliases.py` reads it.
pub(super) const VARIABLE: &str = "PETREL_PACK_ALIASES";

/// A file of JSON that has an object for each alias: its `file`, and its `members`, or the `error` that it has none.
pub(super) fn written(folder: &Path) -> anyhow::Result<NamedTempFile> {
    let mut file = NamedTempFile::new().context("a temporary file cannot be made")?;
    let aliases = Value::from(read(&folder.join("aliases"))?);
    file.write_all(aliases.to_string().as_bytes())?;
    file.flush()?;
    Ok(file)
}

fn read(aliases: &Path) -> anyhow::Result<Vec<Value>> {
    if !aliases.is_dir() {
        return Ok(Vec::new());
    }
    let shown = aliases.display();
    let entries = aliases.read_dir()?.collect::<Result<Vec<_>, _>>();
    let entries = entries.with_context(|| format!("`{shown}` cannot be read"))?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    let paths = paths.iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
    });
    Ok(paths.map(|path| alias(path)).collect())
}

fn alias(path: &Path) -> Value {
    let read = std::fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| yaml::to_json(&text).map_err(|error| error.to_string()));
    let file = path.display().to_string();
    match read {
        Ok(members) => json!({ "file": file, "members": members }),
        Err(error) => json!({ "file": file, "error": error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_members_and_says_which_file_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let aliases = folder.path().join("aliases");
        std::fs::create_dir(&aliases).unwrap();
        std::fs::write(aliases.join("a.yaml"), "name: say\nformats: [x]\n").unwrap();
        std::fs::write(aliases.join("b.yaml"), "name: [\n").unwrap();
        std::fs::write(aliases.join("notes.txt"), "not me").unwrap();

        let file = written(folder.path()).unwrap();

        let found: Value =
            serde_json::from_str(&std::fs::read_to_string(file.path()).unwrap()).unwrap();
        assert_eq!(
            found[0]["members"],
            json!({ "name": "say", "formats": ["x"] })
        );
        let error = found[1]["error"].as_str().unwrap();
        assert!(error.starts_with("line 2, column 1: "), "{error}");
        assert_eq!(found.as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_pack_may_have_none() {
        let folder = tempfile::tempdir().unwrap();

        let file = written(folder.path()).unwrap();

        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "[]");
    }
}
