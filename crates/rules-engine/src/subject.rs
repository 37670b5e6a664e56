//! What criteria look at: one payload, the datastore, and the time.

use std::cell::OnceCell;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use expr::{Datastore, Scope, Variables};
use serde_json::{Map, Value};

/// The name of the payload in keys and templates.
pub(crate) const TRIGGER: &str = "trigger";
/// The name of an item of a list in the criteria of `search`.
pub(crate) const ITEM: &str = "item";

/// One event as rules see it. What only some rules need is made when the first of them asks.
#[derive(Debug)]
pub struct Subject<'p> {
    payload: &'p Value,
    root: &'static str,
    now: DateTime<Utc>,
    datastore: Option<Arc<dyn Datastore>>,
    document: OnceCell<Value>,
    variables: OnceCell<Variables>,
}

impl<'p> Subject<'p> {
    /// A trigger instance's payload, looked at at `now`. `datastore` holds what the rules mention.
    #[must_use]
    pub fn new(
        payload: &'p Value,
        now: DateTime<Utc>,
        datastore: Option<Arc<dyn Datastore>>,
    ) -> Self {
        Self::rooted(TRIGGER, payload, now, datastore)
    }

    fn rooted(
        root: &'static str,
        payload: &'p Value,
        now: DateTime<Utc>,
        datastore: Option<Arc<dyn Datastore>>,
    ) -> Self {
        Self {
            payload,
            root,
            now,
            datastore,
            document: OnceCell::new(),
            variables: OnceCell::new(),
        }
    }

    /// The same for an item of a list in this payload.
    pub(crate) fn item_of<'i>(&self, item: &'i Value) -> Subject<'i> {
        Subject::rooted(ITEM, item, self.now, self.datastore.clone())
    }

    pub(crate) fn payload(&self) -> &'p Value {
        self.payload
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Whether Python takes the payload for false: then no criteria are looked at.
    pub(crate) fn is_empty(&self) -> bool {
        match self.payload {
            Value::Null => true,
            Value::Bool(value) => !value,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
        }
    }

    /// An item of the system's datastore.
    pub(crate) fn item(&self, name: &str) -> Option<String> {
        self.datastore.as_ref()?.get(Scope::System, name)
    }

    /// `{"trigger": payload}`, what paths are followed in.
    pub(crate) fn document(&self) -> &Value {
        self.document.get_or_init(|| {
            Value::Object(Map::from_iter([(
                self.root.to_owned(),
                self.payload.clone(),
            )]))
        })
    }

    /// What templates see.
    pub(crate) fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| Variables {
            values: vec![(self.root.to_owned(), self.payload.clone().into())],
            datastore: self.datastore.clone(),
        })
    }
}
