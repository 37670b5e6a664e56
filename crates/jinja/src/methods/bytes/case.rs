//! Methods of `bytes` that look at nothing but the letters in them.

use pyvalue::Value;

use super::{WHITE, raw};
use crate::{Call, Error};

type Body = fn(&Call<'_>) -> Result<Value, Error>;

pub(super) const SHAPES: &[(&str, Body)] = &[
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
