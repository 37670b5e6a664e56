use expr::Variables;
use serde_json::{Value, json};

use super::*;

fn live(action: &Value, given: &Value) -> Result<Value, ParameterError> {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let variables = Variables {
        values: vec![("config_context".to_owned(), json!({ "n": 1 }).into())],
        datastore: None,
    };
    render_live(&Object::new(), &object(action), &object(given), &variables).map(Value::Object)
}

#[test]
fn parameters_are_rendered_after_those_they_name() {
    let action = json!({
        "a": { "type": "string" },
        "b": { "type": "integer", "default": "{{ config_context.n + 1 }}" },
    });
    let given = json!({ "a": "{{ c }}!", "c": "{{ b }}{{ b }}" });

    let live = live(&action, &given).unwrap();

    assert_eq!(live, json!({ "a": "22!", "c": "22", "b": 2 }));
}

#[test]
fn a_cycle_is_told_before_any_template_is_rendered() {
    let action = json!({ "a": { "default": "{{ b }}" }, "b": { "default": "{{ a }}" } });
    let given = json!({ "first": "{{ config_context.nope }}", "c": "{{ a }}" });

    let error = live(&action, &given).unwrap_err();

    assert_eq!(
        error.to_string(),
        "Cyclic dependency found in the following variables: a, b. Likely the variable is referencing itself"
    );
}

#[test]
fn a_parameter_that_names_itself_is_a_cycle() {
    let error = live(&json!({}), &json!({ "a": "{{ a }}" })).unwrap_err();

    assert!(matches!(error, ParameterError::Cycle(names) if names == ["a"]));
}

#[test]
fn an_unknown_name_is_told_before_a_cycle() {
    let given = json!({ "a": "{{ a }}", "b": "{{ nope | default('d') }}" });

    let error = live(&json!({}), &given).unwrap_err();

    assert!(matches!(error, ParameterError::Dependency { name, .. } if name == "nope"));
}

#[test]
fn a_chain_may_be_long() {
    let link = |at: usize| (format!("p{at}"), json!(format!("{{{{ p{} }}}}", at + 1)));
    let mut given: Object = (0..20_000).map(link).collect();
    given.insert("p20000".to_owned(), json!("end"));

    let live = live(&json!({}), &Value::Object(given)).unwrap();

    assert_eq!(live["p0"], "end");
}
