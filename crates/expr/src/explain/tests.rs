use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::Datastore;
use crate::Scope;

#[derive(Debug)]
struct Items;

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        (scope == Scope::System && name == "token").then(|| "abc".to_owned())
    }

    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        Ok(sealed.to_owned())
    }
}

fn given() -> Given {
    let data = json!({ "host": "db1", "ports": [80, 443], "body": { "kind": "fire" } });
    let members = data.as_object().cloned().unwrap_or_default();
    let value = Value::from_json(&data);
    let context = value.as_dict().cloned().unwrap_or_default();
    let datastore: Arc<dyn Datastore> = Arc::new(Items);
    Given {
        state: State::new(context).with_item(Value::from("one")),
        variables: Variables {
            values: members
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
            datastore: Some(datastore),
        },
        data: value,
        options: Options::default(),
    }
}

fn steps(reading: Reading, text: &str) -> Vec<(String, String)> {
    let shown = |step: Step| {
        let outcome = match step.outcome {
            Ok(value) => value.repr(),
            Err(error) => error.message,
        };
        (step.text, outcome)
    };
    let explained = reading.explain(text, &given());
    explained.steps.into_iter().map(shown).collect()
}

#[test]
fn tells_texts_of_workflows_from_those_of_rules() {
    for (text, expected) in [
        ("plain", None),
        ("<% ctx().x %>", Some(Reading::Workflow)),
        ("<% ctx().x", Some(Reading::Workflow)),
        ("{{ ctx('x') }}", Some(Reading::Workflow)),
        ("{{ st2kv('system.x') }}", Some(Reading::Workflow)),
        ("{{ ctx.x }}", Some(Reading::Template)),
        ("{{ trigger.body.item() }}", Some(Reading::Template)),
        (
            "{{ st2kv.system.x }} {{ my_ctx(1) }}",
            Some(Reading::Template),
        ),
        ("{% if x %}y{% endif %}", Some(Reading::Template)),
        ("{{ x", Some(Reading::Template)),
    ] {
        assert_eq!(Reading::of_text(text), expected, "{text}");
    }
    assert_eq!(Reading::of_bare("$.a.where($ > 1)"), Reading::Yaql);
    assert_eq!(Reading::of_bare("ctx().a | upper"), Reading::WorkflowJinja);
    assert_eq!(Reading::of_bare("a | upper"), Reading::TemplateJinja);
    assert_eq!(Reading::of_bare("a | | b"), Reading::Yaql);
    assert_eq!(Reading::of_jinja("item().a"), Reading::WorkflowJinja);
    assert_eq!(Reading::of_jinja("item.a"), Reading::TemplateJinja);
}

#[test]
fn says_what_becomes_of_values() {
    for (reading, text, form) in [
        (Reading::Workflow, "<% ctx().host %>", Form::Whole),
        (Reading::Workflow, "on <% ctx().host %>", Form::Embedded),
        (Reading::Workflow, "{% set a = 1 %}{{ a }}", Form::Rendered),
        (Reading::Workflow, "<% ctx().host", Form::Plain),
        (Reading::Template, "{{ host }}", Form::Rendered),
        (Reading::Yaql, "$.host", Form::Whole),
    ] {
        assert_eq!(reading.explain(text, &given()).form, form, "{text}");
    }
}

#[test]
fn parts_are_evaluated_each_once_in_their_order() {
    assert_eq!(
        steps(
            Reading::Workflow,
            "<% ctx().host.toUpper() %>: <% ctx().ports.len() %>"
        ),
        [
            (
                "ctx()".into(),
                "{'host': 'db1', 'ports': [80, 443], 'body': {'kind': 'fire'}}".into()
            ),
            ("ctx().host".into(), "'db1'".into()),
            ("ctx().host.toUpper()".into(), "'DB1'".into()),
            ("ctx().ports".into(), "[80, 443]".into()),
            ("ctx().ports.len()".to_owned(), "2".to_owned()),
        ]
    );
    assert_eq!(
        steps(
            Reading::Template,
            "{{ host | upper }}{% for p in ports %}{{ p }}{% endfor %}"
        ),
        [
            ("host".into(), "'db1'".into()),
            ("host | upper".into(), "'DB1'".into()),
            ("ports".to_owned(), "[80, 443]".to_owned()),
        ]
    );
}

#[test]
fn a_part_without_a_value_says_why() {
    let found = steps(Reading::TemplateJinja, "nothing | default('a')");

    assert_eq!(found.len(), 1);
    assert!(found[0].1.contains("`nothing`"), "{found:?}");
}

#[test]
fn there_is_nothing_that_a_dollar_could_be_in_a_text_of_a_workflow() {
    assert_eq!(
        Reading::Workflow.evaluate("<% $ %>", &given()),
        Ok(Value::None)
    );
    assert_eq!(steps(Reading::Workflow, "a <% [$] %>")[0].1, "[None]");
    assert_eq!(Reading::Yaql.evaluate("$.host", &given()), Ok("db1".into()));
}

#[test]
fn an_error_is_placed_in_the_whole_text() {
    for (reading, text, column) in [
        (Reading::Workflow, "on <% ctx().host.uper() %>", 18),
        (Reading::Workflow, "on {{ ctx().hots }}", 7),
        (Reading::Template, "on {{ hots }}", 7),
        (Reading::TemplateJinja, "host ~ hots", 8),
    ] {
        let error = reading.evaluate(text, &given()).unwrap_err();

        let column_found = error.position().map(|place| place.column);
        assert_eq!(column_found, Some(column), "{}", error.render());
    }
}

#[test]
fn knows_what_is_read_and_what_is_given() {
    let read = |reading: Reading, text: &str| -> Vec<(String, bool)> {
        let reads = reading.explain(text, &given()).reads;
        reads
            .into_iter()
            .map(|read| (read.name, read.is_given))
            .collect()
    };

    assert_eq!(
        read(
            Reading::Workflow,
            "<% ctx().host + ctx(hots) + item() + result().x %>"
        ),
        [
            ("ctx().host".to_owned(), true),
            ("ctx().hots".to_owned(), false),
            ("item()".to_owned(), true),
            ("result()".to_owned(), false),
        ]
    );
    assert_eq!(
        read(Reading::Template, "{{ hots }} {{ st2kv.system.token }}"),
        [
            ("hots".to_owned(), false),
            ("st2kv.system.token".to_owned(), true)
        ]
    );
    assert_eq!(read(Reading::Yaql, "$.a"), [("$".to_owned(), true)]);
    let near = Reading::Template.explain("{{ hots }}", &given()).reads[0]
        .near
        .clone();
    assert_eq!(near.as_deref(), Some("host"));
}

#[test]
fn very_many_parts_are_counted_and_not_evaluated() {
    let many: Vec<String> = (0..150).map(|n| format!("len('{n}')")).collect();

    let explained = Reading::Yaql.explain(&format!("[{}]", many.join(", ")), &given());

    assert_eq!(explained.steps.len(), 100);
    assert_eq!(explained.left_out, 50);
}
