//! The tags, one by one.

use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};

use super::Parser;
use crate::ast::{
    Autoescape, Block, CallBlock, Entry, Expr, ExprKind, FilterBlock, For, LoopFilter, MacroCode,
    MacroDefinition, Name, Parameter, SetBlock, Statement, With,
};
use crate::lexer::{Span, Symbol, TokenKind};

type Parsed = Result<Statement, Diagnostic>;

impl Parser<'_> {
    pub(super) fn for_loop(&mut self, span: Span) -> Parsed {
        self.advance();
        let target = self.target(false, |parser| parser.is_name("in"))?;
        self.expect_word("in")?;
        let iterated = self.tuple(false, |parser| parser.is_name("recursive"), false)?;
        let filter = if self.skip_name("if") {
            let test = self.under(false, Self::expression)?;
            Some(LoopFilter {
                target: target.clone(),
                test,
                entry: Entry::default(),
            })
        } else {
            None
        };
        let is_recursive = self.skip_name("recursive");
        let body = self.under(false, |parser| parser.inner_body(&["else", "endfor"]))?;
        let has_else = self.is_name("else");
        self.advance();
        let otherwise = if has_else {
            self.under(false, |parser| parser.closed_body("endfor"))?
        } else {
            Vec::new()
        };
        Ok(Statement::For(Arc::new(For {
            target,
            iterated,
            filter,
            body,
            otherwise,
            entry: Entry::default(),
            otherwise_entry: Entry::default(),
            loop_slot: None,
            recursive: is_recursive.then_some(0),
            span,
        })))
    }

    pub(super) fn condition(&mut self) -> Parsed {
        self.under(true, |parser| {
            let mut branches = Vec::new();
            loop {
                parser.advance();
                let test = parser.tuple(false, |_| false, false)?;
                let body = parser.inner_body(&["elif", "else", "endif"])?;
                branches.push((test, body));
                if !parser.is_name("elif") {
                    break;
                }
            }
            let has_else = parser.is_name("else");
            parser.advance();
            let otherwise = if has_else {
                parser.closed_body("endif")?
            } else {
                Vec::new()
            };
            Ok(Statement::If {
                branches,
                otherwise,
            })
        })
    }

    pub(super) fn set(&mut self) -> Parsed {
        self.advance();
        let target = self.target(true, |_| false)?;
        if self.skip_symbol(Symbol::Assign) {
            let value = self.tuple(true, |_| false, false)?;
            return Ok(Statement::Set { target, value });
        }
        self.under(false, |parser| {
            let start = parser.span();
            let mut filter = None;
            while parser.skip_symbol(Symbol::Pipe) {
                filter = Some(parser.filter(filter, start)?);
            }
            let body = parser.closed_body("endset")?;
            Ok(Statement::SetBlock(Box::new(SetBlock {
                target,
                filter,
                body,
                entry: Entry::default(),
            })))
        })
    }

    pub(super) fn with(&mut self) -> Parsed {
        self.advance();
        let mut targets = Vec::new();
        while !matches!(self.kind(), TokenKind::BlockEnd) {
            if !targets.is_empty() {
                self.expect_symbol(Symbol::Comma, ",")?;
            }
            let target = self.target(false, |_| false)?;
            self.expect_symbol(Symbol::Assign, "=")?;
            targets.push((target, self.expression()?));
        }
        let body = self.under(false, |parser| parser.closed_body("endwith"))?;
        Ok(Statement::With(Box::new(With {
            targets,
            body,
            entry: Entry::default(),
        })))
    }

    pub(super) fn macro_definition(&mut self) -> Parsed {
        self.advance();
        self.under(false, |parser| {
            let name = parser.plain_target()?;
            let parameters = parser.signature()?;
            let body = parser.closed_body("endmacro")?;
            let code = macro_code(Some(Arc::clone(&name.text)), parameters, body);
            Ok(Statement::Macro(Box::new(MacroDefinition {
                name,
                code: Arc::new(code),
            })))
        })
    }

    fn signature(&mut self) -> Result<Vec<Parameter>, Diagnostic> {
        self.expect_symbol(Symbol::LeftParen, "(")?;
        let mut parameters: Vec<Parameter> = Vec::new();
        while !self.is_symbol(Symbol::RightParen) {
            if !parameters.is_empty() {
                self.expect_symbol(Symbol::Comma, ",")?;
            }
            let span = self.span();
            let name = self.plain_target()?;
            let default = if self.skip_symbol(Symbol::Assign) {
                Some(self.expression()?)
            } else if parameters.last().is_some_and(|last| last.default.is_some()) {
                return Err(self.error(
                    span,
                    "a parameter without a default follows one with a default",
                ));
            } else {
                None
            };
            if parameters.iter().any(|other| other.name.text == name.text) {
                return Err(self.error(
                    span,
                    format!("the parameter `{}` is there twice", name.text),
                ));
            }
            parameters.push(Parameter { name, default });
        }
        self.advance();
        Ok(parameters)
    }

    pub(super) fn call_block(&mut self) -> Parsed {
        self.advance();
        let parameters = if self.is_symbol(Symbol::LeftParen) {
            self.under(false, Self::signature)?
        } else {
            Vec::new()
        };
        let call = self.expression()?;
        if !matches!(call.kind, ExprKind::Call(_)) {
            return Err(self.error(call.span, "a call is expected after `call`"));
        }
        let body = self.under(false, |parser| parser.closed_body("endcall"))?;
        Ok(Statement::CallBlock(Box::new(CallBlock {
            call,
            caller: Arc::new(macro_code(None, parameters, body)),
        })))
    }

    pub(super) fn filter_block(&mut self) -> Parsed {
        self.advance();
        self.under(false, |parser| {
            let start = parser.span();
            let mut filter = parser.filter(None, start)?;
            while parser.skip_symbol(Symbol::Pipe) {
                filter = parser.filter(Some(filter), start)?;
            }
            let body = parser.closed_body("endfilter")?;
            Ok(Statement::FilterBlock(Box::new(FilterBlock {
                filter,
                body,
                entry: Entry::default(),
            })))
        })
    }

    pub(super) fn autoescape(&mut self) -> Parsed {
        self.advance();
        self.under(false, |parser| {
            let value = parser.expression()?;
            let body = parser.closed_body("endautoescape")?;
            Ok(Statement::Autoescape(Box::new(Autoescape {
                value,
                body,
                entry: Entry::default(),
            })))
        })
    }

    pub(super) fn block(&mut self, span: Span) -> Parsed {
        self.advance();
        let (name, name_span) = self.expect_name("the name of a block")?;
        let is_scoped = self.skip_name("scoped");
        let is_required = self.skip_name("required");
        if self.is_symbol(Symbol::Subtract) {
            return Err(self
                .error(self.span(), "the name of a block has no hyphens")
                .note("write `_` instead"));
        }
        let body = self.under(false, |parser| parser.closed_body("endblock"))?;
        let is_blank = |statement: &Statement| match statement {
            Statement::Text(text) => text.chars().all(pyvalue::text::is_whitespace),
            _ => false,
        };
        if is_required && !body.iter().all(is_blank) {
            return Err(self.error(name_span, "a required block is empty"));
        }
        self.skip_name(name);
        Ok(Statement::Block(Arc::new(Block {
            name: name.into(),
            is_scoped,
            is_required,
            body,
            entry: Entry::default(),
            slots: 0,
            own: None,
            parent: None,
            visible: Vec::new(),
            span,
        })))
    }

    pub(super) fn extends(&mut self) -> Parsed {
        self.advance();
        Ok(load(self.expression()?, Vec::new()))
    }

    pub(super) fn include(&mut self) -> Parsed {
        self.advance();
        let source = self.expression()?;
        if self.is_name("ignore") && self.is_next_name("missing") {
            self.advance();
            self.advance();
        }
        self.skip_context();
        Ok(load(source, Vec::new()))
    }

    pub(super) fn import(&mut self) -> Parsed {
        self.advance();
        let source = self.expression()?;
        self.expect_word("as")?;
        let name = self.plain_target()?;
        self.skip_context();
        Ok(load(source, vec![name]))
    }

    pub(super) fn import_names(&mut self) -> Parsed {
        self.advance();
        let source = self.expression()?;
        self.expect_word("import")?;
        let mut names: Vec<Name> = Vec::new();
        loop {
            if !names.is_empty() {
                self.expect_symbol(Symbol::Comma, ",")?;
            }
            if self.skip_context() {
                break;
            }
            let span = self.span();
            let mut name = self.plain_target()?;
            if name.text.starts_with('_') {
                return Err(Diagnostic::new(
                    Kind::UnknownFunction,
                    "names that begin with an underscore cannot be imported",
                )
                .at(self.text, span.range()));
            }
            if self.skip_name("as") {
                name = self.plain_target()?;
            }
            names.push(name);
            if self.skip_context() || !self.is_symbol(Symbol::Comma) {
                break;
            }
        }
        Ok(load(source, names))
    }

    /// `with context`, `without context`
    fn skip_context(&mut self) -> bool {
        let found =
            (self.is_name("with") || self.is_name("without")) && self.is_next_name("context");
        if found {
            self.advance();
            self.advance();
        }
        found
    }
}

fn load(source: Expr, names: Vec<Name>) -> Statement {
    Statement::Load { source, names }
}

fn macro_code(
    name: Option<Arc<str>>,
    parameters: Vec<Parameter>,
    body: Vec<Statement>,
) -> MacroCode {
    MacroCode {
        name,
        parameters,
        caller: None,
        keywords: None,
        rest: None,
        body,
        entry: Entry::default(),
        slots: 0,
    }
}
