//! What a schema says of the parts of a value: a configuration's secrets and defaults are looked for with it.

use serde_json::{Map, Value};

use crate::compile::Pattern;

/// References that lead to references are followed so far.
const MOST_REFERENCES: usize = 16;
/// As many alternatives are looked at, since they may refer to themselves.
const MOST_ALTERNATIVES: usize = 64;

/// The schema of a part of a value. Where it is a reference, what that refers to: `#/properties/NAME` is an attribute.
///
/// ```
/// use schema::Subschema;
/// use serde_json::json;
///
/// let attributes = json!({
///     "accounts": { "type": "object", "patternProperties": { "^\\w+$": { "$ref": "#/properties/account" } } },
///     "account": { "type": "object", "properties": { "token": { "type": "string", "secret": true } } },
/// });
/// let accounts = Subschema::of_attribute(attributes.as_object().unwrap(), "accounts").unwrap();
///
/// let token = accounts.of_member("ada")[0].of_member("token")[0];
/// assert!(token.is_secret());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Subschema<'a> {
    attributes: &'a Map<String, Value>,
    schema: &'a Value,
}

impl<'a> Subschema<'a> {
    /// Of the attribute with this name.
    #[must_use]
    pub fn of_attribute(attributes: &'a Map<String, Value>, name: &str) -> Option<Self> {
        let schema = attributes.get(name)?;
        Some(Self { attributes, schema }.resolved())
    }

    /// The schema itself.
    #[must_use]
    pub fn schema(self) -> &'a Value {
        self.schema
    }

    /// Whether the whole part is a secret, by this schema or one of its alternatives.
    #[must_use]
    pub fn is_secret(self) -> bool {
        let says_so = |one: &Self| one.schema.get("secret") == Some(&Value::Bool(true));
        says_so(&self) || self.alternatives().iter().any(says_so)
    }

    /// The default, where one is stated.
    #[must_use]
    pub fn default(self) -> Option<&'a Value> {
        self.schema.get("default")
    }

    /// Whether values of this type are meant, such as `object`.
    #[must_use]
    pub fn is_of_type(self, name: &str) -> bool {
        match self.schema.get("type") {
            Some(Value::String(single)) => single == name,
            Some(Value::Array(types)) => types.iter().any(|one| one == name),
            _ => false,
        }
    }

    /// The names of the members that the schema describes by name.
    pub fn member_names(self) -> impl Iterator<Item = &'a String> {
        let named = self.schema.get("properties").and_then(Value::as_object);
        named.into_iter().flat_map(Map::keys)
    }

    /// Whether anything is said of members, or of items.
    #[must_use]
    pub fn has_parts(self) -> bool {
        let keywords: &[&str] = if self.is_of_type("array") {
            &["items", "additionalItems"]
        } else {
            &["properties", "patternProperties", "additionalProperties"]
        };
        let says = |keyword: &&str| match self.schema.get(*keyword) {
            Some(Value::Object(schemas)) => !schemas.is_empty(),
            Some(Value::Array(schemas)) => !schemas.is_empty(),
            _ => false,
        };
        keywords.iter().any(says)
    }

    /// All that is said of an object's member; what counts most comes first.
    #[must_use]
    pub fn of_member(self, name: &str) -> Vec<Self> {
        self.parts(|one| one.own_member(name))
    }

    /// All that is said of a list's item; what counts most comes first.
    #[must_use]
    pub fn of_item(self, index: usize) -> Vec<Self> {
        self.parts(|one| one.own_item(index).into_iter().collect())
    }

    fn own_member(self, name: &str) -> Vec<&'a Value> {
        let mut found = Vec::new();
        let named = self.schema.get("properties");
        found.extend(named.and_then(|named| named.get(name)));
        let patterns = self.schema.get("patternProperties");
        let patterns = patterns.and_then(Value::as_object).into_iter().flatten();
        found.extend(
            patterns
                .filter(|(pattern, _)| Pattern::new(pattern).occurs_in(name))
                .map(|(_, schema)| schema),
        );
        if found.is_empty() {
            found.extend(self.schema.get("additionalProperties"));
        }
        found
    }

    fn own_item(self, index: usize) -> Option<&'a Value> {
        let rest = self.schema.get("additionalItems");
        match self.schema.get("items") {
            Some(Value::Array(items)) => items.get(index).or(rest),
            Some(items) => Some(items),
            None => rest,
        }
    }

    fn parts(self, own: impl Fn(Self) -> Vec<&'a Value>) -> Vec<Self> {
        let all = std::iter::once(self).chain(self.alternatives());
        let found = all.flat_map(own).filter(|schema| schema.is_object());
        found
            .map(|schema| Self { schema, ..self }.resolved())
            .collect()
    }

    /// The schemas that may, or must, hold as well, and theirs.
    fn alternatives(self) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let mut next = Some(self);
        let mut seen = 0;
        while let Some(one) = next {
            let lists = ["anyOf", "oneOf", "allOf"]
                .into_iter()
                .filter_map(|keyword| one.schema.get(keyword)?.as_array());
            let schemas = lists.flatten().filter(|schema| schema.is_object());
            let resolved = schemas.map(|schema| Self { schema, ..self }.resolved());
            found.extend(resolved.take(MOST_ALTERNATIVES.saturating_sub(found.len())));
            next = found.get(seen).copied();
            seen += 1;
        }
        found
    }

    fn resolved(self) -> Self {
        let mut schema = self.schema;
        for _ in 0..MOST_REFERENCES {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|reference| self.target(reference));
            let Some(target) = target else { break };
            schema = target;
        }
        Self { schema, ..self }
    }

    fn target(self, reference: &str) -> Option<&'a Value> {
        let path = reference.strip_prefix("#/properties/")?;
        let (name, below) = path.split_once('/').unwrap_or((path, ""));
        let attribute = self
            .attributes
            .get(&name.replace("~1", "/").replace("~0", "~"))?;
        if below.is_empty() {
            Some(attribute)
        } else {
            attribute.pointer(&format!("/{below}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(stated: Value) -> Map<String, Value> {
        let Value::Object(attributes) = stated else {
            unreachable!("tests state objects")
        };
        attributes
    }

    #[test]
    fn names_count_before_patterns_and_these_before_the_rest() {
        let attributes = attributes(json!({ "a": {
            "type": "object",
            "properties": { "x1": { "title": "by name" } },
            "patternProperties": { "^x": { "title": "by pattern" } },
            "additionalProperties": { "title": "the rest" },
        } }));
        let of_a = Subschema::of_attribute(&attributes, "a").unwrap();

        let titles = |name: &str| -> Vec<&Value> {
            let all = of_a.of_member(name).into_iter();
            all.map(|one| &one.schema()["title"]).collect()
        };

        assert_eq!(titles("x1"), ["by name", "by pattern"]);
        assert_eq!(titles("x2"), ["by pattern"]);
        assert_eq!(titles("y"), ["the rest"]);
    }

    #[test]
    fn items_have_one_schema_or_one_each() {
        let attributes = attributes(json!({
            "same": { "items": { "secret": true } },
            "each": { "items": [{}, { "secret": true }], "additionalItems": { "default": 7 } },
        }));
        let of = |name: &str, index| {
            let list = Subschema::of_attribute(&attributes, name).unwrap();
            list.of_item(index)[0]
        };

        assert!(of("same", 5).is_secret());
        assert!(!of("each", 0).is_secret() && of("each", 1).is_secret());
        assert_eq!(of("each", 2).default(), Some(&json!(7)));
    }

    #[test]
    fn what_an_alternative_says_counts_too() {
        let attributes = attributes(json!({
            "key": { "anyOf": [{ "type": "null" }, { "$ref": "#/properties/hidden" }] },
            "hidden": { "type": "string", "secret": true },
            "turning": { "$ref": "#/properties/turning", "anyOf": [{ "$ref": "#/properties/turning" }] },
        }));

        let of = |name: &str| Subschema::of_attribute(&attributes, name).unwrap();

        assert!(of("key").is_secret());
        assert!(!of("turning").is_secret(), "a circle ends");
        assert!(of("turning").of_member("x").is_empty());
    }
}
