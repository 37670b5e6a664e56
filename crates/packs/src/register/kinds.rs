//! Which kinds of files are registered.

use crate::FileKind;

/// A set of kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds {
    only: Option<Vec<FileKind>>,
}

/// A name of no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no kind of content: action, alias, config, policy, rule, sensor, trigger and all are"
)]
pub struct UnknownKind(pub String);

impl Kinds {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self { only: None }
    }

    /// These kinds, named in singular or plural as in st2's `types`; `all` is everything. Kinds that packs do not
    /// bring (runners, rule types, policy types, packs) are known and add nothing.
    pub fn named<S: AsRef<str>>(names: &[S]) -> Result<Self, UnknownKind> {
        let mut only = Vec::new();
        for name in names {
            match name.as_ref() {
                "all" => return Ok(Self::all()),
                "action" | "actions" => {
                    only.extend([FileKind::Action, FileKind::Workflow, FileKind::Other]);
                }
                "alias" | "aliases" => only.push(FileKind::Alias),
                "config" | "configs" => only.extend([FileKind::Config, FileKind::ConfigSchema]),
                "policy" | "policies" => only.push(FileKind::Policy),
                "rule" | "rules" => only.push(FileKind::Rule),
                "sensor" | "sensors" => only.push(FileKind::Sensor),
                "trigger" | "triggers" => only.push(FileKind::Trigger),
                "pack" | "packs" | "runner" | "runners" | "rule_type" | "rule_types"
                | "policy_type" | "policy_types" => {}
                other => return Err(UnknownKind(other.to_owned())),
            }
        }
        Ok(Self { only: Some(only) })
    }

    /// Whether files of this kind are registered. The pack itself always is.
    #[must_use]
    pub fn includes(&self, kind: FileKind) -> bool {
        kind == FileKind::Pack || self.only.as_ref().is_none_or(|only| only.contains(&kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_in_singular_and_plural() {
        let kinds = Kinds::named(&["actions", "rule", "runners"]).unwrap();

        assert!(
            kinds.includes(FileKind::Action)
                && kinds.includes(FileKind::Rule)
                && kinds.includes(FileKind::Pack)
        );
        assert!(!kinds.includes(FileKind::Sensor));
        assert_eq!(
            Kinds::named(&["actoins"]),
            Err(UnknownKind("actoins".into()))
        );
    }
}
