//! Filters that take a sequence apart or put it together: `batch`, `slice`, `list`, `items`, `reverse`, `join`.

use pyvalue::{Class, Value, operator, text};

use super::finding::is_reversible;
use super::marking::escaped;
use super::path::Path;
use crate::objects::{Generator, Markup};
use crate::{Call, Error, Function, is_undefined, methods};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("batch", |call| lazily("do_batch", || batch(call)))
            .required("value")
            .required("linecount")
            .optional("fill_with", Value::None),
        Function::new("items", |call| lazily("do_items", || items(call))).required("value"),
        Function::new("join", join)
            .required("value")
            .optional("d", "")
            .optional("attribute", Value::None),
        Function::new("list", |call| Ok(Value::list(gathered(call, 0)?))).required("value"),
        Function::new("reverse", reverse).required("value"),
        Function::new("slice", |call| lazily("sync_do_slice", || slice(call)))
            .required("value")
            .required("slices")
            .optional("fill_with", Value::None),
    ]
}

/// A generator. It fails when it is asked for its first item, not before.
pub(super) fn lazily(
    name: &'static str,
    items: impl FnOnce() -> Result<Vec<Result<Value, Error>>, Error>,
) -> Result<Value, Error> {
    match items() {
        Ok(items) => Generator::of(name, items.into_iter()),
        Err(error) => Generator::of(name, std::iter::once(Err(error))),
    }
}

/// All items of an argument.
pub(super) fn gathered(call: &Call<'_>, index: usize) -> Result<Vec<Value>, Error> {
    let items = call.items(index)?;
    let mut gathered = Vec::new();
    for item in items {
        call.budget().charge(size_of::<Value>())?;
        gathered.push(item?);
    }
    Ok(gathered)
}

fn made(items: Vec<Value>, call: &Call<'_>) -> Result<Value, Error> {
    let list = Value::list(items);
    call.budget().charge_container(&list)?;
    Ok(list)
}

/// Lines of `linecount` items. As in Jinja2, any other value than a number never ends a line.
fn batch(call: &Call<'_>) -> Result<Vec<Result<Value, Error>>, Error> {
    let mut lines = Vec::new();
    let mut line: Vec<Value> = Vec::new();
    for item in call.items(0)? {
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                lines.push(Err(error));
                return Ok(lines);
            }
        };
        if call.run().equal(&methods::count(line.len()), call.arg(1))? {
            lines.push(Ok(made(std::mem::take(&mut line), call)?));
        }
        line.push(item);
    }
    if !line.is_empty() {
        match filled(&mut line, call) {
            Ok(()) => lines.push(Ok(made(line, call)?)),
            Err(error) => lines.push(Err(error)),
        }
    }
    Ok(lines)
}

fn filled(line: &mut Vec<Value>, call: &Call<'_>) -> Result<(), Error> {
    let filling = call.arg(2);
    let length = methods::count(line.len());
    if filling.is_none() {
        return Ok(());
    }
    call.run().check_defined(call.arg(1))?;
    if pyvalue::order(&length, call.arg(1))? != Some(std::cmp::Ordering::Less) {
        return Ok(());
    }
    let missing = operator::subtract(call.arg(1), &length, call.budget())?;
    let one = Value::list(vec![filling.clone()]);
    let filling = operator::multiply(&one, &missing, call.budget())?;
    line.extend(filling.as_items().unwrap_or_default().iter().cloned());
    Ok(())
}

/// So many lists, the first ones longer by one where it does not come out even.
fn slice(call: &Call<'_>) -> Result<Vec<Result<Value, Error>>, Error> {
    let items = gathered(call, 0)?;
    let filling = call.arg(2);
    call.run().check_defined(call.arg(1))?;
    // Fails as Python does for what is no number.
    operator::floor_divide(&methods::count(items.len()), call.arg(1), call.budget())?;
    let slices = usize::try_from(call.integer(1)?).unwrap_or(0);
    let (each, longer) = match slices {
        0 => return Ok(Vec::new()),
        slices => (items.len() / slices, items.len() % slices),
    };
    let mut lists = Vec::new();
    let mut start = 0;
    for at in 0..slices {
        call.budget().step()?;
        let end = start + each + usize::from(at < longer);
        let mut list = items.get(start..end).unwrap_or_default().to_vec();
        if !filling.is_none() && at >= longer {
            list.push(filling.clone());
        }
        call.budget().charge(size_of::<Result<Value, Error>>())?;
        lists.push(Ok(made(list, call)?));
        start = end;
    }
    Ok(lists)
}

fn items(call: &Call<'_>) -> Result<Vec<Result<Value, Error>>, Error> {
    match call.arg(0) {
        value if is_undefined(value) => Ok(Vec::new()),
        Value::Dict(dict) => {
            call.budget()
                .charge(dict.len().saturating_mul(6 * size_of::<Value>()))?;
            Ok(dict
                .iter()
                .map(|(key, value)| Ok(Value::tuple(vec![key.clone(), value.clone()])))
                .collect())
        }
        _ => Err(Error::type_error("only a dictionary has items")),
    }
}

fn reverse(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.arg(0);
    if let Some(source) = methods::text_of(value) {
        call.budget().charge(source.len())?;
        let reversed: String = source.chars().rev().collect();
        return Ok(match value {
            Value::Str(_) => reversed.into(),
            _ => Markup::value(reversed),
        });
    }
    call.run().check_usable(value)?;
    let items = gathered(call, 0).map_err(|error| match error.kind() {
        diagnostic::Kind::Type => Error::other("only what can be iterated over can be reversed"),
        _ => error,
    });
    let mut items = items?;
    items.reverse();
    if is_reversible(value) {
        Generator::of("reversed", items.into_iter().map(Ok))
    } else {
        Ok(Value::list(items))
    }
}

fn join(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let separator = call.arg(1);
    let path = Path::of(call.arg(2))?;
    if run.autoescapes() {
        return join_escaping(call, &path);
    }
    let separator = run.text(separator)?;
    let mut out = String::new();
    for (at, item) in call.items(0)?.enumerate() {
        let text = run.text(&path.get(&item?, &Value::None, run)?)?;
        let separator = if at > 0 { &*separator } else { "" };
        call.budget().charge(separator.len() + text.len())?;
        out.push_str(separator);
        out.push_str(&text);
    }
    Ok(out.into())
}

/// Where one item or the separator is marked, all the others are escaped.
fn join_escaping(call: &Call<'_>, path: &Path) -> Result<Value, Error> {
    let run = call.run();
    let mut items = Vec::new();
    for item in call.items(0)? {
        items.push(path.get(&item?, &Value::None, run)?);
    }
    let is_marked =
        Markup::of(call.arg(1)).is_some() || items.iter().any(|item| Markup::of(item).is_some());
    let texts = std::iter::once(call.arg(1))
        .chain(&items)
        .map(|value| {
            let value = if is_marked {
                escaped(value, run)?
            } else {
                value.clone()
            };
            Ok(Value::Str(run.text(&value)?))
        })
        .collect::<Result<Vec<Value>, Error>>()?;
    let Some((Value::Str(separator), items)) = texts.split_first() else {
        return Err(pyvalue::Error::new(Class::Value, "nothing to join with").into());
    };
    let joined = text::join(separator, items, call.budget())?;
    Ok(if is_marked {
        Markup::value(joined)
    } else {
        joined.into()
    })
}
