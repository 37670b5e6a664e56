//! Filters that apply another filter or a test to each item: `map`, `select`, `reject`, `selectattr`, `rejectattr`.

use std::sync::Arc;

use pyvalue::Value;

use super::path::Path;
use super::sequences::lazily;
use crate::{Call, Error, Function, Run, methods};

pub(super) fn all() -> Vec<Function> {
    let open = |function: Function| function.required("value").rest("args").keywords("kwargs");
    vec![
        open(Function::new("map", |call| {
            lazily("sync_do_map", || each(call, Mapping::of(call)))
        })),
        open(Function::new("reject", |call| chosen(call, false, false))),
        open(Function::new("rejectattr", |call| {
            chosen(call, true, false)
        })),
        open(Function::new("select", |call| chosen(call, false, true))),
        open(Function::new("selectattr", |call| chosen(call, true, true))),
    ]
}

/// What is done to each item: nothing for those that are left out.
trait Step {
    fn apply(&mut self, item: Value, run: &Run<'_>) -> Result<Option<Value>, Error>;
}

/// Outcomes for the items, up to the first failure.
fn each(
    call: &Call<'_>,
    step: impl FnOnce() -> Result<Box<dyn Step>, Error>,
) -> Result<Vec<Result<Value, Error>>, Error> {
    if !call.is_true(0)? {
        return Ok(Vec::new());
    }
    let mut step = step()?;
    let mut outcomes = Vec::new();
    for item in call.items(0)? {
        call.budget().charge(size_of::<Result<Value, Error>>())?;
        match item.and_then(|item| step.apply(item, call.run())) {
            Ok(outcome) => outcomes.extend(outcome.map(Ok)),
            Err(error) => {
                outcomes.push(Err(error));
                break;
            }
        }
    }
    Ok(outcomes)
}

/// A filter or test by name, with the arguments that follow the item.
struct Applied {
    name: Value,
    /// The first is the item.
    positional: Vec<Value>,
    named: Vec<(Arc<str>, Value)>,
}

impl Applied {
    fn of(name: &Value, others: &[Value], named: &Value) -> Self {
        let positional = std::iter::once(Value::None).chain(others.iter().cloned());
        Self {
            name: name.clone(),
            positional: positional.collect(),
            named: methods::named_arguments(named),
        }
    }

    /// Its name, which is looked at when the first item comes.
    fn name(&self, run: &Run<'_>) -> Result<&str, Error> {
        run.check_usable(&self.name)?;
        if let Some(name) = methods::text_of(&self.name) {
            return Ok(name);
        }
        run.check_key(&self.name)?;
        Err(Error::new(
            diagnostic::Kind::UnknownFunction,
            format!(
                "there is no filter or test called `{}`",
                run.shown(&self.name)
            ),
        ))
    }
}

enum Mapping {
    Attribute(Path, Value),
    Filter(Applied),
}

impl Mapping {
    fn of<'c>(call: &'c Call<'_>) -> impl FnOnce() -> Result<Box<dyn Step>, Error> + 'c {
        || {
            let positional = call.arg(1).as_items().unwrap_or_default();
            let attribute = call
                .arg(2)
                .as_dict()
                .and_then(|named| named.get("attribute"));
            let step = match (positional, attribute) {
                ([], Some(attribute)) => {
                    Self::Attribute(Path::of(attribute)?, only_default(call.arg(2))?)
                }
                ([], None) => {
                    return Err(Error::other(
                        "`map` needs the name of a filter, or `attribute`",
                    ));
                }
                ([name, others @ ..], _) => Self::Filter(Applied::of(name, others, call.arg(2))),
            };
            Ok(Box::new(step))
        }
    }
}

/// The argument `default`; no others go with `attribute`.
fn only_default(named: &Value) -> Result<Value, Error> {
    let mut default = Value::None;
    for (name, value) in named.as_dict().into_iter().flat_map(pyvalue::Dict::iter) {
        match name.as_str() {
            Some("attribute") => {}
            Some("default") => default = value.clone(),
            _ => {
                return Err(Error::other(format!(
                    "`map` by attribute takes no argument {}",
                    name.repr()
                )));
            }
        }
    }
    Ok(default)
}

impl Step for Mapping {
    fn apply(&mut self, item: Value, run: &Run<'_>) -> Result<Option<Value>, Error> {
        match self {
            Self::Attribute(path, default) => path.get(&item, default, run).map(Some),
            Self::Filter(filter) => {
                filter.positional[0] = item;
                run.filter(filter.name(run)?, &filter.positional, &filter.named)
                    .map(Some)
            }
        }
    }
}

/// Keeps the items whose truth, or whose test, is the wanted one.
struct Choice {
    path: Path,
    test: Option<Applied>,
    wanted: bool,
}

fn chosen(call: &Call<'_>, by_attribute: bool, wanted: bool) -> Result<Value, Error> {
    let step = || -> Result<Box<dyn Step>, Error> {
        let mut positional = call.arg(1).as_items().unwrap_or_default();
        let mut path = Path::of(&Value::None)?;
        if by_attribute {
            let Some((attribute, others)) = positional.split_first() else {
                return Err(Error::other(format!(
                    "`{}` needs the name of an attribute",
                    call.name()
                )));
            };
            path = Path::of(attribute)?;
            positional = others;
        }
        let test = match positional {
            [] => None,
            [name, others @ ..] => Some(Applied::of(name, others, call.arg(2))),
        };
        Ok(Box::new(Choice { path, test, wanted }))
    };
    lazily("select_or_reject", || each(call, step))
}

impl Step for Choice {
    fn apply(&mut self, item: Value, run: &Run<'_>) -> Result<Option<Value>, Error> {
        let found = self.path.get(&item, &Value::None, run)?;
        let answer = match &mut self.test {
            None => run.is_true(&found)?,
            Some(test) => {
                test.positional[0] = found;
                run.test(test.name(run)?, &test.positional, &test.named)?
            }
        };
        Ok((answer == self.wanted).then_some(item))
    }
}
