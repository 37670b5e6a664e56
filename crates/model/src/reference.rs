//! `pack.name`: how users name everything a pack brings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The reference of an action, rule, trigger type, sensor, alias or policy: a pack and a name in it.
///
/// The name may hold further dots (`core.st2.webhook` is `st2.webhook` in `core`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    text: String,
    dot: usize,
}

/// A text without a pack or without a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a reference: `pack.name` is expected")]
pub struct InvalidReference(pub String);

impl Reference {
    /// The reference of `name` in `pack`.
    #[must_use]
    pub fn new(pack: &str, name: &str) -> Self {
        Self {
            text: format!("{pack}.{name}"),
            dot: pack.len(),
        }
    }

    /// The part before the first dot.
    #[must_use]
    pub fn pack(&self) -> &str {
        &self.text[..self.dot]
    }

    /// The part after the first dot.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.dot + 1..]
    }

    /// The whole, `pack.name`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        match text.find('.') {
            Some(dot) if dot > 0 && dot + 1 < text.len() => Ok(Self {
                text: text.to_owned(),
                dot,
            }),
            _ => Err(InvalidReference(text.to_owned())),
        }
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_first_dot() {
        let reference: Reference = "core.st2.webhook".parse().unwrap();

        assert_eq!(
            (reference.pack(), reference.name()),
            ("core", "st2.webhook")
        );
        assert_eq!(reference, Reference::new("core", "st2.webhook"));
    }

    #[test]
    fn needs_a_pack_and_a_name() {
        for text in ["", "core", ".x", "core."] {
            assert_eq!(
                text.parse::<Reference>(),
                Err(InvalidReference(text.into()))
            );
        }
    }
}
