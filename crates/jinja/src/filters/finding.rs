//! Filters that look for something: `attr`, `default`, `first`, `last`, `length`, `random`.

use pyvalue::{Class, Value};

use crate::objects::Markup;
use crate::{Call, Error, Function, is_undefined, methods};

pub(super) fn all() -> Vec<Function> {
    let default = Function::new("default", default)
        .required("value")
        .optional("default_value", "")
        .optional("boolean", false);
    let length = Function::new("length", |call| {
        Ok(methods::count(call.run().length(call.arg(0))?))
    })
    .required("obj, /");
    vec![
        Function::new("attr", attribute)
            .required("obj")
            .required("name"),
        length.called("count"),
        length,
        default.called("d"),
        default,
        Function::new("first", first).required("seq"),
        Function::new("last", last).required("seq"),
        Function::new("random", random).required("seq"),
    ]
}

/// `.name` without the fallback to `['name']`.
fn attribute(call: &Call<'_>) -> Result<Value, Error> {
    let (value, run) = (call.arg(0), call.run());
    let Some(name) = methods::text_of(call.arg(1)) else {
        return Err(Error::type_error("the name of an attribute is a text"));
    };
    if methods::is_private(value, name) {
        return run.attribute(value, name);
    }
    run.check_defined(value)?;
    let found = methods::attribute(value, name).or_else(|| match value {
        Value::Object(object) => object.attribute(name),
        _ => None,
    });
    Ok(found.unwrap_or_else(|| run.undefined_member(value, &**name)))
}

fn default(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.arg(0);
    let is_missing = is_undefined(value) || call.is_true(2)? && !call.is_true(0)?;
    Ok(if is_missing { call.arg(1) } else { value }.clone())
}

fn first(call: &Call<'_>) -> Result<Value, Error> {
    call.items(0)?.next().unwrap_or_else(|| {
        Ok(call
            .run()
            .undefined_because("no first item, the sequence is empty"))
    })
}

fn last(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.arg(0);
    call.run().check_usable(value)?;
    if !is_reversible(value) {
        return Err(Error::type_error(format!(
            "'{}' object is not reversible",
            value.type_name()
        )));
    }
    let found = match value {
        Value::List(items) | Value::Tuple(items) => items.last().cloned().map(Ok),
        Value::Dict(dict) => dict.keys().next_back().cloned().map(Ok),
        Value::Str(text) => text
            .chars()
            .next_back()
            .map(|c| Ok(Value::from(String::from(c)))),
        Value::Object(_) if Markup::of(value).is_some() => {
            let last = Markup::of(value).and_then(|text| text.chars().next_back());
            last.map(|c| Ok(Markup::value(String::from(c))))
        }
        _ => call.items(0)?.last(),
    };
    found.unwrap_or_else(|| {
        Ok(call
            .run()
            .undefined_because("no last item, the sequence is empty"))
    })
}

/// Whether Python's `reversed` takes it: what has a length and an order.
pub(super) fn is_reversible(value: &Value) -> bool {
    match value {
        Value::Str(_) | Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Bytes(_) => true,
        Value::Object(object) => {
            is_undefined(value)
                || Markup::of(value).is_some()
                || object.attribute("__len__").is_some()
        }
        _ => false,
    }
}

fn random(call: &Call<'_>) -> Result<Value, Error> {
    let (value, run) = (call.arg(0), call.run());
    let length = run.length(value)?;
    if length == 0 {
        return Ok(run.undefined_because("no random item, the sequence is empty"));
    }
    let at = run.random_below(length as u64);
    let index = Value::Int(i64::try_from(at).unwrap_or(0));
    match value {
        Value::Set(_) => Err(Error::type_error("'set' object is not subscriptable")),
        Value::Dict(dict) => dict
            .get_value(&index)
            .cloned()
            .ok_or_else(|| pyvalue::Error::new(Class::Key, index.repr()).into()),
        _ => {
            let found = run.item(value, &index)?;
            if is_undefined(&found) && !matches!(value, Value::List(_) | Value::Tuple(_)) {
                return Err(Error::type_error(format!(
                    "'{}' object is not subscriptable",
                    value.type_name()
                )));
            }
            Ok(found)
        }
    }
}
