//! What `keys`, `values` and `items` of a dictionary give: they have a length, and no index.

use pyvalue::{Dict, Object, Set, Value};

/// A look at a dictionary.
#[derive(Debug)]
pub(crate) struct View {
    dict: Dict,
    kind: ViewKind,
}

/// What of the dictionary is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewKind {
    /// Pairs of key and value.
    Items,
    /// Keys.
    Keys,
    /// Values.
    Values,
}

impl View {
    /// A look at a dictionary as a value.
    pub(crate) fn value(dict: Dict, kind: ViewKind) -> Value {
        Value::object(Self { dict, kind })
    }

    /// What it is a look at.
    pub(crate) fn dict(&self) -> &Dict {
        &self.dict
    }

    fn elements(&self) -> Vec<Value> {
        match self.kind {
            ViewKind::Items => self
                .dict
                .iter()
                .map(|(key, value)| Value::tuple(vec![key.clone(), value.clone()]))
                .collect(),
            ViewKind::Keys => self.dict.keys().cloned().collect(),
            ViewKind::Values => self.dict.values().cloned().collect(),
        }
    }
}

impl Object for View {
    fn type_name(&self) -> &'static str {
        match self.kind {
            ViewKind::Items => "dict_items",
            ViewKind::Keys => "dict_keys",
            ViewKind::Values => "dict_values",
        }
    }

    fn depth(&self) -> u32 {
        self.dict.depth() + 1
    }

    fn weight(&self) -> u64 {
        self.dict.weight()
    }

    fn repr(&self) -> String {
        format!(
            "{}({})",
            self.type_name(),
            Value::list(self.elements()).repr()
        )
    }

    fn is_true(&self) -> bool {
        !self.dict.is_empty()
    }

    /// Views of keys and pairs are compared as sets are.
    fn equals(&self, other: &Value) -> bool {
        if self.kind == ViewKind::Values {
            return false;
        }
        let other: Set = match other {
            Value::Set(set) => set.clone(),
            other => match other.as_object::<Self>() {
                Some(view) if view.kind != ViewKind::Values => {
                    view.elements().into_iter().collect()
                }
                _ => return false,
            },
        };
        other.len() == self.dict.len() && self.elements().iter().all(|value| other.contains(value))
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        match name {
            "__len__" => i64::try_from(self.dict.len()).ok().map(Value::Int),
            "mapping" => Some(self.dict.clone().into()),
            _ => None,
        }
    }

    fn iterate(&self) -> Option<Result<Vec<Value>, pyvalue::Error>> {
        Some(Ok(self.elements()))
    }
}
