//! minijinja's errors in words for authors.

use minijinja::{Error, ErrorKind};
use serde_json::Value;

use super::{TemplateError, TemplateErrorKind};
use crate::Variables;

/// Names further away than this many edits are not suggested.
const NEAR: usize = 2;

pub(super) fn translate(
    error: &Error,
    source: &str,
    variables: Option<&Variables>,
) -> TemplateError {
    let innermost = innermost(error);
    let kind = kind(innermost);
    TemplateError {
        message: message(innermost, kind, variables),
        kind,
        line: error.line(),
        source_text: source.to_owned(),
    }
}

/// The error of a filter is wrapped where it was called.
fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    while let Some(source) =
        std::error::Error::source(innermost).and_then(|source| source.downcast_ref::<Error>())
    {
        innermost = source;
    }
    innermost
}

fn kind(error: &Error) -> TemplateErrorKind {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        // Python fails on the undefined operand before it looks at the other one.
        ErrorKind::InvalidOperation if detail.contains("is undefined)") => {
            TemplateErrorKind::Undefined
        }
        ErrorKind::InvalidOperation if detail.starts_with("unable to calculate") => {
            TemplateErrorKind::Other
        }
        ErrorKind::SyntaxError | ErrorKind::BadEscape => TemplateErrorKind::Parse,
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest => TemplateErrorKind::UnknownFunction,
        // Python looks the name up first, and then fails to call what it did not find.
        ErrorKind::UnknownFunction | ErrorKind::UnknownMethod | ErrorKind::UndefinedError => {
            TemplateErrorKind::Undefined
        }
        ErrorKind::OutOfFuel | ErrorKind::CannotDeserialize | ErrorKind::WriteFailure => {
            TemplateErrorKind::Other
        }
        _ => TemplateErrorKind::Type,
    }
}

fn message(error: &Error, kind: TemplateErrorKind, variables: Option<&Variables>) -> String {
    let detail = error.detail().unwrap_or_default();
    let mut text = match (error.kind(), detail) {
        (ErrorKind::WriteFailure, _) => "the template prints too much".to_owned(),
        (ErrorKind::OutOfFuel, _) => "the template takes too many steps".to_owned(),
        (kind, "") => kind.to_string(),
        (ErrorKind::SyntaxError, detail) => format!("syntax error: {detail}"),
        (_, detail) => detail.to_owned(),
    };
    if kind == TemplateErrorKind::Undefined
        && let Some(near) = variables.and_then(|variables| suggestion(detail, variables))
    {
        text.push_str(", did you mean `");
        text.push_str(&near);
        text.push_str("`?");
    }
    match error.line() {
        Some(line) => format!("{text} (line {line})"),
        None => text,
    }
}

/// The known name that is nearest to the undefined one, which stands in backticks in minijinja's message.
fn suggestion(detail: &str, variables: &Variables) -> Option<String> {
    let path = detail.split('`').nth(1)?;
    let mut parts = path.split('.');
    let mut wrong = parts.next()?;
    let mut known: Option<&Value> = None;
    let mut found = String::new();
    for next in std::iter::once(None).chain(parts.map(Some)) {
        let Some(next) = next else {
            match variables.values.iter().find(|(name, _)| name == wrong) {
                Some((_, value)) => known = Some(value),
                None => break,
            }
            found.push_str(wrong);
            continue;
        };
        wrong = next;
        match known?.get(next) {
            Some(value) => known = Some(value),
            None => break,
        }
        found.push('.');
        found.push_str(next);
    }
    let names: Vec<&str> = match known {
        None => variables
            .values
            .iter()
            .map(|(name, _)| name.as_str())
            .collect(),
        Some(value) => value.as_object()?.keys().map(String::as_str).collect(),
    };
    let nearest = nearest(wrong, &names)?;
    Some(if found.is_empty() {
        nearest.to_owned()
    } else {
        format!("{found}.{nearest}")
    })
}

fn nearest<'n>(wrong: &str, names: &[&'n str]) -> Option<&'n str> {
    let limit = NEAR.min(wrong.chars().count() / 2);
    names
        .iter()
        .map(|name| (distance(wrong, name), *name))
        .filter(|(distance, _)| (1..=limit).contains(distance))
        .min()
        .map(|(_, name)| name)
}

/// Insertions, deletions and replacements between two names.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
