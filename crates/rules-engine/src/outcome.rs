//! What becomes of one event: which rules matched it, in words for whoever asks why.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use expr::Datastore;
use model::TriggerInstance;

use crate::index::Evaluation;
use crate::rule::CompiledRule;
use crate::{RuleSet, Subject};

/// So many rules are named in a status reason.
const NAMED: usize = 10;

/// Evaluates the rules for an instance. The error says what a panic said: the fault is the engine's, and must end
/// with this instance.
pub(crate) fn evaluate(
    rules: &RuleSet,
    instance: &TriggerInstance,
    now: DateTime<Utc>,
    datastore: Option<Arc<dyn Datastore>>,
) -> Result<Evaluation, String> {
    catch_unwind(AssertUnwindSafe(|| {
        rules.evaluate(
            &instance.trigger,
            &Subject::new(&instance.payload, now, datastore),
        )
    }))
    .map_err(|panic| panic_text(&*panic))
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason was given".to_owned())
}

/// `2 of 5 rules matched: a.b, c.d`.
pub(crate) fn reason(evaluation: &Evaluation, trigger_ref: &str) -> String {
    if evaluation.rules == 0 {
        return format!("no enabled rule listens to `{trigger_ref}`");
    }
    let mut reason = format!(
        "{} of {} rules matched",
        evaluation.fired.len(),
        evaluation.rules
    );
    if !evaluation.fired.is_empty() {
        reason.push_str(": ");
        reason.push_str(&names(evaluation.fired.iter()));
    }
    if !evaluation.failed.is_empty() {
        reason.push_str("; could not be evaluated: ");
        reason.push_str(&names(evaluation.failed.iter().map(|(rule, _)| rule)));
    }
    reason
}

fn names<'r>(rules: impl ExactSizeIterator<Item = &'r Arc<CompiledRule>>) -> String {
    let more = rules.len().saturating_sub(NAMED);
    let mut names: Vec<String> = rules
        .take(NAMED)
        .map(|rule| rule.rule().rule_ref.to_string())
        .collect();
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

/// An error with its causes, each once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use expr::Scope;
    use serde_json::json;

    use super::*;
    use crate::fixture;

    #[derive(Debug)]
    struct Broken;

    impl Datastore for Broken {
        fn get(&self, _scope: Scope, _name: &str) -> Option<String> {
            panic!("a fault of the engine")
        }

        fn decrypt(&self, sealed: &str) -> Result<String, String> {
            Ok(sealed.to_owned())
        }
    }

    #[test]
    fn a_panic_ends_with_its_instance() {
        let rules = RuleSet::new(vec![fixture::rule(
            "kv",
            json!({ "system.a": { "type": "exists" } }),
        )]);
        let instance = fixture::instance(json!({ "a": 1 }));

        let outcome = evaluate(&rules, &instance, fixture::now(), Some(Arc::new(Broken)));

        assert_eq!(outcome.unwrap_err(), "a fault of the engine");
    }

    fn evaluation(payload: &serde_json::Value, count: usize) -> Evaluation {
        let rules = (0..count).map(|n| {
            fixture::rule(
                &format!("r{n}"),
                json!({ "trigger.n": { "type": "lt", "pattern": n } }),
            )
        });
        let subject = Subject::new(payload, fixture::now(), None);
        RuleSet::new(rules.collect()).evaluate(fixture::TRIGGER, &subject)
    }

    #[test]
    fn names_what_matched() {
        assert_eq!(
            reason(&evaluation(&json!({ "n": 0 }), 3), "demo.hook"),
            "2 of 3 rules matched: demo.r1, demo.r2"
        );
        assert_eq!(
            reason(&evaluation(&json!({ "n": 9 }), 3), "demo.hook"),
            "0 of 3 rules matched"
        );
        assert_eq!(
            reason(&Evaluation::default(), "demo.hook"),
            "no enabled rule listens to `demo.hook`"
        );
    }

    #[test]
    fn names_what_failed_and_ends_somewhere() {
        let reason = reason(&evaluation(&json!({ "n": "x" }), 12), "demo.hook");

        assert!(
            reason.starts_with("0 of 12 rules matched; could not be evaluated: demo.r0, demo.r1, "),
            "{reason}"
        );
        assert!(reason.ends_with("and 2 more"), "{reason}");
    }
}
