//! What follows an operand: attributes, items, calls, filters and tests.

use std::sync::Arc;

use diagnostic::Diagnostic;
use pyvalue::Value;

use super::Parser;
use crate::Function;
use crate::ast::{Applied, Arguments, Expr, ExprKind};
use crate::lexer::{Span, Symbol, TokenKind};

type Parsed = Result<Expr, Diagnostic>;

impl Parser<'_> {
    /// `.name`, `.0`, `[...]` and `(...)`.
    pub(super) fn postfix(&mut self, mut subject: Expr, start: Span) -> Parsed {
        loop {
            subject = match self.kind() {
                TokenKind::Symbol(Symbol::Dot) => self.attribute(subject, start)?,
                TokenKind::Symbol(Symbol::LeftBracket) => self.subscript(subject, start)?,
                TokenKind::Symbol(Symbol::LeftParen) => self.call(subject, start)?,
                _ => return Ok(subject),
            };
        }
    }

    /// `|filter`, `is test`, and calls of what they give.
    pub(super) fn filters_and_tests(&mut self, mut subject: Expr, start: Span) -> Parsed {
        loop {
            subject = match self.kind() {
                TokenKind::Symbol(Symbol::Pipe) => {
                    self.advance();
                    self.filter(Some(subject), start)?
                }
                TokenKind::Name if self.is_name("is") => self.test(subject, start)?,
                TokenKind::Symbol(Symbol::LeftParen) => self.call(subject, start)?,
                _ => return Ok(subject),
            };
        }
    }

    fn attribute(&mut self, subject: Expr, start: Span) -> Parsed {
        self.advance();
        let kind = match self.kind() {
            TokenKind::Name => {
                let name = self.name().unwrap_or_default();
                ExprKind::Attribute(Box::new(subject), name.into())
            }
            TokenKind::Literal(value @ (Value::Int(_) | Value::Big(_))) => {
                let key = self.node(ExprKind::Constant(value.clone()), self.span())?;
                ExprKind::Item(Box::new((subject, key)))
            }
            _ => return Err(self.unexpected("a name or number is expected after `.`, not")),
        };
        self.advance();
        self.node(kind, self.since(start))
    }

    fn subscript(&mut self, subject: Expr, start: Span) -> Parsed {
        let open = self.span();
        self.advance();
        let mut keys = Vec::new();
        let mut slice = None;
        while !self.is_symbol(Symbol::RightBracket) {
            if slice.is_some() {
                return Err(self.unexpected("`]` is expected, not"));
            }
            if !keys.is_empty() {
                self.expect_symbol(Symbol::Comma, ",")?;
            }
            if keys.is_empty() {
                slice = self.slice(&mut keys)?;
            } else {
                keys.push(self.expression()?);
            }
        }
        self.advance();
        let kind = if let Some(parts) = slice {
            ExprKind::Slice(Box::new((subject, parts)))
        } else {
            let key = match keys.pop() {
                Some(only) if keys.is_empty() => only,
                last => {
                    keys.extend(last);
                    self.node(ExprKind::Tuple(keys), self.since(open))?
                }
            };
            ExprKind::Item(Box::new((subject, key)))
        };
        self.node(kind, self.since(start))
    }

    /// `start:stop:step`; what turns out to be a plain key goes to `keys`.
    fn slice(&mut self, keys: &mut Vec<Expr>) -> Result<Option<[Option<Expr>; 3]>, Diagnostic> {
        let mut parts = [None, None, None];
        if !self.is_symbol(Symbol::Colon) {
            let first = self.expression()?;
            if !self.is_symbol(Symbol::Colon) {
                keys.push(first);
                return Ok(None);
            }
            parts[0] = Some(first);
        }
        for part in &mut parts[1..] {
            if !self.skip_symbol(Symbol::Colon) {
                break;
            }
            let is_left_out = [Symbol::Colon, Symbol::RightBracket, Symbol::Comma]
                .into_iter()
                .any(|symbol| self.is_symbol(symbol));
            if !is_left_out {
                *part = Some(self.expression()?);
            }
        }
        Ok(Some(parts))
    }

    fn call(&mut self, callee: Expr, start: Span) -> Parsed {
        let arguments = self.arguments()?;
        let kind = ExprKind::Call(Box::new((callee, arguments)));
        self.node(kind, self.since(start))
    }

    /// One filter; what `|` leads to.
    pub(super) fn filter(&mut self, subject: Option<Expr>, start: Span) -> Parsed {
        let applied = self.applied(subject, "filter")?;
        self.node(ExprKind::Filter(Box::new(applied)), self.since(start))
    }

    fn test(&mut self, subject: Expr, start: Span) -> Parsed {
        self.advance();
        let is_negated = self.skip_name("not");
        let mut test = self.applied(Some(subject), "test")?;
        let takes_argument = match self.kind() {
            TokenKind::Name => !["else", "or", "and"].contains(&self.name().unwrap_or_default()),
            TokenKind::Literal(_) | TokenKind::Symbol(Symbol::LeftBracket | Symbol::LeftBrace) => {
                true
            }
            _ => false,
        };
        if takes_argument && !self.has_arguments() {
            if self.is_name("is") {
                return Err(self.error(self.span(), "tests cannot be chained with `is`"));
            }
            let argument = self.nested(|parser| {
                let start = parser.span();
                let argument = parser.primary()?;
                parser.postfix(argument, start)
            })?;
            test.arguments.positional.push(argument);
        }
        let mut node = self.node(ExprKind::Test(Box::new(test)), self.since(start))?;
        if is_negated {
            node = self.node(ExprKind::Not(Box::new(node)), self.since(start))?;
        }
        Ok(node)
    }

    /// Whether the token before is the end of arguments in brackets.
    fn has_arguments(&self) -> bool {
        self.at > 0
            && matches!(
                self.tokens[self.at - 1].kind,
                TokenKind::Symbol(Symbol::RightParen)
            )
    }

    /// The name of a filter or test, and arguments in brackets.
    fn applied(&mut self, subject: Option<Expr>, what: &str) -> Result<Applied, Diagnostic> {
        let (first, start) = self.expect_name(&format!("the name of a {what}"))?;
        let mut name = first.to_owned();
        while self.skip_symbol(Symbol::Dot) {
            let (part, _) = self.expect_name(&format!("the name of a {what}"))?;
            name.push('.');
            name.push_str(part);
        }
        let name_span = self.since(start);
        let arguments = if self.is_symbol(Symbol::LeftParen) {
            self.arguments()?
        } else {
            Arguments::default()
        };
        let function = self.find(what, &name, name_span);
        Ok(Applied {
            subject,
            name: Arc::from(name),
            name_span,
            function,
            arguments,
        })
    }

    /// The filter or test of a name. That there is none is an error at once, unless a condition may never reach it.
    fn find(&mut self, what: &str, name: &str, span: Span) -> Option<Function> {
        let found = if what == "filter" {
            self.environment.find_filter(name)
        } else {
            self.environment.find_test(name)
        };
        match found {
            Ok(function) => Some(function.clone()),
            Err(error) => {
                if !self.is_conditional && self.unknown.is_none() {
                    self.unknown = Some(error.at(self.text, span.range()).into());
                }
                None
            }
        }
    }
}
