//! What templates see: JSON that is looked into rather than converted, and the datastore behind `st2kv`.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};
use serde_json::Value as Json;

use crate::{Datastore, Scope, Variables, python};

/// The top level of a template's variables.
pub(super) fn root(variables: &Variables) -> Value {
    Value::from_object(Root(variables.clone()))
}

#[derive(Debug)]
struct Root(Variables);

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        // The last of equal names wins.
        if let Some((_, value)) = self.0.values.iter().rev().find(|(known, _)| known == name) {
            return Some(convert(value, value, &[], None));
        }
        match name {
            "st2kv" => self
                .0
                .datastore
                .clone()
                .map(|datastore| Value::from_object(Keys(datastore))),
            "__context" => Some(Value::from_dyn_object(Arc::clone(self))),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(
            self.0
                .values
                .iter()
                .map(|(name, _)| Value::from(name.as_str()))
                .collect(),
        )
    }
}

/// A value of one's own, as templates see it.
pub(super) fn owned(value: Json) -> Value {
    let root = Arc::new(value);
    convert(&root, &root, &[], None)
}

/// A list or object inside of a variable, found again from the variable's root: nothing is copied.
#[derive(Debug)]
pub(super) struct Node {
    root: Arc<Json>,
    path: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Key(Arc<str>),
    Item(usize),
}

impl Node {
    /// The JSON that this stands for.
    pub(super) fn json(&self) -> &Json {
        self.path.iter().fold(&self.root, |value, step| match step {
            Step::Key(key) => value.get(&**key).unwrap_or(&Json::Null),
            Step::Item(at) => value.get(*at).unwrap_or(&Json::Null),
        })
    }
}

fn convert(root: &Arc<Json>, value: &Json, path: &[Step], step: Option<Step>) -> Value {
    match value {
        Json::Null => Value::from(()),
        Json::Bool(truth) => Value::from(*truth),
        Json::Number(number) => self::number(number),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(_) | Json::Object(_) => {
            let path = path.iter().cloned().chain(step).collect();
            Value::from_object(Node {
                root: Arc::clone(root),
                path,
            })
        }
    }
}

fn number(number: &serde_json::Number) -> Value {
    if let Some(whole) = number.as_i64() {
        return Value::from(whole);
    }
    match number.as_u64() {
        Some(whole) => Value::from(whole),
        None => Value::from(number.as_f64().unwrap_or(f64::NAN)),
    }
}

impl Object for Node {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.json().is_array() {
            ObjectRepr::Seq
        } else {
            ObjectRepr::Map
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match self.json() {
            Json::Array(items) => {
                let at = key.as_usize()?;
                Some(convert(
                    &self.root,
                    items.get(at)?,
                    &self.path,
                    Some(Step::Item(at)),
                ))
            }
            _ => self.get_value_by_str(key.as_str()?),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let value = self.json().as_object()?.get(key)?;
        let step = (value.is_array() || value.is_object()).then(|| Step::Key(key.into()));
        Some(convert(&self.root, value, &self.path, step))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.json() {
            Json::Array(items) => Enumerator::Seq(items.len()),
            Json::Object(members) => Enumerator::Values(
                members
                    .keys()
                    .map(|key| Value::from(key.as_str()))
                    .collect(),
            ),
            _ => Enumerator::Empty,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match self.json() {
            Json::Array(items) => Some(items.len()),
            Json::Object(members) => Some(members.len()),
            _ => Some(0),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&python::repr(self.json()))
    }
}

/// `st2kv`.
#[derive(Debug)]
struct Keys(Arc<dyn Datastore>);

impl Object for Keys {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let scope = match key.as_str()? {
            "system" => Scope::System,
            "user" => Scope::User,
            _ => return None,
        };
        Some(Value::from_object(Key {
            datastore: Arc::clone(&self.0),
            scope,
            name: String::new(),
        }))
    }
}

/// `st2kv.system` and all below it: each further name makes the key longer, printing reads it.
#[derive(Debug)]
pub(super) struct Key {
    datastore: Arc<dyn Datastore>,
    scope: Scope,
    name: String,
}

impl Key {
    /// Whether no item is named yet.
    pub(super) fn is_scope(&self) -> bool {
        self.name.is_empty()
    }

    pub(super) fn scope_name(&self) -> &'static str {
        match self.scope {
            Scope::System => "system",
            Scope::User => "user",
        }
    }

    /// The item's value; empty where there is none.
    pub(super) fn text(&self) -> String {
        self.datastore
            .get(self.scope, &self.name)
            .unwrap_or_default()
    }
}

impl Object for Key {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let last = key.as_str()?;
        let name = if self.name.is_empty() {
            last.to_owned()
        } else {
            format!("{}.{last}", self.name)
        };
        Some(Value::from_object(Self {
            datastore: Arc::clone(&self.datastore),
            scope: self.scope,
            name,
        }))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match args {
            [name] if method == "get" && self.name.is_empty() => {
                Ok(self.get_value(name).unwrap_or_else(|| Value::from("")))
            }
            _ => Err(Error::from(minijinja::ErrorKind::UnknownMethod)),
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Opens a sealed text with the datastore that `st2kv` reads.
pub(super) fn decrypt(state: &State<'_, '_>, sealed: &str) -> Result<String, String> {
    let keys = state.lookup("st2kv");
    match keys
        .as_ref()
        .and_then(|keys| keys.downcast_object_ref::<Keys>())
    {
        Some(keys) => keys.0.decrypt(sealed),
        None => Err("there is no datastore here".to_owned()),
    }
}
