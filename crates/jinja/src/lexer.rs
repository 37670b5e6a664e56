//! Template text to tokens: delimiters, white space control, raw blocks, and the words of expressions.

mod literal;
mod template;
mod words;

use std::ops::Range;
use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};
use pyvalue::Value;

/// A place in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A word, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum TokenKind {
    /// Text outside of delimiters.
    Data(Arc<str>),
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    /// A name: its text is at its place.
    Name,
    /// A text or number.
    Literal(Value),
    /// An operator or bracket.
    Symbol(Symbol),
    End,
}

/// Operators and brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    Tilde,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Assign,
    Dot,
    Comma,
    Colon,
    Semicolon,
    Pipe,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }

    /// From the start of this one to the end of the other.
    pub(crate) fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The text as Jinja sees it: `\n` ends lines, and one at the very end is dropped.
pub(crate) fn normalized(text: &str) -> Arc<str> {
    if text.contains('\r') {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        return text.strip_suffix('\n').unwrap_or(&text).into();
    }
    text.strip_suffix('\n').unwrap_or(text).into()
}

/// The tokens of a template; the last is [`TokenKind::End`].
pub(crate) fn template(text: &Arc<str>) -> Result<Vec<Token>, Diagnostic> {
    let mut lexer = Lexer::new(text)?;
    lexer.template()?;
    Ok(lexer.finish())
}

/// The tokens of an expression that stands alone.
pub(crate) fn expression(text: &Arc<str>) -> Result<Vec<Token>, Diagnostic> {
    let mut lexer = Lexer::new(text)?;
    while lexer.at < lexer.bytes.len() {
        lexer.word()?;
    }
    if let Some((_, open)) = lexer.open.last() {
        return Err(lexer.error(Span::new(*open, open + 1), "this bracket is not closed"));
    }
    Ok(lexer.finish())
}

struct Lexer<'t> {
    source: &'t Arc<str>,
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    tokens: Vec<Token>,
    /// Brackets that are open: what closes them, and where they are.
    open: Vec<(u8, usize)>,
    /// Whether what was read last ended a line.
    is_line_start: bool,
}

impl<'t> Lexer<'t> {
    fn new(source: &'t Arc<str>) -> Result<Self, Diagnostic> {
        if u32::try_from(source.len()).is_err() {
            return Err(Diagnostic::new(Kind::Limit, "the template is too long"));
        }
        Ok(Self {
            source,
            text: source,
            bytes: source.as_bytes(),
            at: 0,
            tokens: Vec::with_capacity(8 + source.len() / 6),
            open: Vec::new(),
            is_line_start: true,
        })
    }

    fn finish(mut self) -> Vec<Token> {
        let end = self.text.len();
        self.push(TokenKind::End, end, end);
        self.tokens
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        let span = Span::new(start, end);
        self.tokens.push(Token { kind, span });
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Kind::Parse, message).at(self.source, span.range())
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }
}
