use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::{Datastore, render_values};

#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) system: model::Object,
    pub(super) user: Option<model::Object>,
}

impl Datastore for Memory {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        let items = match scope {
            Scope::System => &self.system,
            Scope::User => self.user.as_ref()?,
        };
        items.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        sealed
            .strip_prefix("sealed:")
            .map(str::to_owned)
            .ok_or_else(|| "the value is not encrypted".to_owned())
    }
}

fn variables(context: &Value) -> Variables {
    let values = context
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()));
    Variables {
        values: values.collect(),
        datastore: None,
    }
}

fn render(template: &str, context: &Value) -> Result<String, TemplateError> {
    Template::compile(template)?.render(&variables(context))
}

fn with_keys(system: &Value) -> Variables {
    let memory = Memory {
        system: system.as_object().unwrap().clone(),
        user: None,
    };
    Variables {
        values: Vec::new(),
        datastore: Some(Arc::new(memory)),
    }
}

#[test]
fn prints_values_as_python_does() {
    let context = json!({"d": {"k": "it's", "n": null, "l": [1, true, 1e16]}});

    assert_eq!(
        render("{{ d }} {{ d.l[2] }} {{ none }}", &context).unwrap(),
        r#"{'k': "it's", 'n': None, 'l': [1, True, 1e+16]} 1e+16 None"#
    );
}

#[test]
fn an_undefined_name_is_an_error_that_suggests_a_near_one() {
    let context = json!({"trigger": {"body": {"host": "a"}}});

    let error = render("on\n{{ trigger.bdy }}", &context).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`trigger` has no key `bdy` (line 2, column 4); did you mean `body`?"
    );
    assert_eq!(
        (error.kind, error.line),
        (TemplateErrorKind::Undefined, Some(2))
    );
    let error = render("{{ triger.body }}", &context).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`triger` is undefined (column 4); did you mean `trigger`?"
    );
    assert_eq!(
        render("{{ zzz }}", &context).unwrap_err().to_string(),
        "`zzz` is undefined (column 4)"
    );
}

#[test]
fn an_error_can_be_shown_with_a_caret() {
    let error = render("on\n{{ triger.body }}", &json!({"trigger": 1})).unwrap_err();

    assert_eq!(
        error.rendered,
        "`triger` is undefined\n    2 | {{ triger.body }}\n      |    ^^^^^^\n  = did you mean `trigger`?"
    );
}

#[test]
fn unknown_filters_and_broken_syntax_are_told_apart() {
    assert_eq!(
        render("{{ 1 | nope }}", &json!({})).unwrap_err().kind,
        TemplateErrorKind::UnknownFunction
    );
    assert_eq!(
        render("{{ 1 +", &json!({})).unwrap_err().kind,
        TemplateErrorKind::Parse
    );
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let endless = "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}";

    assert_eq!(
        render(endless, &json!({})).unwrap_err().message,
        "the expression takes more than 10000000 steps"
    );
}

#[test]
fn a_template_that_prints_too_much_is_stopped() {
    let context = json!({"text": "x".repeat(1_000_000)});

    let error = render("{% for i in range(1000) %}{{ text }}{% endfor %}", &context).unwrap_err();
    assert_eq!(error.kind, TemplateErrorKind::Other);
    assert!(
        error.message.starts_with("the expression takes more than"),
        "{error}"
    );
    assert_eq!(
        render("{{ text | replace('x', text) }}", &context)
            .unwrap_err()
            .kind,
        TemplateErrorKind::Other
    );
}

#[test]
fn datastore_items_print_their_value_and_dots_belong_to_the_name() {
    let variables = with_keys(&json!({"a.b": "x", "n": "5", "secret": "sealed:s"}));
    let template = Template::compile(
        "{{ st2kv.system.a.b }}{{ st2kv.system.none }}{{ st2kv.system.n | int + 1 }}",
    )
    .unwrap();

    assert_eq!(template.render(&variables).unwrap(), "x6");
    let template = Template::compile("{{ st2kv.system.secret | decrypt_kv }}").unwrap();
    assert_eq!(template.render(&variables).unwrap(), "s");
}

#[test]
fn what_is_printed_for_debugging_holds_names_and_no_values() {
    let mut variables = with_keys(&json!({"token": "hidden"}));
    variables
        .values
        .push(("config".to_owned(), json!({"password": "hidden"}).into()));

    let item = jinja::Names::get(&variables, "st2kv");

    let shown = format!("{variables:?} {:?} {item:?}", variables.values);
    assert!(shown.contains("config"), "{shown}");
    assert!(!shown.contains("hidden"), "{shown}");
}

#[test]
fn tells_which_datastore_items_it_mentions() {
    let mentioned = |text: &str| Template::compile(text).unwrap().datastore();

    let names = [
        (Scope::System, "a.b".to_owned()),
        (Scope::User, "c".to_owned()),
    ]
    .into();
    assert_eq!(
        mentioned("{{ st2kv.system.a.b }}{{ st2kv.user.c | int }}"),
        Mentioned {
            names,
            computed: false
        }
    );
    for text in [
        "{{ st2kv.system[x] }}",
        "{{ st2kv.system.a[x] }}",
        "{% set k = st2kv.system.a %}{{ k.b }}",
        "{{ st2kv[scope].a }}",
        "{{ __context }}",
    ] {
        assert!(mentioned(text).computed, "{text}");
    }
    assert!(!mentioned("{{ st2kv.system['a'].b }}").computed);
    assert!(mentioned("{{ trigger.body }}").is_empty());
}

#[test]
fn values_keep_their_type_unless_they_are_rendered() {
    let mapping = json!({"n": 5, "s": "{{ n }}", "l": ["{{ n }}", 1], "o": {"k": "v"}});

    let rendered =
        render_values(mapping.as_object().unwrap(), &variables(&json!({"n": 7}))).unwrap();

    assert_eq!(
        Value::Object(rendered),
        json!({"n": 5, "s": "7", "l": ["7", 1], "o": {"k": "v"}})
    );
}

#[test]
fn an_error_in_a_mapping_names_the_value() {
    let mapping = json!({"cmd": "{{ nope }}"});

    let error =
        render_values(mapping.as_object().unwrap(), &variables(&json!({"n": 7}))).unwrap_err();

    assert_eq!(error.message, "`cmd`: `nope` is undefined (column 4)");
}
