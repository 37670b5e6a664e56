//! Text and tags in sequence, and what each tag begins.

use std::sync::Arc;

use diagnostic::Diagnostic;

use super::Parser;
use crate::ast::{Body, Statement};
use crate::lexer::{Span, Symbol, TokenKind};

/// Tags that close or divide others, and what they belong to.
const INNER: &[(&str, &str)] = &[
    ("else", "if"),
    ("elif", "if"),
    ("endif", "if"),
    ("endfor", "for"),
    ("endset", "set"),
    ("endmacro", "macro"),
    ("endcall", "call"),
    ("endfilter", "filter"),
    ("endwith", "with"),
    ("endblock", "block"),
    ("endautoescape", "autoescape"),
    ("endraw", "raw"),
];

/// Tags that begin something.
const TAGS: &[&str] = &[
    "autoescape",
    "block",
    "call",
    "extends",
    "filter",
    "for",
    "from",
    "if",
    "import",
    "include",
    "macro",
    "print",
    "raw",
    "set",
    "with",
];

impl Parser<'_> {
    /// Statements up to a tag of `ends`, whose name is the token at hand then; or to the end of the template.
    pub(super) fn body(&mut self, ends: &[&str]) -> Result<Body, Diagnostic> {
        let mut body = Body::new();
        loop {
            match self.kind() {
                TokenKind::End if ends.is_empty() => return Ok(body),
                TokenKind::End => return Err(self.unclosed(ends)),
                TokenKind::Data(text) => {
                    body.push(Statement::Text(Arc::clone(text)));
                    self.advance();
                }
                TokenKind::VariableBegin => {
                    self.advance();
                    body.push(Statement::Print(self.tuple(true, |_| false, false)?));
                    self.expect_end(|kind| matches!(kind, TokenKind::VariableEnd), "}}")?;
                }
                TokenKind::BlockBegin => {
                    self.advance();
                    if self.name().is_some_and(|name| ends.contains(&name)) {
                        return Ok(body);
                    }
                    self.nested(|parser| parser.statement(&mut body))?;
                    self.expect_block_end()?;
                }
                _ => return Err(self.unexpected("text or a tag is expected, not")),
            }
        }
    }

    fn expect_end(&mut self, is_end: fn(&TokenKind) -> bool, text: &str) -> Result<(), Diagnostic> {
        if is_end(self.kind()) {
            self.advance();
            return Ok(());
        }
        Err(self.unexpected(&format!("`{text}` is expected, not")))
    }

    pub(super) fn expect_block_end(&mut self) -> Result<(), Diagnostic> {
        self.expect_end(|kind| matches!(kind, TokenKind::BlockEnd), "%}")
    }

    /// The body of a tag that is open, up to one of `ends`. The rest of the opening tag may be a colon.
    pub(super) fn inner_body(&mut self, ends: &[&str]) -> Result<Body, Diagnostic> {
        self.skip_symbol(Symbol::Colon);
        self.expect_block_end()?;
        self.body(ends)
    }

    /// As [`Parser::inner_body`] with one end, which is stepped over.
    pub(super) fn closed_body(&mut self, end: &str) -> Result<Body, Diagnostic> {
        let body = self.inner_body(&[end])?;
        self.advance();
        Ok(body)
    }

    fn statement(&mut self, body: &mut Body) -> Result<(), Diagnostic> {
        let span = self.span();
        let Some(tag) = self.name() else {
            return Err(self.unexpected("the name of a tag is expected, not"));
        };
        self.open.push((tag, span));
        let statement = match tag {
            "for" => self.for_loop(span)?,
            "if" => self.condition()?,
            "set" => self.set()?,
            "with" => self.with()?,
            "macro" => self.macro_definition()?,
            "call" => self.call_block()?,
            "filter" => self.filter_block()?,
            "autoescape" => self.autoescape()?,
            "block" => self.block(span)?,
            "include" => self.include()?,
            "extends" => self.extends()?,
            "import" => self.import()?,
            "from" => self.import_names()?,
            "print" => {
                self.print(body)?;
                self.open.pop();
                return Ok(());
            }
            _ => return Err(self.unknown_tag(tag, span)),
        };
        body.push(statement);
        self.open.pop();
        Ok(())
    }

    fn print(&mut self, body: &mut Body) -> Result<(), Diagnostic> {
        self.advance();
        let mut is_first = true;
        while !matches!(self.kind(), TokenKind::BlockEnd) {
            if !is_first {
                self.expect_symbol(Symbol::Comma, ",")?;
            }
            is_first = false;
            body.push(Statement::Print(self.expression()?));
        }
        Ok(())
    }

    fn unclosed(&self, ends: &[&str]) -> Diagnostic {
        let end = ends.last().copied().unwrap_or_default();
        match self.open.last() {
            Some((tag, span)) => self
                .error(*span, format!("the `{tag}` that begins here is not closed"))
                .note(format!("add `{{% {end} %}}` where it ends")),
            None => self.error(self.span(), format!("`{end}` is missing")),
        }
    }

    fn unknown_tag(&self, tag: &str, span: Span) -> Diagnostic {
        // The last of `open` is the unknown tag itself.
        let around = self.open.len().checked_sub(2).map(|at| self.open[at]);
        if ["elseif", "elsif", "elif"].contains(&tag) && tag != "elif" {
            return self
                .error(span, format!("there is no tag called `{tag}`"))
                .note("write `elif`");
        }
        if let Some((_, opener)) = INNER.iter().find(|(inner, _)| *inner == tag) {
            let error = self.error(span, format!("`{tag}` has no `{opener}` to belong to here"));
            return match around {
                Some((open, _)) => error.note(format!("the `{open}` around it is still open")),
                None => error,
            };
        }
        let error = self.error(span, format!("there is no tag called `{tag}`"));
        match tag {
            "do" => error.note("write `{% set _ = ... %}`"),
            "break" | "continue" => error.note("a loop ends early by `{% for x in xs if ... %}`"),
            _ => {
                let ends = INNER.iter().map(|(inner, _)| *inner);
                match diagnostic::nearest(tag, TAGS.iter().copied().chain(ends)) {
                    Some(near) => error.note(format!("did you mean `{near}`?")),
                    None => error,
                }
            }
        }
    }

    /// Parses what stands directly under a condition, or does not.
    pub(super) fn under<T>(
        &mut self,
        is_conditional: bool,
        parse: impl FnOnce(&mut Self) -> Result<T, Diagnostic>,
    ) -> Result<T, Diagnostic> {
        let before = std::mem::replace(&mut self.is_conditional, is_conditional);
        let parsed = parse(self);
        self.is_conditional = before;
        parsed
    }
}
