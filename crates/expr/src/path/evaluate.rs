//! Follows parsed paths, with jsonpath-rw's quirks.

use std::rc::Rc;

use serde_json::Value;

use super::Node;

/// A value, and what it was found in.
struct Datum<'v> {
    value: &'v Value,
    context: Option<Rc<Datum<'v>>>,
}

type Found<'v> = Result<Vec<Rc<Datum<'v>>>, String>;

/// All matches, in order; the error is the reason.
pub(super) fn find<'v>(node: &Node, document: &'v Value) -> Result<Vec<&'v Value>, String> {
    let root = Rc::new(Datum {
        value: document,
        context: None,
    });
    Ok(follow(node, &root)?
        .into_iter()
        .map(|datum| datum.value)
        .collect())
}

fn follow<'v>(node: &Node, datum: &Rc<Datum<'v>>) -> Found<'v> {
    match node {
        Node::Root => Ok(vec![root(datum)]),
        Node::This => Ok(vec![Rc::clone(datum)]),
        Node::Parent => datum
            .context
            .clone()
            .map(|parent| vec![parent])
            .ok_or_else(|| "the root has no parent".to_owned()),
        Node::Fields(names) => Ok(fields(names, datum)),
        Node::AllFields => {
            let members = datum
                .value
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::values);
            Ok(members.map(|value| child(datum, value)).collect())
        }
        Node::Index(index) => at_index(*index, datum),
        Node::Slice(start, end) => slice(*start, *end, datum),
        Node::Child(left, right) => each(&follow(left, datum)?, |found| follow(right, found)),
        Node::Descendants(left, right) => {
            each(&follow(left, datum)?, |found| descend(right, found))
        }
        Node::Where(left, right) => {
            let mut kept = Vec::new();
            for found in follow(left, datum)? {
                if !follow(right, &found)?.is_empty() {
                    kept.push(found);
                }
            }
            Ok(kept)
        }
        Node::Union(left, right) => {
            let mut found = follow(left, datum)?;
            found.extend(follow(right, datum)?);
            Ok(found)
        }
        Node::Intersection => Err("`&` cannot be followed".to_owned()),
    }
}

fn each<'v>(
    found: &[Rc<Datum<'v>>],
    mut step: impl FnMut(&Rc<Datum<'v>>) -> Found<'v>,
) -> Found<'v> {
    let mut all = Vec::new();
    for datum in found {
        all.extend(step(datum)?);
    }
    Ok(all)
}

fn descend<'v>(node: &Node, datum: &Rc<Datum<'v>>) -> Found<'v> {
    let mut found = follow(node, datum)?;
    let children: Vec<_> = match datum.value {
        Value::Array(items) => items.iter().map(|value| child(datum, value)).collect(),
        Value::Object(members) => members.values().map(|value| child(datum, value)).collect(),
        _ => Vec::new(),
    };
    found.extend(each(&children, |datum| descend(node, datum))?);
    Ok(found)
}

fn root<'v>(datum: &Rc<Datum<'v>>) -> Rc<Datum<'v>> {
    let mut root = Rc::clone(datum);
    while let Some(parent) = root.context.clone() {
        root = parent;
    }
    root
}

fn child<'v>(parent: &Rc<Datum<'v>>, value: &'v Value) -> Rc<Datum<'v>> {
    Rc::new(Datum {
        value,
        context: Some(Rc::clone(parent)),
    })
}

fn fields<'v>(names: &[String], datum: &Rc<Datum<'v>>) -> Vec<Rc<Datum<'v>>> {
    let Value::Object(members) = datum.value else {
        return Vec::new();
    };
    names
        .iter()
        .filter_map(|name| members.get(name))
        .map(|value| child(datum, value))
        .collect()
}

fn at_index<'v>(index: i64, datum: &Rc<Datum<'v>>) -> Found<'v> {
    match datum.value {
        Value::Array(items) => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            if index >= length {
                return Ok(Vec::new());
            }
            let place = if index < 0 { index + length } else { index };
            match usize::try_from(place)
                .ok()
                .and_then(|place| items.get(place))
            {
                Some(value) => Ok(vec![child(datum, value)]),
                None => Err(format!("index {index} is out of range")),
            }
        }
        Value::Object(members)
            if i64::try_from(members.len()).is_ok_and(|length| length > index) =>
        {
            Err(format!("an object has no item {index}"))
        }
        Value::Object(_) => Ok(Vec::new()),
        Value::String(text)
            if i64::try_from(text.chars().count()).is_ok_and(|length| length <= index) =>
        {
            Ok(Vec::new())
        }
        Value::String(_) => Err("the characters of a text cannot be addressed".to_owned()),
        other => Err(format!("{} has no items", kind(other))),
    }
}

/// Objects, texts and whole numbers count as a list of themselves.
fn slice<'v>(start: Option<i64>, end: Option<i64>, datum: &Rc<Datum<'v>>) -> Found<'v> {
    match datum.value {
        Value::Array(items) => {
            let range = bounds(start, end, items.len());
            Ok(items[range]
                .iter()
                .map(|value| child(datum, value))
                .collect())
        }
        Value::Object(_) | Value::String(_) | Value::Bool(_) => Ok(single(start, end, datum)),
        Value::Number(number) if !number.is_f64() => Ok(single(start, end, datum)),
        other => Err(format!("{} has no items", kind(other))),
    }
}

fn single<'v>(start: Option<i64>, end: Option<i64>, datum: &Rc<Datum<'v>>) -> Vec<Rc<Datum<'v>>> {
    if bounds(start, end, 1).is_empty() {
        Vec::new()
    } else {
        vec![Rc::clone(datum)]
    }
}

fn bounds(start: Option<i64>, end: Option<i64>, length: usize) -> std::ops::Range<usize> {
    let whole = i64::try_from(length).unwrap_or(i64::MAX);
    let place = |index: i64| {
        let index = if index < 0 {
            index.saturating_add(whole)
        } else {
            index
        };
        usize::try_from(index.clamp(0, whole)).unwrap_or(0)
    };
    let start = start.map_or(0, place);
    start..end.map_or(length, place).max(start)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
