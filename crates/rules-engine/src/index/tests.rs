//! The index finds exactly what looking at every rule finds.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::fixture;

fn fired(set: &RuleSet, payload: &Value) -> Vec<String> {
    let subject = Subject::new(payload, fixture::now(), None);
    names(&set.evaluate(fixture::TRIGGER, &subject).fired)
}

fn names(rules: &[Arc<CompiledRule>]) -> Vec<String> {
    rules.iter().map(|rule| rule.rule().name.clone()).collect()
}

fn set(rules: &[(&str, Value)]) -> RuleSet {
    RuleSet::new(
        rules
            .iter()
            .map(|(name, criteria)| fixture::rule(name, criteria.clone()))
            .collect(),
    )
}

#[test]
fn finds_a_rule_by_a_value_that_is_equal_in_python() {
    let rules = set(&[(
        "one",
        json!({ "trigger.n": { "type": "eq", "pattern": 1 } }),
    )]);

    for payload in [json!({ "n": 1 }), json!({ "n": 1.0 }), json!({ "n": true })] {
        assert_eq!(fired(&rules, &payload), ["one"]);
    }
    assert!(fired(&rules, &json!({ "n": "1" })).is_empty());
}

#[test]
fn keeps_the_order_of_rules_whatever_finds_them() {
    let rules = set(&[
        ("a", json!({})),
        (
            "b",
            json!({ "trigger.x": { "type": "equals", "pattern": "1" } }),
        ),
        (
            "c",
            json!({ "trigger.x": { "type": "startswith", "pattern": "1" } }),
        ),
        (
            "d",
            json!({ "trigger.y": { "type": "equals", "pattern": "2" } }),
        ),
    ]);

    assert_eq!(
        fired(&rules, &json!({ "x": "1", "y": "2" })),
        ["a", "b", "c", "d"]
    );
}

#[test]
fn a_backstop_fires_only_where_no_standard_rule_does() {
    let mut backstop = fixture::rule("backstop", json!({}));
    backstop.kind.kind_ref = "backstop".into();
    let standard = fixture::rule(
        "standard",
        json!({ "trigger.x": { "type": "equals", "pattern": 1 } }),
    );
    let rules = RuleSet::new(vec![backstop, standard]);

    assert_eq!(fired(&rules, &json!({ "x": 1 })), ["standard"]);
    assert_eq!(fired(&rules, &json!({ "x": 2 })), ["backstop"]);
}

#[test]
fn a_disabled_rule_is_not_in_force() {
    let mut rule = fixture::rule("off", json!({}));
    rule.enabled = false;
    let rules = RuleSet::new(vec![rule]);

    assert!(rules.is_empty());
    assert!(!rules.knows(fixture::TRIGGER));
}

#[test]
fn a_rule_that_cannot_be_evaluated_leaves_the_others_alone() {
    let rules = set(&[
        (
            "unknown",
            json!({ "trigger.x": { "type": "bogus", "pattern": 1 } }),
        ),
        (
            "pattern",
            json!({ "trigger.x": { "type": "equals", "pattern": "{{ nope }}" } }),
        ),
        ("fine", json!({ "trigger.x": { "type": "exists" } })),
    ]);
    let payload = json!({ "x": 1 });

    let evaluation = rules.evaluate(
        fixture::TRIGGER,
        &Subject::new(&payload, fixture::now(), None),
    );

    assert_eq!(names(&evaluation.fired), ["fine"]);
    let failed: Vec<&str> = evaluation
        .failed
        .iter()
        .map(|(rule, _)| rule.rule().name.as_str())
        .collect();
    assert_eq!(failed, ["unknown", "pattern"]);
}

#[test]
fn an_update_compiles_only_what_changed() {
    let before = set(&[("a", json!({})), ("b", json!({}))]);

    let kept = fixture::rule("a", json!({}));
    let changed = fixture::rule("b", json!({ "trigger.x": { "type": "exists" } }));
    let after = before.updated(vec![kept, changed]);

    assert!(Arc::ptr_eq(
        &before.compiled["demo.a"],
        &after.compiled["demo.a"]
    ));
    assert!(!Arc::ptr_eq(
        &before.compiled["demo.b"],
        &after.compiled["demo.b"]
    ));
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(0)),
        Just(json!(1)),
        Just(json!(1.0)),
        Just(json!(2.5)),
        Just(json!("1")),
        Just(json!("a")),
        Just(json!([1])),
        Just(json!([true])),
        Just(json!({ "a": 1 })),
        Just(json!({ "a": 1.0 })),
    ]
}

fn criterion() -> impl Strategy<Value = (String, Value)> {
    let key = prop::sample::select(vec![
        "trigger.a",
        "trigger.b",
        "trigger.c.d",
        "trigger['a']",
        "trigger..b",
        "trigger.a#2",
        "trigger[",
    ]);
    let operator = prop::sample::select(vec![
        "equals", "eq", "EQUALS", "nequals", "exists", "contains", "lt", "regex", "bogus",
        "iequals",
    ]);
    (key, operator, value()).prop_map(|(key, operator, pattern)| {
        (
            key.to_owned(),
            json!({ "type": operator, "pattern": pattern }),
        )
    })
}

fn payload() -> impl Strategy<Value = Value> {
    (value(), value(), value()).prop_map(|(a, b, d)| json!({ "a": a, "b": b, "c": { "d": d } }))
}

proptest! {
    #[test]
    fn the_index_finds_what_looking_at_every_rule_finds(
        criteria in prop::collection::vec(prop::collection::vec(criterion(), 0..4), 0..20),
        payload in payload(),
    ) {
        let rules: Vec<Rule> = criteria
            .into_iter()
            .enumerate()
            .map(|(n, criteria)| fixture::rule(&format!("r{n:02}"), Value::Object(criteria.into_iter().collect())))
            .collect();
        let subject = Subject::new(&payload, fixture::now(), None);

        let evaluation = RuleSet::new(rules.clone()).evaluate(fixture::TRIGGER, &subject);

        let (mut fired, mut failed) = (Vec::new(), Vec::new());
        for rule in rules {
            let name = rule.name.clone();
            match CompiledRule::new(Arc::new(rule)).evaluate(&subject) {
                Ok(Verdict::Fires) => fired.push(name),
                Ok(_) => {}
                Err(error) => failed.push((name, error)),
            }
        }
        prop_assert_eq!(names(&evaluation.fired), fired);
        let indexed: Vec<_> = evaluation.failed.into_iter().map(|(rule, error)| (rule.rule().name.clone(), error)).collect();
        prop_assert_eq!(indexed, failed);
    }
}
