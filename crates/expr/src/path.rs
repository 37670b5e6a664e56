//! The path dialect of rule keys and of `jsonpath_query`: jsonpath-rw 1.4.0 as st2 uses it.

use serde_json::Value;

/// A parsed path.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {}

/// Why a path did not parse or could not be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path `{path}`: {reason}")]
pub struct PathError {
    /// The path.
    pub path: String,
    /// What is wrong with it, and where.
    pub reason: String,
}

impl Path {
    /// Parses a path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        unimplemented!("{text}")
    }

    /// All matches, in order.
    pub fn find<'v>(&self, document: &'v Value) -> Result<Vec<&'v Value>, PathError> {
        unimplemented!("{document}")
    }
}
