//! Orquesta's `zip`.

use pyvalue::Value;

use super::{Call, Function, Kind, Outcome, Parameter, Places};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    &["zip"],
    &[
        Parameter::or("args", Kind::Rest),
        Parameter::or("kwargs", Kind::Keywords),
    ],
    zip,
)
.at(Places::Workflows)];

/// Pads with null, or with what is named `pad`; a null among the lists counts as an empty list.
fn zip(call: &Call<'_>) -> Outcome {
    let given = call.arg(0).as_items().unwrap_or_default();
    if let [only] = given {
        return Ok(match only {
            Value::None => Value::list(Vec::new()),
            other => other.clone(),
        });
    }
    let mut columns = Vec::with_capacity(given.len());
    for column in given {
        columns.push(match column {
            Value::None => Vec::new(),
            other => call.items(other)?,
        });
    }
    let pad = call
        .arg(1)
        .as_dict()
        .and_then(|named| named.get("pad"))
        .cloned()
        .unwrap_or_default();
    let length = columns.iter().map(Vec::len).max().unwrap_or(0);
    call.budget()
        .charge(length.saturating_mul((columns.len() + 4) * size_of::<Value>()))?;
    let row = |at: usize| {
        let row = columns
            .iter()
            .map(|column| column.get(at).unwrap_or(&pad).clone());
        Value::tuple(row.collect())
    };
    let rows = Value::list((0..length).map(row).collect());
    call.budget().charge_container(&rows)?;
    Ok(rows)
}
