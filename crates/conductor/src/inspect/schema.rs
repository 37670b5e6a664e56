//! The syntax: a workflow's shape, by Orquesta's JSON schema (draft 4), in the words of Python's `jsonschema`.
//!
//! The crate `schema` has StackStorm's dialect, fills in defaults and reports one error; here every error is wanted, and
//! the path in the schema with it. So the few keywords that the schema of workflows uses are evaluated here, right on the
//! nodes of the YAML, which know dates and keys that are no text.

mod values;
mod with_items;

use std::collections::HashSet;
use std::sync::LazyLock;

use serde_json::Value as Json;
use yaml::{Entry, Node, Value};

use self::values::{canonical, has_type, is_equal, is_word, number};
use super::place::Place;
use super::python::{key_repr, quoted, repr, unescape};
use super::{Category, Found};

/// The schema's parts by name; `$ref` names one of them.
static PARTS: LazyLock<Json> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../data/workflow-1.0.json"));
    schema.map_or(Json::Null, |schema: Json| schema["definitions"].clone())
});

/// Everything about a workflow's shape that is wrong.
pub(super) fn check(root: &Node) -> Vec<Found> {
    let mut check = Check { found: Vec::new() };
    check.node(&PARTS["workflow"], root, &Place::default());
    check.found
}

struct Check {
    found: Vec<Found>,
}

impl Check {
    fn node(&mut self, schema: &'static Json, node: &Node, place: &Place) {
        let schema = match schema["$ref"].as_str() {
            Some(name) => &PARTS[name],
            None => schema,
        };
        for (keyword, stated) in schema.as_object().into_iter().flatten() {
            match &node.value {
                Value::Mapping(entries) => {
                    self.mapping(keyword, stated, schema, entries, node, place);
                }
                Value::List(items) => self.list(keyword, stated, items, node, place),
                Value::Text(text) => self.text(keyword, stated, text, node, place),
                _ => {}
            }
            self.any(keyword, stated, node, place);
        }
    }

    fn fail(&mut self, place: &Place, keyword: &str, message: &str) {
        let place = place.clone().keyword(keyword);
        self.found
            .push(Found::new(Category::Syntax, &place, unescape(message)));
    }

    /// Keywords that look at every value.
    fn any(&mut self, keyword: &str, stated: &'static Json, node: &Node, place: &Place) {
        match (keyword, stated) {
            ("type", Json::String(name)) if !has_type(node, name) => {
                let message = format!("{} is not of type {}", repr(node), quoted(name));
                self.fail(place, keyword, &message);
            }
            ("enum", Json::Array(values)) if !values.iter().any(|one| is_equal(node, one)) => {
                let values = pyvalue::Value::from_json(stated).repr();
                let message = format!("{} is not one of {values}", repr(node));
                self.fail(place, keyword, &message);
            }
            // No two alternatives of a `oneOf` here fit one value.
            ("oneOf" | "anyOf", Json::Array(alternatives))
                if !alternatives.iter().any(|one| fits(one, node)) =>
            {
                let message = format!("{} is not valid under any of the given schemas", repr(node));
                self.fail(place, keyword, &message);
            }
            ("minimum", Json::Number(limit))
                if number(node).is_some_and(|number| Some(number) < limit.as_f64()) =>
            {
                let message = format!("{} is less than the minimum of {limit}", repr(node));
                self.fail(place, keyword, &message);
            }
            _ => {}
        }
    }

    fn text(&mut self, keyword: &str, stated: &Json, text: &str, node: &Node, place: &Place) {
        match (keyword, stated) {
            ("minLength", _) if text.is_empty() => self.is_empty(place, keyword, node),
            ("pattern", Json::String(pattern)) if !with_items::is_well_formed(text) => {
                let message = format!("{} does not match {}", repr(node), quoted(pattern));
                self.fail(place, keyword, &message);
            }
            _ => {}
        }
    }

    fn list(
        &mut self,
        keyword: &str,
        stated: &'static Json,
        items: &[Node],
        node: &Node,
        place: &Place,
    ) {
        match keyword {
            "items" => {
                for (at, item) in items.iter().enumerate() {
                    let place = place.index(at).keyword("items");
                    self.node(stated, item, &place);
                }
            }
            "minItems" if items.is_empty() => self.is_empty(place, keyword, node),
            "uniqueItems" => {
                let mut known = HashSet::new();
                if !items.iter().all(|item| known.insert(canonical(item))) {
                    let message = format!("{} has non-unique elements", repr(node));
                    self.fail(place, keyword, &message);
                }
            }
            _ => {}
        }
    }

    fn mapping(
        &mut self,
        keyword: &str,
        stated: &'static Json,
        schema: &'static Json,
        entries: &[Entry],
        node: &Node,
        place: &Place,
    ) {
        match (keyword, stated) {
            ("properties", Json::Object(properties)) => {
                for (name, schema) in properties {
                    if let Some(entry) = known(entries, name) {
                        self.node(schema, &entry.value, &place.property(name));
                    }
                }
            }
            ("patternProperties", Json::Object(patterns)) => {
                for (pattern, schema) in patterns {
                    self.by_name(pattern, schema, entries, place);
                }
            }
            ("additionalProperties", _) => self.unexpected(schema, entries, place),
            ("required", Json::Array(names)) => {
                let names = names.iter().filter_map(Json::as_str);
                for name in names.filter(|name| known(entries, name).is_none()) {
                    let message = format!("{} is a required property", quoted(name));
                    self.fail(place, keyword, &message);
                }
            }
            ("minProperties", _) if entries.is_empty() => self.is_empty(place, keyword, node),
            ("maxProperties", Json::Number(limit))
                if limit.as_u64() < u64::try_from(entries.len()).ok() =>
            {
                let message = format!("{} has too many properties", repr(node));
                self.fail(place, keyword, &message);
            }
            _ => {}
        }
    }

    /// Values by the look of their keys. Keys that are no text, at which Python's regular expressions throw, are refused.
    fn by_name(&mut self, pattern: &str, schema: &'static Json, entries: &[Entry], place: &Place) {
        for entry in entries {
            if !entry.is_text_key {
                self.misnamed(&[entry], place);
            } else if is_word(&entry.key) {
                let place = place
                    .key(&entry.key)
                    .keyword("patternProperties")
                    .keyword(pattern);
                self.node(schema, &entry.value, &place);
            }
        }
    }

    fn unexpected(&mut self, schema: &Json, entries: &[Entry], place: &Place) {
        let properties = schema["properties"].as_object();
        let is_known = |entry: &&Entry| match properties {
            Some(known) => entry.is_text_key && known.contains_key(&entry.key),
            None => !entry.is_text_key || is_word(&entry.key),
        };
        let mut extra: Vec<&Entry> = entries.iter().filter(|entry| !is_known(entry)).collect();
        extra.sort_by_key(|entry| &entry.key);
        let Some(first) = extra.first() else {
            return;
        };
        if properties.is_none() {
            return self.misnamed(&extra, place);
        }
        let place = place.clone().at_key(&first.key);
        let names: Vec<String> = extra.iter().map(|entry| key_repr(entry)).collect();
        let verb = if names.len() == 1 { "was" } else { "were" };
        let message = format!(
            "Additional properties are not allowed ({} {verb} unexpected)",
            names.join(", ")
        );
        self.fail(&place, "additionalProperties", &message);
    }

    fn misnamed(&mut self, entries: &[&Entry], place: &Place) {
        let names: Vec<String> = entries.iter().map(|entry| key_repr(entry)).collect();
        let verb = if names.len() == 1 { "does" } else { "do" };
        let message = format!(
            "{} {verb} not match any of the regexes: '^\\\\w+$'",
            names.join(", ")
        );
        let place = match entries.first() {
            Some(first) => place.clone().at_key(&first.key),
            None => place.clone(),
        };
        self.fail(&place, "additionalProperties", &message);
    }

    /// All minimal sizes are one.
    fn is_empty(&mut self, place: &Place, keyword: &str, node: &Node) {
        let message = format!("{} should be non-empty", repr(node));
        self.fail(place, keyword, &message);
    }
}

fn fits(schema: &'static Json, node: &Node) -> bool {
    let mut check = Check { found: Vec::new() };
    check.node(schema, node, &Place::default());
    check.found.is_empty()
}

fn known<'e>(entries: &'e [Entry], name: &str) -> Option<&'e Entry> {
    entries
        .iter()
        .find(|entry| entry.is_text_key && entry.key == name)
}
