//! Recordings of StackStorm's operators and rule matching, replayed.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use expr::{Datastore, Scope};
use model::{Object, Reference, Rule, RuleAction, RuleKind, RuleTrigger};
use rules_engine::{RuleSet, Subject, test_operator};
use serde_json::{Value, json};

const TRIGGER: &str = "demo.hook";

/// The vectors of a set; `None`, said aloud, where they are not here.
fn vectors(name: &str) -> Option<Vec<Value>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/criteria")
        .join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {name} is not in ../shared/conformance/criteria");
        return None;
    };
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn now(case: &Value) -> DateTime<Utc> {
    case["now"]
        .as_str()
        .unwrap_or("2024-06-15T12:00:00+00:00")
        .parse()
        .unwrap()
}

fn report(name: &str, total: usize, failures: &[String]) {
    eprintln!("{name} {}/{total}", total - failures.len());
    assert!(
        failures.is_empty(),
        "{} of {total} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn operators_answer_as_recorded() {
    let Some(cases) = vectors("criteria.jsonl") else {
        return;
    };
    let mut failures = Vec::new();

    for case in &cases {
        let operator = case["operator"].as_str().unwrap();
        let answer = test_operator(
            operator,
            &case["value"],
            &case["pattern"],
            case.get("condition"),
            now(case),
        );
        let agrees = match (&answer, case.get("result").and_then(Value::as_bool)) {
            (Ok(answer), Some(expected)) => *answer == expected,
            (Err(_), None) => true,
            _ => false,
        };
        if !agrees {
            failures.push(format!("{answer:?} for {case}"));
        }
    }

    report("criteria", cases.len(), &failures);
}

#[derive(Debug)]
struct Items(HashMap<String, String>);

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        self.0.get(name).filter(|_| scope == Scope::System).cloned()
    }

    fn decrypt(&self, _sealed: &str) -> Result<String, String> {
        Err("no key here".to_owned())
    }
}

fn rule(definition: &Value) -> Rule {
    let name = definition["name"].as_str().unwrap_or("rule");
    Rule {
        tags: Vec::new(),
        uid: format!("rule:demo:{name}"),
        metadata_file: String::new(),
        name: name.to_owned(),
        rule_ref: Reference::new("demo", name),
        description: None,
        pack: "demo".to_owned(),
        kind: RuleKind {
            kind_ref: definition["type"].as_str().unwrap_or("standard").to_owned(),
            parameters: Object::new(),
        },
        trigger: RuleTrigger {
            type_ref: TRIGGER.to_owned(),
            parameters: Object::new(),
            trigger_ref: TRIGGER.to_owned(),
        },
        criteria: definition["criteria"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
        action: RuleAction {
            action_ref: "core.noop".to_owned(),
            parameters: Object::new(),
        },
        context: Object::new(),
        enabled: definition["enabled"].as_bool().unwrap_or(true),
        id: "0123456789abcdef01234567"
            .parse::<model::ObjectId>()
            .unwrap()
            .into(),
    }
}

fn fired(case: &Value) -> Vec<String> {
    let single = json!([case]);
    let definitions = case.get("rules").unwrap_or(&single).as_array().unwrap();
    let items = serde_json::from_value(case.get("kv").cloned().unwrap_or(json!({}))).unwrap();
    let subject = Subject::new(&case["payload"], now(case), Some(Arc::new(Items(items))));
    let evaluation =
        RuleSet::new(definitions.iter().map(rule).collect()).evaluate(TRIGGER, &subject);
    evaluation
        .fired
        .iter()
        .map(|rule| rule.rule().name.clone())
        .collect()
}

#[test]
fn rules_match_as_recorded() {
    let Some(cases) = vectors("rule_match.jsonl") else {
        return;
    };
    let mut failures = Vec::new();

    for case in &cases {
        let fired = fired(case);
        let answer = if case.get("rules").is_some() {
            json!(fired)
        } else {
            json!(!fired.is_empty())
        };
        // Where StackStorm loses all rules of the event, only the rule that fails is lost here.
        let expected = match case.get("error") {
            Some(_) if case.get("rules").is_some() => continue,
            Some(_) => json!(false),
            None => case.get("intended").unwrap_or(&case["result"]).clone(),
        };
        if answer != expected {
            failures.push(format!("{answer} for {case}"));
        }
    }

    report("rule_match", cases.len(), &failures);
}
