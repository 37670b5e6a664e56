//! Compares values, each difference at its place in the test file.

use serde_json::Value as Json;
use yaml::{Node, Value};

use super::Mismatch;

/// Members that are named must be equal; others may be there.
pub(super) fn compare_members(
    expected: &Node,
    actual: &Json,
    subject: &str,
    found: &mut Vec<Mismatch>,
) {
    let Value::Mapping(entries) = &expected.value else {
        compare_value(expected, actual, subject, found);
        return;
    };
    if !actual.is_object() && !entries.is_empty() {
        found.push(Mismatch::new(
            expected.span.start,
            subject,
            expected.to_json(),
            actual.clone(),
        ));
        return;
    }
    for entry in entries {
        let subject = format!("{subject}.{}", entry.key);
        match actual.get(&entry.key) {
            Some(value) => compare_value(&entry.value, value, &subject, found),
            None if entry.value.is_null() => {}
            None => found.push(Mismatch {
                actual: None,
                ..Mismatch::new(
                    entry.key_span.start,
                    subject,
                    entry.value.to_json(),
                    Json::Null,
                )
            }),
        }
    }
}

/// Values must be equal all the way down.
pub(super) fn compare_value(
    expected: &Node,
    actual: &Json,
    subject: &str,
    found: &mut Vec<Mismatch>,
) {
    match (&expected.value, actual) {
        (Value::Mapping(entries), Json::Object(members)) => {
            compare_members(expected, actual, subject, found);
            let beyond = members
                .iter()
                .filter(|(name, _)| entries.iter().all(|entry| entry.key != **name));
            for (name, value) in beyond {
                let subject = format!("{subject}.{name}");
                found.push(Mismatch {
                    expected: None,
                    ..Mismatch::new(expected.span.start, subject, Json::Null, value.clone())
                });
            }
        }
        (Value::List(nodes), Json::Array(items)) if nodes.len() == items.len() => {
            for (at, (node, item)) in nodes.iter().zip(items).enumerate() {
                compare_value(node, item, &format!("{subject}[{at}]"), found);
            }
        }
        _ => {
            let wanted = expected.to_json();
            if !is_equal(&wanted, actual) {
                let at = expected.span.start;
                found.push(Mismatch::new(at, subject, wanted, actual.clone()));
            }
        }
    }
}

/// Whole numbers and floats of one value are equal.
fn is_equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => {
            one == other || ((one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64())
        }
        _ => one == other,
    }
}
