use diagnostic::Kind;
use pyvalue::{Dict, Value};
use serde_json::{Value as Json, json};

use super::*;

fn state(context: &Json) -> State {
    let Value::Dict(context) = Value::from_json(context) else {
        return State::new(Dict::default());
    };
    State::from_context(context)
}

fn evaluate(statement: &Json, context: &Json) -> Result<Json, ExpressionError> {
    let value = Statement::compile(statement).evaluate(&state(context), &Options::default())?;
    Ok(value.to_json().unwrap())
}

fn again(statement: &Json, context: &Json) -> Result<Json, ExpressionError> {
    let options = Options {
        reevaluate: true,
        ..Options::default()
    };
    let value = Statement::compile(statement).evaluate(&state(context), &options)?;
    Ok(value.to_json().unwrap())
}

#[test]
fn what_an_expression_yields_is_data_and_not_code() {
    for code in [
        "<% ctx(secret) %>",
        "{{ ctx().secret }}",
        "{% if true %}{{ ctx().secret }}{% endif %}",
        "{% raw %}x{% endraw %}",
    ] {
        let context = json!({ "x": code, "secret": "s" });
        for (statement, expected) in [
            ("<% ctx(x) %>", code.to_owned()),
            ("{{ ctx().x }}", code.to_owned()),
            ("a <% ctx(x) %> b", format!("a {code} b")),
            ("a {{ ctx().x }} b", format!("a {code} b")),
            ("<% ctx(x) %><% ctx(secret) %>", format!("{code}s")),
            ("{{ ctx().x }}{{ ctx().secret }}", format!("{code}s")),
            ("{% if true %}{{ ctx().x }}{% endif %}", code.to_owned()),
            ("{% raw %}r{% endraw %}{{ ctx().x }}", format!("r{code}")),
        ] {
            assert_eq!(
                evaluate(&json!(statement), &context).unwrap(),
                json!(expected),
                "{statement}"
            );
        }
    }
}

#[test]
fn evaluates_again_what_was_yielded_where_that_is_asked_for() {
    let context =
        json!({ "x": "<% ctx(y) %>", "y": "{{ ctx().z }}", "j": "{{ ctx().n }}", "n": 5 });

    assert_eq!(
        again(&json!("<% ctx(x) %>"), &context).unwrap(),
        json!("{{ ctx().z }}")
    );
    assert_eq!(again(&json!("{{ ctx().j }}"), &context).unwrap(), json!(5));
    assert_eq!(
        again(&json!("a {{ ctx().j }}"), &context).unwrap(),
        json!("a 5")
    );
}

#[test]
fn texts_that_yield_themselves_come_to_an_end() {
    for text in [
        "<% ctx(x) %>",
        "<% ctx(x) %> <% ctx(x) %>",
        "{{ ctx().x }}",
        "{{ ctx().x }}!",
    ] {
        let error = again(&json!(text), &json!({ "x": text })).unwrap_err();
        assert_eq!(error.kind(), Kind::Other, "{text}");
    }
    let mut context = serde_json::Map::new();
    for level in 0..50 {
        let next = level + 1;
        let text = format!("<% ctx(x{next}) %> <% ctx(y{next}) %>");
        context.insert(format!("x{level}"), json!(text));
        context.insert(format!("y{level}"), json!(text));
    }
    context.insert("x50".to_owned(), json!("end"));
    context.insert("y50".to_owned(), json!("end"));

    let error = again(&json!("<% ctx(x0) %>"), &Json::Object(context)).unwrap_err();

    assert_eq!(error.kind(), Kind::Limit);
}

#[test]
fn keys_and_items_are_evaluated_and_types_stay() {
    let statement = json!({
        "<% ctx(name) %>": ["<% ctx(list) %>", " <% ctx(list) %>", 1, null],
        "{{ ctx().name }}2": { "nested": "{{ ctx().list | length }}" },
    });

    let value = evaluate(&statement, &json!({ "name": "n", "list": [1, "a"] })).unwrap();

    assert_eq!(
        value,
        json!({ "n": [[1, "a"], " [1, 'a']", 1, null], "n2": { "nested": 2 } })
    );
    let error = evaluate(&json!({ "{{ ctx().list }}": 1 }), &json!({ "list": [] })).unwrap_err();
    assert_eq!(error.kind(), Kind::Type);
}

#[test]
fn what_holds_no_expression_is_constant() {
    let constant = Statement::compile(&json!({ "a": ["{# no #}", "50 %", { "b": 1 }] }));

    assert!(constant.is_constant());
    assert!(!Statement::compile(&json!([["{{ x }}"]])).is_constant());
}

#[test]
fn errors_show_where_they_happened() {
    let error = evaluate(&json!("ping <% ctx(hots) %>"), &json!({ "hosts": 1 })).unwrap_err();
    assert_eq!(
        error.render(),
        "YAQL expression: the variable `hots` is undefined\n    1 | ctx(hots)\n      | ^^^\n  = did you mean `hosts`?"
    );
    assert_eq!(error.expression, "<% ctx(hots) %>");

    let error = evaluate(&json!("{{ ctx().hots }}"), &json!({ "hosts": 1 })).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Jinja expression `{{ ctx().hots }}`: `ctx()` has no key `hots` (column 1); did you mean `hosts`?"
    );
    assert_eq!(error.kind(), Kind::Undefined);
}

#[test]
fn syntax_errors_are_found_without_evaluating() {
    let statement = Statement::compile(&json!({
        "a": "<% 1 +/ 2 %> <% 1 %>",
        "b": "{{ 1 + }}",
        "c": "<% ctx(x) %> {{ ctx().x }}",
        "d": "<% nofunc() | 1 %>",
        "e": "{{ x | nofilter }}",
    }));

    let faults = statement.validate();

    let found: Vec<_> = faults
        .iter()
        .map(|fault| (fault.language().map(Language::name), fault.expression()))
        .collect();
    assert_eq!(
        found,
        [
            (Some("yaql"), "<% 1 +/ 2 %>"),
            (Some("jinja"), "{{ 1 + }}"),
            (None, "<% ctx(x) %> {{ ctx().x }}"),
            (Some("yaql"), "<% nofunc() | 1 %>"),
        ]
    );
}

#[test]
fn functions_of_the_state_are_no_filters() {
    let error = evaluate(&json!("{{ 'x' | ctx }}"), &json!({ "x": 1 })).unwrap_err();

    assert_eq!(error.kind(), Kind::Type);
    assert_eq!(
        error.message(),
        "`ctx` is a function, not a filter: write `ctx(...)`"
    );
}
