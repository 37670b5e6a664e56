//! Names every template knows: `cycler`, `dict`, `joiner`, `lipsum`, `namespace`, `range`.

mod cycler;
mod lipsum;
mod range;

pub(crate) use range::slice_range;

use pyvalue::{Dict, Value};

use crate::objects::Callable;
use crate::{Call, Error, Function, methods};

/// All of them, by name.
pub(crate) fn all() -> Vec<(&'static str, Value)> {
    vec![
        (
            "cycler",
            class(
                Function::new("Cycler", cycler::cycler).rest("items"),
                "jinja2.utils.Cycler",
            ),
        ),
        ("dict", dict()),
        (
            "joiner",
            class(
                Function::new("Joiner", |call| Ok(cycler::joiner(call))).optional("sep", ", "),
                "jinja2.utils.Joiner",
            ),
        ),
        ("lipsum", lipsum::lipsum()),
        (
            "namespace",
            class(open("Namespace", namespace), "jinja2.utils.Namespace"),
        ),
        (
            "range",
            Function::new("range", range::range).rest("args").into(),
        ),
    ]
}

fn class(function: Function, name: &str) -> Value {
    Value::object(Callable::new(function).shown_as(&format!("<class '{name}'>")))
}

/// A function of one optional positional argument and any named ones.
fn open(name: &'static str, body: fn(&Call<'_>) -> Result<Value, Error>) -> Function {
    Function::new(name, body).rest("args").keywords("kwargs")
}

fn dict() -> Value {
    let from_keys = Function::new("fromkeys", |call| {
        methods::dict::from_keys(call.arg(0), call.arg(1), call.run())
    })
    .required("iterable, /")
    .optional("value, /", Value::None);
    let made = open("dict", |call| Ok(members(call)?.into()));
    let callable = Callable::new(made)
        .shown_as("<class 'dict'>")
        .with_attribute("fromkeys", from_keys.into());
    Value::object(callable)
}

/// What `dict(...)` makes of its arguments.
fn members(call: &Call<'_>) -> Result<Dict, Error> {
    let mut dict = Dict::default();
    match call.arg(0).as_items().unwrap_or_default() {
        [] => {}
        [source] => methods::dict::merge(&mut dict, source, call.run())?,
        more => {
            return Err(Error::type_error(format!(
                "{} expected at most 1 argument, got {}",
                call.name(),
                more.len()
            )));
        }
    }
    methods::dict::merge(&mut dict, call.arg(1), call.run())?;
    Ok(dict)
}

fn namespace(call: &Call<'_>) -> Result<Value, Error> {
    call.run().namespace(members(call)?)
}
