//! Jinja as StackStorm speaks it in rules, parameters and aliases, and the path dialect of rule keys.
//!
//! No async, no clock, no I/O: the datastore is read through [`Datastore`], filled by the caller beforehand.

pub mod jinja;
pub mod path;
pub mod python;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

pub use jinja::{Template, TemplateError, TemplateErrorKind, ValuesTemplate};

/// What expressions read of the datastore.
pub trait Datastore: Send + Sync + std::fmt::Debug {
    /// The value of `st2kv.system.NAME` or `st2kv.user.NAME`, as it is stored; `None` where there is none.
    fn get(&self, scope: Scope, name: &str) -> Option<String>;

    /// Opens a sealed value (`decrypt_kv`); the error's text is shown to the author.
    fn decrypt(&self, sealed: &str) -> Result<String, String>;
}

/// Whose datastore an expression reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `st2kv.system`.
    System,
    /// `st2kv.user`.
    User,
}

/// The datastore items that expressions mention: what a caller reads before it renders them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentioned {
    /// Names that stand in the text.
    pub names: BTreeSet<(Scope, String)>,
    /// Some name is computed (`st2kv.system[x]`, `st2kv.get(...)`): anything may be read.
    pub computed: bool,
}

/// What an expression sees: names and their values. Built once a request; values are shared, not cloned.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// Top-level names.
    pub values: Vec<(String, Arc<Value>)>,
    /// Behind `st2kv`; absent where expressions see no datastore.
    pub datastore: Option<Arc<dyn Datastore>>,
}

impl Mentioned {
    /// Adds what another expression mentions.
    pub fn merge(&mut self, other: Self) {
        self.names.extend(other.names);
        self.computed |= other.computed;
    }

    /// Whether nothing is mentioned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.computed
    }
}
