//! What a schema in the dialect must itself look like.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::SchemaError;
use crate::compile::Program;

/// How strictly an attribute's schema is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    /// Parameters of actions, `config.schema.yaml`: one type, and no unknown attribute. What nests in it is read
    /// leniently.
    Strict,
    /// `output_schema`: one type, unknown attributes pass.
    Open,
}

static METASCHEMA: LazyLock<Program> = LazyLock::new(|| Program::compile(&lenient()));

/// Refuses a schema in which a known keyword has a wrong type.
pub(crate) fn check(schema: &Value) -> Result<(), SchemaError> {
    match METASCHEMA.best_error(schema) {
        None => Ok(()),
        Some(error) => Err(SchemaError::Malformed {
            path: error.path,
            message: error.message,
        }),
    }
}

/// The schema that the schema of one attribute must meet where it stands in metadata. Its references reach for
/// `#/definitions/dialect`, which [`attribute_schema`] brings along as its second part.
#[must_use]
pub fn attribute_schema(strictness: Attributes) -> (Value, Value) {
    let nested = "#/definitions/dialect";
    let mut properties = keywords(nested);
    properties.insert("type".to_owned(), simple_type());
    let mut attribute = object_with(properties);
    if strictness == Attributes::Strict {
        attribute.insert("additionalProperties".to_owned(), json!(false));
    }
    (
        Value::Object(attribute),
        Value::Object(object_with(keywords(nested))),
    )
}

fn lenient() -> Value {
    Value::Object(object_with(keywords("#")))
}

fn object_with(properties: Map<String, Value>) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert(
        "dependencies".to_owned(),
        json!({ "exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"] }),
    );
    schema
}

fn simple_type() -> Value {
    json!({ "enum": ["array", "boolean", "integer", "null", "number", "object", "string"] })
}

/// The known keywords; `dialect` is the reference that stands for a nested schema.
fn keywords(dialect: &str) -> Map<String, Value> {
    let schema = json!({ "$ref": dialect });
    let schemas = json!({ "type": "array", "minItems": 1, "items": schema });
    let schemas_by_name = json!({ "type": "object", "additionalProperties": schema });
    let names = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true });
    let size = json!({ "type": "integer", "minimum": 0 });
    let flag = json!({ "type": "boolean" });
    let text = json!({ "type": "string" });
    let number = json!({ "type": "number" });
    let flag_or_schema = json!({ "anyOf": [flag, schema] });
    let types =
        json!({ "type": "array", "items": simple_type(), "minItems": 1, "uniqueItems": true });
    let pairs = [
        ("id", &text),
        ("$schema", &text),
        ("title", &text),
        ("description", &text),
        ("default", &json!({})),
        (
            "multipleOf",
            &json!({ "type": "number", "minimum": 0, "exclusiveMinimum": true }),
        ),
        ("maximum", &number),
        ("exclusiveMaximum", &flag),
        ("minimum", &number),
        ("exclusiveMinimum", &flag),
        ("maxLength", &size),
        ("minLength", &size),
        ("pattern", &text),
        ("additionalItems", &flag_or_schema),
        ("items", &json!({ "anyOf": [schema, schemas] })),
        ("maxItems", &size),
        ("minItems", &size),
        ("uniqueItems", &flag),
        ("maxProperties", &size),
        ("minProperties", &size),
        ("required", &flag),
        ("secret", &flag),
        ("additionalProperties", &flag_or_schema),
        ("definitions", &schemas_by_name),
        ("properties", &schemas_by_name),
        ("patternProperties", &schemas_by_name),
        (
            "dependencies",
            &json!({ "type": "object", "additionalProperties": { "anyOf": [schema, names] } }),
        ),
        (
            "enum",
            &json!({ "type": "array", "minItems": 1, "uniqueItems": true }),
        ),
        ("type", &json!({ "anyOf": [simple_type(), types] })),
        ("position", &json!({ "type": "number", "minimum": 0 })),
        ("immutable", &flag),
        ("allOf", &schemas),
        ("anyOf", &schemas),
        ("oneOf", &schemas),
        ("not", &schema),
    ];
    pairs
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema.clone()))
        .collect()
}
