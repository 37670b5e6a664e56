//! Filters about texts.

use std::sync::Arc;

use pyvalue::{Dict, Value, format, operator, text};

use super::wrapping::Wrapping;
use super::{marking, pretty, words};
use crate::objects::Markup;
use crate::{Call, Error, Function, Run, is_undefined, methods};

type Shape = fn(&str) -> String;

pub(super) fn all() -> Vec<Function> {
    let shapes: [(&str, Shape); 3] = [
        ("capitalize", text::capitalize),
        ("lower", text::lower),
        ("upper", text::upper),
    ];
    let shapes = shapes.into_iter().map(|(name, shape)| {
        let body = move |call: &Call<'_>| {
            let source = call.text(0)?;
            call.budget().charge(source.len())?;
            Ok(like(call.arg(0), shape(&source)))
        };
        Function::new(name, body).required("s")
    });
    let mut functions: Vec<Function> = shapes.collect();
    functions.extend([
        Function::new("center", center)
            .required("value")
            .optional("width", 80),
        Function::new("format", format_filter)
            .required("value")
            .rest("args")
            .keywords("kwargs"),
        Function::new("indent", indent)
            .required("s")
            .optional("width", 4)
            .optional("first", false)
            .optional("blank", false),
        Function::new("pprint", |call| {
            call.run().charge_text(call.arg(0))?;
            Ok(pretty::pretty(call.arg(0), call.budget())?.into())
        })
        .required("value"),
        Function::new("replace", replace)
            .required("s")
            .required("old")
            .required("new")
            .optional("count", Value::None),
        Function::new("string", |call| match call.arg(0) {
            marked if Markup::of(marked).is_some() => Ok(marked.clone()),
            _ => Ok(Value::Str(call.text(0)?)),
        })
        .required("s, /"),
        Function::new("title", |call| {
            let source = call.text(0)?;
            call.budget().charge(source.len())?;
            Ok(words::title(&source).into())
        })
        .required("s"),
        Function::new("trim", trim)
            .required("value")
            .optional("chars", Value::None),
        Function::new("truncate", truncate)
            .required("s")
            .optional("length", 255)
            .optional("killwords", false)
            .optional("end", "...")
            .optional("leeway", Value::None),
        Function::new("wordcount", |call| {
            Ok(methods::count(words::count(&call.text(0)?)))
        })
        .required("s"),
        Function::new("wordwrap", wrap)
            .required("s")
            .optional("width", 79)
            .optional("break_long_words", true)
            .optional("wrapstring", Value::None)
            .optional("break_on_hyphens", true),
    ]);
    functions
}

/// A text made of another: marked if that was.
fn like(source: &Value, text: String) -> Value {
    if Markup::of(source).is_some() {
        Markup::value(text)
    } else {
        text.into()
    }
}

fn center(call: &Call<'_>) -> Result<Value, Error> {
    let source = call.text(0)?;
    let centered = text::center(&source, methods::integer(call, 1)?, ' ', call.budget())?;
    Ok(like(call.arg(0), centered))
}

fn trim(call: &Call<'_>) -> Result<Value, Error> {
    let source = call.text(0)?;
    let trimmed = text::strip(&source, methods::maybe_text(call, 1)?);
    Ok(like(call.arg(0), trimmed.to_owned()))
}

fn replace(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let count = || match call.arg(3) {
        Value::None => Ok(-1),
        _ => methods::integer(call, 3),
    };
    let is_marked = |index: usize| Markup::of(call.arg(index)).is_some();
    if !run.autoescapes() {
        let (source, old, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
        return Ok(text::replace(&source, &old, &new, count()?, call.budget())?.into());
    }
    let escapes = is_marked(1) || is_marked(2) && !is_marked(0);
    let source = if escapes {
        marking::escaped(call.arg(0), run)?
    } else {
        call.arg(0).clone()
    };
    let is_safe = Markup::of(&source).is_some();
    let new = if is_safe {
        marking::escaped(call.arg(2), run)?
    } else {
        call.arg(2).clone()
    };
    let (text, old, new) = (run.text(&source)?, call.text(1)?, run.text(&new)?);
    Ok(like(
        &source,
        text::replace(&text, &old, &new, count()?, call.budget())?,
    ))
}

fn format_filter(call: &Call<'_>) -> Result<Value, Error> {
    let has_named = call.arg(2).as_dict().is_some_and(|named| !named.is_empty());
    let has_positional = call
        .arg(1)
        .as_items()
        .is_some_and(|items| !items.is_empty());
    if has_named && has_positional {
        return Err(Error::other(
            "`format` takes positional or named arguments, not both",
        ));
    }
    let arguments = if has_named { call.arg(2) } else { call.arg(1) };
    let template = match methods::text_of(call.arg(0)) {
        Some(_) => call.arg(0).clone(),
        None => Value::Str(call.text(0)?),
    };
    percent(&template, arguments, call.run())
}

/// `template % arguments`; a marked template escapes what it is filled with.
pub(crate) fn percent(template: &Value, arguments: &Value, run: &Run<'_>) -> Result<Value, Error> {
    if is_undefined(arguments) && run.text(template)?.replace("%%", "").contains('%') {
        run.check_usable(arguments)?;
    }
    // Python takes an undefined for a mapping: a template that asks for nothing is content.
    let none = Value::Dict(Dict::default());
    let arguments = if is_undefined(arguments) && !run.text(template)?.contains('%') {
        &none
    } else {
        arguments
    };
    run.charge_text(arguments)?;
    match Markup::of(template) {
        Some(template) => {
            let arguments = marking::escaped_arguments(arguments, run)?;
            Ok(Markup::value(format::percent(
                template,
                &arguments,
                run.budget(),
            )?))
        }
        None => Ok(format::percent(&run.text(template)?, arguments, run.budget())?.into()),
    }
}

/// The text of a filter that calls methods of texts on its value: on anything else these are missing.
fn own_text(call: &Call<'_>, method: &str) -> Result<Arc<str>, Error> {
    let value = call.arg(0);
    if let Some(text) = methods::text_of(value) {
        return Ok(Arc::clone(text));
    }
    call.run().check_defined(value)?;
    if let Value::Bytes(_) = value {
        return Err(Error::type_error(
            "a text is needed, not bytes: `decode()` makes one",
        ));
    }
    Err(Error::other(format!(
        "'{}' object has no attribute '{method}'",
        value.type_name()
    )))
}

fn indent(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.arg(0);
    let indention = match methods::text_of(call.arg(1)) {
        Some(indention) => Arc::clone(indention),
        None => call.run().text(&operator::multiply(
            &" ".into(),
            &Value::Int(methods::integer(call, 1)?),
            call.budget(),
        )?)?,
    };
    // Python adds a line end to the value first: lists take it, and then lack the method.
    if methods::text_of(value).is_none() && !matches!(value, Value::List(_)) {
        call.run().check_defined(value)?;
        return Err(Error::type_error(format!(
            "`indent` takes a text, not '{}'",
            value.type_name()
        )));
    }
    let source = own_text(call, "splitlines")?;
    let (is_first, is_blank) = (call.is_true(2)?, call.is_true(3)?);
    let lines = text::split_lines(&format!("{source}\n"), false, call.budget())?;
    let mut out = String::new();
    for (at, line) in lines.iter().filter_map(Value::as_str).enumerate() {
        call.budget().charge(indention.len() + line.len() + 1)?;
        if at > 0 {
            out.push('\n');
        }
        let is_indented = if at == 0 {
            is_first
        } else {
            is_blank || !line.is_empty()
        };
        if is_indented {
            out.push_str(&indention);
        }
        out.push_str(line);
    }
    Ok(like(value, out))
}

fn truncate(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let value = call.arg(0);
    let leeway = match call.arg(4) {
        Value::None => 5,
        _ => call.integer(4)?,
    };
    let length = call.integer(1)?;
    let end_length = i64::try_from(run.length(call.arg(3))?).unwrap_or(i64::MAX);
    if length < end_length {
        return Err(Error::other(format!(
            "`truncate` needs a length of at least {end_length}, not {length}"
        )));
    }
    if leeway < 0 {
        return Err(Error::other(format!(
            "the leeway of `truncate` is at least 0, not {leeway}"
        )));
    }
    let is_short =
        i64::try_from(run.length(value)?).unwrap_or(i64::MAX) <= length.saturating_add(leeway);
    if is_short {
        return Ok(value.clone());
    }
    let kills_words = call.is_true(2)?;
    let Some(source) = methods::text_of(value) else {
        let message = format!("`truncate` takes a text, not '{}'", value.type_name());
        return Err(match value {
            Value::List(_) | Value::Tuple(_) | Value::Object(_) if !kills_words => {
                Error::other(message)
            }
            _ => Error::type_error(message),
        });
    };
    let Some(end) = methods::text_of(call.arg(3)) else {
        return Err(Error::type_error("the end of a truncated text is a text"));
    };
    let mut cut = text::slice(source, None, Some(length - end_length), None)?;
    if !kills_words && let Some(blank) = cut.rfind(' ') {
        cut.truncate(blank);
    }
    let escaped_end = if Markup::of(value).is_some() {
        run.text(&marking::escaped(call.arg(3), run)?)?
    } else {
        Arc::clone(end)
    };
    call.budget().charge(cut.len() + escaped_end.len())?;
    Ok(like(value, cut + &escaped_end))
}

fn wrap(call: &Call<'_>) -> Result<Value, Error> {
    let line_end = match call.arg(3) {
        Value::None => "\n",
        other => {
            let Some(text) = methods::text_of(other) else {
                call.run().check_defined(other)?;
                return Err(Error::other("the `wrapstring` of `wordwrap` is a text"));
            };
            text
        }
    };
    let source = own_text(call, "splitlines")?;
    let (breaks_words, breaks_hyphens) = (call.is_true(2)?, call.is_true(4)?);
    let paragraphs = text::split_lines(&source, false, call.budget())?;
    let mut lines = Vec::new();
    for paragraph in paragraphs.iter().filter_map(Value::as_str) {
        let width = usize::try_from(call.integer(1)?).unwrap_or(0);
        if width == 0 {
            return Err(pyvalue::Error::value_error(format!(
                "invalid width {} (must be > 0)",
                call.run().shown(call.arg(1))
            ))
            .into());
        }
        let wrapping = Wrapping {
            width,
            breaks_words,
            breaks_hyphens,
        };
        let wrapped = wrapping.wrap(paragraph, call.budget())?;
        if wrapped.is_empty() {
            lines.push(Value::from(""));
        }
        lines.extend(wrapped.into_iter().map(Value::from));
    }
    Ok(text::join(line_end, &lines, call.budget())?.into())
}
