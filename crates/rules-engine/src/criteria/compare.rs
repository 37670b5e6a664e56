//! Equality and order of JSON values as Python has them.
//!
//! `1 = 1.0 = true`, `"1"` differs from `1`, objects have no order, text is compared by code point.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Number, Value};

/// A number as Python sees it; booleans are numbers.
#[derive(Debug, Clone, Copy)]
enum Numeric {
    Whole(i128),
    Fraction(f64),
}

/// Beyond this a float has no exact counterpart that matters here: every JSON whole number is far smaller.
const WHOLE_LIMIT: f64 = 1e36;

impl Numeric {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Whole(i128::from(*value))),
            Value::Number(number) => Some(Self::of_number(number)),
            _ => None,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within the limit"
    )]
    fn of_number(number: &Number) -> Self {
        if let Some(whole) = number.as_i128() {
            return Self::Whole(whole);
        }
        let float = number.as_f64().unwrap_or(f64::NAN);
        if float.fract() == 0.0 && float.abs() < WHOLE_LIMIT {
            Self::Whole(float as i128)
        } else {
            Self::Fraction(float)
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "only beside fractions, which are exact below 2^53 alone"
    )]
    fn as_float(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Fraction(float) => float,
        }
    }

    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            (a, b) => a.as_float().partial_cmp(&b.as_float()),
        }
    }
}

/// Python's `==`.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        (a, b) => match (Numeric::of(a), Numeric::of(b)) {
            (Some(a), Some(b)) => a.order(b) == Some(Ordering::Equal),
            _ => false,
        },
    }
}

/// Python's order; `None` where Python raises a `TypeError`.
pub(crate) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Array(a), Value::Array(b)) => match a.iter().zip(b).find(|(a, b)| !equal(a, b)) {
            Some((a, b)) => order(a, b),
            None => Some(a.len().cmp(&b.len())),
        },
        (a, b) => Numeric::of(a)?.order(Numeric::of(b)?),
    }
}

/// A hash that is the same for values that are [`equal`].
pub(crate) fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Null => 0_u8.hash(&mut hasher),
        Value::String(text) => (1_u8, text).hash(&mut hasher),
        Value::Array(items) => {
            (2_u8, items.len()).hash(&mut hasher);
            for item in items {
                self::hash(item).hash(&mut hasher);
            }
        }
        Value::Object(members) => {
            // Without order: the sum of the members' hashes.
            let sum = members.iter().map(|(key, member)| {
                let mut hasher = DefaultHasher::new();
                (key, self::hash(member)).hash(&mut hasher);
                hasher.finish()
            });
            (3_u8, sum.fold(0_u64, u64::wrapping_add)).hash(&mut hasher);
        }
        Value::Bool(_) | Value::Number(_) => match Numeric::of(value) {
            Some(Numeric::Whole(whole)) => (4_u8, whole).hash(&mut hasher),
            Some(Numeric::Fraction(float)) => (5_u8, float.to_bits()).hash(&mut hasher),
            None => {}
        },
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_is_one_point_zero_is_true() {
        for (a, b) in [
            (json!(1), json!(1.0)),
            (json!(1), json!(true)),
            (json!(0.0), json!(false)),
            (json!(-0.0), json!(0)),
        ] {
            assert!(equal(&a, &b), "{a} {b}");
            assert_eq!(hash(&a), hash(&b), "{a} {b}");
        }
        assert!(!equal(&json!("1"), &json!(1)));
        assert!(!equal(&json!(null), &json!(false)));
    }

    #[test]
    fn big_whole_numbers_are_compared_exactly() {
        assert!(!equal(
            &json!(9_007_199_254_740_993_i64),
            &json!(9_007_199_254_740_992.0)
        ));
        assert!(equal(&json!(u64::MAX), &json!(u64::MAX)));
        assert_eq!(order(&json!(u64::MAX), &json!(1e300)), Some(Ordering::Less));
    }

    #[test]
    fn objects_have_no_order_and_arrays_have() {
        let (a, b) = (
            json!({ "a": 1, "b": [true] }),
            json!({ "b": [1.0], "a": true }),
        );

        assert!(equal(&a, &b));
        assert_eq!(hash(&a), hash(&b));
        assert!(!equal(&json!([1, 2]), &json!([2, 1])));
    }

    #[test]
    fn text_and_numbers_have_no_order_between_them() {
        assert_eq!(order(&json!("10"), &json!("9")), Some(Ordering::Less));
        assert_eq!(order(&json!([1, 9]), &json!([2])), Some(Ordering::Less));
        assert_eq!(order(&json!("1"), &json!(1)), None);
        assert_eq!(order(&json!({}), &json!({})), None);
        assert_eq!(order(&json!(null), &json!(null)), None);
    }
}
