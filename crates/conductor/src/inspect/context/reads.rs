//! What a value reads from the context, and what it assigns there.

use std::collections::HashMap;
use std::rc::Rc;

use expr::orquesta::{Reference, extract_vars};
use serde_json::{Value as Json, json};

use crate::definition::inline;
use crate::inspect::place::Place;
use crate::inspect::python::is_falsy;
use crate::inspect::{Category, Found};

/// A set of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names(Vec<u64>);

impl Names {
    pub(super) fn insert(&mut self, id: usize) {
        let (word, bit) = (id / 64, id % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn contains(&self, id: usize) -> bool {
        let (word, bit) = (id / 64, id % 64);
        self.0.get(word).is_some_and(|word| word & (1 << bit) != 0)
    }

    pub(super) fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// How much there is to copy.
    pub(super) fn size(&self) -> usize {
        self.0.len()
    }
}

/// A number for each name.
#[derive(Debug, Default)]
pub(super) struct Vocabulary(HashMap<String, usize>);

/// One value: it is checked as a whole before what it assigns counts.
#[derive(Debug)]
pub(super) struct Read {
    place: Place,
    references: Vec<(Reference, usize)>,
    assigned: Vec<usize>,
}

impl Vocabulary {
    pub(super) fn id(&mut self, name: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(name.to_owned()).or_insert(next)
    }

    /// What the value of a property reads, item by item where it is a list. A text that has the look of parameters is
    /// taken for them.
    pub(super) fn reads(&mut self, value: &Json, place: &Place, assigns: bool) -> Vec<Read> {
        if is_falsy(value) {
            return Vec::new();
        }
        let parameters = value.as_str().map(inline::parameters).unwrap_or_default();
        let parameters: Vec<Json> = parameters
            .into_iter()
            .map(|(name, value)| json!({ name: value }))
            .collect();
        let items = match value {
            Json::Array(items) => items,
            _ if !parameters.is_empty() => &parameters,
            other => return vec![self.read(other, place.clone(), assigns)],
        };
        items
            .iter()
            .enumerate()
            .map(|(at, item)| self.read(item, place.index(at), assigns))
            .collect()
    }

    fn read(&mut self, value: &Json, place: Place, assigns: bool) -> Read {
        let references = extract_vars(value).into_iter();
        let references = references.map(|one| {
            let id = self.id(&one.variable);
            (one, id)
        });
        let references = references.collect();
        let assigned = if assigns { assigned(value) } else { Vec::new() };
        Read {
            place,
            references,
            assigned: assigned.into_iter().map(|name| self.id(name)).collect(),
        }
    }
}

/// Names that a value assigns: a text, the keys of a mapping, or a list of texts and mappings with one key.
fn assigned(value: &Json) -> Vec<&str> {
    match value {
        Json::String(name) => vec![name],
        Json::Object(members) => members.keys().map(String::as_str).collect(),
        Json::Array(items) => items
            .iter()
            .filter(|item| item.as_object().is_none_or(|members| members.len() == 1))
            .filter(|item| !item.is_array())
            .flat_map(assigned)
            .collect(),
        _ => Vec::new(),
    }
}

impl Read {
    pub(super) fn check(&self, names: &Names, found: &mut Vec<Found>) {
        for (reference, id) in &self.references {
            let name = &reference.variable;
            if name.starts_with("__") {
                let message = format!(
                    "Variable \"{name}\" that is prefixed with double underscores is considered a private variable and \
                     cannot be referenced."
                );
                found.push(self.fault(reference, message));
            }
            if !names.contains(*id) {
                let message = format!("Variable \"{name}\" is referenced before assignment.");
                found.push(self.fault(reference, message));
            }
        }
    }

    fn fault(&self, reference: &Reference, message: String) -> Found {
        let found = Found::new(Category::Context, &self.place, message)
            .in_expression(Some(reference.language), &reference.statement);
        Found {
            variable: Some(reference.variable.clone()),
            ..found
        }
    }

    pub(super) fn assign(&self, names: &mut Names) {
        self.assigned.iter().for_each(|id| names.insert(*id));
    }

    /// As [`Read::assign`], copying the names only where there is something to assign.
    pub(super) fn assign_shared(&self, names: &mut Rc<Names>) {
        if !self.assigned.is_empty() {
            self.assign(Rc::make_mut(names));
        }
    }
}
