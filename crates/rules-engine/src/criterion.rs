//! One criterion: a key, an operator and a pattern, compiled.

use expr::Mentioned;
use model::Object;
use serde_json::Value;

use crate::criteria::{self, CriteriaError, Operator, SEARCH};
use crate::lookup::Lookup;
use crate::pattern::Pattern;
use crate::subject::{ITEM, Subject, TRIGGER};

/// A compiled criterion.
#[derive(Debug, Clone)]
pub(crate) struct Criterion {
    /// The key as written.
    pub(crate) key: String,
    /// The operator as written; absent where there is none.
    pub(crate) operator: Option<String>,
    /// The pattern as written.
    pub(crate) written: Value,
    pub(crate) lookup: Lookup,
    pub(crate) check: Check,
}

/// What is asked of the value.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    /// The criterion has no `type`: it never matches.
    Never,
    /// The criterion cannot be used.
    Broken(CriteriaError),
    /// An operator.
    Test(Operator, Pattern),
    /// Criteria on the items of a list.
    Search(Search),
}

/// Criteria on the items of a list.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) condition: Result<Condition, CriteriaError>,
    pub(crate) children: Result<Vec<Criterion>, CriteriaError>,
}

/// How the answers of items and criteria are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Some item meets all criteria.
    Any,
    /// Every item meets all criteria.
    All,
    /// Some item meets some criterion.
    AnyToAny,
    /// Every item meets some criterion.
    AllToAny,
}

/// Whether one operator, as a rule would write it, holds for a value. `pattern` is rendered already.
pub fn test_operator(
    operator: &str,
    value: &Value,
    pattern: &Value,
    condition: Option<&Value>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<bool, CriteriaError> {
    let check = match Operator::named(operator) {
        Ok(operator) => Check::Test(operator, Pattern::rendered(operator, pattern.clone())),
        Err(_) if operator == SEARCH => Check::Search(Search::new(pattern, condition)),
        Err(error) => Check::Broken(error),
    };
    let subject = Subject::new(value, now, None);
    check.holds(value, &subject)
}

impl Criterion {
    /// Compiles a criterion of a rule. What is wrong with it is said when it is evaluated, so that it concerns those
    /// events alone that come so far.
    pub(crate) fn new(key: &str, definition: &Value) -> Self {
        Self::rooted(key, definition, TRIGGER)
    }

    fn rooted(key: &str, definition: &Value, root: &str) -> Self {
        let written = definition.get("pattern").cloned().unwrap_or(Value::Null);
        let operator = definition.get("type");
        Self {
            key: key.to_owned(),
            operator: operator.map(|name| {
                name.as_str()
                    .map_or_else(|| name.to_string(), str::to_owned)
            }),
            lookup: Lookup::new(key, root),
            check: operator.map_or(Check::Never, |name| {
                Check::new(name, &written, definition.get("condition"))
            }),
            written,
        }
    }

    /// Whether the event meets the criterion.
    pub(crate) fn holds(&self, subject: &Subject<'_>) -> Result<bool, CriteriaError> {
        if matches!(self.check, Check::Never) {
            return Ok(false);
        }
        self.check.holds(&*self.lookup.find(subject)?, subject)
    }

    /// The members and the pattern, where the criterion is an equality known before any event: what an index is
    /// made of. It can neither fail nor match anything else.
    pub(crate) fn as_equality(&self) -> Option<(&[String], &Value)> {
        match (&self.lookup, &self.check) {
            (Lookup::Members(members), Check::Test(Operator::Equals, pattern)) => {
                let value = pattern.as_static().filter(|value| !value.is_null())?;
                Some((members, value))
            }
            _ => None,
        }
    }

    /// Items of the datastore that evaluating it may read.
    pub(crate) fn mentioned(&self) -> Mentioned {
        let mut mentioned = Mentioned::default();
        mentioned.names.extend(self.lookup.datastore());
        match &self.check {
            Check::Test(_, pattern) => mentioned.merge(pattern.mentioned()),
            Check::Search(search) => {
                search
                    .children
                    .iter()
                    .flatten()
                    .for_each(|child| mentioned.merge(child.mentioned()));
            }
            Check::Never | Check::Broken(_) => {}
        }
        mentioned
    }
}

impl Check {
    fn new(name: &Value, pattern: &Value, condition: Option<&Value>) -> Self {
        let name = name
            .as_str()
            .map_or_else(|| name.to_string(), str::to_owned);
        match Operator::named(&name) {
            Ok(operator) => Self::Test(operator, Pattern::new(operator, pattern)),
            Err(_) if name == SEARCH => Self::Search(Search::new(pattern, condition)),
            Err(error) => Self::Broken(error),
        }
    }

    fn holds(&self, value: &Value, subject: &Subject<'_>) -> Result<bool, CriteriaError> {
        match self {
            Self::Never => Ok(false),
            Self::Broken(error) => Err(error.clone()),
            Self::Test(operator, pattern) => criteria::holds(
                *operator,
                value,
                &*pattern.prepare(*operator, subject)?,
                subject.now(),
            ),
            Self::Search(search) => search.holds(value, subject),
        }
    }
}

impl Search {
    fn new(pattern: &Value, condition: Option<&Value>) -> Self {
        let children = |criteria: &Object| {
            criteria
                .iter()
                .map(|(key, definition)| Criterion::rooted(key, definition, ITEM))
                .collect()
        };
        Self {
            condition: Condition::named(condition.unwrap_or(&Value::Null)),
            children: pattern
                .as_object()
                .map(children)
                .ok_or(CriteriaError::SearchPattern(criteria::kind(pattern))),
        }
    }

    pub(crate) fn holds(
        &self,
        value: &Value,
        subject: &Subject<'_>,
    ) -> Result<bool, CriteriaError> {
        let condition = self.condition.clone()?;
        let items = items(value)?;
        let children = self.children.as_ref().map_err(Clone::clone)?;
        let mut answers = Vec::with_capacity(items.len());
        for item in &items {
            answers.push(meets(children, condition, &subject.item_of(item))?);
        }
        Ok(match condition {
            Condition::Any | Condition::AnyToAny => answers.contains(&true),
            Condition::All | Condition::AllToAny => !answers.contains(&false),
        })
    }
}

impl Condition {
    fn named(name: &Value) -> Result<Self, CriteriaError> {
        match name.as_str() {
            Some("any") => Ok(Self::Any),
            Some("all") => Ok(Self::All),
            Some("any2any") => Ok(Self::AnyToAny),
            Some("all2any") => Ok(Self::AllToAny),
            _ => Err(CriteriaError::UnknownCondition(criteria::shown(name))),
        }
    }
}

/// What a search goes through: a list's items, a text's characters; an object is a list of one.
pub(crate) fn items(value: &Value) -> Result<Vec<std::borrow::Cow<'_, Value>>, CriteriaError> {
    use std::borrow::Cow;
    match value {
        Value::Array(items) => Ok(items.iter().map(Cow::Borrowed).collect()),
        Value::Object(_) => Ok(vec![Cow::Borrowed(value)]),
        Value::String(text) => Ok(text
            .chars()
            .map(|character| Cow::Owned(Value::String(character.to_string())))
            .collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Err(CriteriaError::Types {
            operator: SEARCH,
            value: criteria::kind(value),
            pattern: "criteria on items",
        }),
    }
}

/// Whether one item meets the criteria. A criterion that fails says no, as in st2; one that does not exist is an
/// error.
fn meets(
    children: &[Criterion],
    condition: Condition,
    item: &Subject<'_>,
) -> Result<bool, CriteriaError> {
    let mut answers = Vec::with_capacity(children.len());
    for child in children {
        match child.holds(item) {
            Ok(answer) => answers.push(answer),
            Err(error @ CriteriaError::UnknownOperator { .. }) => return Err(error),
            Err(_) => answers.push(false),
        }
    }
    Ok(match condition {
        Condition::Any | Condition::All => !answers.contains(&false),
        Condition::AnyToAny | Condition::AllToAny => answers.contains(&true),
    })
}
