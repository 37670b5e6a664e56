//! What can be assigned to.

use diagnostic::Diagnostic;

use super::Parser;
use crate::ast::{Expr, ExprKind, Name, Place, Target};
use crate::lexer::{Span, Symbol};

impl Parser<'_> {
    /// `a`, `a, b`, `(a, b), c`; with `namespace.attribute` where that is allowed.
    pub(super) fn target(
        &mut self,
        allows_members: bool,
        ends: fn(&Self) -> bool,
    ) -> Result<Target, Diagnostic> {
        let start = self.span();
        let mut items = Vec::new();
        let mut is_tuple = false;
        while !self.is_tuple_end(ends) {
            items.push(self.single_target(allows_members)?);
            if !self.skip_symbol(Symbol::Comma) {
                break;
            }
            is_tuple = true;
        }
        match items.pop() {
            Some(only) if !is_tuple => Ok(only),
            Some(last) => {
                items.push(last);
                Ok(Target::Tuple(items, self.since(start)))
            }
            None => Err(self.unexpected("a name to assign to is expected, not")),
        }
    }

    fn single_target(&mut self, allows_members: bool) -> Result<Target, Diagnostic> {
        let start = self.span();
        if allows_members
            && let Some(name) = self.name()
            && self.is_next_symbol(Symbol::Dot)
        {
            self.advance();
            self.advance();
            let (attribute, _) = self.expect_name("the name of an attribute")?;
            return Ok(Target::Member(
                variable(name),
                attribute.into(),
                self.since(start),
            ));
        }
        let expression = self.nested(Self::primary)?;
        self.assignable(expression, start)
    }

    fn assignable(&self, expression: Expr, start: Span) -> Result<Target, Diagnostic> {
        match expression.kind {
            ExprKind::Name(name) => Ok(Target::Name(name)),
            ExprKind::Tuple(items) => {
                let targets: Result<_, _> = items
                    .into_iter()
                    .map(|item| {
                        let span = item.span;
                        self.assignable(item, span)
                    })
                    .collect();
                Ok(Target::Tuple(targets?, expression.span))
            }
            _ => Err(self.error(start, "this cannot be assigned to")),
        }
    }

    /// A name, and nothing else.
    pub(super) fn plain_target(&mut self) -> Result<Name, Diagnostic> {
        let (name, span) = self.expect_name("a name")?;
        if ["true", "false", "none", "True", "False", "None"].contains(&name) {
            return Err(self.error(span, format!("`{name}` cannot be assigned to")));
        }
        Ok(variable(name))
    }
}

fn variable(name: &str) -> Name {
    Name {
        text: name.into(),
        place: Place::Input,
    }
}
