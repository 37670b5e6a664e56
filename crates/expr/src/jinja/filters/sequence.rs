//! Jinja2's filters and tests of sequences, numbers and long texts, where minijinja's differ or are missing.

#![expect(
    clippy::needless_pass_by_value,
    reason = "the template engine passes arguments by value"
)]

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, State, UndefinedBehavior, Value};

use super::super::python_text;
use super::{argument, text_of, wrong_type};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("length", length);
    environment.add_filter("count", length);
    environment.add_filter("indent", indent);
    environment.add_filter("truncate", truncate);
    environment.add_filter("wordwrap", wordwrap);
    environment.add_filter("upper", |state: &State, value: &Value| {
        shown(state, value).map(|text| text.to_uppercase())
    });
    environment.add_filter("lower", |state: &State, value: &Value| {
        shown(state, value).map(|text| text.to_lowercase())
    });
    environment.add_test("odd", |value: &Value| {
        remainder(value).map(|rest| rest == 1)
    });
    environment.add_test("even", |value: &Value| {
        remainder(value).map(|rest| rest == 0)
    });
}

/// The text of a value; of an undefined one nothing, where that is allowed.
fn shown(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    match state.undefined_behavior() {
        UndefinedBehavior::Strict => text_of(value),
        _ => Ok(python_text::text(value)),
    }
}

fn length(state: &State<'_, '_>, value: &Value) -> Result<usize, Error> {
    match value.len() {
        Some(length) => Ok(length),
        None if value.is_undefined() => shown(state, value).map(|text| text.len()),
        None => Err(wrong_type(format!("{} has no length", value.kind()))),
    }
}

fn remainder(value: &Value) -> Result<i64, Error> {
    match value.kind() {
        ValueKind::Undefined => text_of(value).map(|_| 0),
        ValueKind::Bool => Ok(i64::from(value.is_true())),
        ValueKind::Number => match i128::try_from(value.clone()) {
            Ok(whole) => Ok(i64::from(whole.rem_euclid(2) != 0)),
            // A fraction is neither.
            Err(_) => Ok(2),
        },
        kind => Err(wrong_type(format!("{kind} is neither odd nor even"))),
    }
}

fn indent(
    value: &Value,
    width: Option<Value>,
    first: Option<bool>,
    blank: Option<bool>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let width = argument(width, &kwargs, "width")?.unwrap_or_else(|| Value::from(4));
    let first = argument(first, &kwargs, "first")?.unwrap_or(false);
    let blank = argument(blank, &kwargs, "blank")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let margin = match (width.as_usize(), width.as_str()) {
        (Some(width), _) => " ".repeat(width.min(1000)),
        (None, Some(margin)) => margin.to_owned(),
        _ => return Err(wrong_type("`width` takes a number or a text")),
    };
    let text = text_of(value)?;
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        let is_indented = if at == 0 {
            first
        } else {
            blank || !line.is_empty()
        };
        out.push_str(if at > 0 { "\n" } else { "" });
        out.push_str(if is_indented { &margin } else { "" });
        out.push_str(line);
    }
    Ok(out)
}

fn truncate(
    value: &Value,
    length: Option<usize>,
    killwords: Option<bool>,
    end: Option<String>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let length = argument(length, &kwargs, "length")?.unwrap_or(255);
    let kills_words = argument(killwords, &kwargs, "killwords")?.unwrap_or(false);
    let end: String = argument(end, &kwargs, "end")?.unwrap_or_else(|| "...".to_owned());
    let leeway = kwargs.get::<Option<usize>>("leeway")?.unwrap_or(5);
    kwargs.assert_all_used()?;
    let text = text_of(value)?;
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text);
    }
    let kept = length
        .checked_sub(end.chars().count())
        .ok_or_else(|| wrong_type("`length` is shorter than what marks the end"))?;
    let cut: String = text.chars().take(kept).collect();
    let cut = if kills_words {
        &cut
    } else {
        cut.rsplit_once(' ').map_or(&*cut, |(words, _)| words)
    };
    Ok(format!("{cut}{end}"))
}

fn wordwrap(
    value: &Value,
    width: Option<usize>,
    break_long_words: Option<bool>,
    wrapstring: Option<String>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let width = argument(width, &kwargs, "width")?.unwrap_or(79).max(1);
    let breaks_words = argument(break_long_words, &kwargs, "break_long_words")?.unwrap_or(true);
    let newline: String =
        argument(wrapstring, &kwargs, "wrapstring")?.unwrap_or_else(|| "\n".to_owned());
    kwargs.assert_all_used()?;
    let text = text_of(value)?;
    let wrapped: Vec<String> = text
        .lines()
        .map(|line| wrap(line, width, breaks_words).join(&newline))
        .collect();
    Ok(wrapped.join(&newline))
}

fn wrap(line: &str, width: usize, breaks_words: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line
        .split(' ')
        .flat_map(|word| pieces(word, width, breaks_words))
    {
        let Some(last) = lines.last_mut() else { break };
        if last.is_empty() {
            last.push_str(&word);
        } else if last.chars().count() + 1 + word.chars().count() <= width {
            last.push(' ');
            last.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

fn pieces(word: &str, width: usize, breaks_words: bool) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    if !breaks_words || characters.len() <= width {
        return vec![word.to_owned()];
    }
    characters
        .chunks(width)
        .map(|piece| piece.iter().collect())
        .collect()
}
