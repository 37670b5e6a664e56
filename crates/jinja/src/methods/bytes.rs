//! Methods of `bytes`: those of `str`, on texts with a character for every byte.

use std::sync::LazyLock;

use pyvalue::Value;
use pyvalue::text::{self, Encoding};

use super::arguments::{integer, position, text as string};
use super::{Table, looking, table};
use crate::{Call, Error, Function};

/// What bytes take for white space.
const WHITE: &str = " \t\n\r\u{b}\u{c}";

pub(super) static METHODS: Table = LazyLock::new(|| {
    let sought = |f: Function| {
        f.required("sub, /")
            .optional("start, /", Value::None)
            .optional("end, /", Value::None)
    };
    let padding = |f: Function| {
        f.required("width, /")
            .optional("fillchar, /", Value::Bytes((*b" ").into()))
    };
    let cut = |f: Function| f.optional("sep", Value::None).optional("maxsplit", -1);
    let stripped = |f: Function| f.optional("bytes, /", Value::None);
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
                |c| {
                    Ok(
                        text::count(&own(c), &argument(c, 1)?, position(c, 2)?, position(c, 3)?)
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "find",
                |c| {
                    Ok(
                        text::find(&own(c), &argument(c, 1)?, position(c, 2)?, position(c, 3)?)
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
                        text::rfind(&own(c), &argument(c, 1)?, position(c, 2)?, position(c, 3)?)
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
                        text::index(&own(c), &argument(c, 1)?, position(c, 2)?, position(c, 3)?)?
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "rindex",
                |c| {
                    Ok(
                        text::rindex(&own(c), &argument(c, 1)?, position(c, 2)?, position(c, 3)?)?
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "startswith",
                |c| {
                    Ok(
                        text::starts_with(&own(c), &ends(c, 1)?, position(c, 2)?, position(c, 3)?)?
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "endswith",
                |c| {
                    Ok(
                        text::ends_with(&own(c), &ends(c, 1)?, position(c, 2)?, position(c, 3)?)?
                            .into(),
                    )
                },
                sought,
            ),
            looking(
                "center",
                |c| {
                    Ok(made(&text::center(
                        &own(c),
                        integer(c, 1)?,
                        fill(c)?,
                        c.budget(),
                    )?))
                },
                padding,
            ),
            looking(
                "ljust",
                |c| {
                    Ok(made(&text::ljust(
                        &own(c),
                        integer(c, 1)?,
                        fill(c)?,
                        c.budget(),
                    )?))
                },
                padding,
            ),
            looking(
                "rjust",
                |c| {
                    Ok(made(&text::rjust(
                        &own(c),
                        integer(c, 1)?,
                        fill(c)?,
                        c.budget(),
                    )?))
                },
                padding,
            ),
            looking(
                "zfill",
                |c| Ok(made(&text::zfill(&own(c), integer(c, 1)?, c.budget())?)),
                |f| f.required("width, /"),
            ),
            looking(
                "expandtabs",
                |c| {
                    Ok(made(&text::expand_tabs(
                        &own(c),
                        integer(c, 1)?,
                        c.budget(),
                    )?))
                },
                |f| f.optional("tabsize", 8),
            ),
            looking(
                "strip",
                |c| Ok(made(text::strip(&own(c), Some(&characters(c)?)))),
                stripped,
            ),
            looking(
                "lstrip",
                |c| Ok(made(text::lstrip(&own(c), Some(&characters(c)?)))),
                stripped,
            ),
            looking(
                "rstrip",
                |c| Ok(made(text::rstrip(&own(c), Some(&characters(c)?)))),
                stripped,
            ),
            looking(
                "removeprefix",
                |c| Ok(made(text::remove_prefix(&own(c), &argument(c, 1)?))),
                |f| f.required("prefix, /"),
            ),
            looking(
                "removesuffix",
                |c| Ok(made(text::remove_suffix(&own(c), &argument(c, 1)?))),
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
                |c| {
                    Ok(Value::tuple(
                        text::partition(&own(c), &argument(c, 1)?)?
                            .map(made)
                            .to_vec(),
                    ))
                },
                |f| f.required("sep, /"),
            ),
            looking(
                "rpartition",
                |c| {
                    Ok(Value::tuple(
                        text::rpartition(&own(c), &argument(c, 1)?)?
                            .map(made)
                            .to_vec(),
                    ))
                },
                |f| f.required("sep, /"),
            ),
            looking("join", join, |f| f.required("iterable, /")),
        ]
        .into_iter()
        .chain(
            SHAPES
                .iter()
                .map(|(name, body)| looking(name, *body, |f| f)),
        ),
    )
});

type Body = fn(&Call<'_>) -> Result<Value, Error>;

const SHAPES: &[(&str, Body)] = &[
    ("capitalize", |c| {
        Ok(cased(c, |at, byte| {
            if at == 0 {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            }
        }))
    }),
    ("lower", |c| {
        Ok(cased(c, |_, byte| byte.to_ascii_lowercase()))
    }),
    ("upper", |c| {
        Ok(cased(c, |_, byte| byte.to_ascii_uppercase()))
    }),
    ("swapcase", |c| {
        Ok(cased(c, |_, byte| {
            if byte.is_ascii_lowercase() {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            }
        }))
    }),
    ("title", |c| Ok(title(c))),
    ("isalnum", |c| Ok(all(c, u8::is_ascii_alphanumeric))),
    ("isalpha", |c| Ok(all(c, u8::is_ascii_alphabetic))),
    ("isascii", |c| Ok(raw(c.arg(0)).is_ascii().into())),
    ("isdigit", |c| Ok(all(c, u8::is_ascii_digit))),
    ("islower", |c| {
        Ok(one_case(c, u8::is_ascii_lowercase, u8::is_ascii_uppercase))
    }),
    ("isspace", |c| {
        Ok(all(c, |byte| WHITE.as_bytes().contains(byte)))
    }),
    ("istitle", |c| {
        Ok((title(c) == *c.arg(0) && raw(c.arg(0)).iter().any(u8::is_ascii_alphabetic)).into())
    }),
    ("isupper", |c| {
        Ok(one_case(c, u8::is_ascii_uppercase, u8::is_ascii_lowercase))
    }),
];

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

/// Bytes, or a tuple of bytes.
fn ends(call: &Call<'_>, index: usize) -> Result<Value, Error> {
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

type Split = fn(&str, Option<&str>, i64, &pyvalue::Budget) -> Result<Vec<Value>, pyvalue::Error>;

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

fn cased(call: &Call<'_>, change: impl Fn(usize, u8) -> u8) -> Value {
    let bytes = raw(call.arg(0)).iter().enumerate();
    Value::Bytes(bytes.map(|(at, byte)| change(at, *byte)).collect())
}

fn title(call: &Call<'_>) -> Value {
    let mut was_letter = false;
    let bytes = raw(call.arg(0)).iter().map(|byte| {
        let cased = if was_letter {
            byte.to_ascii_lowercase()
        } else {
            byte.to_ascii_uppercase()
        };
        was_letter = byte.is_ascii_alphabetic();
        cased
    });
    Value::Bytes(bytes.collect())
}

fn all(call: &Call<'_>, is: impl Fn(&u8) -> bool) -> Value {
    let bytes = raw(call.arg(0));
    (!bytes.is_empty() && bytes.iter().all(is)).into()
}

fn one_case(call: &Call<'_>, is: fn(&u8) -> bool, is_other: fn(&u8) -> bool) -> Value {
    let bytes = raw(call.arg(0));
    (bytes.iter().any(is) && !bytes.iter().any(is_other)).into()
}
