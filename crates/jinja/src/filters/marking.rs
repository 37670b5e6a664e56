//! Filters about HTML, JSON and addresses: what is escaped, and what is marked as safe.

use pyvalue::json::{self, Style};
use pyvalue::{Dict, Value};

use super::html;
use super::links::Links;
use crate::objects::Markup;
use crate::predicates::can_iterate;
use crate::{Call, Error, Function, Run, is_undefined, methods};

pub(super) fn all() -> Vec<Function> {
    let escape = Function::new("escape", |call| escaped(call.arg(0), call.run())).required("s, /");
    vec![
        escape.called("e"),
        escape,
        Function::new("forceescape", |call| {
            Ok(Markup::value(html::escape(&call.text(0)?, call.budget())?))
        })
        .required("value"),
        Function::new("safe", |call| match call.arg(0) {
            marked if Markup::of(marked).is_some() => Ok(marked.clone()),
            _ => Ok(Markup::value(call.text(0)?)),
        })
        .required("value"),
        Function::new("striptags", |call| {
            Ok(html::strip_tags(&call.text(0)?, call.budget())?.into())
        })
        .required("value"),
        Function::new("tojson", to_json)
            .required("value")
            .optional("indent", Value::None),
        Function::new("urlencode", url_encode).required("value"),
        Function::new("urlize", urlize)
            .required("value")
            .optional("trim_url_limit", Value::None)
            .optional("nofollow", false)
            .optional("target", Value::None)
            .optional("rel", Value::None)
            .optional("extra_schemes", Value::None),
        Function::new("xmlattr", xml_attributes)
            .required("d")
            .optional("autospace", true),
    ]
}

/// A value as text that is safe in HTML; a marked one as it is.
pub(crate) fn escaped(value: &Value, run: &Run<'_>) -> Result<Value, Error> {
    if Markup::of(value).is_some() {
        return Ok(value.clone());
    }
    Ok(Markup::value(html::escape(
        &run.text(value)?,
        run.budget(),
    )?))
}

/// A text as a template's block wants it: marked where it escapes what is printed.
fn marked_where_escaping(text: String, run: &Run<'_>) -> Value {
    if run.autoescapes() {
        Markup::value(text)
    } else {
        text.into()
    }
}

fn to_json(call: &Call<'_>) -> Result<Value, Error> {
    let indent = match call.arg(1) {
        Value::None => None,
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
            let width = usize::try_from(call.integer(1)?).unwrap_or(0);
            call.budget().charge(width)?;
            Some(" ".repeat(width))
        }
        // Only what has items asks for the indent.
        _ if methods::text_of(call.arg(0)).is_some() => None,
        _ => match methods::text_of(call.arg(1)) {
            Some(indent) => Some(indent.to_string()),
            None => return Err(Error::type_error("`indent` is a number or a text")),
        },
    };
    let style = Style {
        item: if indent.is_some() { "," } else { ", " },
        indent: indent.as_deref(),
        sort_keys: true,
        ..Style::default()
    };
    let text = json::write(&super::plain(call.arg(0)), &style, call.budget())?;
    let special = text.bytes().filter(|byte| b"<>&'".contains(byte)).count();
    call.budget().charge(text.len() + special * 5)?;
    let safe = text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027");
    Ok(Markup::value(safe))
}

fn url_encode(call: &Call<'_>) -> Result<Value, Error> {
    let (value, run) = (call.arg(0), call.run());
    let mut out = String::new();
    match value {
        Value::Dict(dict) => {
            for (key, value) in dict.iter() {
                quote_pair(key, value, run, &mut out)?;
            }
        }
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Bytes(_) => {
            quote_pairs(value, run, &mut out)?;
        }
        Value::Object(object)
            if Markup::of(value).is_none() && (is_undefined(value) || can_iterate(object)) =>
        {
            quote_pairs(value, run, &mut out)?;
        }
        _ => quote(value, false, run, &mut out)?,
    }
    Ok(out.into())
}

fn quote_pairs(pairs: &Value, run: &Run<'_>, out: &mut String) -> Result<(), Error> {
    for pair in run.items(pairs)? {
        let pair = pair?;
        let items = run.items(&pair)?.collect::<Result<Vec<Value>, Error>>()?;
        let [key, value] = items.as_slice() else {
            return Err(Error::other(format!(
                "`urlencode` takes pairs: one of them has {} items",
                items.len()
            )));
        };
        quote_pair(key, value, run, out)?;
    }
    Ok(())
}

fn quote_pair(key: &Value, value: &Value, run: &Run<'_>, out: &mut String) -> Result<(), Error> {
    if !out.is_empty() {
        out.push('&');
    }
    quote(key, true, run, out)?;
    out.push('=');
    quote(value, true, run, out)
}

/// Percent-encodes the text of a value; in a query blanks become `+` and slashes are encoded too.
fn quote(value: &Value, in_query: bool, run: &Run<'_>, out: &mut String) -> Result<(), Error> {
    let text;
    let bytes = if let Value::Bytes(bytes) = value {
        &**bytes
    } else {
        text = run.text(value)?;
        text.as_bytes()
    };
    run.budget().charge(bytes.len().saturating_mul(3))?;
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                out.push(char::from(*byte));
            }
            b'/' if !in_query => out.push('/'),
            b' ' if in_query => out.push('+'),
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(digit.into(), 16).unwrap_or('0');
                    out.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
    Ok(())
}

fn urlize(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let limit = match call.arg(1) {
        Value::None => None,
        _ => Some(call.integer(1)?),
    };
    let escape_argument = |value: &Value| match value {
        Value::None => Ok(String::new()),
        other => Ok::<_, Error>(run.text(&escaped(other, run)?)?.to_string()),
    };
    let links = Links {
        limit,
        rel: html::escape(&relation(call)?, call.budget())?,
        target: if call.is_true(3)? {
            escape_argument(call.arg(3))?
        } else {
            String::new()
        },
        schemes: schemes(call)?,
    };
    let text = run.text(&escaped(call.arg(0), run)?)?;
    Ok(marked_where_escaping(
        links.link(&text, call.budget())?,
        run,
    ))
}

/// The words of `rel`, with those that are always there, in order.
fn relation(call: &Call<'_>) -> Result<String, Error> {
    let given = match call.arg(4) {
        rel if !call.is_true(4)? => {
            call.run().check_usable(rel)?;
            ""
        }
        rel => match methods::text_of(rel) {
            Some(rel) => rel,
            None => return Err(Error::other("`rel` is a text")),
        },
    };
    let mut words: Vec<&str> = given.split_whitespace().collect();
    words.push("noopener");
    if call.is_true(2)? {
        words.push("nofollow");
    }
    words.sort_unstable();
    words.dedup();
    Ok(words.join(" "))
}

fn schemes(call: &Call<'_>) -> Result<Vec<String>, Error> {
    if call.arg(5).is_none() {
        return Ok(Vec::new());
    }
    call.items(5)?
        .map(|scheme| {
            let scheme = scheme?;
            let Some(text) = methods::text_of(&scheme) else {
                return Err(Error::type_error("expected string or bytes-like object"));
            };
            let name = text.trim_end_matches('/');
            let slashes = text.len() - name.len();
            let is_valid = slashes <= 2
                && name.strip_suffix(':').is_some_and(|name| {
                    name.chars().count() >= 2
                        && name
                            .chars()
                            .all(|c| super::words::is_word(c) || ".+-".contains(c))
                });
            if is_valid {
                Ok(text.to_string())
            } else {
                Err(Error::other(format!(
                    "{} is no beginning of an address",
                    scheme.repr()
                )))
            }
        })
        .collect()
}

fn xml_attributes(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let Value::Dict(attributes) = call.arg(0) else {
        run.check_defined(call.arg(0))?;
        return Err(Error::other(format!(
            "'{}' object has no attribute 'items'",
            call.arg(0).type_name()
        )));
    };
    let mut out = String::new();
    for (name, value) in attributes.iter() {
        if value.is_none() || is_undefined(value) {
            continue;
        }
        let Some(text) = methods::text_of(name) else {
            return Err(Error::type_error("names of attributes are texts"));
        };
        let ends_name = |c: char| {
            matches!(
                c,
                ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '/' | '>' | '='
            )
        };
        if text.contains(ends_name) {
            return Err(Error::other(format!(
                "{} has a character that no name of an attribute has",
                name.repr()
            )));
        }
        let name = run.text(&escaped(name, run)?)?;
        let value = run.text(&escaped(value, run)?)?;
        if !out.is_empty() {
            out.push(' ');
        }
        call.budget().charge(name.len() + value.len() + 4)?;
        for part in [&*name, "=\"", &*value, "\""] {
            out.push_str(part);
        }
    }
    if call.is_true(1)? && !out.is_empty() {
        out.insert(0, ' ');
    }
    Ok(marked_where_escaping(out, run))
}

/// What a marked template (`%` formatting) is filled with: texts escaped.
pub(super) fn escaped_arguments(arguments: &Value, run: &Run<'_>) -> Result<Value, Error> {
    let text = |value: &Value| match value {
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => Ok(value.clone()),
        // It fails where it is used, not before.
        other if is_undefined(other) => Ok(other.clone()),
        other => Ok::<_, Error>(Value::Str(run.text(&escaped(other, run)?)?)),
    };
    match arguments {
        Value::Tuple(items) => Ok(Value::tuple(
            items.iter().map(text).collect::<Result<_, _>>()?,
        )),
        Value::Dict(members) => {
            let members = members
                .iter()
                .map(|(key, value)| Ok((key.clone(), text(value)?)));
            Ok(members.collect::<Result<Dict, Error>>()?.into())
        }
        other => text(other),
    }
}
