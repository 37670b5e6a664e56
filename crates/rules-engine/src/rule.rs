//! Decides whether one rule fires for one event.
//!
//! Pure: no clock, no store, no bus. `service.rs` loads the rules, evaluates them through the index, and requests the
//! actions of those that fired.

use std::sync::Arc;

use expr::Mentioned;
use model::Rule;

use crate::criteria::CriteriaError;
use crate::criterion::Criterion;
use crate::subject::Subject;

/// A rule, compiled once and evaluated often.
#[derive(Debug)]
pub struct CompiledRule {
    rule: Arc<Rule>,
    pub(crate) criteria: Vec<Criterion>,
    /// Positions in `criteria`: equalities that are known before any event first, then the others, each in the order
    /// in which the rule lists them.
    order: Vec<usize>,
}

/// The engine's conclusion about one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every criterion matched; request the rule's action.
    Fires,
    /// The rule is switched off.
    Disabled,
    /// The rule has criteria, and the payload is empty.
    EmptyPayload,
    /// The key of the first criterion that did not match.
    RejectedBy(String),
}

/// Why a rule could not be evaluated for an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("criterion `{criterion}`: {source}")]
pub struct RuleError {
    /// The key of the criterion.
    pub criterion: String,
    /// What is wrong.
    pub source: CriteriaError,
}

impl CompiledRule {
    /// Compiles a rule. This cannot fail: what is wrong with a criterion is the outcome of evaluating it.
    #[must_use]
    pub fn new(rule: Arc<Rule>) -> Self {
        let criteria: Vec<Criterion> = rule
            .criteria
            .iter()
            .map(|(key, definition)| Criterion::new(key, definition))
            .collect();
        let mut order: Vec<usize> = (0..criteria.len()).collect();
        order.sort_by_key(|position| criteria[*position].as_equality().is_none());
        Self {
            rule,
            criteria,
            order,
        }
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &Arc<Rule> {
        &self.rule
    }

    /// Evaluates the rule, stopping at the first criterion that does not match.
    ///
    /// Criteria run in the order in which the rule lists them, save that equalities with a fixed value, which cannot
    /// fail, run first: an event that the rule does not mean never fails one of its other criteria.
    pub fn evaluate(&self, subject: &Subject<'_>) -> Result<Verdict, RuleError> {
        if !self.rule.enabled {
            return Ok(Verdict::Disabled);
        }
        if !self.criteria.is_empty() && subject.is_empty() {
            return Ok(Verdict::EmptyPayload);
        }
        for position in &self.order {
            let criterion = &self.criteria[*position];
            match criterion.holds(subject) {
                Ok(true) => {}
                Ok(false) => return Ok(Verdict::RejectedBy(criterion.key.clone())),
                Err(source) => {
                    return Err(RuleError {
                        criterion: criterion.key.clone(),
                        source,
                    });
                }
            }
        }
        Ok(Verdict::Fires)
    }

    /// Items of the datastore that its criteria may read.
    #[must_use]
    pub fn mentioned(&self) -> Mentioned {
        let mut mentioned = Mentioned::default();
        self.criteria
            .iter()
            .for_each(|criterion| mentioned.merge(criterion.mentioned()));
        mentioned
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fixture;

    fn evaluate(criteria: Value, payload: &Value) -> Result<Verdict, String> {
        let rule = CompiledRule::new(Arc::new(fixture::rule("demo", criteria)));
        let subject = Subject::new(payload, fixture::now(), None);
        rule.evaluate(&subject).map_err(|error| error.to_string())
    }

    #[test]
    fn stops_at_the_first_criterion_that_does_not_match() {
        // The second pattern is invalid: reaching it would be an error.
        let criteria = json!({
            "trigger.alert": { "type": "iequals", "pattern": "on" },
            "trigger.host": { "type": "matchregex", "pattern": "(" },
        });

        assert_eq!(
            evaluate(criteria, &json!({ "alert": "off" })),
            Ok(Verdict::RejectedBy("trigger.alert".into()))
        );
    }

    #[test]
    fn an_equality_guards_the_criteria_before_it() {
        let criteria = json!({
            "trigger.host": { "type": "regex", "pattern": "^web" },
            "trigger.kind": { "type": "equals", "pattern": "host" },
        });

        assert_eq!(
            evaluate(criteria, &json!({ "kind": "disk" })),
            Ok(Verdict::RejectedBy("trigger.kind".into()))
        );
    }

    #[test]
    fn says_which_criterion_could_not_be_evaluated_and_why() {
        let error = evaluate(
            json!({ "trigger.a": { "type": "bogus" } }),
            &json!({ "a": 1 }),
        )
        .unwrap_err();
        assert_eq!(
            error,
            "criterion `trigger.a`: the operator `bogus` does not exist"
        );

        let error = evaluate(
            json!({ "trigger.a": { "type": "SEARCH", "pattern": {} } }),
            &json!({ "a": 1 }),
        )
        .unwrap_err();
        assert!(error.contains("did you mean `search`?"), "{error}");
    }

    #[test]
    fn a_rule_without_criteria_fires_for_anything() {
        assert_eq!(evaluate(json!({}), &json!({})), Ok(Verdict::Fires));
        assert_eq!(
            evaluate(json!({ "trigger.a": { "type": "nexists" } }), &json!({})),
            Ok(Verdict::EmptyPayload)
        );
    }
}
