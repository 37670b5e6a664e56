//! Cuts the text of an expression into tokens, lazily.
//!
//! What is a token follows the Python original to the letter, also where it surprises: a function's name has its
//! parenthesis glued to it, operators are words only where no parenthesis follows, words hold letters of any script.

mod string;
mod word;

use std::ops::Range;
use std::sync::Arc;

use pyvalue::{Value, number};

use crate::ast::Operator;
use crate::parser::complaint::{self, Complaint};
use string::unescape;
use word::is_word;

/// A kind of brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bracket {
    /// `(`
    Round,
    /// `[`
    Square,
    /// `{`
    Curly,
}

/// A token.
#[derive(Debug, Clone)]
pub(crate) enum Token {
    /// A number, a quoted text, `true`, `false`, `null`.
    Constant(Value),
    /// A bare word.
    Word(Arc<str>),
    /// `$name`, with the dollar.
    Variable(Arc<str>),
    /// A function's name and the parenthesis behind it.
    Function(Arc<str>),
    /// An operator. `+` and `-` are always the binary ones here.
    Operator(Operator),
    /// `=>`
    Rule,
    /// `,`
    Comma,
    /// An opening bracket.
    Open(Bracket),
    /// A closing bracket.
    Close(Bracket),
    /// The end of the text.
    End,
}

impl Bracket {
    /// The opening sign.
    pub(crate) const fn open(self) -> char {
        match self {
            Self::Round => '(',
            Self::Square => '[',
            Self::Curly => '{',
        }
    }

    /// The closing sign.
    pub(crate) const fn close(self) -> char {
        match self {
            Self::Round => ')',
            Self::Square => ']',
            Self::Curly => '}',
        }
    }
}

/// Reads tokens off the text.
#[derive(Debug)]
pub(crate) struct Lexer<'s> {
    source: &'s Arc<str>,
    at: usize,
}

impl<'s> Lexer<'s> {
    /// Begins at the start of `source`.
    pub(crate) fn new(source: &'s Arc<str>) -> Self {
        Self { source, at: 0 }
    }

    /// The next token and where it stands; [`Token::End`] for ever at the end.
    pub(crate) fn next(&mut self) -> Result<(Token, Range<usize>), Complaint> {
        self.at += blanks(self.rest());
        let start = self.at;
        let token = match self.rest().as_bytes().first() {
            None => Token::End,
            Some(b'$') => self.variable(),
            Some(b'\'' | b'"' | b'`') => self.text()?,
            Some(b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => self.word()?,
            Some(first) if first.is_ascii() => self.sign()?,
            Some(_) => self.foreign()?,
        };
        Ok((token, start..self.at))
    }

    /// What begins with a character that is not of ASCII.
    fn foreign(&mut self) -> Result<Token, Complaint> {
        let first = self.rest().chars().next();
        if first.is_some_and(is_digit) {
            self.number()
        } else if first.is_some_and(is_word) {
            self.word()
        } else {
            Err(complaint::stray(self.source, self.at).into())
        }
    }

    fn rest(&self) -> &'s str {
        let source: &'s str = self.source;
        &source[self.at..]
    }

    /// Takes the first bytes of the rest.
    fn take(&mut self, length: usize) -> &'s str {
        let taken = &self.rest()[..length];
        self.at += length;
        taken
    }

    fn variable(&mut self) -> Token {
        let rest = self.rest();
        let length = 1 + word_length(&rest[1..]);
        Token::Variable(Arc::from(self.take(length)))
    }

    /// Digits, and a fraction if digits follow the point. No part of a word may be glued to it.
    fn number(&mut self) -> Result<Token, Complaint> {
        let rest = self.rest();
        let whole = span_while(rest, is_digit);
        let fraction = rest[whole..]
            .strip_prefix('.')
            .map_or(0, |fraction| span_while(fraction, is_digit));
        let length = if fraction > 0 {
            whole + 1 + fraction
        } else {
            whole
        };
        let tail = word_length(&rest[length..]);
        if tail > 0 {
            let span = self.at..self.at + length + tail;
            return Err(complaint::bad_number(self.source, span).into());
        }
        let text = &rest[..length];
        let value = if fraction > 0 {
            number::parse_float(text).map(Value::Float)
        } else if let Some(small) = small(text) {
            Ok(Value::Int(small))
        } else {
            number::parse_int(text, 10)
        };
        let span = self.at..self.at + length;
        self.at = span.end;
        value
            .map(Token::Constant)
            .map_err(|error| complaint::at(self.source, span, error.message).into())
    }

    /// A function's name, an operator or constant that is a word, or a bare word.
    fn word(&mut self) -> Result<Token, Complaint> {
        let rest = self.rest();
        let length = word_length(rest);
        if rest[length..].starts_with('(') {
            let name = self.take(length);
            self.at += 1;
            return Ok(Token::Function(Arc::from(name)));
        }
        if rest.starts_with("__") {
            return Err(complaint::underscores(self.source, self.at..self.at + length).into());
        }
        Ok(match self.take(length) {
            "true" => Token::Constant(Value::Bool(true)),
            "false" => Token::Constant(Value::Bool(false)),
            "null" => Token::Constant(Value::None),
            "and" => Token::Operator(Operator::And),
            "or" => Token::Operator(Operator::Or),
            "not" => Token::Operator(Operator::Not),
            "in" => Token::Operator(Operator::In),
            "mod" => Token::Operator(Operator::Modulo),
            word => Token::Word(Arc::from(word)),
        })
    }

    /// A quoted text.
    fn text(&mut self) -> Result<Token, Complaint> {
        let rest = self.rest();
        let quote = rest.chars().next().unwrap_or('\'');
        let Some(length) = quoted(rest, quote) else {
            return Err(complaint::unclosed_text(self.source, self.at, quote).into());
        };
        let start = self.at + 1;
        let inner = &self.take(length)[1..length - 1];
        let plain = if !inner.contains('\\') {
            return Ok(Token::Constant(Value::from(inner)));
        } else if quote == '`' {
            inner.replace("\\`", "`")
        } else {
            unescape(inner).map_err(|bad| {
                let span = start + bad.span.start..start + bad.span.end;
                complaint::bad_escape(self.source, span, bad.message)
            })?
        };
        Ok(Token::Constant(Value::from(plain)))
    }

    fn sign(&mut self) -> Result<Token, Complaint> {
        let (token, length) =
            sign(self.rest().as_bytes()).ok_or_else(|| complaint::stray(self.source, self.at))?;
        self.at += length;
        Ok(token)
    }
}

/// The sign that a text begins with, the longest there is, and its length.
fn sign(text: &[u8]) -> Option<(Token, usize)> {
    let two = match text.get(..2) {
        Some(b"?.") => Some(Operator::SafeDot),
        Some(b"->") => Some(Operator::Arrow),
        Some(b"=~") => Some(Operator::Matches),
        Some(b"!~") => Some(Operator::MatchesNot),
        Some(b">=") => Some(Operator::GreaterOrEqual),
        Some(b"<=") => Some(Operator::LessOrEqual),
        Some(b"!=") => Some(Operator::NotEqual),
        Some(b"=>") => return Some((Token::Rule, 2)),
        _ => None,
    };
    if let Some(operator) = two {
        return Some((Token::Operator(operator), 2));
    }
    let token = match text.first()? {
        b'.' => Token::Operator(Operator::Dot),
        b'+' => Token::Operator(Operator::Add),
        b'-' => Token::Operator(Operator::Subtract),
        b'*' => Token::Operator(Operator::Multiply),
        b'/' => Token::Operator(Operator::Divide),
        b'=' => Token::Operator(Operator::Equal),
        b'>' => Token::Operator(Operator::Greater),
        b'<' => Token::Operator(Operator::Less),
        b',' => Token::Comma,
        b'(' => Token::Open(Bracket::Round),
        b')' => Token::Close(Bracket::Round),
        b'[' => Token::Open(Bracket::Square),
        b']' => Token::Close(Bracket::Square),
        b'{' => Token::Open(Bracket::Curly),
        b'}' => Token::Close(Bracket::Curly),
        _ => return None,
    };
    Some((token, 1))
}

/// The length of what may stand between tokens; nothing else may.
fn blanks(text: &str) -> usize {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    text.bytes().take_while(|byte| is_blank(&byte)).count()
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || number::decimal_value(character).is_some()
}

/// A number of a few digits of ASCII.
fn small(digits: &str) -> Option<i64> {
    if digits.len() > 18 || !digits.is_ascii() {
        return None;
    }
    Some(
        digits
            .bytes()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0')),
    )
}

/// The length of what may belong to a word.
fn word_length(text: &str) -> usize {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let plain = text.bytes().take_while(is_plain).count();
    match text.as_bytes().get(plain) {
        Some(next) if !next.is_ascii() => plain + span_while(&text[plain..], is_word),
        _ => plain,
    }
}

/// The length of the characters at the start that pass.
fn span_while(text: &str, passes: impl Fn(char) -> bool) -> usize {
    text.find(|character| !passes(character))
        .unwrap_or(text.len())
}

/// The length of a quoted text with its quotes, if it is closed. A backslash takes the next character with it, and
/// cannot stand at the end of a line.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if characters.next()?.1 == '\n' => return None,
            '\\' => {}
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
