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
use yaml::{Node, Position, YamlError};

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
    read: Result<Read, YamlError>,
}

/// What a file says, and where.
#[derive(Debug)]
struct Read {
    document: Value,
    root: Node,
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
            read: Read::file(&path),
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
            for (member, value) in file.of(section, name.unwrap_or_default())? {
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
    fn of(&self, section: &str, name: &str) -> Result<Vec<(&'static str, &Value)>, Complaint> {
        let read = self.read.as_ref().map_err(|error| {
            let position = Position {
                line: error.line,
                column: error.column,
            };
            self.complaint(position, &error.message)
        })?;
        let said = said(&read.document, section, name, !self.is_global);
        said.map_err(|problem| {
            let start = Position { line: 1, column: 1 };
            let position = problem.position(&read.root).unwrap_or(start);
            self.complaint(position, &problem.message)
        })
    }

    fn complaint(&self, position: Position, problem: &str) -> Complaint {
        let (path, Position { line, column }) = (self.path.display(), position);
        Complaint::elsewhere(format!(
            "the overrides in {path}:{line}:{column} cannot be used: {problem}"
        ))
    }
}

impl Read {
    fn file(path: &Path) -> Result<Self, YamlError> {
        let unreadable = |message: String| YamlError {
            line: 1,
            column: 1,
            message,
        };
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let root = yaml::parse(&text)?.root;
        let document = match root.to_json() {
            Value::Null => Value::Object(model::Object::new()),
            document @ Value::Object(_) => document,
            other => {
                let found = shown(&other);
                return Err(unreadable(format!("a mapping is expected, not {found}")));
            }
        };
        Ok(Self { document, root })
    }
}

/// What a document says of one definition.
fn said<'a>(
    document: &'a Value,
    section: &str,
    name: &str,
    has_exceptions: bool,
) -> Result<Vec<(&'static str, &'a Value)>, Complaint> {
    if let Some(unknown) = unknown(document, &SECTIONS) {
        let hint = did_you_mean(unknown, SECTIONS.to_vec());
        let known = SECTIONS.join(", ");
        let problem = format!("`{unknown}` cannot be overridden: {known} can{hint}");
        return Err(Complaint::key(&[unknown], problem));
    }
    let mut said = Vec::new();
    let exceptions: &[&str] = &[section, "exceptions", name];
    let paths = [
        Some(&[section, "defaults"][..]),
        has_exceptions.then_some(exceptions),
    ];
    for path in paths.into_iter().flatten() {
        let Some(members) = path.iter().try_fold(document, |found, key| found.get(key)) else {
            continue;
        };
        if let Some(unknown) = unknown(members, &MEMBERS) {
            let problem = format!("`{unknown}` cannot be overridden, only `enabled` can");
            return Err(Complaint::key(&[path, &[unknown]].concat(), problem));
        }
        for member in MEMBERS {
            match members.get(member) {
                None => {}
                Some(value @ Value::Bool(_)) => said.push((member, value)),
                Some(other) => {
                    let problem = format!("`{member}` must be true or false, not {}", shown(other));
                    return Err(Complaint::value(&[path, &[member]].concat(), problem));
                }
            }
        }
    }
    Ok(said)
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
            "demo.yaml:1:20 cannot be used: `enabeld` cannot be overridden, only `enabled` can"
        ));
        assert!(
            refused("rule: {}\n")
                .contains("1:1 cannot be used: `rule` cannot be overridden: actions, aliases")
        );
        assert!(
            refused("rules: {defaults: {enabled: 'no'}}\n")
                .contains("demo.yaml:1:29 cannot be used: `enabled` must be true or false")
        );
        assert!(refused("rules: [\n").contains("demo.yaml:2:1 cannot be used: "));
        assert!(refused("[]\n").contains("a mapping is expected"));
    }
}
