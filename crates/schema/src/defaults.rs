//! Null where nothing is asked for, and defaults where nothing is given.

use serde_json::{Map, Value, json};

use crate::SchemaError;

/// The schema, changed so that each property without a default that is not required also takes null; nested objects
/// and items of lists alike (`modify_schema_allow_default_none` of st2).
pub(crate) fn allow_null(schema: &Value) -> Result<Value, SchemaError> {
    let mut schema = schema.clone();
    allow_null_below(&mut schema)?;
    Ok(schema)
}

fn allow_null_below(schema: &mut Value) -> Result<(), SchemaError> {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return Ok(());
    };
    for (name, property) in properties {
        let Value::Object(property) = property else {
            continue;
        };
        let is_required = property.get("required").is_some_and(is_truthy);
        let default = property.get("default");
        if default.is_none_or(Value::is_null) && (default.is_some() || !is_required) {
            add_null(property);
        }
        if is_of_type(property, "array") {
            match property.get_mut("items") {
                Some(Value::Array(items)) if !items.is_empty() => {
                    return Err(SchemaError::TupleItems {
                        property: name.clone(),
                    });
                }
                Some(items) => allow_null_below(items)?,
                None => {}
            }
        }
        if is_of_type(property, "object") {
            allow_null_in_properties(property)?;
        }
    }
    Ok(())
}

fn allow_null_in_properties(property: &mut Map<String, Value>) -> Result<(), SchemaError> {
    let Some(properties) = property.remove("properties") else {
        return Ok(());
    };
    let mut nested = json!({ "properties": properties });
    allow_null_below(&mut nested)?;
    if let Some(properties) = nested.get_mut("properties") {
        property.insert("properties".to_owned(), properties.take());
    }
    Ok(())
}

fn add_null(property: &mut Map<String, Value>) {
    for keyword in ["anyOf", "oneOf"] {
        if let Some(alternatives) = property.get_mut(keyword) {
            let Value::Array(alternatives) = alternatives else {
                return;
            };
            if !alternatives.iter().any(is_null_schema) {
                alternatives.push(json!({ "type": "null" }));
            }
            return;
        }
    }
    match property.get_mut("type") {
        Some(Value::Array(types)) => {
            if !types.iter().any(is_null_schema) {
                types.push(json!("null"));
            }
        }
        // A single `null` becomes `["null", "null"]`, which is malformed: so it is in st2.
        Some(single) => *single = json!([single.take(), "null"]),
        None => {
            property.insert("type".to_owned(), json!(["string", "null"]));
        }
    }
}

fn is_null_schema(schema: &Value) -> bool {
    schema == "null" || schema.get("type").is_some_and(|name| name == "null")
}

fn is_of_type(property: &Map<String, Value>, name: &str) -> bool {
    match property.get("type") {
        Some(Value::String(single)) => single == name,
        Some(Value::Array(types)) => types.iter().any(|one| one == name),
        _ => false,
    }
}

fn is_truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

/// What to fill in, taken from a schema once.
#[derive(Debug)]
pub(crate) struct Defaults(Vec<PropertyDefaults>);

#[derive(Debug)]
struct PropertyDefaults {
    name: String,
    value: Option<Value>,
    of_items: Option<Defaults>,
    of_members: Option<Defaults>,
}

impl Defaults {
    /// The defaults of an object schema; none where there is nothing to fill in.
    pub(crate) fn of(schema: &Value) -> Option<Self> {
        let properties = schema.get("properties")?.as_object()?;
        let filled = properties
            .iter()
            .filter_map(|(name, property)| PropertyDefaults::of(name, property));
        let filled: Vec<PropertyDefaults> = filled.collect();
        (!filled.is_empty()).then_some(Self(filled))
    }

    /// Gives each property that is absent or null its default, then goes into what is there.
    pub(crate) fn fill(&self, instance: &mut Value) {
        match instance {
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Object(object) => self.0.iter().for_each(|property| property.fill(object)),
            _ => {}
        }
    }
}

impl PropertyDefaults {
    fn of(name: &str, property: &Value) -> Option<Self> {
        let attributes = property.as_object()?;
        let value = attributes.get("default").cloned();
        let items = attributes
            .get("items")
            .filter(|_| is_of_type(attributes, "array"));
        let of_items = items.and_then(Defaults::of);
        let of_members = Some(property)
            .filter(|_| is_of_type(attributes, "object"))
            .and_then(Defaults::of);
        let is_empty = value.is_none() && of_items.is_none() && of_members.is_none();
        (!is_empty).then(|| Self {
            name: name.to_owned(),
            value,
            of_items,
            of_members,
        })
    }

    fn fill(&self, object: &mut Map<String, Value>) {
        if let Some(default) = &self.value
            && object.get(&self.name).is_none_or(Value::is_null)
        {
            object.insert(self.name.clone(), default.clone());
        }
        let Some(value) = object.get_mut(&self.name) else {
            return;
        };
        if let (Some(defaults), Value::Array(_)) = (&self.of_items, &*value) {
            defaults.fill(value);
        }
        if let (Some(defaults), Value::Object(_)) = (&self.of_members, &*value) {
            defaults.fill(value);
        }
    }
}
