//! Why a rule fires for an event, or does not: every criterion with what it saw, by the code that runs live.

mod text;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use expr::{Datastore, render_values};
use model::{Object, Rule};
use serde::Serialize;
use serde_json::Value;

use crate::criteria::{self, CriteriaError, Operator};
use crate::criterion::{self, Check, Criterion, Search};
use crate::pattern::Pattern;
use crate::rule::CompiledRule;
use crate::subject::Subject;

/// Of a long list only the first items are explained.
const ITEMS: usize = 20;

/// Why a rule fires for an event, or does not. `Display` writes it for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The rule's reference.
    pub rule: String,
    /// The trigger type that it listens to.
    pub trigger: String,
    /// Whether the rule fires.
    pub fires: bool,
    /// Whether the rule is switched on.
    pub enabled: bool,
    /// Whether the rule is a backstop, which fires only where no standard rule does.
    pub backstop: bool,
    /// The conclusion in one sentence.
    pub reason: String,
    /// Every criterion, in the order in which the rule lists them; also those after the first that did not match.
    pub criteria: Vec<CriterionExplanation>,
    /// What would run.
    pub action: ActionExplanation,
}

/// One criterion, and what it saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriterionExplanation {
    /// The key: where it looks.
    pub path: String,
    /// The operator, as written; absent where there is none.
    pub operator: Option<String>,
    /// The pattern, as written.
    pub pattern: Value,
    /// The pattern after rendering, where it is a template that could be rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered: Option<Value>,
    /// The value found; null where there is none.
    pub value: Value,
    /// The answer.
    pub verdict: CriterionVerdict,
    /// Why there is no answer, or what is odd about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The reason over several lines, with a caret under the fault, where it is about an expression.
    #[serde(skip)]
    pub caret: Option<String>,
    /// For `search`: the criteria on each item (of a long list the first ones).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Vec<CriterionExplanation>>,
}

/// The answer of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CriterionVerdict {
    /// Yes.
    Matched,
    /// No.
    NotMatched,
    /// It could not be evaluated.
    Error,
}

/// The action that a rule requests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActionExplanation {
    /// Its reference.
    #[serde(rename = "ref")]
    pub action_ref: String,
    /// Its parameters, rendered where that is possible.
    pub parameters: Vec<ParameterExplanation>,
}

/// A parameter of the action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParameterExplanation {
    /// Its name.
    pub name: String,
    /// As written in the rule.
    pub written: Value,
    /// As the action would get it, before it is cast to the parameter's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered: Option<Value>,
    /// Why it cannot be rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The same over several lines, with a caret under the fault.
    #[serde(skip)]
    pub caret: Option<String>,
}

/// Evaluates every criterion of `rule` for `payload`, and renders its action's parameters.
///
/// `datastore` is what patterns and parameters see as `st2kv`; without it such templates are errors.
#[must_use]
pub fn explain(
    rule: &Rule,
    payload: &Value,
    now: DateTime<Utc>,
    datastore: Option<Arc<dyn Datastore>>,
) -> Explanation {
    let compiled = CompiledRule::new(Arc::new(rule.clone()));
    let subject = Subject::new(payload, now, datastore);
    let criteria: Vec<CriterionExplanation> = compiled
        .criteria
        .iter()
        .map(|criterion| explain_criterion(criterion, &subject))
        .collect();
    let conclusion = conclude(rule, &criteria, &subject);
    Explanation {
        rule: rule.rule_ref.to_string(),
        trigger: rule.trigger.type_ref.clone(),
        fires: conclusion.is_ok(),
        enabled: rule.enabled,
        backstop: rule.kind.is_backstop(),
        reason: conclusion.unwrap_or_else(|reason| reason),
        criteria,
        action: ActionExplanation {
            action_ref: rule.action.action_ref.clone(),
            parameters: explain_parameters(&rule.action.parameters, &subject),
        },
    }
}

/// Why the rule fires, or, as error, why it does not.
fn conclude(
    rule: &Rule,
    criteria: &[CriterionExplanation],
    subject: &Subject<'_>,
) -> Result<String, String> {
    if !rule.enabled {
        return Err("the rule is disabled".to_owned());
    }
    if !criteria.is_empty() && subject.is_empty() {
        return Err("the payload is empty, so no criterion can match".to_owned());
    }
    let failed = |verdict| {
        criteria
            .iter()
            .find(|criterion| criterion.verdict == verdict)
            .map(|criterion| &criterion.path)
    };
    if let Some(path) = failed(CriterionVerdict::Error) {
        return Err(format!("criterion `{path}` cannot be evaluated"));
    }
    if let Some(path) = failed(CriterionVerdict::NotMatched) {
        return Err(format!("criterion `{path}` does not match"));
    }
    Ok(match (criteria.len(), rule.kind.is_backstop()) {
        (0, false) => "the rule has no criteria".to_owned(),
        (_, false) => "every criterion matches".to_owned(),
        (_, true) => {
            "the rule is a backstop: it fires where no standard rule of its trigger does".to_owned()
        }
    })
}

fn explain_criterion(criterion: &Criterion, subject: &Subject<'_>) -> CriterionExplanation {
    let mut explanation = CriterionExplanation {
        path: criterion.key.clone(),
        operator: criterion.operator.clone(),
        pattern: criterion.written.clone(),
        rendered: None,
        value: Value::Null,
        verdict: CriterionVerdict::NotMatched,
        reason: None,
        caret: None,
        items: Vec::new(),
    };
    match &criterion.check {
        Check::Never => {
            explanation.reason =
                Some("the criterion has no `type`, so it never matches".to_owned());
        }
        check => match criterion.lookup.find(subject) {
            Ok(value) => {
                explanation.value = value.into_owned();
                explanation.check(check, subject);
            }
            Err(error) => explanation.fail(&error.into()),
        },
    }
    explanation
}

impl CriterionExplanation {
    fn check(&mut self, check: &Check, subject: &Subject<'_>) {
        match check {
            Check::Never => {}
            Check::Broken(error) => self.fail(error),
            Check::Test(operator, pattern) => self.test(*operator, pattern, subject),
            Check::Search(search) => self.search(search, subject),
        }
    }

    fn test(&mut self, operator: Operator, pattern: &Pattern, subject: &Subject<'_>) {
        let prepared = match pattern.prepare(operator, subject) {
            Ok(prepared) => prepared,
            Err(error) => return self.fail(&error),
        };
        if pattern.as_static().is_none() {
            self.rendered = Some(prepared.pattern.clone());
        }
        self.conclude(criteria::holds(
            operator,
            &self.value,
            &prepared,
            subject.now(),
        ));
    }

    fn search(&mut self, search: &Search, subject: &Subject<'_>) {
        if let (Ok(items), Ok(children)) = (criterion::items(&self.value), &search.children) {
            let explain_item = |item: &std::borrow::Cow<'_, Value>| {
                let item = subject.item_of(item);
                children
                    .iter()
                    .map(|child| explain_criterion(child, &item))
                    .collect()
            };
            self.items = items.iter().take(ITEMS).map(explain_item).collect();
        }
        self.conclude(search.holds(&self.value, subject));
    }

    fn conclude(&mut self, answer: Result<bool, CriteriaError>) {
        match answer {
            Ok(true) => self.verdict = CriterionVerdict::Matched,
            Ok(false) => self.verdict = CriterionVerdict::NotMatched,
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &CriteriaError) {
        self.verdict = CriterionVerdict::Error;
        self.reason = Some(error.to_string());
        self.caret = error.rendered();
    }
}

fn explain_parameters(parameters: &Object, subject: &Subject<'_>) -> Vec<ParameterExplanation> {
    let explain = |(name, written): (&String, &Value)| {
        let alone = Object::from_iter([(name.clone(), written.clone())]);
        let mut explanation = ParameterExplanation {
            name: name.clone(),
            written: written.clone(),
            rendered: None,
            error: None,
            caret: None,
        };
        match render_values(&alone, subject.variables()) {
            Ok(mut values) => explanation.rendered = values.remove(name),
            Err(error) => {
                explanation.error = Some(error.message);
                explanation.caret = Some(error.rendered);
            }
        }
        explanation
    };
    parameters.iter().map(explain).collect()
}
