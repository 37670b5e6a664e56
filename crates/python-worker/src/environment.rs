//! What the Python of packs finds in its environment.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Variables with this prefix configure Petrel itself (and may hold passwords): packs do not see them.
const OWN_PREFIX: &str = "PETREL_";

/// What packs inherit of an environment: all but Petrel's own variables.
pub fn inherited_environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> BTreeMap<OsString, OsString> {
    variables
        .filter(|(name, _)| !name.to_string_lossy().starts_with(OWN_PREFIX))
        .collect()
}

/// `PYTHONPATH` for a pack's code and what it starts: the pack's libraries, what is inherited, the worker.
#[must_use]
pub fn python_path(
    pack_folder: &Path,
    inherited: &BTreeMap<OsString, OsString>,
    worker: &Path,
) -> String {
    let own = [pack_folder.join("lib"), pack_folder.join("actions/lib")];
    let rest = inherited.get(OsStr::new("PYTHONPATH"));
    let rest = rest.map(|rest| env::split_paths(rest).collect::<Vec<_>>());
    let folders = own
        .into_iter()
        .chain(rest.unwrap_or_default())
        .chain([worker.to_owned()]);
    let folders: Vec<String> = folders
        .map(|folder| folder.to_string_lossy().into_owned())
        .collect();
    folders.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_engines_own_variables_from_packs() {
        let variables = [
            ("PATH", "/bin"),
            ("PETREL_DATABASE_URL", "postgres://u:secret@h/d"),
        ];

        let inherited = inherited_environment(
            variables
                .map(|(name, value)| (name.into(), value.into()))
                .into_iter(),
        );

        assert_eq!(inherited.into_keys().collect::<Vec<_>>(), ["PATH"]);
    }

    #[test]
    fn puts_the_packs_libraries_before_what_is_inherited() {
        let inherited = BTreeMap::from([("PYTHONPATH".into(), "/x:/y".into())]);

        let path = python_path(Path::new("/p"), &inherited, Path::new("/w"));

        assert_eq!(path, "/p/lib:/p/actions/lib:/x:/y:/w");
    }
}
