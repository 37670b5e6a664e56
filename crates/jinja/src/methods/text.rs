//! Methods of `str`.

use std::sync::LazyLock;

use pyvalue::text::{self, Encoding};
use pyvalue::{Class, Dict, Value};

use super::arguments::{fill, integer, maybe_text, position, receiver, text as string, text_of};
use super::{Table, formatting, looking, table};
use crate::{Call, Error, Function};

pub(super) static METHODS: Table = LazyLock::new(|| {
    let chars = |f: Function| f.optional("chars", Value::None);
    let padding = |f: Function| f.required("width").optional("fillchar", " ");
    let sought = |f: Function| {
        f.required("sub")
            .optional("start", Value::None)
            .optional("end", Value::None)
    };
    let cut = |f: Function| f.optional("sep", Value::None).optional("maxsplit", -1);
    table(
        [
            looking(
                "center",
                |c| Ok(text::center(receiver(c), integer(c, 1)?, fill(c, 2)?, c.budget())?.into()),
                padding,
            ),
            looking(
                "ljust",
                |c| Ok(text::ljust(receiver(c), integer(c, 1)?, fill(c, 2)?, c.budget())?.into()),
                padding,
            ),
            looking(
                "rjust",
                |c| Ok(text::rjust(receiver(c), integer(c, 1)?, fill(c, 2)?, c.budget())?.into()),
                padding,
            ),
            looking(
                "zfill",
                |c| Ok(text::zfill(receiver(c), integer(c, 1)?, c.budget())?.into()),
                |f| f.required("width"),
            ),
            looking(
                "expandtabs",
                |c| Ok(text::expand_tabs(receiver(c), integer(c, 1)?, c.budget())?.into()),
                |f| f.optional("tabsize", 8),
            ),
            looking(
                "count",
                |c| {
                    Ok(
                        text::count(receiver(c), string(c, 1)?, position(c, 2)?, position(c, 3)?)
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "find",
                |c| {
                    Ok(
                        text::find(receiver(c), string(c, 1)?, position(c, 2)?, position(c, 3)?)
                            .unwrap_or(-1)
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "rfind",
                |c| {
                    Ok(
                        text::rfind(receiver(c), string(c, 1)?, position(c, 2)?, position(c, 3)?)
                            .unwrap_or(-1)
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "index",
                |c| {
                    Ok(
                        text::index(receiver(c), string(c, 1)?, position(c, 2)?, position(c, 3)?)?
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "rindex",
                |c| {
                    Ok(
                        text::rindex(receiver(c), string(c, 1)?, position(c, 2)?, position(c, 3)?)?
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "startswith",
                |c| {
                    Ok(text::starts_with(
                        receiver(c),
                        &unmarked(c.arg(1)),
                        position(c, 2)?,
                        position(c, 3)?,
                    )?
                    .into())
                },
                sought,
            ),
            looking(
                "endswith",
                |c| {
                    Ok(text::ends_with(
                        receiver(c),
                        &unmarked(c.arg(1)),
                        position(c, 2)?,
                        position(c, 3)?,
                    )?
                    .into())
                },
                sought,
            ),
            looking(
                "strip",
                |c| Ok(text::strip(receiver(c), maybe_text(c, 1)?).into()),
                chars,
            ),
            looking(
                "lstrip",
                |c| Ok(text::lstrip(receiver(c), maybe_text(c, 1)?).into()),
                chars,
            ),
            looking(
                "rstrip",
                |c| Ok(text::rstrip(receiver(c), maybe_text(c, 1)?).into()),
                chars,
            ),
            looking(
                "split",
                |c| {
                    Ok(Value::list(text::split(
                        receiver(c),
                        maybe_text(c, 1)?,
                        integer(c, 2)?,
                        c.budget(),
                    )?))
                },
                cut,
            ),
            looking(
                "rsplit",
                |c| {
                    Ok(Value::list(text::rsplit(
                        receiver(c),
                        maybe_text(c, 1)?,
                        integer(c, 2)?,
                        c.budget(),
                    )?))
                },
                cut,
            ),
            looking(
                "splitlines",
                |c| {
                    Ok(Value::list(text::split_lines(
                        receiver(c),
                        c.is_true(1)?,
                        c.budget(),
                    )?))
                },
                |f| f.optional("keepends", false),
            ),
            looking(
                "partition",
                |c| Ok(parts(text::partition(receiver(c), string(c, 1)?)?)),
                |f| f.required("sep"),
            ),
            looking(
                "rpartition",
                |c| Ok(parts(text::rpartition(receiver(c), string(c, 1)?)?)),
                |f| f.required("sep"),
            ),
            looking(
                "removeprefix",
                |c| Ok(text::remove_prefix(receiver(c), string(c, 1)?).into()),
                |f| f.required("prefix"),
            ),
            looking(
                "removesuffix",
                |c| Ok(text::remove_suffix(receiver(c), string(c, 1)?).into()),
                |f| f.required("suffix"),
            ),
            looking("replace", replace, |f| {
                f.required("old").required("new").optional("count", -1)
            }),
            looking("join", join, |f| f.required("iterable")),
            looking(
                "translate",
                |c| Ok(text::translate(receiver(c), c.arg(1), c.budget())?.into()),
                |f| f.required("table"),
            ),
            looking("maketrans", make_translation, |f| {
                f.required("x")
                    .optional("y", Value::None)
                    .optional("z", Value::None)
            }),
            looking("encode", encode, |f| {
                f.optional("encoding", "utf-8").optional("errors", "strict")
            }),
            looking("format", formatting::format, |f| {
                f.rest("args").keywords("kwargs")
            }),
            looking("format_map", formatting::format_map, |f| {
                f.required("mapping")
            }),
        ]
        .into_iter()
        .chain(
            SHAPES
                .iter()
                .map(|(name, body)| looking(name, *body, |f| f)),
        )
        .chain(
            QUESTIONS
                .iter()
                .map(|(name, body)| looking(name, *body, |f| f)),
        ),
    )
});

type Body = fn(&Call<'_>) -> Result<Value, Error>;

const SHAPES: &[(&str, Body)] = &[
    ("capitalize", |c| changed(c, text::capitalize)),
    ("casefold", |c| changed(c, text::casefold)),
    ("lower", |c| changed(c, text::lower)),
    ("swapcase", |c| changed(c, text::swapcase)),
    ("title", |c| changed(c, text::title)),
    ("upper", |c| changed(c, text::upper)),
];

const QUESTIONS: &[(&str, Body)] = &[
    ("isalnum", |c| Ok(text::is_alnum(receiver(c)).into())),
    ("isalpha", |c| Ok(text::is_alpha(receiver(c)).into())),
    ("isascii", |c| Ok(text::is_ascii(receiver(c)).into())),
    ("isdecimal", |c| Ok(text::is_decimal(receiver(c)).into())),
    ("isdigit", |c| Ok(text::is_digit(receiver(c)).into())),
    ("isidentifier", |c| {
        Ok(text::is_identifier(receiver(c)).into())
    }),
    ("islower", |c| Ok(text::is_lower(receiver(c)).into())),
    ("isnumeric", |c| Ok(text::is_numeric(receiver(c)).into())),
    (
        "isprintable",
        |c| Ok(text::is_printable(receiver(c)).into()),
    ),
    ("isspace", |c| Ok(text::is_space(receiver(c)).into())),
    ("istitle", |c| Ok(text::is_title(receiver(c)).into())),
    ("isupper", |c| Ok(text::is_upper(receiver(c)).into())),
];

fn changed(call: &Call<'_>, change: fn(&str) -> String) -> Result<Value, Error> {
    let text = receiver(call);
    // Some letters become three.
    call.budget().charge(text.len())?;
    Ok(change(text).into())
}

fn parts(parts: [&str; 3]) -> Value {
    Value::tuple(parts.map(Value::from).to_vec())
}

fn replace(call: &Call<'_>) -> Result<Value, Error> {
    let (old, new) = (string(call, 1)?, string(call, 2)?);
    Ok(text::replace(receiver(call), old, new, integer(call, 3)?, call.budget())?.into())
}

fn join(call: &Call<'_>) -> Result<Value, Error> {
    let items = call
        .items(1)?
        .map(|item| item.map(|item| unmarked(&item)))
        .collect::<Result<Vec<Value>, Error>>()?;
    Ok(text::join(receiver(call), &items, call.budget())?.into())
}

fn encode(call: &Call<'_>) -> Result<Value, Error> {
    let encoding = Encoding::named(string(call, 1)?)?;
    let text = receiver(call);
    call.budget().charge(text.len())?;
    Ok(Value::Bytes(text::encode(
        text,
        encoding,
        string(call, 2)?,
    )?))
}

/// A marked text, alone or in a tuple, as a plain one.
pub(crate) fn unmarked(value: &Value) -> Value {
    match value {
        Value::Tuple(items) => Value::tuple(items.iter().map(unmarked).collect()),
        other => text_of(other).map_or_else(|| other.clone(), |text| Value::Str(text.clone())),
    }
}

/// `str.maketrans`: a table for `translate`.
fn make_translation(call: &Call<'_>) -> Result<Value, Error> {
    let mut made = Dict::default();
    if call.arg(2).is_none() {
        let Value::Dict(given) = call.arg(1) else {
            return Err(Error::type_error(
                "if you give only one argument to maketrans it must be a dict",
            ));
        };
        for (key, value) in given.iter() {
            made.insert(translated(key)?, value.clone());
        }
        return Ok(made.into());
    }
    let (from, to) = (string(call, 1)?, string(call, 2)?);
    if text::length(from) != text::length(to) {
        return Err(pyvalue::Error::value_error(
            "the first two maketrans arguments must have equal length",
        )
        .into());
    }
    call.budget()
        .charge(from.len().saturating_mul(3 * size_of::<Value>()))?;
    for (from, to) in from.chars().zip(to.chars()) {
        made.insert(code(from), code(to));
    }
    if let Some(removed) = maybe_text(call, 3)? {
        for character in removed.chars() {
            made.insert(code(character), Value::None);
        }
    }
    Ok(made.into())
}

fn code(character: char) -> Value {
    Value::Int(u32::from(character).into())
}

fn translated(key: &Value) -> Result<Value, Error> {
    match key {
        Value::Int(_) | Value::Bool(_) | Value::Big(_) => Ok(key.clone()),
        Value::Str(text) if text::length(text) == 1 => {
            Ok(text.chars().map(code).collect::<Vec<_>>().remove(0))
        }
        Value::Str(_) => Err(pyvalue::Error::new(
            Class::Value,
            "string keys in translate table must be of length 1",
        )
        .into()),
        _ => Err(Error::type_error(
            "keys in translate table must be strings or integers",
        )),
    }
}
