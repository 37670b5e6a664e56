//! Filters that gather items: `groupby`, `sum`.

use pyvalue::{Object, Value, operator};

use super::path::{Path, lower};
use super::sorting::sort;
use crate::objects::Markup;
use crate::{Call, Error, Function};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("groupby", group)
            .required("value")
            .required("attribute")
            .optional("default", Value::None)
            .optional("case_sensitive", false),
        Function::new("sum", sum)
            .required("iterable")
            .optional("attribute", Value::None)
            .optional("start", 0),
    ]
}

/// What `groupby` yields: a tuple of two whose items have names too.
#[derive(Debug)]
pub(crate) struct Group {
    grouper: Value,
    list: Value,
}

impl Group {
    /// The plain tuple.
    pub(crate) fn tuple(&self) -> Value {
        Value::tuple(vec![self.grouper.clone(), self.list.clone()])
    }
}

impl Object for Group {
    fn type_name(&self) -> &'static str {
        "_GroupTuple"
    }

    fn depth(&self) -> u32 {
        self.grouper.depth().max(self.list.depth()) + 1
    }

    fn weight(&self) -> u64 {
        self.grouper.weight().saturating_add(self.list.weight())
    }

    fn repr(&self) -> String {
        self.tuple().repr()
    }

    fn equals(&self, other: &Value) -> bool {
        match other.as_object::<Self>() {
            Some(other) => self.tuple() == other.tuple(),
            None => self.tuple() == *other,
        }
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        match name {
            "grouper" => Some(self.grouper.clone()),
            "list" => Some(self.list.clone()),
            "__len__" => Some(Value::Int(2)),
            "__getitem__" => Some(Value::Bool(true)),
            _ => None,
        }
    }

    fn item(&self, key: &Value) -> Option<Value> {
        match key {
            Value::Int(0 | -2) | Value::Bool(false) => Some(self.grouper.clone()),
            Value::Int(1 | -1) | Value::Bool(true) => Some(self.list.clone()),
            _ => None,
        }
    }

    fn iterate(&self) -> Option<Result<Vec<Value>, pyvalue::Error>> {
        Some(Ok(vec![self.grouper.clone(), self.list.clone()]))
    }
}

fn group(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let path = Path::of(call.arg(1))?;
    let is_case_sensitive = call.is_true(3)?;
    let mut keyed = Vec::new();
    for item in call.items(0)? {
        let item = item?;
        call.budget().charge(8 * size_of::<Value>())?;
        let shown = path.get(&item, call.arg(2), run)?;
        let key = if is_case_sensitive {
            shown.clone()
        } else {
            lower(shown.clone())
        };
        keyed.push((key, shown, item));
    }
    sort(&mut keyed, |one, other| {
        Ok::<_, Error>(run.order(&one.0, &other.0)? == Some(std::cmp::Ordering::Less))
    })?;
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for (key, shown, item) in keyed {
        match groups.last_mut() {
            Some((last, _, items)) if last.is_same(&key) || run.equal(last, &key)? => {
                items.push(item);
            }
            _ => groups.push((key, shown, vec![item])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(_, grouper, items)| {
            let list = Value::list(items);
            Value::object(Group { grouper, list })
        })
        .collect();
    Ok(Value::list(groups))
}

fn sum(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let path = Path::of(call.arg(1))?;
    let items = call.items(0)?;
    let mut sum = call.arg(2).clone();
    if matches!(sum, Value::Str(_) | Value::Bytes(_)) || Markup::of(&sum).is_some() {
        return Err(Error::type_error("`sum` does not add texts: use `join`"));
    }
    for item in items {
        let item = path.get(&item?, &Value::None, run)?;
        run.check_defined(&sum)?;
        run.check_defined(&item)?;
        sum = operator::add(&sum, &item, call.budget())?;
    }
    Ok(sum)
}
