//! Regular expressions in Python's syntax.

#![expect(
    clippy::needless_pass_by_value,
    reason = "the template engine passes arguments by value"
)]

use fancy_regex::{Captures, Regex};
use minijinja::value::{Kwargs, Tuple};
use minijinja::{Environment, Error, Value};

use super::{argument, text_of, wrong_type, wrong_value};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("regex_match", regex_match);
    environment.add_filter("regex_search", regex_search);
    environment.add_filter("regex_replace", regex_replace);
    environment.add_filter("regex_substring", regex_substring);
}

/// Compiles Python's syntax; `\Z` is the end of the text there.
fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, Error> {
    let flags = if ignore_case { "(?i)" } else { "" };
    Regex::new(&format!("{flags}{}", pattern.replace("\\Z", "\\z")))
        .map_err(|error| wrong_value(format!("the pattern `{pattern}` is not valid: {error}")))
}

fn failed(error: &fancy_regex::Error) -> Error {
    wrong_value(format!("the pattern cannot be applied: {error}"))
}

fn pattern_of(given: Option<String>, kwargs: &Kwargs) -> Result<String, Error> {
    argument(given, kwargs, "pattern")?.ok_or_else(|| wrong_type("the filter takes a pattern"))
}

fn regex_match(
    value: &Value,
    pattern: Option<String>,
    ignore: Option<bool>,
    kwargs: Kwargs,
) -> Result<bool, Error> {
    let pattern = argument(pattern, &kwargs, "pattern")?.unwrap_or_default();
    let ignore_case = argument(ignore, &kwargs, "ignorecase")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let found = compile(&format!("\\A(?:{pattern})"), ignore_case)?.is_match(&text_of(value)?);
    found.map_err(|error| failed(&error))
}

fn regex_search(
    value: &Value,
    pattern: Option<String>,
    ignore: Option<bool>,
    kwargs: Kwargs,
) -> Result<bool, Error> {
    let pattern = argument(pattern, &kwargs, "pattern")?.unwrap_or_default();
    let ignore_case = argument(ignore, &kwargs, "ignorecase")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    compile(&pattern, ignore_case)?
        .is_match(&text_of(value)?)
        .map_err(|error| failed(&error))
}

fn regex_replace(
    value: &Value,
    pattern: Option<String>,
    replacement: Option<String>,
    ignore: Option<bool>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let pattern = pattern_of(pattern, &kwargs)?;
    let replacement = argument(replacement, &kwargs, "replacement")?.unwrap_or_default();
    let ignore_case = argument(ignore, &kwargs, "ignorecase")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let regex = compile(&pattern, ignore_case)?;
    let parts = replacement_parts(&replacement)?;
    let text = text_of(value)?;
    let mut out = String::new();
    let mut end = 0;
    for found in find_all(&regex, &text)? {
        let whole = found
            .get(0)
            .map_or(0..0, |whole| whole.start()..whole.end());
        out.push_str(&text[end..whole.start]);
        for part in &parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(group) => out.push_str(group_text(&found, group)?),
            }
        }
        end = whole.end;
    }
    out.push_str(&text[end..]);
    Ok(out)
}

fn regex_substring(
    value: &Value,
    pattern: Option<String>,
    result_index: Option<i64>,
    ignore: Option<bool>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let pattern = pattern_of(pattern, &kwargs)?;
    let index = argument(result_index, &kwargs, "result_index")?.unwrap_or(0);
    let ignore_case = argument(ignore, &kwargs, "ignorecase")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let text = text_of(value)?;
    let regex = compile(&pattern, ignore_case)?;
    let all = find_all(&regex, &text)?;
    let place = if index < 0 {
        index + i64::try_from(all.len()).unwrap_or(i64::MAX)
    } else {
        index
    };
    let found = usize::try_from(place).ok().and_then(|place| all.get(place));
    let found = found.ok_or_else(|| wrong_value(format!("there is no match number {index}")))?;
    let group = |number: usize| Value::from(found.get(number).map_or("", |group| group.as_str()));
    Ok(match found.len() {
        1 => group(0),
        2 => group(1),
        count => Value::from_object(Tuple::new((1..count).map(group).collect())),
    })
}

/// All matches as Python finds them: an empty one may follow a match directly.
fn find_all<'t>(regex: &Regex, text: &'t str) -> Result<Vec<Captures<'t, str>>, Error> {
    let mut all = Vec::new();
    let mut at = 0;
    let mut last_end = None;
    while at <= text.len() {
        let Some(found) = regex
            .captures_from_pos(text, at)
            .map_err(|error| failed(&error))?
        else {
            break;
        };
        let Some((start, end)) = found.get(0).map(|whole| (whole.start(), whole.end())) else {
            break;
        };
        // Python takes an empty match only where none ended with the same empty place.
        let is_repeated = start == end && last_end == Some((start, true));
        if !is_repeated {
            last_end = Some((end, start == end));
            all.push(found);
        }
        at = if start == end {
            next_character(text, end)
        } else {
            end
        };
    }
    Ok(all)
}

fn next_character(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}

enum Part {
    Text(String),
    Group(String),
}

fn group_text<'t>(found: &Captures<'t, str>, group: &str) -> Result<&'t str, Error> {
    if let Ok(number) = group.parse::<usize>() {
        if number >= found.len() {
            return Err(wrong_value(format!("invalid group reference {number}")));
        }
        return Ok(found.get(number).map_or("", |group| group.as_str()));
    }
    Ok(found.name(group).map_or("", |group| group.as_str()))
}

/// Splits Python's replacement syntax: `\1`, `\g<name>`, `\n`, `\\`.
fn replacement_parts(replacement: &str) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = replacement.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('g') if rest.peek() == Some(&'<') => {
                rest.next();
                let name: String = rest
                    .by_ref()
                    .take_while(|character| *character != '>')
                    .collect();
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Group(name));
            }
            Some(digit) if digit.is_ascii_digit() => {
                let mut number = String::from(digit);
                if let Some(second) = rest.next_if(char::is_ascii_digit) {
                    number.push(second);
                }
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Group(number));
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                return Err(wrong_value(format!("bad escape \\{letter}")));
            }
            Some('\\') => text.push('\\'),
            Some(other) => text.extend(['\\', other]),
            None => return Err(wrong_value("the replacement ends with a bare backslash")),
        }
    }
    parts.push(Part::Text(text));
    Ok(parts)
}
