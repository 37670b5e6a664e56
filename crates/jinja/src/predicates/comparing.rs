//! Tests that compare a value with another: `eq`, `lt`, `in`, `sameas`, `divisibleby`, `odd`, `even`.

use std::cmp::Ordering;

use pyvalue::{Value, operator};

use crate::{Call, Error, Function, Run, filters, methods};

pub(super) fn all() -> Vec<Function> {
    let compared = |names: &[&'static str], compare: fn(&Call<'_>) -> Result<bool, Error>| {
        let function = Function::new("", move |call| Ok(compare(call)?.into()))
            .required("a, /")
            .required("b, /");
        names
            .iter()
            .map(|name| function.called(*name))
            .collect::<Vec<_>>()
    };
    let with_other = |name: &'static str,
                      parameters: [&'static str; 2],
                      body: fn(&Call<'_>) -> Result<bool, Error>| {
        let [value, other] = parameters;
        vec![
            Function::new(name, move |call| Ok(body(call)?.into()))
                .required(value)
                .required(other),
        ]
    };
    let alone = |name: &'static str, remainder: i64| {
        let body = move |call: &Call<'_>| {
            let rest = rest(call.arg(0), &Value::Int(2), call.run())?;
            Ok((rest == Value::Int(remainder)).into())
        };
        vec![Function::new(name, body).required("value")]
    };
    [
        compared(&["eq", "==", "equalto"], equal),
        compared(&["ne", "!="], |call| Ok(!equal(call)?)),
        compared(&["lt", "<", "lessthan"], |call| {
            Ok(order(call)? == Some(Ordering::Less))
        }),
        compared(&["gt", ">", "greaterthan"], |call| {
            Ok(order(call)? == Some(Ordering::Greater))
        }),
        compared(&["le", "<="], |call| {
            Ok(matches!(
                order(call)?,
                Some(Ordering::Less | Ordering::Equal)
            ))
        }),
        compared(&["ge", ">="], |call| {
            Ok(matches!(
                order(call)?,
                Some(Ordering::Greater | Ordering::Equal)
            ))
        }),
        with_other("in", ["value", "seq"], |call| {
            call.run().contains(call.arg(1), call.arg(0))
        }),
        with_other("sameas", ["value", "other"], |call| {
            Ok(call.arg(0).is_same(call.arg(1)))
        }),
        with_other("divisibleby", ["value", "num"], |call| {
            let rest = rest(call.arg(0), call.arg(1), call.run())?;
            Ok(rest == Value::Int(0))
        }),
        alone("odd", 1),
        alone("even", 0),
    ]
    .concat()
}

fn equal(call: &Call<'_>) -> Result<bool, Error> {
    call.run().equal(call.arg(0), call.arg(1))
}

fn order(call: &Call<'_>) -> Result<Option<Ordering>, Error> {
    call.run().order(call.arg(0), call.arg(1))
}

/// `value % divisor`, which formats where the value is a text.
fn rest(value: &Value, divisor: &Value, run: &Run<'_>) -> Result<Value, Error> {
    run.check_defined(value)?;
    if methods::text_of(value).is_some() {
        return filters::percent(value, divisor, run);
    }
    run.check_defined(divisor)?;
    Ok(operator::modulo(value, divisor, run.budget())?)
}
