//! YAML as PyYAML's C loader reads it, with the place of every node.
//!
//! StackStorm loads all metadata with PyYAML's safe loader on libyaml: YAML 1.1, where `yes` is a boolean, `0755` is
//! octal, `190:20:30` is a number and `<<` merges. This crate takes libyaml's events and resolves them by the same
//! rules, keeps line and column of every key and value, and bounds what aliases can blow up to.
//!
//! It does not write YAML, reads one document at a time, and knows no custom tags: an unknown tag is an error.
//!
//! ```
//! let document = yaml::parse("name: demo\nenabled: yes\n").unwrap();
//!
//! assert_eq!(document.root.to_json(), serde_json::json!({ "name": "demo", "enabled": true }));
//! assert_eq!(document.root.get("enabled").unwrap().span.start.line, 2);
//! ```

mod compose;
mod error;
mod events;
mod node;
mod scalar;
mod timestamp;

pub use compose::parse;
pub use error::{YamlError, excerpt};
pub use node::{Document, Entry, Node, Position, Span, Value, Warning};

/// Reads a document straight to JSON, for callers that need neither places nor warnings.
pub fn to_json(text: &str) -> Result<serde_json::Value, YamlError> {
    parse(text).map(|document| document.root.into_json())
}
