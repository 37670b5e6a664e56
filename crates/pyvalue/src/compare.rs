//! Python's `==` and `<`.

use std::cmp::Ordering;

use num_bigint::BigInt;

use crate::{Error, Value, number};

/// A number for comparison: booleans count.
enum Number<'v> {
    Int(i64),
    Big(&'v BigInt),
    Float(f64),
}

fn as_number(value: &Value) -> Option<Number<'_>> {
    match value {
        Value::Bool(truth) => Some(Number::Int(i64::from(*truth))),
        Value::Int(number) => Some(Number::Int(*number)),
        Value::Big(number) => Some(Number::Big(number)),
        Value::Float(number) => Some(Number::Float(*number)),
        _ => None,
    }
}

/// Exact, also between integers and floats; `None` where one is not a number (NaN).
fn order_numbers(one: &Number<'_>, other: &Number<'_>) -> Option<Ordering> {
    match (one, other) {
        (Number::Int(one), Number::Int(other)) => Some(one.cmp(other)),
        (Number::Big(one), Number::Big(other)) => Some(one.cmp(other)),
        (Number::Float(one), Number::Float(other)) => one.partial_cmp(other),
        (Number::Int(one), Number::Big(other)) => Some(BigInt::from(*one).cmp(other)),
        (Number::Big(one), Number::Int(other)) => Some((*one).cmp(&BigInt::from(*other))),
        (Number::Int(one), Number::Float(other)) => order_with_float(&BigInt::from(*one), *other),
        (Number::Big(one), Number::Float(other)) => order_with_float(one, *other),
        (Number::Float(_), _) => order_numbers(other, one).map(Ordering::reverse),
    }
}

fn order_with_float(whole: &BigInt, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    let floor = match number::whole(float.floor()) {
        Some(Value::Int(floor)) => BigInt::from(floor),
        Some(Value::Big(floor)) => (*floor).clone(),
        _ => return None,
    };
    Some(whole.cmp(&floor).then(if float > float.floor() {
        Ordering::Less
    } else {
        Ordering::Equal
    }))
}

/// Python's `==`: numbers by value whatever their type, a list never equals a tuple, objects only themselves.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Int(one), Self::Int(other)) | (Self::TimeSpan(one), Self::TimeSpan(other)) => {
                one == other
            }
            (Self::Str(one), Self::Str(other)) => one == other,
            (Self::Bytes(one), Self::Bytes(other)) => one == other,
            (Self::List(one), Self::List(other)) | (Self::Tuple(one), Self::Tuple(other)) => {
                one.is_same(other) || **one == **other
            }
            (Self::Dict(one), Self::Dict(other)) => one == other,
            (Self::Set(one), Self::Set(other)) => {
                one.len() == other.len() && one.iter().all(|value| other.contains(value))
            }
            (Self::DateTime(one), Self::DateTime(other)) => one == other,
            (Self::Object(one), other) => {
                matches!(other, Self::Object(other) if std::sync::Arc::ptr_eq(one, other))
                    || one.equals(other)
            }
            (one, Self::Object(other)) => other.equals(one),
            (one, other) => match (as_number(one), as_number(other)) {
                (Some(one), Some(other)) => order_numbers(&one, &other) == Some(Ordering::Equal),
                _ => false,
            },
        }
    }
}

/// Python's order, as `<` and its kin see it; `None` where neither is less nor equal (NaN).
///
/// Fails with Python's `TypeError` where two types have no order. Sets are ordered by inclusion, so two of them may
/// have no order either.
pub fn order(one: &Value, other: &Value) -> Result<Option<Ordering>, Error> {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) | (Value::TimeSpan(one), Value::TimeSpan(other)) => {
            Ok(Some(one.cmp(other)))
        }
        (Value::Str(one), Value::Str(other)) => Ok(Some(one.cmp(other))),
        (Value::Bytes(one), Value::Bytes(other)) => Ok(Some(one.cmp(other))),
        (Value::List(one), Value::List(other)) | (Value::Tuple(one), Value::Tuple(other)) => {
            order_items(one, other)
        }
        (Value::Set(one), Value::Set(other)) => {
            let includes = |a: &crate::Set, b: &crate::Set| b.iter().all(|value| a.contains(value));
            Ok(match (includes(one, other), includes(other, one)) {
                (true, true) => Some(Ordering::Equal),
                (true, false) => Some(Ordering::Greater),
                (false, true) => Some(Ordering::Less),
                (false, false) => None,
            })
        }
        (Value::DateTime(one), Value::DateTime(other)) => Ok(Some(one.cmp(other))),
        _ => match (as_number(one), as_number(other)) {
            (Some(one), Some(other)) => Ok(order_numbers(&one, &other)),
            _ => Err(Error::type_error(format!(
                "'<' not supported between instances of '{}' and '{}'",
                one.type_name(),
                other.type_name()
            ))),
        },
    }
}

/// The first items that differ decide.
fn order_items(one: &[Value], other: &[Value]) -> Result<Option<Ordering>, Error> {
    for (a, b) in one.iter().zip(other) {
        if !a.is_same(b) && a != b {
            return order(a, b);
        }
    }
    Ok(Some(one.len().cmp(&other.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(number: i64) -> Value {
        Value::Int(number)
    }

    #[test]
    fn numbers_are_equal_by_value() {
        assert_eq!(int(1), Value::Float(1.0));
        assert_eq!(int(1), Value::Bool(true));
        assert_ne!(int(i64::MAX), Value::Float(9_223_372_036_854_775_807.0));
        assert_eq!(
            Value::from_big(BigInt::from(1_u128 << 70)),
            Value::Float(2.0_f64.powi(70))
        );
        assert_ne!(Value::Float(f64::NAN), Value::Float(f64::NAN));
    }

    #[test]
    fn a_list_is_never_a_tuple() {
        assert_ne!(Value::list(vec![int(1)]), Value::tuple(vec![int(1)]));
        assert_ne!(Value::from("1"), int(1));
        assert_ne!(Value::None, Value::Bool(false));
    }

    #[test]
    fn orders_numbers_exactly() {
        let table = [
            (int(1), Value::Float(1.5), Ordering::Less),
            (Value::Float(-0.5), int(0), Ordering::Less),
            (int(-1), Value::Float(-1.5), Ordering::Greater),
            (int(i64::MAX), Value::Float(9.3e18), Ordering::Less),
            (
                Value::Float(f64::INFINITY),
                int(i64::MAX),
                Ordering::Greater,
            ),
            (Value::Bool(true), int(1), Ordering::Equal),
        ];
        for (one, other, expected) in table {
            assert_eq!(order(&one, &other), Ok(Some(expected)), "{one:?} {other:?}");
        }
        assert_eq!(order(&Value::Float(f64::NAN), &int(1)), Ok(None));
    }

    #[test]
    fn types_without_an_order_fail_as_in_python() {
        let error = order(&int(1), &Value::from("a")).unwrap_err();

        assert_eq!(
            error.to_string(),
            "'<' not supported between instances of 'int' and 'str'"
        );
        let lists = [
            Value::list(vec![int(1), int(2)]),
            Value::list(vec![int(1), int(3)]),
        ];
        assert_eq!(order(&lists[0], &lists[1]), Ok(Some(Ordering::Less)));
    }
}
