//! For build scripts: the table of the files.

use std::fmt::Write;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Something below a folder that is embedded: a file, or a folder with all that is in it.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Its path below the folder.
    pub path: &'a str,
    /// Of a folder: which of its files.
    pub is_wanted: fn(&Path) -> bool,
}

/// The table of `parts` of a folder, sorted by name: the text of a Rust expression, an array of [`crate::File`], for
/// `include!`.
pub fn table(folder: &Path, parts: &[Part<'_>]) -> io::Result<String> {
    let folder = folder.canonicalize()?;
    let mut files = Vec::new();
    for part in parts {
        collect(&folder.join(part.path), part.is_wanted, &mut files)?;
    }
    files.sort();
    let mut table = String::from("[\n");
    for file in files {
        let name = file.strip_prefix(&folder).unwrap_or(&file);
        let is_executable = fs::metadata(&file)?.permissions().mode() & 0o111 != 0;
        // Writing to a text does not fail.
        let _ = writeln!(
            table,
            "    ::embedded::File {{ name: {:?}, is_executable: {is_executable}, content: include_bytes!({:?}) }},",
            name.display().to_string(),
            file.display().to_string()
        );
    }
    table.push_str("]\n");
    Ok(table)
}

fn collect(path: &Path, is_wanted: fn(&Path) -> bool, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), is_wanted, files)?;
        }
    } else if is_wanted(path) {
        files.push(path.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_wanted_of_each_part() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [
            ("b/run", 0o755),
            ("b/run.pyc", 0o644),
            ("a", 0o644),
            ("c", 0o644),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, name).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let is_wanted = |path: &Path| path.extension().is_none();
        let parts = ["b", "a"].map(|path| Part { path, is_wanted });

        let table = table(folder.path(), &parts).unwrap();

        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows.len(), 4, "{table}");
        assert!(
            rows[1].contains(r#"name: "a", is_executable: false"#),
            "{table}"
        );
        assert!(
            rows[2].contains(r#"name: "b/run", is_executable: true"#),
            "{table}"
        );
    }

    #[test]
    fn a_part_that_is_missing_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let part = Part {
            path: "nowhere",
            is_wanted: |_| true,
        };

        assert!(table(folder.path(), &[part]).is_err());
    }
}
