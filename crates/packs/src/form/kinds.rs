//! One form for each kind of file.

use std::sync::LazyLock;

use schema::{Attributes, attribute_schema};
use serde_json::{Value, json};

use super::Form;
use super::attribute::{parameters, with_dialect};

/// Lower-case letters, digits and underscores.
pub(crate) const PACK_REF: &str = "^[a-z0-9_]+$";
/// Semantic version with optional pre-release and build.
const PACK_VERSION: &str = concat!(
    r"^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)",
    r"(?:-[\da-z\-]+(?:\.[\da-z\-]+)*)?(?:\+[\da-z\-]+(?:\.[\da-z\-]+)*)?$"
);
/// `>=3.0.0, <4.0.0`.
const ENGINE_VERSION: &str = r"^((>?>|>=|=|<=|<?<)\s*[0-9]+\.[0-9]+\.[0-9]+?(\s*,)?\s*)+$";

pub(crate) static PACK: LazyLock<Form> = LazyLock::new(|| Form::new(pack()));
pub(crate) static CONFIG_SCHEMA: LazyLock<Form> = LazyLock::new(|| Form::new(config_schema()));
pub(crate) static ACTION: LazyLock<Form> = LazyLock::new(|| Form::new(action()));
pub(crate) static RULE: LazyLock<Form> = LazyLock::new(|| Form::new(rule()));
pub(crate) static TRIGGER_TYPE: LazyLock<Form> = LazyLock::new(|| Form::new(trigger_type()));
/// For what is said of unknown keys alone: sensors are checked by hand, since so much passes there.
pub(crate) static SENSOR: LazyLock<Form> = LazyLock::new(|| Form::new(sensor()));
pub(crate) static ALIAS: LazyLock<Form> = LazyLock::new(|| Form::new(alias()));
pub(crate) static POLICY: LazyLock<Form> = LazyLock::new(|| Form::new(policy()));

fn optional_text() -> Value {
    json!({ "type": "string" })
}

fn required_text() -> Value {
    json!({ "type": "string", "required": true })
}

fn tags() -> Value {
    let member = json!({ "type": ["string", "null"] });
    let tag = json!({ "type": "object", "properties": { "name": member, "value": member } });
    json!({ "type": "array", "items": tag })
}

fn pack() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": optional_text(),
            "name": required_text(),
            "ref": { "type": "string", "pattern": PACK_REF },
            "uid": optional_text(),
            "description": required_text(),
            "keywords": { "type": "array", "items": { "type": "string" }, "default": [] },
            "version": { "type": "string", "pattern": PACK_VERSION, "required": true },
            "stackstorm_version": { "type": "string", "pattern": ENGINE_VERSION },
            "python_versions": {
                "type": "array",
                "items": { "type": "string", "enum": ["2", "3"] },
                "minItems": 1,
                "maxItems": 2,
                "uniqueItems": true,
            },
            "author": required_text(),
            "email": optional_text(),
            "contributors": { "type": "array", "items": { "type": "string", "maxLength": 100 } },
            "dependencies": { "type": "array", "items": { "type": "string" }, "default": [] },
            "system": { "type": "object", "default": {} },
        },
        "additionalProperties": true,
    })
}

fn config_schema() -> Value {
    let mut form = parameters();
    if let Some(form) = form.as_object_mut() {
        form.remove("default");
    }
    with_dialect(form)
}

fn notification() -> Value {
    json!({
        "type": "object",
        "properties": {
            "message": { "type": "string" },
            "data": { "type": "object" },
            "routes": { "type": "array" },
            "channels": { "type": "array" },
        },
        "additionalProperties": false,
    })
}

fn action() -> Value {
    let (output, _) = attribute_schema(Attributes::Open);
    with_dialect(json!({
        "type": "object",
        "properties": {
            "id": optional_text(),
            "ref": optional_text(),
            "uid": optional_text(),
            "name": required_text(),
            "description": optional_text(),
            "enabled": { "type": "boolean", "default": true },
            "runner_type": required_text(),
            "entry_point": { "type": "string", "default": "" },
            "pack": optional_text(),
            "parameters": parameters(),
            "output_schema": output,
            "tags": tags(),
            "notify": {
                "type": "object",
                "properties": {
                    "on-complete": notification(),
                    "on-failure": notification(),
                    "on-success": notification(),
                },
                "additionalProperties": false,
            },
            "metadata_file": optional_text(),
        },
        "additionalProperties": false,
    }))
}

fn rule() -> Value {
    let reference_with_parameters = |is_required: bool| {
        json!({
            "type": "object",
            "properties": { "ref": required_text(), "parameters": { "type": "object" } },
            "additionalProperties": false,
            "required": is_required,
        })
    };
    json!({
        "type": "object",
        "properties": {
            "id": optional_text(),
            "ref": optional_text(),
            "uid": optional_text(),
            "name": required_text(),
            "pack": optional_text(),
            "description": optional_text(),
            "type": reference_with_parameters(false),
            "trigger": {
                "type": "object",
                "required": true,
                "properties": {
                    "type": required_text(),
                    "parameters": { "type": "object", "default": {} },
                    "ref": optional_text(),
                },
                "additionalProperties": true,
            },
            "criteria": { "type": "object", "default": {} },
            "action": reference_with_parameters(true),
            "enabled": { "type": "boolean", "default": false },
            "context": { "type": "object", "default": {} },
            "tags": tags(),
            "metadata_file": optional_text(),
        },
        "additionalProperties": false,
    })
}

fn trigger_type() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": required_text(),
            "pack": optional_text(),
            "description": optional_text(),
            "payload_schema": { "type": "object", "default": {} },
            "parameters_schema": { "type": "object", "default": {} },
            "tags": tags(),
        },
    })
}

fn sensor() -> Value {
    let keys = [
        "class_name",
        "entry_point",
        "description",
        "enabled",
        "poll_interval",
        "trigger_types",
        "pack",
    ];
    let properties: model::Object = keys
        .map(|key| (key.to_owned(), json!({})))
        .into_iter()
        .collect();
    json!({ "type": "object", "properties": properties })
}

fn alias() -> Value {
    let acknowledgement = json!({
        "type": "object",
        "properties": {
            "enabled": { "type": "boolean" },
            "format": { "type": "string" },
            "extra": { "type": "object" },
            "append_url": { "type": "boolean" },
        },
    });
    let result = json!({
        "type": "object",
        "properties": {
            "enabled": { "type": "boolean" },
            "format": { "type": "string" },
            "extra": { "type": "object" },
        },
    });
    let described = json!({
        "type": "object",
        "properties": {
            "display": { "type": "string" },
            "representation": { "type": "array", "items": { "type": "string" } },
        },
    });
    json!({
        "type": "object",
        "properties": {
            "id": optional_text(),
            "ref": optional_text(),
            "uid": optional_text(),
            "name": required_text(),
            "pack": optional_text(),
            "description": optional_text(),
            "enabled": { "type": "boolean", "default": true },
            "action_ref": required_text(),
            "formats": { "type": "array", "items": { "anyOf": [{ "type": "string" }, described] } },
            "ack": acknowledgement,
            "result": result,
            "extra": { "type": "object" },
            "immutable_parameters": { "type": "object" },
            "metadata_file": optional_text(),
        },
        "additionalProperties": false,
    })
}

fn policy() -> Value {
    let any = ["array", "boolean", "integer", "number", "object", "string"];
    json!({
        "type": "object",
        "properties": {
            "id": optional_text(),
            "ref": optional_text(),
            "uid": optional_text(),
            "name": required_text(),
            "pack": optional_text(),
            "description": optional_text(),
            "enabled": { "type": "boolean", "default": true },
            "resource_ref": required_text(),
            "policy_type": required_text(),
            "parameters": {
                "type": "object",
                "patternProperties": { r"^\w+$": { "type": any } },
                "additionalProperties": false,
            },
            "metadata_file": optional_text(),
        },
        "additionalProperties": false,
    })
}
