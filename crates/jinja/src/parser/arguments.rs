//! Arguments of calls.

use diagnostic::Diagnostic;

use super::Parser;
use crate::ast::Arguments;
use crate::lexer::Symbol;

impl Parser<'_> {
    /// `(a, b, name=c, *rest, **keywords)`
    pub(super) fn arguments(&mut self) -> Result<Arguments, Diagnostic> {
        self.expect_symbol(Symbol::LeftParen, "(")?;
        let mut arguments = Arguments::default();
        let mut is_first = true;
        while !self.is_symbol(Symbol::RightParen) {
            if !is_first {
                self.expect_symbol(Symbol::Comma, ",")?;
                if self.is_symbol(Symbol::RightParen) {
                    break;
                }
            }
            is_first = false;
            self.argument(&mut arguments)?;
        }
        self.advance();
        Ok(arguments)
    }

    fn argument(&mut self, arguments: &mut Arguments) -> Result<(), Diagnostic> {
        let start = self.span();
        if self.skip_symbol(Symbol::Multiply) {
            if arguments.rest.is_some() || arguments.keywords.is_some() {
                return Err(self.error(start, "only one `*` is allowed, before any `**`"));
            }
            arguments.rest = Some(self.expression()?);
        } else if self.skip_symbol(Symbol::Power) {
            if arguments.keywords.is_some() {
                return Err(self.error(start, "only one `**` is allowed"));
            }
            arguments.keywords = Some(self.expression()?);
        } else if let Some(name) = self.name()
            && self.is_next_symbol(Symbol::Assign)
        {
            if arguments.keywords.is_some() {
                return Err(self.error(start, "named arguments stand before `**`"));
            }
            if arguments.named.iter().any(|(other, _)| **other == *name) {
                return Err(self.error(start, format!("`{name}` is given twice")));
            }
            self.advance();
            self.advance();
            let value = self.expression()?;
            arguments.named.push((name.into(), value));
        } else {
            if arguments.rest.is_some()
                || arguments.keywords.is_some()
                || !arguments.named.is_empty()
            {
                return Err(self.error(
                    start,
                    "arguments by position stand before those by name, `*` and `**`",
                ));
            }
            arguments.positional.push(self.expression()?);
        }
        Ok(())
    }
}
