//! The datastore as expressions see it: `st2kv.system.name` in templates is an object that looks its value up.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use pyvalue::{Class, Dict, Error, Object, Value};

/// What expressions read of the datastore. `Debug` should not show values: they may be secret.
pub trait Datastore: Send + Sync + fmt::Debug {
    /// The value of `st2kv.system.NAME` or `st2kv.user.NAME`, as it is stored; `None` where there is none.
    fn get(&self, scope: Scope, name: &str) -> Option<String>;

    /// Opens a sealed value (`decrypt_kv`); the error's text is shown to the author.
    fn decrypt(&self, sealed: &str) -> Result<String, String>;

    /// Whether there is a user, and so `st2kv.user`.
    fn has_user(&self) -> bool {
        true
    }

    /// The value that workflows get from `st2kv('system.NAME')`. To be overridden where items may hold more than texts.
    fn value(&self, scope: Scope, name: &str) -> Option<Value> {
        self.get(scope, name).map(Value::from)
    }
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

/// What the variable `st2kv` is.
pub(crate) fn root(datastore: &Arc<dyn Datastore>) -> Value {
    let key = |scope| {
        Value::object(Key {
            datastore: Arc::clone(datastore),
            scope,
            name: String::new(),
        })
    };
    let mut scopes = Dict::default();
    scopes.insert("system", key(Scope::System));
    if datastore.has_user() {
        scopes.insert("user", key(Scope::User));
    }
    Value::Dict(scopes)
}

/// `st2kv.system` and all below it: each further name makes the key longer, printing reads it.
#[derive(Clone)]
struct Key {
    datastore: Arc<dyn Datastore>,
    scope: Scope,
    name: String,
}

/// The name only: what is stored may be secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "st2kv.{:?}.{}", self.scope, self.name)
    }
}

impl Key {
    fn below(&self, name: &str) -> Value {
        let name = if self.name.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.name)
        };
        Value::object(Self {
            name,
            ..self.clone()
        })
    }
}

impl Object for Key {
    fn type_name(&self) -> &'static str {
        match self.scope {
            Scope::System => "KeyValueLookup",
            Scope::User => "UserKeyValueLookup",
        }
    }

    fn text(&self) -> Result<String, Error> {
        if self.name.is_empty() {
            let scope = match self.scope {
                Scope::System => "system",
                Scope::User => "user",
            };
            return Err(Error::new(
                Class::Value,
                format!(
                    "`st2kv.{scope}` has no value of its own, name an item: `st2kv.{scope}.name`"
                ),
            ));
        }
        Ok(self
            .datastore
            .get(self.scope, &self.name)
            .unwrap_or_default())
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        Some(self.below(name))
    }

    fn item(&self, key: &Value) -> Option<Value> {
        key.to_text().ok().map(|name| self.below(&name))
    }

    /// There are no methods: `.upper` of an item is the item whose name ends with `.upper`.
    fn call(&self, _: &[Value], _: &[(Arc<str>, Value)]) -> Result<Value, Error> {
        Err(Error::value_error(format!(
            "an item of the datastore has no methods, and `{}` is the name of another one: use a filter",
            self.name
        )))
    }
}
