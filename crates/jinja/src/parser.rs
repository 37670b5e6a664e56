//! Tokens to a tree, by Jinja2's grammar.

mod arguments;
mod expression;
mod postfix;
mod statement;
mod tag;
mod target;

use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};

use crate::Environment;
use crate::ast::{Body, Expr, ExprKind};
use crate::lexer::{self, Span, Symbol, Token, TokenKind};

/// Brackets in brackets and blocks in blocks, and levels of a tree: more would exhaust the stack.
const MAX_NESTING: u32 = 60;
const MAX_DEPTH: u32 = 120;

/// A whole template.
pub(crate) fn template(text: &Arc<str>, environment: &Environment) -> Result<Body, Diagnostic> {
    let tokens = lexer::template(text)?;
    let mut parser = Parser::new(text, &tokens, environment);
    let body = parser.body(&[])?;
    parser.finish(body)
}

/// An expression that stands alone.
pub(crate) fn expression(text: &Arc<str>, environment: &Environment) -> Result<Expr, Diagnostic> {
    let tokens = lexer::expression(text)?;
    let mut parser = Parser::new(text, &tokens, environment);
    let expression = parser.expression()?;
    if !parser.is_end() {
        return Err(parser.unexpected("the expression ends before"));
    }
    parser.finish(expression)
}

struct Parser<'p> {
    text: &'p Arc<str>,
    tokens: &'p [Token],
    at: usize,
    environment: &'p Environment,
    /// Tags that are open, with their places.
    open: Vec<(&'p str, Span)>,
    nesting: u32,
    /// Whether an unknown filter is an error only when it is reached: under a condition.
    is_conditional: bool,
    /// What is wrong with names; told only where the grammar is right.
    unknown: Option<Diagnostic>,
}

impl<'p> Parser<'p> {
    fn new(text: &'p Arc<str>, tokens: &'p [Token], environment: &'p Environment) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            environment,
            open: Vec::new(),
            nesting: 0,
            is_conditional: false,
            unknown: None,
        }
    }

    fn finish<T>(self, parsed: T) -> Result<T, Diagnostic> {
        self.unknown.map_or(Ok(parsed), Err)
    }

    fn token(&self) -> &'p Token {
        // The last token is the end, and nothing steps over it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> &'p TokenKind {
        &self.token().kind
    }

    fn span(&self) -> Span {
        self.token().span
    }

    fn advance(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    fn is_end(&self) -> bool {
        matches!(self.kind(), TokenKind::End)
    }

    fn word_of(&self, token: &Token) -> &'p str {
        &self.text[token.span.range()]
    }

    /// The name at hand, if it is one.
    fn name(&self) -> Option<&'p str> {
        match self.kind() {
            TokenKind::Name => Some(self.word_of(self.token())),
            _ => None,
        }
    }

    fn is_name(&self, name: &str) -> bool {
        self.name() == Some(name)
    }

    fn is_symbol(&self, symbol: Symbol) -> bool {
        matches!(self.kind(), TokenKind::Symbol(found) if *found == symbol)
    }

    /// Whether the token after the one at hand is that name.
    fn is_next_name(&self, name: &str) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| {
            matches!(token.kind, TokenKind::Name) && self.word_of(token) == name
        })
    }

    fn is_next_symbol(&self, symbol: Symbol) -> bool {
        self.tokens
            .get(self.at + 1)
            .is_some_and(|token| matches!(token.kind, TokenKind::Symbol(found) if found == symbol))
    }

    fn skip_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        if found {
            self.advance();
        }
        found
    }

    fn skip_symbol(&mut self, symbol: Symbol) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn expect_name(&mut self, what: &str) -> Result<(&'p str, Span), Diagnostic> {
        let span = self.span();
        match self.name() {
            Some(name) => {
                self.advance();
                Ok((name, span))
            }
            None => Err(self.unexpected(&format!("{what} is expected, not"))),
        }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Diagnostic> {
        if self.skip_name(word) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{word}` is expected, not")))
    }

    fn expect_symbol(&mut self, symbol: Symbol, text: &str) -> Result<(), Diagnostic> {
        if self.skip_symbol(symbol) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{text}` is expected, not")))
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Kind::Parse, message).at(self.text, span.range())
    }

    /// The error of a token that does not fit, with what people mean by it.
    fn unexpected(&self, message: &str) -> Diagnostic {
        let token = self.token();
        let error = self.error(token.span, format!("{message} {}", self.shown(token)));
        match (&token.kind, self.word_of(token)) {
            (TokenKind::Symbol(Symbol::Pipe), _) => error.note("write `or` for `||`"),
            (TokenKind::Symbol(Symbol::Assign), _) => error.note("write `==` to compare"),
            (TokenKind::Name, "not") => error.note("write `is not` or `not in`"),
            (TokenKind::Name, "if") if self.at > 0 && self.follows("else") => {
                error.note("write `elif` for `else if`")
            }
            _ => error,
        }
    }

    fn follows(&self, word: &str) -> bool {
        self.tokens
            .get(self.at - 1)
            .is_some_and(|token| self.word_of(token) == word)
    }

    fn shown(&self, token: &Token) -> String {
        match &token.kind {
            TokenKind::End => "the end".to_owned(),
            TokenKind::Data(_) => "text".to_owned(),
            _ => format!("`{}`", self.word_of(token)),
        }
    }

    /// A node of the tree; refused where the tree gets too deep.
    fn node(&self, kind: ExprKind, span: Span) -> Result<Expr, Diagnostic> {
        let node = Expr::new(kind, span);
        if node.depth > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        Ok(node)
    }

    /// Parses what is nested one level deeper.
    fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, Diagnostic>,
    ) -> Result<T, Diagnostic> {
        if self.nesting >= MAX_NESTING {
            return Err(self.too_deep(self.span()));
        }
        self.nesting += 1;
        let parsed = parse(self);
        self.nesting -= 1;
        parsed
    }

    fn too_deep(&self, span: Span) -> Diagnostic {
        Diagnostic::new(Kind::Limit, "expressions or blocks are nested too deep")
            .at(self.text, span.range())
    }

    /// From a place to the last token read.
    fn since(&self, start: Span) -> Span {
        let last = self.at.saturating_sub(1);
        start.to(self.tokens.get(last).map_or(start, |token| token.span))
    }
}
