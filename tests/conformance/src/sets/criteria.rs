//! `criteria.jsonl`: operators of rule criteria one by one.

use chrono::{DateTime, Utc};
use rules_engine::test_operator;
use serde_json::Value;

use crate::{Answer, Case, Failure};

pub(super) fn answer(case: &Case) -> Answer {
    let condition = case.has("condition").then(|| case.get("condition"));
    let answer = test_operator(
        case.text("operator"),
        case.get("value"),
        case.get("pattern"),
        condition,
        now(case)?,
    );
    // In a rule every failure is the same: it does not match.
    answer
        .map(Value::Bool)
        .map_err(|error| Failure::new(&["other", "type"], error))
}

/// The frozen clock.
pub(super) fn now(case: &Case) -> Result<DateTime<Utc>, Failure> {
    let text = case
        .get("now")
        .as_str()
        .unwrap_or("2024-06-15T12:00:00+00:00");
    text.parse().map_err(|_| Failure::malformed("valid `now`"))
}
