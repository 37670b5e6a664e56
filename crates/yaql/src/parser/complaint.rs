//! What to tell an author whose expression cannot be read: where it is, what it is, what to write instead.

mod grammar;

use std::ops::Range;
use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};

pub(super) use grammar::{no_operator, no_value, rule_behind_gap, too_deep, value_behind_rule};

/// An error in a box: most of what reading gives are trees and tokens.
pub(crate) type Complaint = Box<Diagnostic>;

/// Habits of other languages: what stands in the text, and what to write instead.
const HABITS: [(&str, &str); 24] = [
    ("==", "write `=` to compare"),
    ("!==", "write `!=` to compare"),
    ("<>", "write `!=` to compare"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("//", "write `/`: it rounds down between integers"),
    ("**", "write `pow(base, exponent)`"),
    (
        "{{",
        "Jinja stands outside of YAQL: write one language or the other",
    ),
    (
        "{%",
        "Jinja stands outside of YAQL: write one language or the other",
    ),
    (
        "%}",
        "Jinja stands outside of YAQL: write one language or the other",
    ),
    (
        "<%",
        "`<%` and `%>` stand around an expression, not in it; each `<%` needs its `%>`",
    ),
    (
        "%>",
        "`<%` and `%>` stand around an expression, not in it; each `<%` needs its `%>`",
    ),
    ("..", "one dot is enough"),
    (
        "|",
        "there are no filters: write `value.function()` or `function(value)`",
    ),
    ("!", "write `not`"),
    ("&", "write `and`; for bits there is `bitwiseAnd(a, b)`"),
    (
        "?",
        "write `switch(condition => one, true => other)` to choose, `a?.b` to pass over null",
    ),
    (
        ":",
        "write `key => value` in `{}`; for a part of a list there are `.skip(n)` and `.take(n)`",
    ),
    ("%", "write `mod` for the remainder"),
    (";", "there is one expression, and nothing ends it"),
    (
        "^",
        "write `pow(base, exponent)`; for bits there is `bitwiseXor(a, b)`",
    ),
    (
        "\\",
        "quotes need no backslash here: write `'` in a text between `\"`",
    ),
    (
        "~",
        "write `=~` to match a regular expression, `+` to join texts",
    ),
    ("#", "there are no comments"),
];

/// An error at a place.
pub(crate) fn at(source: &Arc<str>, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Kind::Parse, message).at(source, span)
}

/// A number that a part of a word is glued to.
pub(crate) fn bad_number(source: &Arc<str>, span: Range<usize>) -> Diagnostic {
    let text = &source[span.clone()];
    let error = at(
        source,
        span,
        format!("`{text}` is neither a number nor a word"),
    );
    let tail = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let exponent = tail.trim_start_matches(['e', 'E']);
    if tail != exponent && exponent.chars().all(|c| c.is_ascii_digit()) {
        error.note("numbers have no exponent: write all digits")
    } else if tail.starts_with('_') {
        error.note("write the digits without `_`")
    } else if text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o") {
        error.note("write the number in decimal digits")
    } else {
        error.note(format!("put it in quotes if it is a text: `'{text}'`"))
    }
}

/// A word that begins with `__`.
pub(crate) fn underscores(source: &Arc<str>, span: Range<usize>) -> Diagnostic {
    let word = &source[span.clone()];
    let message = format!("`{word}` begins with two underscores, which a word cannot");
    at(source, span, message).note(format!("put it in quotes: `'{word}'`"))
}

/// A quote that opens a text and is not followed by its like.
pub(crate) fn unclosed_text(source: &Arc<str>, start: usize, quote: char) -> Diagnostic {
    let error = at(
        source,
        start..start + 1,
        "the text that begins here never ends",
    );
    if source[start..].contains("\\\n") {
        return error.note("a backslash cannot stand at the end of a line: write `\\n`");
    }
    if source[start + 1..].contains(quote) {
        return error.note(format!(
            "`\\{quote}` is a quote within the text: write `\\\\` for a backslash before the closing one"
        ));
    }
    error.note(format!("close it with {}", code(quote)))
}

/// An escape that Python would refuse.
pub(crate) fn bad_escape(
    source: &Arc<str>,
    span: Range<usize>,
    message: impl Into<String>,
) -> Diagnostic {
    at(source, span, message).note("write `\\\\` for a backslash, or the text between backquotes")
}

/// A character that begins no token.
pub(crate) fn stray(source: &Arc<str>, start: usize) -> Diagnostic {
    let before = source[..start].char_indices().next_back();
    let delimiter = before.filter(|_| source[start..].starts_with('%'));
    if let Some(error) = delimiter
        .and_then(|(at, _)| habit(source, at))
        .or_else(|| habit(source, start))
    {
        return error;
    }
    let character = source[start..].chars().next().unwrap_or_default();
    let span = start..start + character.len_utf8();
    let error = at(
        source,
        span,
        format!("{} means nothing here", code(character)),
    );
    match character {
        '“' | '”' | '‘' | '’' | '„' | '«' | '»' | '´' => {
            error.note("write straight quotes: `'` or `\"`")
        }
        _ if character.is_whitespace() || character.is_control() => {
            error.note("only blanks, tabs and line ends may stand between words")
        }
        _ => error.note("put it in quotes if it belongs to a text"),
    }
}

/// The error for what other languages would write at a place, if the text there is such.
fn habit(source: &Arc<str>, start: usize) -> Option<Diagnostic> {
    let rest = &source[start..];
    let (sign, advice) = HABITS
        .iter()
        .filter(|(sign, _)| rest.starts_with(sign))
        .max_by_key(|(sign, _)| sign.len())?;
    let message = format!("`{sign}` is not part of the language");
    Some(at(source, start..start + sign.len(), message).note(*advice))
}

/// A character as code, readable also where it is a backquote or cannot be seen.
fn code(character: char) -> String {
    if character == '`' {
        "a backquote".to_owned()
    } else if character.is_control() || character.is_whitespace() {
        format!("the character `\\u{:04x}`", u32::from(character))
    } else {
        format!("`{character}`")
    }
}
