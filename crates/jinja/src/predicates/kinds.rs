//! Tests about what a value is.

use pyvalue::{Object, Value};

use crate::objects::{Callable, Generator, Markup};
use crate::{Call, Error, Function, is_undefined, methods};

type Question = fn(&Value) -> bool;

pub(super) fn all() -> Vec<Function> {
    let plain: [(&str, Question); 14] = [
        ("boolean", |value| matches!(value, Value::Bool(_))),
        ("callable", is_callable),
        ("defined", |value| !is_undefined(value)),
        ("escaped", |value| Markup::of(value).is_some()),
        ("false", |value| matches!(value, Value::Bool(false))),
        ("float", |value| matches!(value, Value::Float(_))),
        ("integer", |value| {
            matches!(value, Value::Int(_) | Value::Big(_))
        }),
        ("mapping", |value| matches!(value, Value::Dict(_))),
        ("none", Value::is_none),
        ("number", is_number),
        ("sequence", is_sequence),
        ("string", |value| methods::text_of(value).is_some()),
        ("true", |value| matches!(value, Value::Bool(true))),
        ("undefined", is_undefined),
    ];
    plain
        .into_iter()
        .map(|(name, is)| {
            Function::new(name, move |call| Ok(is(call.arg(0)).into())).required("value")
        })
        .chain([
            Function::new("filter", |call| {
                Ok(name(call)?
                    .is_some_and(|name| call.environment().filter(name).is_some())
                    .into())
            })
            .required("value"),
            Function::new("iterable", is_iterable).required("value"),
            Function::new("lower", |call| {
                Ok(pyvalue::text::is_lower(&call.text(0)?).into())
            })
            .required("value"),
            Function::new("test", |call| {
                Ok(name(call)?
                    .is_some_and(|name| call.environment().test(name).is_some())
                    .into())
            })
            .required("value"),
            Function::new("upper", |call| {
                Ok(pyvalue::text::is_upper(&call.text(0)?).into())
            })
            .required("value"),
        ])
        .collect()
}

/// The name asked about; none where the value cannot be one.
fn name<'c>(call: &Call<'c>) -> Result<Option<&'c str>, Error> {
    let value = call.arg(0);
    call.run().check_key(value)?;
    Ok(methods::text_of(value).map(|name| &**name))
}

fn is_number(value: &Value) -> bool {
    matches!(
        value,
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_)
    )
}

/// What has a length and can be indexed.
fn is_sequence(value: &Value) -> bool {
    match value {
        Value::Str(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_) | Value::Dict(_) => true,
        Value::Object(object) => match crate::Undefined::of(value) {
            Some(undefined) => !undefined.is_strict(),
            None => {
                Markup::of(value).is_some()
                    || object.attribute("__len__").is_some()
                        && object.attribute("__getitem__").is_some()
            }
        },
        _ => false,
    }
}

/// An undefined is one, too: calling it is what fails.
fn is_callable(value: &Value) -> bool {
    match value {
        Value::Object(object) => {
            object.downcast::<Callable>().is_some()
                || is_undefined(value)
                || object.attribute("__call__").is_some()
        }
        _ => false,
    }
}

/// Whether an object can be iterated over. A generator is not touched.
pub(crate) fn can_iterate(object: &std::sync::Arc<dyn Object>) -> bool {
    object.downcast::<Generator>().is_some() || object.iterate().is_some()
}

fn is_iterable(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.arg(0);
    call.run().check_usable(value)?;
    let is_iterable = match value {
        Value::Str(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Dict(_)
        | Value::Set(_) => true,
        Value::Object(object) => Markup::of(value).is_some() || can_iterate(object),
        _ => false,
    };
    Ok(is_iterable.into())
}
