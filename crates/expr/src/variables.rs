//! Names and their values, converted to what the languages compute with when first used.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use pyvalue::{Dict, Value};
use serde_json::Value as Json;

use crate::{Datastore, datastore};

/// What a template sees: names and their values. Built once a request; values are shared, not cloned.
#[derive(Clone, Default)]
pub struct Variables {
    /// Top-level names. The last of equal ones counts.
    pub values: Vec<(String, Variable)>,
    /// Behind `st2kv`; absent where expressions see no datastore.
    pub datastore: Option<Arc<dyn Datastore>>,
}

/// A value of JSON that templates look at. Cheap to clone; converted at most once, whichever clone is used first.
#[derive(Clone)]
pub struct Variable(Arc<Shared>);

struct Shared {
    json: Arc<Json>,
    value: OnceLock<Value>,
}

impl Variable {
    /// The value as it came.
    #[must_use]
    pub fn json(&self) -> &Arc<Json> {
        &self.0.json
    }

    /// The value as expressions compute with it.
    pub(crate) fn value(&self) -> &Value {
        self.0.value.get_or_init(|| Value::from_json(&self.0.json))
    }
}

impl From<Arc<Json>> for Variable {
    fn from(json: Arc<Json>) -> Self {
        Self(Arc::new(Shared {
            json,
            value: OnceLock::new(),
        }))
    }
}

impl From<Json> for Variable {
    fn from(json: Json) -> Self {
        Arc::new(json).into()
    }
}

/// The names only: values may be large, and secret.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.values.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variable").finish_non_exhaustive()
    }
}

impl Variables {
    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.datastore.is_none()
    }
}

impl jinja::Names for Variables {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        if let Some((_, value)) = self.values.iter().rev().find(|(known, _)| known == name) {
            return Some(Cow::Borrowed(value.value()));
        }
        match name {
            "st2kv" => self.datastore.as_ref().map(datastore::root).map(Cow::Owned),
            "__context" => {
                let members = self
                    .values
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.value().clone()));
                let mut context: Dict = members.collect();
                if let Some(datastore) = &self.datastore {
                    context.insert("st2kv", datastore::root(datastore));
                }
                Some(Cow::Owned(Value::Dict(context)))
            }
            _ => None,
        }
    }

    fn all(&self) -> Vec<String> {
        let mut names: Vec<String> = self.values.iter().map(|(name, _)| name.clone()).collect();
        if self.datastore.is_some() {
            names.push("st2kv".to_owned());
        }
        names
    }
}
