//! Whether our answer is the recorded one.

use serde_json::{Map, Value};

use crate::{Answer, Case, Expected, Failure};

/// What comparing says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Ours is what was recorded, or what was meant.
    Same,
    /// Ours is something else.
    Different,
}

/// Compares our answer with the recorded one.
#[must_use]
pub fn judge(case: &Case, answer: &Answer) -> Verdict {
    let expected = case.expected();
    let is_same = match answer {
        // Sets with a comparison of their own answer with a failure where something differs.
        answer if expected == Expected::default() => answer.is_ok(),
        Ok(value) => {
            let accepted = expected.intended.into_iter().chain(expected.result);
            accepted
                .into_iter()
                .any(|accepted| is_equal(value, accepted))
        }
        Err(failure) => match expected.result {
            Some(result) => failure.kinds.contains(&"cast") && is_beyond_json(result),
            None => expected.error.is_some_and(|error| is_meant(failure, error)),
        },
    };
    if is_same {
        Verdict::Same
    } else {
        Verdict::Different
    }
}

fn is_meant(failure: &Failure, error: &Value) -> bool {
    let kind = error["kind"].as_str().unwrap_or_default();
    let place = failure.place.as_ref().and_then(Value::as_object);
    let is_there = |place: &Map<String, Value>| {
        place
            .iter()
            .all(|(name, value)| error.get(name).is_none_or(|known| known == value))
    };
    failure.kinds.contains(&kind) && place.is_none_or(is_there)
}

/// Sets and bytes, which a cast may refuse.
fn is_beyond_json(recorded: &Value) -> bool {
    match recorded {
        Value::Array(items) => items.iter().any(is_beyond_json),
        Value::Object(members) => {
            members.contains_key("$type") || members.values().any(is_beyond_json)
        }
        _ => false,
    }
}

/// Equality of wrapped values: types of numbers count, the order of objects and sets does not, and a set may be an array.
fn is_equal(ours: &Value, recorded: &Value) -> bool {
    match (ours, recorded) {
        (Value::Number(one), Value::Number(other)) => {
            one.is_f64() == other.is_f64() && one == other
        }
        (Value::Array(ours), Value::Array(recorded)) => {
            ours.len() == recorded.len()
                && ours
                    .iter()
                    .zip(recorded)
                    .all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(members), Value::Array(recorded)) => {
            set(members).is_some_and(|ours| has_the_same(ours, recorded))
        }
        (Value::Array(ours), Value::Object(members)) => {
            set(members).is_some_and(|recorded| has_the_same(ours, recorded))
        }
        (Value::Object(ours), Value::Object(recorded)) => match (set(ours), set(recorded)) {
            (Some(ours), Some(recorded)) => has_the_same(ours, recorded),
            _ => {
                ours.len() == recorded.len()
                    && ours.iter().all(|(name, value)| {
                        recorded
                            .get(name)
                            .is_some_and(|other| is_equal(value, other))
                    })
            }
        },
        _ => ours == recorded,
    }
}

fn set(members: &Map<String, Value>) -> Option<&Vec<Value>> {
    let is_set = members.get("$type").is_some_and(|name| name == "set");
    members.get("value").filter(|_| is_set)?.as_array()
}

/// Whether two lists hold the same elements in whatever order.
fn has_the_same(ours: &[Value], recorded: &[Value]) -> bool {
    let mut left: Vec<&Value> = recorded.iter().collect();
    ours.len() == recorded.len()
        && ours.iter().all(|one| {
            let found = left.iter().position(|other| is_equal(one, other));
            found.map(|at| left.swap_remove(at)).is_some()
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case(fields: &Value) -> Case {
        let mut fields = fields.clone();
        fields["id"] = json!("x-1");
        Case::parse(&fields.to_string()).expect("a case")
    }

    #[test]
    fn values_are_compared_by_type_and_value() {
        let set = json!({ "$type": "set", "value": [1, "a"] });
        for (ours, recorded, expected) in [
            (json!(1), json!(1), Verdict::Same),
            (json!(1), json!(1.0), Verdict::Different),
            (json!(true), json!(1), Verdict::Different),
            (
                json!({ "a": 1, "b": 2 }),
                json!({ "b": 2, "a": 1 }),
                Verdict::Same,
            ),
            (
                json!({ "a": 1 }),
                json!({ "a": 1, "b": null }),
                Verdict::Different,
            ),
            (json!([1, 2]), json!([2, 1]), Verdict::Different),
            (json!(["a", 1]), set.clone(), Verdict::Same),
            (json!(["a", 1, 1]), set.clone(), Verdict::Different),
            (json!([["a", 1]]), json!([set.clone()]), Verdict::Same),
            (
                json!({ "$type": "set", "value": ["a", 1] }),
                set,
                Verdict::Same,
            ),
        ] {
            let verdict = judge(&case(&json!({ "result": recorded })), &Ok(ours.clone()));

            assert_eq!(verdict, expected, "{ours} for {recorded}");
        }
    }

    #[test]
    fn of_an_error_the_kind_counts() {
        let recorded = case(&json!({ "error": { "kind": "cast", "class": "ValueError" } }));

        for (kinds, expected) in [
            (&["type", "cast"] as &[_], Verdict::Same),
            (&["type"], Verdict::Different),
        ] {
            assert_eq!(judge(&recorded, &Err(Failure::new(kinds, "no"))), expected);
        }
        assert_eq!(judge(&recorded, &Ok(json!(1))), Verdict::Different);
    }

    #[test]
    fn what_was_meant_and_what_was_recorded_are_both_accepted() {
        let recorded = case(&json!({ "error": { "kind": "type" }, "intended": [1] }));

        assert_eq!(judge(&recorded, &Ok(json!([1]))), Verdict::Same);
        assert_eq!(
            judge(&recorded, &Err(Failure::new(&["type"], "no"))),
            Verdict::Same
        );
        assert_eq!(judge(&recorded, &Ok(json!([2]))), Verdict::Different);
    }
}
