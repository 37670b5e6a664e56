//! Methods of `bytes`: those of `str`, on texts with a character for every byte.

mod case;

use std::sync::LazyLock;

use pyvalue::text::{self, Encoding};
use pyvalue::{Budget, Value};

use super::arguments::{integer, position, text as string};
use super::{Table, looking, table};
use crate::{Call, Error, Function};

/// What bytes take for white space.
const WHITE: &str = " \t\n\r\u{b}\u{c}";

pub(super) static METHODS: Table = LazyLock::new(|| {
    let span = |f: Function| {
        f.required("sub, /")
            .optional("start, /", Value::None)
            .optional("end, /", Value::None)
    };
    let padding = |f: Function| {
        f.required("width, /")
            .optional("fillchar, /", Value::Bytes((*b" ").into()))
    };
    let cut = |f: Function| f.optional("sep", Value::None).optional("maxsplit", -1);
    let ends = |f: Function| f.optional("bytes, /", Value::None);
    table(
        [
            looking("decode", decode, |f| {
                f.optional("encoding", "utf-8").optional("errors", "strict")
            }),
            looking("hex", hex, |f| {
                f.optional("sep", Value::None).optional("bytes_per_sep", 1)
            }),
            looking(
                "count",
                |c| sought(c, |t, p, s, e| Ok(text::count(t, p, s, e))),
                span,
            ),
            looking(
                "find",
                |c| sought(c, |t, p, s, e| Ok(text::find(t, p, s, e).unwrap_or(-1))),
                span,
            ),
            looking(
                "rfind",
                |c| sought(c, |t, p, s, e| Ok(text::rfind(t, p, s, e).unwrap_or(-1))),
                span,
            ),
            looking("index", |c| sought(c, text::index), span),
            looking("rindex", |c| sought(c, text::rindex), span),
            looking("startswith", |c| at_end(c, text::starts_with), span),
            looking("endswith", |c| at_end(c, text::ends_with), span),
            looking("center", |c| padded(c, text::center), padding),
            looking("ljust", |c| padded(c, text::ljust), padding),
            looking("rjust", |c| padded(c, text::rjust), padding),
            looking(
                "zfill",
                |c| Ok(made(&text::zfill(&own(c), integer(c, 1)?, c.budget())?)),
                |f| f.required("width, /"),
            ),
            looking("expandtabs", expand_tabs, |f| f.optional("tabsize", 8)),
            looking("strip", |c| stripped(c, text::strip), ends),
            looking("lstrip", |c| stripped(c, text::lstrip), ends),
            looking("rstrip", |c| stripped(c, text::rstrip), ends),
            looking(
                "removeprefix",
                |c| without(c, text::remove_prefix),
                |f| f.required("prefix, /"),
            ),
            looking(
                "removesuffix",
                |c| without(c, text::remove_suffix),
                |f| f.required("suffix, /"),
            ),
            looking("replace", replace, |f| {
                f.required("old, /")
                    .required("new, /")
                    .optional("count, /", -1)
            }),
            looking("split", |c| split(c, text::split), cut),
            looking("rsplit", |c| split(c, text::rsplit), cut),
            looking("splitlines", split_lines, |f| f.optional("keepends", false)),
            looking(
                "partition",
                |c| parted(c, text::partition),
                |f| f.required("sep, /"),
            ),
            looking(
                "rpartition",
                |c| parted(c, text::rpartition),
                |f| f.required("sep, /"),
            ),
            looking("join", join, |f| f.required("iterable, /")),
        ]
        .into_iter()
        .chain(
            case::SHAPES
                .iter()
                .map(|(name, body)| looking(name, *body, |f| f)),
        ),
    )
});

fn raw(value: &Value) -> &[u8] {
    match value {
        Value::Bytes(bytes) => bytes,
        _ => &[],
    }
}

/// Bytes as a text with a character each.
fn characters_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn own(call: &Call<'_>) -> String {
    characters_of(raw(call.arg(0)))
}

/// The bytes of such a text.
fn made(text: &str) -> Value {
    Value::Bytes(
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect(),
    )
}

/// An argument that is bytes too, or a byte as a number.
fn argument(call: &Call<'_>, index: usize) -> Result<String, Error> {
    match call.arg(index) {
        Value::Bytes(bytes) => Ok(characters_of(bytes)),
        Value::Int(byte) => u8::try_from(*byte)
            .map(|byte| characters_of(&[byte]))
            .map_err(|_| pyvalue::Error::value_error("byte must be in range(0, 256)").into()),
        other => Err(Error::type_error(format!(
            "a bytes-like object is required, not '{}'",
            other.type_name()
        ))),
    }
}

type Place = Option<i64>;

fn sought(
    call: &Call<'_>,
    seek: impl Fn(&str, &str, Place, Place) -> Result<i64, pyvalue::Error>,
) -> Result<Value, Error> {
    let (start, end) = (position(call, 2)?, position(call, 3)?);
    Ok(seek(&own(call), &argument(call, 1)?, start, end)?.into())
}

fn at_end(
    call: &Call<'_>,
    is_there: impl Fn(&str, &Value, Place, Place) -> Result<bool, pyvalue::Error>,
) -> Result<Value, Error> {
    let (start, end) = (position(call, 2)?, position(call, 3)?);
    Ok(is_there(&own(call), &parts(call, 1)?, start, end)?.into())
}

fn padded(
    call: &Call<'_>,
    pad: impl Fn(&str, i64, char, &Budget) -> Result<String, pyvalue::Error>,
) -> Result<Value, Error> {
    let padded = pad(&own(call), integer(call, 1)?, fill(call)?, call.budget())?;
    Ok(made(&padded))
}

fn expand_tabs(call: &Call<'_>) -> Result<Value, Error> {
    let expanded = text::expand_tabs(&own(call), integer(call, 1)?, call.budget())?;
    Ok(made(&expanded))
}

fn stripped(
    call: &Call<'_>,
    strip: impl for<'t> Fn(&'t str, Option<&str>) -> &'t str,
) -> Result<Value, Error> {
    Ok(made(strip(&own(call), Some(&characters(call)?))))
}

fn without(
    call: &Call<'_>,
    remove: impl for<'t> Fn(&'t str, &str) -> &'t str,
) -> Result<Value, Error> {
    Ok(made(remove(&own(call), &argument(call, 1)?)))
}

fn parted(
    call: &Call<'_>,
    part: impl for<'t> Fn(&'t str, &'t str) -> Result<[&'t str; 3], pyvalue::Error>,
) -> Result<Value, Error> {
    let (own, separator) = (own(call), argument(call, 1)?);
    Ok(Value::tuple(part(&own, &separator)?.map(made).to_vec()))
}

/// Bytes, or a tuple of bytes.
fn parts(call: &Call<'_>, index: usize) -> Result<Value, Error> {
    match call.arg(index) {
        Value::Tuple(items) if items.iter().all(|item| matches!(item, Value::Bytes(_))) => {
            Ok(Value::tuple(
                items
                    .iter()
                    .map(|item| characters_of(raw(item)).into())
                    .collect(),
            ))
        }
        Value::Bytes(bytes) => Ok(characters_of(bytes).into()),
        other => Err(Error::type_error(format!(
            "first arg must be bytes or a tuple of bytes, not {}",
            other.type_name()
        ))),
    }
}

fn fill(call: &Call<'_>) -> Result<char, Error> {
    match raw(call.arg(2)) {
        [byte] => Ok(char::from(*byte)),
        _ => Err(Error::type_error(
            "the fill character must be a byte string of length 1",
        )),
    }
}

fn characters(call: &Call<'_>) -> Result<String, Error> {
    match call.arg(1) {
        Value::None => Ok(WHITE.to_owned()),
        _ => argument(call, 1),
    }
}

fn decode(call: &Call<'_>) -> Result<Value, Error> {
    let encoding = Encoding::named(string(call, 1)?)?;
    let bytes = raw(call.arg(0));
    call.budget().charge(bytes.len().saturating_mul(3))?;
    Ok(text::decode(bytes, encoding, string(call, 2)?)?.into())
}

/// Two digits a byte; groups are counted from the right, from the left where their size is negative.
fn hex(call: &Call<'_>) -> Result<Value, Error> {
    let bytes = raw(call.arg(0));
    let separator = match call.arg(1) {
        Value::None => String::new(),
        Value::Bytes(bytes) => characters_of(bytes),
        _ => string(call, 1)?.to_string(),
    };
    let group = integer(call, 2)?;
    let size = usize::try_from(group.unsigned_abs())
        .unwrap_or(usize::MAX)
        .max(1);
    call.budget()
        .charge(bytes.len().saturating_mul(2 + separator.len()))?;
    let mut out = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        let place = if group < 0 { at } else { bytes.len() - at };
        if at > 0 && group != 0 && place.is_multiple_of(size) {
            out.push_str(&separator);
        }
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(digit.into(), 16));
        }
    }
    Ok(out.into())
}

fn replace(call: &Call<'_>) -> Result<Value, Error> {
    let (old, new) = (argument(call, 1)?, argument(call, 2)?);
    let replaced = text::replace(&own(call), &old, &new, integer(call, 3)?, call.budget())?;
    Ok(made(&replaced))
}

type Split = fn(&str, Option<&str>, i64, &Budget) -> Result<Vec<Value>, pyvalue::Error>;

fn split(call: &Call<'_>, split: Split) -> Result<Value, Error> {
    let most = integer(call, 2)?;
    let parts = match call.arg(1) {
        // What only texts take for white space is moved out of the way first.
        Value::None => {
            let hidden: String = own(call).chars().map(|c| moved(c, 0, 0x100)).collect();
            let parts = split(&hidden, None, most, call.budget())?;
            let shown = |part: &Value| {
                let part = part.as_str().unwrap_or_default();
                Value::from(part.chars().map(|c| moved(c, 0x100, 0)).collect::<String>())
            };
            parts.iter().map(shown).collect()
        }
        _ => split(&own(call), Some(&argument(call, 1)?), most, call.budget())?,
    };
    Ok(Value::list(
        parts.iter().filter_map(Value::as_str).map(made).collect(),
    ))
}

/// A character that is white space in texts but not in bytes, moved by an offset.
fn moved(c: char, from: u32, to: u32) -> char {
    let code = u32::from(c).wrapping_sub(from);
    match code {
        0x1c..=0x1f | 0x85 | 0xa0 => char::from_u32(code + to).unwrap_or(c),
        _ => c,
    }
}

/// Bytes know no line ends but those of ASCII.
fn split_lines(call: &Call<'_>) -> Result<Value, Error> {
    let bytes = raw(call.arg(0));
    let keeps = call.is_true(1)?;
    let mut lines = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let end = bytes[start..]
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'\r'))
            .map_or(bytes.len(), |length| start + length);
        let next = if bytes[end..].starts_with(b"\r\n") {
            end + 2
        } else {
            bytes.len().min(end + 1)
        };
        call.budget().charge(size_of::<Value>() + next - start)?;
        lines.push(Value::Bytes(
            bytes[start..if keeps { next } else { end }].into(),
        ));
        start = next;
    }
    Ok(Value::list(lines))
}

fn join(call: &Call<'_>) -> Result<Value, Error> {
    let mut out = Vec::new();
    for (at, item) in call.items(1)?.enumerate() {
        let item = item?;
        let Value::Bytes(bytes) = &item else {
            return Err(Error::type_error(format!(
                "sequence item {at}: expected a bytes-like object, {} found",
                item.type_name()
            )));
        };
        let separator = if at > 0 { raw(call.arg(0)) } else { &[] };
        call.budget().charge(separator.len() + bytes.len())?;
        out.extend_from_slice(separator);
        out.extend_from_slice(bytes);
    }
    Ok(Value::Bytes(out.into()))
}
