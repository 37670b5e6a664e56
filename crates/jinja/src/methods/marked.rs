//! Methods of marked texts: those of `str`, which escape their arguments and mark what they give.

use std::sync::LazyLock;

use pyvalue::Value;

use super::arguments::{receiver, text_of};
use super::{Entry, Table, formatting, looking, named_arguments, table};
use crate::objects::Markup;
use crate::{Call, Error, Function, filters};

/// Methods of `str` whose outcome is marked, and the argument that is escaped first.
const MARKING: &[(&str, Option<usize>)] = &[
    ("capitalize", None),
    ("casefold", None),
    ("center", Some(2)),
    ("expandtabs", None),
    ("join", Some(1)),
    ("ljust", Some(2)),
    ("lower", None),
    ("lstrip", None),
    ("partition", None),
    ("removeprefix", None),
    ("removesuffix", None),
    ("replace", Some(2)),
    ("rjust", Some(2)),
    ("rpartition", None),
    ("rsplit", None),
    ("rstrip", None),
    ("split", None),
    ("splitlines", None),
    ("strip", None),
    ("swapcase", None),
    ("title", None),
    ("translate", None),
    ("upper", None),
    ("zfill", None),
];

pub(super) static METHODS: Table = LazyLock::new(|| {
    let own = [
        looking("format", formatting::format, |f| {
            f.rest("args").keywords("kwargs")
        }),
        looking("format_map", formatting::format_map, |f| {
            f.required("mapping")
        }),
        looking(
            "striptags",
            |c| Ok(filters::strip_tags(receiver(c), c.budget())?.into()),
            |f| f,
        ),
        looking(
            "unescape",
            |c| Ok(filters::unescape(receiver(c), c.budget())?.into()),
            |f| f,
        ),
        looking(
            "escape",
            |c| filters::escaped(c.arg(1), c.run()),
            |f| f.required("s"),
        ),
    ];
    let of_texts = super::text::METHODS
        .iter()
        .filter_map(|(name, entry)| match entry {
            Entry::Function(plain) => Some((*name, Entry::Function(like(name, plain)))),
            Entry::Change(_) => None,
        });
    table(of_texts.chain(own))
});

/// The method of `str`, escaping and marking where it is one of those.
fn like(name: &'static str, plain: &'static Function) -> Function {
    let marking = MARKING.iter().find(|(marking, _)| *marking == name);
    let body = move |call: &Call<'_>| {
        let mut arguments = vec![Value::from(receiver(call))];
        arguments.extend_from_slice(call.arg(1).as_items().unwrap_or_default());
        if let Some(argument) = marking.and_then(|(_, at)| arguments.get_mut((*at)?)) {
            *argument = escaped_argument(argument, call)?;
        }
        let named = named_arguments(call.arg(2));
        let outcome = plain.call(call.run(), &arguments, &named)?;
        Ok(if marking.is_some() {
            marked(outcome)
        } else {
            outcome
        })
    };
    Function::new(name, body)
        .required("self, /")
        .rest("args")
        .keywords("kwargs")
}

/// A text escaped; for `join`, each item escaped.
fn escaped_argument(argument: &Value, call: &Call<'_>) -> Result<Value, Error> {
    let escaped = |value: &Value| {
        let escaped = filters::escaped(value, call.run())?;
        Ok(text_of(&escaped).map_or(Value::None, |text| Value::Str(text.clone())))
    };
    if call.name() == "join" {
        let items = call.run().items(argument)?;
        let items: Result<Vec<Value>, Error> = items.map(|item| escaped(&item?)).collect();
        return Ok(Value::list(items?));
    }
    match text_of(argument) {
        Some(_) => escaped(argument),
        None => Ok(argument.clone()),
    }
}

/// A text, or each text of a list or tuple, marked.
fn marked(value: Value) -> Value {
    match value {
        Value::Str(text) => Markup::value(text),
        Value::List(items) => Value::list(items.into_vec().into_iter().map(marked).collect()),
        Value::Tuple(items) => Value::tuple(items.into_vec().into_iter().map(marked).collect()),
        other => other,
    }
}
