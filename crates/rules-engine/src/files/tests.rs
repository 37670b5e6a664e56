//! Explanations of files, and complaints about them.

use serde_json::json;

use super::*;
use crate::explain::CriterionVerdict;

const RULE: &str = r#"---
name: on_alert
pack: demo
trigger:
  type: core.st2.webhook
  parameters: {url: alert}
criteria:
  trigger.body.kind:
    type: equals
    pattern: alert
  trigger.body.host:
    type: regex
    pattern: "^{{ trigger.body.prefix }}"
  trigger.body.tags:
    type: search
    condition: any
    pattern:
      item.name: {type: iequals, pattern: Prod}
action:
  ref: core.local
  parameters:
    cmd: echo {{ trigger.body.host }}
    cwd: "{{ trigger.nope }}"
"#;

fn explained(rule: &str, instance: &str) -> Explanation {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let (rule, instance) = (
        SourceFile {
            name: "rule.yaml",
            text: rule,
        },
        SourceFile {
            name: "event.json",
            text: instance,
        },
    );
    explain_files(rule, instance, now).unwrap()
}

fn complaint(rule: &str) -> String {
    read_rule(SourceFile {
        name: "rule.yaml",
        text: rule,
    })
    .unwrap_err()
    .to_string()
}

#[test]
fn shows_what_each_criterion_saw() {
    let payload = json!({ "body": { "kind": "alert", "host": "web1", "prefix": "web", "tags": [{ "name": "prod" }] } });
    let instance = json!({ "trigger": "core.st2.webhook", "payload": payload }).to_string();

    let explanation = explained(RULE, &instance);

    assert!(explanation.fires);
    let expected = r#"demo.on_alert fires: every criterion matches

trigger core.st2.webhook
  yes    trigger.body.kind equals "alert"
           value: "alert"
  yes    trigger.body.host regex "^{{ trigger.body.prefix }}"
           rendered: "^web"
           value: "web1"
  yes    trigger.body.tags search {"item.name":{"type":"iequals","pattern":"Prod"}}
           value: [{"name":"prod"}]
           item 0:
              yes    item.name iequals "Prod"
                       value: "prod"

action core.local
  cmd = "echo web1"
  cwd = "{{ trigger.nope }}"
"#;
    let text = explanation.to_string();
    assert!(text.starts_with(expected), "{text}");
    assert!(text[expected.len()..].starts_with("    error: "), "{text}");
}

#[test]
fn goes_on_after_the_first_criterion_that_does_not_match() {
    let explanation = explained(RULE, "payload: {body: {kind: other, host: 5}}");

    assert!(!explanation.fires);
    let verdicts: Vec<CriterionVerdict> = explanation
        .criteria
        .iter()
        .map(|criterion| criterion.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [
            CriterionVerdict::NotMatched,
            CriterionVerdict::Error,
            CriterionVerdict::Error
        ]
    );
    assert_eq!(
        explanation.criteria[2].reason.as_deref(),
        Some("`search` cannot compare null with criteria on items")
    );
}

#[test]
fn an_instance_of_another_trigger_does_not_match() {
    let rule = "name: r\ntrigger: {type: demo.a}\naction: {ref: core.noop}\n";

    let explanation = explained(rule, "trigger: demo.b\npayload: {}\n");
    assert_eq!(
        (explanation.fires, explanation.reason.as_str()),
        (
            false,
            "the rule listens to `demo.a`, and this is an instance of `demo.b`"
        )
    );

    let named_by_uuid = "trigger: core.6e8e5e5c-6b1c-4b57-9a3a-0c7f6a9b2f11\npayload: {}\n";
    assert!(explained(rule, named_by_uuid).fires);
}

#[test]
fn says_that_a_rule_is_disabled() {
    let explanation = explained(
        "name: r\nenabled: no\ntrigger: {type: a.b}\naction: {ref: a.b}\n",
        "payload: {}",
    );

    assert_eq!(
        (explanation.fires, explanation.reason.as_str()),
        (false, "the rule is disabled")
    );
}

#[test]
fn complains_with_file_line_and_column() {
    assert_eq!(
        complaint("name: r\ntrigger: x\n"),
        "rule.yaml:2:10: `trigger` must be a mapping\n  | trigger: x\n  |          ^"
    );
    assert_eq!(
        complaint("name: r\ntrigger: {type: a.b}\naction: {ref: a.b}\ncriteria:\n  trigger.x: 5\n"),
        "rule.yaml:5:14: criterion `trigger.x` must be a mapping\n  |   trigger.x: 5\n  |              ^"
    );
    assert!(
        complaint("trigger: {type: a.b}\n").starts_with("rule.yaml:1:1: the rule has no `name`\n")
    );
    assert!(complaint("- a\n").starts_with("rule.yaml:1:1: a rule must be a mapping\n"));
    assert!(complaint("name: [\n").starts_with("rule.yaml:"));
}

#[test]
fn an_explanation_is_json_for_programs() {
    let explanation = explained(
        "name: r\ntrigger: {type: a.b}\ncriteria: {trigger.x: {type: bogus}}\naction: {ref: a.b}\n",
        "payload: {x: 1}",
    );

    let expected = json!({
        "rule": "default.r",
        "trigger": "a.b",
        "fires": false,
        "enabled": true,
        "backstop": false,
        "reason": "criterion `trigger.x` cannot be evaluated",
        "criteria": [{
            "path": "trigger.x", "operator": "bogus", "pattern": null, "value": 1, "verdict": "error",
            "reason": "the operator `bogus` does not exist",
        }],
        "action": { "ref": "a.b", "parameters": [] },
    });
    assert_eq!(serde_json::to_value(explanation).unwrap(), expected);
}
