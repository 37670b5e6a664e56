//! What to tell an author whose expression cannot be read: where it is, what it is, what to write instead.

use std::ops::Range;
use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};

use super::{MAX_DEPTH, Opening, Parser};
use crate::ast::{Node, Operator};
use crate::lexer::{Bracket, Token};

/// Habits of other languages: what stands in the text, and what to write instead. The longer first.
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

/// More brackets or operators in each other than are read.
pub(super) fn too_deep(source: &Arc<str>, span: Range<usize>) -> Diagnostic {
    let message = format!("the expression is nested more than {MAX_DEPTH} levels deep");
    at(source, span, message).note(
        "split it with `let(part => ...) -> ...`, or use a list and `.sum()`, `.all()`, `.any()`",
    )
}

/// A value that stands behind `key => value`.
pub(super) fn value_behind_rule(parser: &Parser<'_>, value: &Node) -> Diagnostic {
    if !matches!(parser.token, Token::Comma | Token::Close(_)) {
        return no_operator(parser);
    }
    let place = place(parser.source, parser.open.last());
    parser
        .at(
            value.span.clone(),
            format!("a value without `=>` stands behind one with `=>`{place}"),
        )
        .note("write the arguments without a name first")
}

/// `key => value` behind commas that leave arguments out, which the grammar does not take.
pub(super) fn rule_behind_gap(parser: &Parser<'_>) -> Diagnostic {
    parser
        .here("`=>` cannot stand here, behind arguments that are left out")
        .note("name the other arguments, too, and take the commas away")
}

/// Something stands where a value is to begin.
pub(super) fn no_value(parser: &Parser<'_>) -> Diagnostic {
    if let Some(error) = habit(parser.source, parser.span.start)
        .or_else(|| habit(parser.source, parser.previous.start).filter(|_| parser.is_glued()))
    {
        return error;
    }
    let previous = &parser.source[parser.previous.clone()];
    let found = &parser.source[parser.span.clone()];
    match &parser.token {
        Token::End if previous.is_empty() => parser.here("the expression is empty"),
        Token::End => match parser.open.last() {
            Some(opening) if opening.span.end == parser.previous.end || previous == "," => {
                never_closed(parser, opening)
            }
            _ => parser
                .at(
                    parser.previous.clone(),
                    format!("a value is missing behind `{previous}`"),
                )
                .note("the expression ends there"),
        },
        Token::Close(bracket) => closed_early(parser, *bracket, previous),
        Token::Comma if matches!(previous, "(" | "") => {
            parser.here("a value is missing before `,`")
        }
        Token::Rule if is_operator_word(previous) => operator_word(parser, previous),
        Token::Operator(_) if is_operator_word(found) && matches!(previous, "." | "?.") => parser
            .here(format!(
                "`{found}` is an operator, and cannot be a name behind a dot"
            ))
            .note(format!("write `['{found}']` or `.get('{found}')`")),
        Token::Operator(_) if is_operator_word(found) && parser.rule_follows() => {
            operator_word(parser, found)
        }
        Token::Operator(Operator::Dot) if parser.digit_follows() => parser
            .here("a number cannot begin with a point")
            .note("write `0` before it"),
        _ if previous.is_empty() || previous == "(" => {
            parser.here(format!("a value is missing before `{found}`"))
        }
        _ => parser.here(format!(
            "a value is missing between `{previous}` and `{found}`"
        )),
    }
}

/// Something stands behind a value that cannot stand there.
pub(super) fn no_operator(parser: &Parser<'_>) -> Diagnostic {
    if let Some(error) = habit(parser.source, parser.span.start) {
        return error;
    }
    let found = &parser.source[parser.span.clone()];
    match &parser.token {
        Token::End => match parser.open.last() {
            Some(opening) => never_closed(parser, opening),
            None => parser.here("the expression ends too early"),
        },
        Token::Close(bracket) => wrong_close(parser, *bracket),
        Token::Comma => comma(parser),
        Token::Rule => parser
            .here("`=>` cannot stand here")
            .note("it stands between a name and a value, once, in `{}` or between the parentheses of a call"),
        Token::Open(Bracket::Round) => parser
            .here("`(` cannot stand behind a value")
            .note("a function's name and its `(` stand together, with no blank between"),
        Token::Open(Bracket::Curly) => parser
            .here("`{` cannot stand behind a value")
            .note("an operator or a comma is missing before it"),
        Token::Function(name) if is_operator_word(name) => parser
            .here(format!("`{name}(` is read as a call of a function"))
            .note(format!("write a blank between: `{name} (`")),
        Token::Operator(Operator::Not) => parser
            .here("`not` cannot stand behind a value")
            .note("write `not` before it all: `not a in b`"),
        Token::Word(word) if &**word == "if" => parser
            .here("there is no `if`")
            .note("write `switch(condition => one, true => other)`"),
        Token::Word(word) if &**word == "is" => {
            parser.here("there is no `is`").note("write `=` or `!=`")
        }
        _ => parser
            .here(format!("an operator or a comma is missing before `{found}`"))
            .note("text belongs in quotes"),
    }
}

fn comma(parser: &Parser<'_>) -> Diagnostic {
    match parser.open.last() {
        Some(opening) if !opening.takes_arguments => parser
            .here("`,` cannot stand in parentheses around a value")
            .note("write a list between `[` and `]`"),
        _ => parser
            .here("`,` cannot stand behind the whole expression")
            .note("write a list between `[` and `]`, or two expressions"),
    }
}

fn closed_early(parser: &Parser<'_>, bracket: Bracket, previous: &str) -> Diagnostic {
    match parser.open.last() {
        Some(opening) if opening.bracket != bracket => wrong_close(parser, bracket),
        None => wrong_close(parser, bracket),
        Some(opening) if previous == "," && opening.takes_arguments => parser
            .at(parser.previous.clone(), "a value is missing behind `,`")
            .note(format!("take the comma before `{}` away", bracket.close())),
        Some(opening) if opening.span.end == parser.previous.end => {
            parser.here("a value is missing between the parentheses")
        }
        Some(_) => parser.at(
            parser.previous.clone(),
            format!("a value is missing behind `{previous}`"),
        ),
    }
}

fn never_closed(parser: &Parser<'_>, opening: &Opening) -> Diagnostic {
    parser
        .at(
            opening.span.clone(),
            format!("the `{}` here is never closed", opening.bracket.open()),
        )
        .note(format!("a `{}` is missing", opening.bracket.close()))
}

/// A closing bracket that does not close the innermost open one.
fn wrong_close(parser: &Parser<'_>, bracket: Bracket) -> Diagnostic {
    match parser.open.last() {
        Some(opening) => never_closed(parser, opening)
            .note(format!("`{}` closes something else", bracket.close())),
        None => parser
            .here(format!("`{}` closes nothing", bracket.close()))
            .note(format!(
                "take it away, or open it before with `{}`",
                bracket.open()
            )),
    }
}

fn operator_word(parser: &Parser<'_>, word: &str) -> Diagnostic {
    let span = if parser.source[parser.span.clone()] == *word {
        parser.span.clone()
    } else {
        parser.previous.clone()
    };
    parser
        .at(
            span,
            format!("`{word}` is an operator, and cannot be a key"),
        )
        .note(format!("put it in quotes: `'{word}'`"))
}

fn is_operator_word(text: &str) -> bool {
    matches!(text, "and" | "or" | "not" | "in" | "mod")
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

/// " in the call of `f`", if an opening bracket is one of a call.
fn place(source: &str, opening: Option<&Opening>) -> String {
    let Some(opening) = opening.filter(|opening| opening.bracket == Bracket::Round) else {
        return String::new();
    };
    let before = &source[..opening.span.start];
    let name = before
        .rfind(|character: char| !character.is_alphanumeric() && character != '_')
        .map_or(before, |at| {
            before[at..].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_')
        });
    format!(" in the call of `{name}`")
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

impl Parser<'_> {
    fn at(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        at(self.source, span, message)
    }

    /// An error at the token.
    fn here(&self, message: impl Into<String>) -> Diagnostic {
        self.at(self.span.clone(), message)
    }

    /// Whether no blank stands before the token.
    fn is_glued(&self) -> bool {
        self.previous.end == self.span.start
    }

    fn rule_follows(&self) -> bool {
        self.source[self.span.end..].trim_start().starts_with("=>")
    }

    fn digit_follows(&self) -> bool {
        let next = self.source[self.span.end..].chars().next();
        next.is_some_and(|next| next.is_ascii_digit())
    }
}
