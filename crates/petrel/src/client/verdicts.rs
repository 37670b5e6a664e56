//! Why rules did not match what happened, for traces. Pure; the very code that runs live decides.
//!
//! A server keeps what matched, not what did not: rules are explained as they are now.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rules_engine::{Explanation, SourceFile, explain, read_rule};
use serde_json::{Value, json};

use super::output::{cut, inline, text_at};

/// How much of a value is shown.
const MOST: usize = 60;

/// `{ref, reason}` of the rules that listen to the trigger and have no enforcement for this instance.
pub(crate) fn without_match(
    rules: &[Value],
    enforcements: &[Value],
    instance: &Value,
    now: DateTime<Utc>,
) -> Vec<Value> {
    let enforced: HashSet<&str> = enforcements
        .iter()
        .map(|enforcement| text_at(enforcement, "rule.ref"))
        .collect();
    let happened = text_at(instance, "occurrence_time").parse().unwrap_or(now);
    rules
        .iter()
        .filter(|rule| !enforced.contains(text_at(rule, "ref")))
        .map(|rule| json!({ "ref": text_at(rule, "ref"), "reason": reason(rule, &instance["payload"], happened) }))
        .collect()
}

fn reason(rule: &Value, payload: &Value, happened: DateTime<Utc>) -> String {
    let text = rule.to_string();
    match read_rule(SourceFile {
        name: text_at(rule, "ref"),
        text: &text,
    }) {
        Ok(rule) => said(&explain(&rule, payload, happened, None)),
        Err(error) => error.message,
    }
}

fn said(explanation: &Explanation) -> String {
    if explanation.fires && explanation.backstop {
        return "a backstop, and another rule matched".to_owned();
    }
    if explanation.fires {
        return "it would match as it is now, so it was changed since".to_owned();
    }
    decisive(explanation).unwrap_or_else(|| explanation.reason.clone())
}

/// The first criterion that said no, with what it saw.
fn decisive(explanation: &Explanation) -> Option<String> {
    if !explanation.enabled {
        return None;
    }
    let criteria: Vec<Value> = explanation
        .criteria
        .iter()
        .filter_map(|criterion| serde_json::to_value(criterion).ok())
        .collect();
    let criterion = ["error", "not_matched"].iter().find_map(|verdict| {
        criteria
            .iter()
            .find(|criterion| criterion["verdict"] == *verdict)
    })?;
    let pattern = criterion
        .get("rendered")
        .or(criterion.get("pattern"))
        .filter(|pattern| !pattern.is_null());
    let pattern = pattern
        .map(|pattern| format!(" {}", quoted(Some(pattern))))
        .unwrap_or_default();
    let tested = format!(
        "`{}` {}{pattern}",
        text_at(criterion, "path"),
        text_at(criterion, "operator")
    );
    Some(match text_at(criterion, "reason") {
        "" => format!("{tested}, and it was {}", quoted(criterion.get("value"))),
        reason => format!("{tested}: {reason}"),
    })
}

fn quoted(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) => {
            format!("`{}`", cut(&inline(Some(&text.as_str().into())), MOST))
        }
        other => cut(&inline(other), MOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, criteria: &Value) -> Value {
        json!({
            "ref": format!("gold.{name}"), "pack": "gold", "name": name, "enabled": true,
            "type": { "ref": "standard", "parameters": {} },
            "trigger": { "type": "gold.event", "parameters": {}, "ref": "gold.event" },
            "criteria": criteria,
            "action": { "ref": "core.noop", "parameters": {} },
        })
    }

    #[test]
    fn tells_what_each_rule_saw_that_did_not_match() {
        let disabled = {
            let mut rule = rule("off", &json!({}));
            rule["enabled"] = false.into();
            rule
        };
        let rules = [
            rule("matched", &json!({})),
            rule(
                "other",
                &json!({ "trigger.kind": { "type": "equals", "pattern": "stop" } }),
            ),
            rule("absent", &json!({ "trigger.size": { "type": "exists" } })),
            rule(
                "broken",
                &json!({ "trigger.kind": { "type": "bogus", "pattern": 1 } }),
            ),
            disabled,
        ];
        let enforcements = [json!({ "rule": { "ref": "gold.matched" } })];
        let instance = json!({ "occurrence_time": "2026-11-21T20:00:00.000000Z", "payload": { "kind": "go" } });

        let passed = without_match(&rules, &enforcements, &instance, DateTime::UNIX_EPOCH);

        assert_eq!(
            passed,
            [
                json!({ "ref": "gold.other", "reason": "`trigger.kind` equals `stop`, and it was `go`" }),
                json!({ "ref": "gold.absent", "reason": "`trigger.size` exists, and it was nothing" }),
                json!({ "ref": "gold.broken", "reason": "`trigger.kind` bogus 1: the operator `bogus` does not exist" }),
                json!({ "ref": "gold.off", "reason": "the rule is disabled" }),
            ]
        );
    }

    #[test]
    fn says_that_a_rule_was_changed_since() {
        let instance = json!({ "payload": { "kind": "go" } });

        let passed = without_match(
            &[rule("new", &json!({}))],
            &[],
            &instance,
            DateTime::UNIX_EPOCH,
        );

        assert_eq!(
            passed[0]["reason"],
            "it would match as it is now, so it was changed since"
        );
    }
}
