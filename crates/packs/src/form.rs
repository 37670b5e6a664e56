//! The forms of metadata files: what keys each kind has and of what types, as st2's API models state them.

mod attribute;
mod kinds;

use schema::Schema;
use serde_json::Value;

use crate::Complaint;
use crate::suggestion::did_you_mean_key;

pub(crate) use kinds::{ACTION, ALIAS, CONFIG_SCHEMA, PACK, POLICY, RULE, SENSOR, TRIGGER_TYPE};

/// What one kind of document must look like.
pub(crate) struct Form {
    schema: Value,
    compiled: Schema,
}

impl Form {
    fn new(schema: Value) -> Self {
        let compiled = Schema::compile(&schema).expect("the forms are tested");
        Self { schema, compiled }
    }

    /// The document with defaults filled in. Null counts as absent for whatever is not required.
    pub(crate) fn check(&self, document: &Value) -> Result<model::Object, Complaint> {
        if !document.is_object() {
            let shown = crate::complaint::shown(document);
            return Err(Complaint::value::<&str>(
                &[],
                format!("this file must hold a mapping, not {shown}"),
            ));
        }
        match self.compiled.validate(document) {
            Ok(Value::Object(filled)) => Ok(filled),
            Ok(_) => Err(Complaint::value::<&str>(
                &[],
                "this file must hold a mapping",
            )),
            Err(error) => Err(Complaint::of_schema(&error, |path| self.known_keys(path))),
        }
    }

    /// The keys of a document that are not known though much like one that is and is not there, each with that one as a
    /// question.
    pub(crate) fn near_misses(&self, document: &Value) -> Vec<(String, String)> {
        let known = self.known_keys(&[]);
        let unused = || known.iter().filter(|key| document.get(key).is_none());
        let keys = document
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key);
        let unknown = keys.filter(|key| !known.contains(key));
        let hinted = unknown.map(|key| {
            let hint = did_you_mean_key(key, unused().map(String::as_str));
            (key.clone(), hint)
        });
        hinted.filter(|(_, hint)| !hint.is_empty()).collect()
    }

    /// The keys that are known at a place, for suggestions.
    fn known_keys(&self, path: &[String]) -> Vec<String> {
        let mut at = &self.schema;
        for step in path {
            let Some(below) = self.below(at, step) else {
                return Vec::new();
            };
            at = below;
        }
        let properties = self
            .resolve(at)
            .get("properties")
            .and_then(Value::as_object);
        properties
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default()
    }

    fn below<'a>(&'a self, schema: &'a Value, step: &str) -> Option<&'a Value> {
        let schema = self.resolve(schema);
        let by_name = schema
            .get("properties")
            .and_then(|properties| properties.get(step));
        let by_pattern = || {
            schema
                .get("patternProperties")
                .and_then(Value::as_object)?
                .values()
                .next()
        };
        let by_rest = || {
            schema
                .get("additionalProperties")
                .filter(|rest| rest.is_object())
        };
        by_name
            .or_else(by_pattern)
            .or_else(by_rest)
            .or_else(|| schema.get("items"))
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let reference = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|text| text.strip_prefix('#'));
        reference
            .and_then(|pointer| self.schema.pointer(pointer))
            .unwrap_or(schema)
    }
}

/// Texts of a document's member, for members whose form the schema has assured.
pub(crate) fn text(document: &model::Object, key: &str) -> Option<String> {
    document.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// A list of texts; empty where it is absent.
pub(crate) fn texts(document: &model::Object, key: &str) -> Vec<String> {
    let items = document
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// A mapping; empty where it is absent.
pub(crate) fn object(document: &model::Object, key: &str) -> model::Object {
    document
        .get(key)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// A flag; the default where it is absent or null.
pub(crate) fn flag(document: &model::Object, key: &str, default: bool) -> bool {
    document
        .get(key)
        .and_then(Value::as_bool)
        .unwrap_or(default)
}
