//! `rule_match.jsonl`: whole rules against payloads.

use model::{Object, ObjectId, Reference, Rule, RuleAction, RuleKind, RuleTrigger};
use rules_engine::{RuleSet, Subject};
use serde_json::{Value, json};

use super::criteria::now;
use super::memory::Memory;
use crate::{Answer, Case, Failure};

const TRIGGER: &str = "demo.hook";

/// Either one rule whose fields are the case's, answered with whether it fired, or several, answered with the names of those
/// that did.
///
/// Where StackStorm loses all rules of an event because one of them fails, that one alone is lost here: no rule that fails fires.
pub(super) fn answer(case: &Case) -> Answer {
    let kv = json!({ "system": case.get("kv") });
    let subject = Subject::new(
        case.get("payload"),
        now(case)?,
        Some(Memory::of_scopes(&kv, None)),
    );
    let rules: Vec<Rule> = if case.has("rules") {
        case.array("rules")
            .iter()
            .map(rule)
            .collect::<Result<_, _>>()?
    } else {
        vec![rule(&case.inputs())?]
    };
    let evaluation = RuleSet::new(rules).evaluate(TRIGGER, &subject);
    let fired: Vec<String> = evaluation
        .fired
        .iter()
        .map(|rule| rule.rule().name.clone())
        .collect();
    let has_others = case.array("rules").len() > 1;
    if case.expected().error.is_some() && (fired.is_empty() || has_others) {
        return Err(Failure::new(&["other"], "a rule failed and did not fire"));
    }
    Ok(if case.has("rules") {
        json!(fired)
    } else {
        json!(!fired.is_empty())
    })
}

fn rule(definition: &Value) -> Result<Rule, Failure> {
    let name = definition["name"].as_str().unwrap_or("rule");
    let id: ObjectId = "0123456789abcdef01234567"
        .parse()
        .map_err(|_| Failure::malformed("valid id"))?;
    Ok(Rule {
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
        id: id.into(),
    })
}
