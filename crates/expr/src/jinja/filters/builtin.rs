//! Jinja2's filters where minijinja's differ or are missing.

#![expect(
    clippy::needless_pass_by_value,
    reason = "the template engine passes arguments by value"
)]

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, Value};

use super::super::output::LONGEST;
use super::super::python_text;
use super::{argument, method, text_of, wrong_value};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("int", int);
    environment.add_filter("float", float);
    environment.add_filter("string", |value: &Value| text_of(value));
    environment.add_filter("center", center);
    environment.add_filter("wordcount", |value: &Value| {
        text_of(value).map(|text| {
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .count()
        })
    });
    environment.add_filter("replace", replace);
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("forceescape", |value: &Value| {
        text_of(value).map(|text| escaped(&text))
    });
    environment.add_filter("escape", |value: &Value| {
        text_of(value).map(|text| escaped(&text))
    });
    environment.add_filter("e", |value: &Value| {
        text_of(value).map(|text| escaped(&text))
    });
    environment.add_filter("striptags", minijinja_contrib::filters::striptags);
    environment.add_filter("filesizeformat", minijinja_contrib::filters::filesizeformat);
    environment.add_test("sequence", |value: &Value| {
        matches!(
            value.kind(),
            ValueKind::Seq | ValueKind::Map | ValueKind::String
        )
    });
    environment.add_test("callable", |value: &Value| {
        matches!(value.kind(), ValueKind::Plain) && !value.is_undefined()
    });
}

/// Python's `int()`, or the default where it fails.
fn int(
    value: &Value,
    default: Option<Value>,
    base: Option<u32>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let default = argument(default, &kwargs, "default")?.unwrap_or_else(|| Value::from(0));
    let base = argument(base, &kwargs, "base")?.unwrap_or(10);
    kwargs.assert_all_used()?;
    Ok(match value.kind() {
        ValueKind::Undefined => return Err(minijinja::ErrorKind::UndefinedError.into()),
        ValueKind::Bool => Value::from(i64::from(value.is_true())),
        ValueKind::Number if value.is_integer() => value.clone(),
        ValueKind::Number => truncated(f64::try_from(value.clone())?).unwrap_or(default),
        ValueKind::String | ValueKind::Plain => {
            let text = python_text::text(value);
            whole(&text, base)
                .or_else(|| python_float(&text).and_then(truncated))
                .unwrap_or(default)
        }
        _ => default,
    })
}

fn whole(text: &str, base: u32) -> Option<Value> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefix = match base {
        16 => "0x",
        8 => "0o",
        2 => "0b",
        _ => "",
    };
    let digits = lower.strip_prefix(prefix).unwrap_or(&lower);
    let is_spaced_well =
        !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
    if !(2..=36).contains(&base) || !is_spaced_well || digits.starts_with(['+', '-']) {
        return None;
    }
    i128::from_str_radix(&digits.replace('_', ""), base)
        .ok()
        .map(|number| Value::from(sign * number))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "floats beyond 128 bits are refused before"
)]
fn truncated(float: f64) -> Option<Value> {
    (float.is_finite() && float.abs() < 1e38).then(|| Value::from(float.trunc() as i128))
}

fn python_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_spaced_well = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    text.replace('_', "")
        .parse()
        .ok()
        .filter(|_| is_spaced_well)
}

/// Python's `float()`, or the default where it fails.
fn float(value: &Value, default: Option<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let default = argument(default, &kwargs, "default")?.unwrap_or_else(|| Value::from(0.0));
    kwargs.assert_all_used()?;
    Ok(match value.kind() {
        ValueKind::Undefined => return Err(minijinja::ErrorKind::UndefinedError.into()),
        ValueKind::Bool => Value::from(f64::from(u8::from(value.is_true()))),
        ValueKind::Number => Value::from(f64::try_from(value.clone())?),
        ValueKind::String | ValueKind::Plain => {
            python_float(&python_text::text(value)).map_or(default, Value::from)
        }
        _ => default,
    })
}

fn center(value: &Value, width: Option<usize>) -> Result<String, Error> {
    let text = text_of(value)?;
    Ok(method::center(&text, width.unwrap_or(80), ' '))
}

fn replace(
    value: &Value,
    old: &Value,
    new: &Value,
    count: Option<usize>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let count = argument(count, &kwargs, "count")?;
    kwargs.assert_all_used()?;
    let (text, old, new) = (text_of(value)?, text_of(old)?, text_of(new)?);
    if new.len() > old.len()
        && (text.matches(&old).count() * new.len()).saturating_add(text.len()) > LONGEST
    {
        return Err(wrong_value("the replaced text is too long"));
    }
    Ok(count.map_or_else(
        || text.replace(&old, &new),
        |count| text.replacen(&old, &new, count),
    ))
}

fn default(
    value: &Value,
    other: Option<Value>,
    boolean: Option<bool>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let other = argument(other, &kwargs, "default_value")?.unwrap_or_else(|| Value::from(""));
    let boolean = argument(boolean, &kwargs, "boolean")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let is_missing = value.is_undefined() || (boolean && !value.is_true());
    Ok(if is_missing { other } else { value.clone() })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
