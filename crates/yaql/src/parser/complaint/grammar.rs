//! Complaints about tokens that stand where they cannot.

use std::ops::Range;
use std::sync::Arc;

use diagnostic::Diagnostic;

use super::{at, habit};
use crate::ast::{Node, Operator};
use crate::lexer::{Bracket, Lexer, Token};
use crate::parser::{MAX_DEPTH, Parser};

/// An opening bracket that is not closed yet.
struct Opening {
    bracket: Bracket,
    span: Range<usize>,
    /// Whether arguments stand in it, rather than one value.
    takes_arguments: bool,
}

/// More brackets or operators in each other than are read.
pub(in crate::parser) fn too_deep(source: &Arc<str>, span: Range<usize>) -> Diagnostic {
    let message = format!("the expression is nested more than {MAX_DEPTH} levels deep");
    at(source, span, message).note(
        "split it with `let(part => ...) -> ...`, or use a list and `.sum()`, `.all()`, `.any()`",
    )
}

/// A value that stands behind `key => value`.
pub(in crate::parser) fn value_behind_rule(parser: &Parser<'_>, value: &Node) -> Diagnostic {
    if !matches!(parser.token, Token::Comma | Token::Close(_)) {
        return no_operator(parser);
    }
    let place = place(parser.source, parser.opening().as_ref());
    parser
        .at(
            value.span.clone(),
            format!("a value without `=>` stands behind one with `=>`{place}"),
        )
        .note("write the arguments without a name first")
}

/// `key => value` behind commas that leave arguments out, which the grammar does not take.
pub(in crate::parser) fn rule_behind_gap(parser: &Parser<'_>) -> Diagnostic {
    parser
        .here("`=>` cannot stand here, behind arguments that are left out")
        .note("name the other arguments, too, and take the commas away")
}

/// Something stands where a value is to begin.
pub(in crate::parser) fn no_value(parser: &Parser<'_>) -> Diagnostic {
    if let Some(error) = habit(parser.source, parser.span.start)
        .or_else(|| habit(parser.source, parser.previous.start).filter(|_| parser.is_glued()))
    {
        return error;
    }
    let previous = &parser.source[parser.previous.clone()];
    let found = &parser.source[parser.span.clone()];
    match &parser.token {
        Token::End if previous.is_empty() => parser.here("the expression is empty"),
        Token::End => match parser.opening() {
            Some(opening) if opening.span.end == parser.previous.end || previous == "," => {
                never_closed(parser, &opening)
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
pub(in crate::parser) fn no_operator(parser: &Parser<'_>) -> Diagnostic {
    if let Some(error) = habit(parser.source, parser.span.start) {
        return error;
    }
    let found = &parser.source[parser.span.clone()];
    match &parser.token {
        Token::End => match parser.opening() {
            Some(opening) => never_closed(parser, &opening),
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
    match parser.opening() {
        Some(opening) if !opening.takes_arguments => parser
            .here("`,` cannot stand in parentheses around a value")
            .note("write a list between `[` and `]`"),
        _ => parser
            .here("`,` cannot stand behind the whole expression")
            .note("write a list between `[` and `]`, or two expressions"),
    }
}

fn closed_early(parser: &Parser<'_>, bracket: Bracket, previous: &str) -> Diagnostic {
    match parser.opening() {
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
    match parser.opening() {
        Some(opening) => never_closed(parser, &opening)
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

impl Parser<'_> {
    fn at(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        at(self.source, span, message)
    }

    /// An error at the token.
    fn here(&self, message: impl Into<String>) -> Diagnostic {
        self.at(self.span.clone(), message)
    }

    /// The innermost bracket that is open before the token. All tokens there are known to fit.
    fn opening(&self) -> Option<Opening> {
        let mut lexer = Lexer::new(self.source);
        let mut open = Vec::new();
        while let Ok((token, span)) = lexer.next() {
            if span.start >= self.span.start {
                break;
            }
            let bracket = match token {
                Token::Close(_) => {
                    open.pop();
                    continue;
                }
                Token::Function(_) => Bracket::Round,
                Token::Open(bracket) => bracket,
                _ => continue,
            };
            open.push(Opening {
                bracket,
                takes_arguments: bracket != Bracket::Round || matches!(token, Token::Function(_)),
                span: span.end - 1..span.end,
            });
        }
        open.pop()
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
