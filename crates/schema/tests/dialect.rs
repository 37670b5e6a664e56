//! The dialect beyond the recorded vectors: references, recursion, which error is told, hostile schemas.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use proptest::prelude::*;
use schema::{Schema, SchemaError};
use serde_json::{Value, json};

fn schema(schema: &Value) -> Schema {
    Schema::compile(schema).unwrap()
}

fn complaint(of: &Value, instance: &Value) -> String {
    schema(of).validate(instance).unwrap_err().message
}

#[test]
fn follows_references_into_the_schema_itself() {
    let attributes = json!({
        "primary": { "type": "object", "properties": { "port": { "type": "integer" } } },
        "backup": { "$ref": "#/properties/primary" },
    });
    let schema = Schema::compile_attributes(attributes.as_object().unwrap(), true).unwrap();

    let error = schema
        .validate(&json!({ "backup": { "port": "x" } }))
        .unwrap_err();

    assert_eq!(error.path, ["backup", "port"]);
    assert_eq!(error.message, "'x' is not of type 'integer', 'null'");
}

#[test]
fn a_schema_may_contain_itself() {
    let tree = json!({
        "type": "object",
        "properties": { "children": { "type": "array", "items": { "$ref": "#" } }, "name": { "type": "string", "required": true } },
    });

    assert!(
        schema(&tree)
            .validate(&json!({ "name": "a", "children": [{ "name": "b" }] }))
            .is_ok()
    );
    assert_eq!(
        complaint(&tree, &json!({ "name": "a", "children": [{}] })),
        "'name' is a required property"
    );
}

#[test]
fn a_reference_to_nothing_fails_where_it_is_met() {
    let broken = json!({ "type": "object", "properties": { "a": { "$ref": "#/nowhere" }, "b": { "$ref": "http://x/y" } } });

    assert!(schema(&broken).validate(&json!({})).is_ok());
    assert_eq!(
        complaint(&broken, &json!({ "a": 1 })),
        "the schema's reference '#/nowhere' cannot be resolved"
    );
    assert_eq!(
        complaint(&broken, &json!({ "b": 1 })),
        "the schema's reference 'http://x/y' cannot be resolved"
    );
}

#[test]
fn a_schema_that_only_refers_to_itself_ends() {
    let endless = json!({ "type": "object", "properties": { "a": { "$ref": "#/properties/a" } } });

    assert!(schema(&endless).validate(&json!({ "a": 1 })).is_ok());
}

#[test]
fn tells_the_deepest_cause_below_an_alternative() {
    let formats = json!({
        "type": "array",
        "items": { "anyOf": [
            { "type": "string" },
            { "type": "object", "properties": { "representation": { "type": "array" } } },
        ] },
    });

    assert_eq!(
        complaint(&formats, &json!([{ "representation": "x" }])),
        "'x' is not of type 'array'"
    );
    assert_eq!(
        complaint(&formats, &json!([5])),
        "5 is not valid under any of the given schemas"
    );
}

#[test]
fn names_unexpected_and_missing_properties() {
    let strict = json!({ "type": "object", "properties": { "a": { "required": true } }, "additionalProperties": false });

    let unexpected = schema(&strict)
        .validate(&json!({ "a": 1, "b": 2, "c": 3 }))
        .unwrap_err();
    let missing = schema(&strict).validate(&json!({})).unwrap_err();

    assert_eq!(
        unexpected.message,
        "Additional properties are not allowed ('b', 'c' were unexpected)"
    );
    assert_eq!(unexpected.detail.names, ["b", "c"]);
    assert_eq!(
        (missing.validator, missing.detail.names.as_slice()),
        ("required", &["a".to_owned()][..])
    );
}

#[test]
fn says_where_a_schema_is_malformed() {
    let error =
        Schema::compile(&json!({ "type": "object", "properties": { "a": { "minLength": -1 } } }))
            .unwrap_err();

    let SchemaError::Malformed { path, message } = error else {
        panic!("{error:?}")
    };
    assert_eq!(path, ["properties", "a", "minLength"]);
    assert_eq!(message, "-1 is less than the minimum of 0");
}

#[test]
fn a_broken_pattern_fails_only_what_meets_it() {
    let broken =
        json!({ "type": "object", "properties": { "a": { "type": "string", "pattern": "(" } } });

    assert!(schema(&broken).validate(&json!({})).is_ok());
    assert_eq!(
        complaint(&broken, &json!({ "a": "x" })),
        "the pattern '(' is not a regular expression"
    );
}

fn json_value() -> impl Strategy<Value = Value> {
    let keyword = prop_oneof![
        Just("type"),
        Just("properties"),
        Just("items"),
        Just("required"),
        Just("anyOf"),
        Just("default"),
        Just("$ref"),
        Just("enum"),
        Just("minimum"),
        Just("pattern"),
        Just("additionalProperties"),
        Just("not"),
        Just("a"),
    ];
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!("string")),
        Just(json!("object")),
        Just(json!("array")),
        Just(json!("#")),
        Just(json!("#/properties/a")),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i8>().prop_map(|n| json!(n)),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((keyword.clone(), inner), 0..5).prop_map(|pairs| pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn never_panics_on_any_schema_and_instance(of in json_value(), instance in json_value()) {
        if let Ok(schema) = Schema::compile(&of) {
            let _either_way = schema.validate(&instance);
        }
    }
}
