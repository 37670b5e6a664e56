//! The schema of one parameter or configuration key, as a part of a form.

use schema::{Attributes, attribute_schema};
use serde_json::{Value, json};

/// A form with the definitions that [`parameters`] and [`output`] refer to.
pub(super) fn with_dialect(mut form: Value) -> Value {
    let (strict, dialect) = attribute_schema(Attributes::Strict);
    let (open, _) = attribute_schema(Attributes::Open);
    form["definitions"] = json!({ "dialect": dialect, "attribute": strict, "output": open });
    form
}

/// A mapping from names to schemas.
pub(super) fn parameters() -> Value {
    json!({
        "type": "object",
        "patternProperties": { r"^\w+$": { "$ref": "#/definitions/attribute" } },
        "additionalProperties": false,
        "default": {},
    })
}
