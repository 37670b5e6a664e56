//! Differences that are kept on purpose.

use std::collections::HashMap;

use serde::Deserialize;

/// A list of differences, each with the cases that show it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    /// The differences, by theme.
    #[serde(default, rename = "difference")]
    pub all: Vec<Difference>,
}

/// Something we do otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// What is different, and why it is kept.
    pub reason: String,
    /// Ids of cases that show it.
    pub cases: Vec<String>,
}

impl Differences {
    /// The crate's list.
    pub fn kept() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../differences.toml"))
    }

    /// Reasons by case.
    #[must_use]
    pub fn by_case(&self) -> HashMap<&str, &str> {
        let cases = self.all.iter().flat_map(|difference| {
            difference
                .cases
                .iter()
                .map(|case| (case.as_str(), difference.reason.as_str()))
        });
        cases.collect()
    }
}
