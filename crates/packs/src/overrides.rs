//! What an operator says of packs' content, whatever its files say: `overrides/_global.yaml` and `overrides/PACK.yaml`
//! (`content/loader.py`, `OverrideLoader`).
//!
//! ```yaml
//! rules:
//!   defaults:
//!     enabled: false
//!   exceptions:          # in a pack's own file alone
//!     on_push:
//!       enabled: true
//! ```

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::complaint::shown;
use crate::suggestion::did_you_mean;
use crate::{Complaint, FileKind};

/// What may be overridden.
const MEMBERS: [&str; 1] = ["enabled"];
/// What a file may speak of.
const SECTIONS: [&str; 4] = ["actions", "aliases", "rules", "sensors"];

/// The files that override the content of one pack.
#[derive(Debug, Default)]
pub(crate) struct Overrides(Vec<File>);

#[derive(Debug)]
struct File {
    path: PathBuf,
    is_global: bool,
    document: Result<Value, String>,
}

/// The files in the folder that count for a pack, whether they are there or not.
pub(crate) fn files(folder: &Path, pack: &str) -> [PathBuf; 2] {
    [
        folder.join("_global.yaml"),
        folder.join(format!("{pack}.yaml")),
    ]
}

impl Overrides {
    /// Reads those of a pack.
    pub(crate) fn read(folder: Option<&Path>, pack: &str) -> Self {
        let paths = folder.map(|folder| files(folder, pack));
        let files = paths.into_iter().flatten().enumerate();
        let files = files.filter(|(_, path)| path.is_file());
        let read = |(at, path): (usize, PathBuf)| File {
            document: document(&path),
            is_global: at == 0,
            path,
        };
        Self(files.map(read).collect())
    }

    /// The document as it counts. Where a file cannot be used, the definition is refused: to take it as it is might
    /// be what the operator did not want.
    pub(crate) fn apply<'a>(
        &self,
        kind: FileKind,
        document: &'a Value,
    ) -> Result<Cow<'a, Value>, Complaint> {
        let Some((section, name)) = place(kind) else {
            return Ok(Cow::Borrowed(document));
        };
        let name = document.get(name).and_then(Value::as_str);
        let mut overridden = Cow::Borrowed(document);
        for file in &self.0 {
            let said = file.of(section, name.unwrap_or_default());
            let said = said.map_err(|problem| file.complaint(&problem))?;
            for (member, value) in said {
                if let Some(object) = overridden.to_mut().as_object_mut() {
                    object.insert(member.to_owned(), value.clone());
                }
            }
        }
        Ok(overridden)
    }
}

impl File {
    /// What it says of one definition; what comes later counts.
    fn of(&self, section: &str, name: &str) -> Result<Vec<(&'static str, &Value)>, String> {
        let document = self.document.as_ref().map_err(Clone::clone)?;
        if let Some(unknown) = unknown(document, &SECTIONS) {
            let hint = did_you_mean(unknown, SECTIONS.to_vec());
            return Err(format!(
                "`{unknown}` cannot be overridden: {} can{hint}",
                SECTIONS.join(", ")
            ));
        }
        let Some(section) = document.get(section) else {
            return Ok(Vec::new());
        };
        let defaults = section.get("defaults");
        let exceptions = section
            .get("exceptions")
            .and_then(|exceptions| exceptions.get(name));
        let exceptions = exceptions.filter(|_| !self.is_global);
        let mut said = Vec::new();
        for members in [defaults, exceptions].into_iter().flatten() {
            if let Some(unknown) = unknown(members, &MEMBERS) {
                return Err(format!(
                    "`{unknown}` cannot be overridden, only `enabled` can"
                ));
            }
            for member in MEMBERS {
                match members.get(member) {
                    None => {}
                    Some(Value::Bool(_)) => said.push((member, &members[member])),
                    Some(other) => {
                        return Err(format!(
                            "`{member}` must be true or false, not {}",
                            shown(other)
                        ));
                    }
                }
            }
        }
        Ok(said)
    }

    fn complaint(&self, problem: &str) -> Complaint {
        let path = self.path.display();
        Complaint::value::<&str>(
            &[],
            format!("the overrides in {path} cannot be used: {problem}"),
        )
    }
}

/// The section of a kind, and the key that has a definition's name.
fn place(kind: FileKind) -> Option<(&'static str, &'static str)> {
    match kind {
        FileKind::Action => Some(("actions", "name")),
        FileKind::Alias => Some(("aliases", "name")),
        FileKind::Rule => Some(("rules", "name")),
        FileKind::Sensor => Some(("sensors", "class_name")),
        FileKind::Pack
        | FileKind::ConfigSchema
        | FileKind::ConfigExample
        | FileKind::Config
        | FileKind::Trigger
        | FileKind::Policy
        | FileKind::Workflow
        | FileKind::Other => None,
    }
}

fn document(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let document = yaml::parse(&text)
        .map_err(|error| format!("line {}: {}", error.line, error.message))?
        .root
        .to_json();
    match document {
        Value::Null => Ok(Value::Object(model::Object::new())),
        Value::Object(_) => Ok(document),
        other => Err(format!("a mapping is expected, not {}", shown(&other))),
    }
}

fn unknown<'a>(members: &'a Value, known: &[&str]) -> Option<&'a str> {
    let members = members.as_object()?;
    let unknown = members.keys().find(|key| !known.contains(&key.as_str()));
    unknown.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(global: &str, own: &str, kind: FileKind, document: &Value) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files(folder.path(), "demo").iter().zip([global, own]) {
            if !text.is_empty() {
                std::fs::write(path, text).unwrap();
            }
        }
        let overrides = Overrides::read(Some(folder.path()), "demo");
        let applied = overrides.apply(kind, document);
        applied
            .map(Cow::into_owned)
            .map_err(|complaint| complaint.message)
    }

    #[test]
    fn the_packs_file_counts_more_than_the_global_one_and_exceptions_more_than_defaults() {
        let rule = json!({ "name": "r", "enabled": true });
        let off = "rules: {defaults: {enabled: false}}\n";
        let enabled = |global: &str, own: &str| {
            applied(global, own, FileKind::Rule, &rule).unwrap()["enabled"].clone()
        };

        assert_eq!(enabled("", ""), true);
        assert_eq!(enabled(off, ""), false);
        assert_eq!(enabled(off, "rules: {defaults: {enabled: true}}\n"), true);
        let exception =
            "rules: {defaults: {enabled: false}, exceptions: {r: {enabled: true}, x: {}}}\n";
        assert_eq!(enabled("", exception), true);
        assert_eq!(enabled(exception, ""), false, "exceptions are the packs'");
        assert_eq!(enabled("actions: {defaults: {enabled: false}}\n", ""), true);
        assert_eq!(enabled("---\n", ""), true);
    }

    #[test]
    fn sensors_go_by_their_class() {
        let sensor = json!({ "class_name": "S" });
        let own = "sensors: {exceptions: {S: {enabled: false}}}\n";

        let overridden = applied("", own, FileKind::Sensor, &sensor);

        assert_eq!(
            overridden,
            Ok(json!({ "class_name": "S", "enabled": false }))
        );
    }

    #[test]
    fn a_file_that_cannot_be_used_refuses_what_it_may_be_about() {
        let rule = json!({ "name": "r" });
        let refused = |own: &str| applied("", own, FileKind::Rule, &rule).unwrap_err();

        assert!(refused("rules: {defaults: {enabeld: false}}\n").ends_with(
            "demo.yaml cannot be used: `enabeld` cannot be overridden, only `enabled` can"
        ));
        assert!(refused("rule: {}\n").contains("`rule` cannot be overridden: actions, aliases"));
        assert!(refused("rules: {defaults: {enabled: 'no'}}\n").contains("must be true or false"));
        assert!(refused("rules: [\n").contains("cannot be used: line "));
        assert!(refused("[]\n").contains("a mapping is expected"));
    }
}
