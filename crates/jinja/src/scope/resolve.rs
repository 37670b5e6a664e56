//! Every name gets the place of its value.

use std::sync::Arc;

use diagnostic::Diagnostic;

use super::{Scopes, refused, undeclared};
use crate::ast::{
    Autoescape, Block, Body, Expr, ExprKind, FilterBlock, For, MacroCode, Name, Place, SetBlock,
    Statement, Target, With,
};

impl Scopes<'_> {
    pub(super) fn resolve_body(&mut self, frame: usize, body: &mut Body) -> Result<(), Diagnostic> {
        body.iter_mut()
            .try_for_each(|statement| self.resolve_statement(frame, statement))
    }

    fn resolve_statement(
        &mut self,
        frame: usize,
        statement: &mut Statement,
    ) -> Result<(), Diagnostic> {
        match statement {
            Statement::Text(_) => Ok(()),
            Statement::Print(expression) => {
                self.resolve_expression(frame, expression);
                Ok(())
            }
            Statement::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    self.resolve_expression(frame, test);
                    self.resolve_body(frame, body)?;
                }
                self.resolve_body(frame, otherwise)
            }
            Statement::For(inner) => self.resolve_loop(frame, Arc::make_mut(inner)),
            Statement::Set { target, value } => {
                self.resolve_target(frame, target);
                self.resolve_expression(frame, value);
                Ok(())
            }
            Statement::SetBlock(inner) => self.resolve_set_block(frame, inner),
            Statement::With(inner) => self.resolve_with(frame, inner),
            Statement::Macro(inner) => {
                self.resolve_name(frame, &mut inner.name);
                self.resolve_macro(frame, &mut inner.code)
            }
            Statement::CallBlock(inner) => {
                self.resolve_macro(frame, &mut inner.caller)?;
                self.resolve_expression(frame, &mut inner.call);
                Ok(())
            }
            Statement::FilterBlock(inner) => self.resolve_filter_block(frame, inner),
            Statement::Autoescape(inner) => self.resolve_autoescape(frame, inner),
            Statement::Block(inner) => self.resolve_block(frame, Arc::make_mut(inner)),
            Statement::Load { source, names } => {
                self.resolve_expression(frame, source);
                for name in names {
                    self.resolve_name(frame, name);
                }
                Ok(())
            }
        }
    }

    pub(super) fn resolve_expression(&mut self, frame: usize, expression: &mut Expr) {
        if let ExprKind::Name(name) = &mut expression.kind {
            self.resolve_name(frame, name);
        }
        expression
            .kind
            .each_child_mut(&mut |child| self.resolve_expression(frame, child));
    }

    fn resolve_name(&mut self, frame: usize, name: &mut Name) {
        name.place = self.place(frame, &name.text);
    }

    fn resolve_target(&mut self, frame: usize, target: &mut Target) {
        match target {
            Target::Name(name) | Target::Member(name, ..) => self.resolve_name(frame, name),
            Target::Tuple(targets, _) => {
                for target in targets {
                    self.resolve_target(frame, target);
                }
            }
        }
    }

    fn resolve_loop(&mut self, frame: usize, inner: &mut For) -> Result<(), Diagnostic> {
        if undeclared::sets(inner, "loop") {
            let message = "`loop` cannot be assigned to within a loop".to_owned();
            return Err(refused(self.text, inner.span, message));
        }
        self.resolve_expression(frame, &mut inner.iterated);
        let is_recursive = inner.recursive.is_some();
        if is_recursive {
            self.functions.push(0);
        }
        let is_extended = is_recursive
            || undeclared::reads(&inner.body, "loop")
            || undeclared::has_scoped_block(&inner.body)
            || undeclared::has_scoped_block(&inner.otherwise);
        self.resolve_loop_filter(frame, inner);
        let scope = self.enter(Some(frame));
        inner.loop_slot = is_extended.then(|| self.parameter(scope, "loop"));
        self.read_loop(scope, inner);
        self.resolve_target(scope, &mut inner.target);
        self.resolve_body(scope, &mut inner.body)?;
        inner.entry = self.entry(scope);

        let scope = self.enter(Some(frame));
        self.read_body(scope, &inner.otherwise);
        self.resolve_body(scope, &mut inner.otherwise)?;
        inner.otherwise_entry = self.entry(scope);
        if is_recursive {
            inner.recursive = Some(self.leave_function());
        }
        Ok(())
    }

    fn resolve_loop_filter(&mut self, frame: usize, inner: &mut For) {
        let Some(filter) = &mut inner.filter else {
            return;
        };
        let scope = self.enter(Some(frame));
        self.read_parameters(scope, &filter.target);
        self.read_expression(scope, &filter.test);
        self.resolve_target(scope, &mut filter.target);
        self.resolve_expression(scope, &mut filter.test);
        filter.entry = self.entry(scope);
    }

    fn resolve_set_block(&mut self, frame: usize, inner: &mut SetBlock) -> Result<(), Diagnostic> {
        let scope = self.enter(Some(frame));
        self.read_body(scope, &inner.body);
        self.resolve_body(scope, &mut inner.body)?;
        if let Some(filter) = &mut inner.filter {
            self.resolve_expression(scope, filter);
        }
        self.resolve_target(frame, &mut inner.target);
        inner.entry = self.entry(scope);
        Ok(())
    }

    fn resolve_with(&mut self, frame: usize, inner: &mut With) -> Result<(), Diagnostic> {
        let scope = self.enter(Some(frame));
        for (target, _) in &inner.targets {
            self.read_parameters(scope, target);
        }
        self.read_body(scope, &inner.body);
        for (target, value) in &mut inner.targets {
            self.resolve_target(scope, target);
            self.resolve_expression(frame, value);
        }
        self.resolve_body(scope, &mut inner.body)?;
        inner.entry = self.entry(scope);
        Ok(())
    }

    fn resolve_filter_block(
        &mut self,
        frame: usize,
        inner: &mut FilterBlock,
    ) -> Result<(), Diagnostic> {
        let scope = self.enter(Some(frame));
        self.read_body(scope, &inner.body);
        self.read_expression(scope, &inner.filter);
        self.resolve_body(scope, &mut inner.body)?;
        self.resolve_expression(scope, &mut inner.filter);
        inner.entry = self.entry(scope);
        Ok(())
    }

    fn resolve_autoescape(
        &mut self,
        frame: usize,
        inner: &mut Autoescape,
    ) -> Result<(), Diagnostic> {
        let scope = self.enter(Some(frame));
        self.read_expression(scope, &inner.value);
        self.read_body(scope, &inner.body);
        self.resolve_expression(scope, &mut inner.value);
        self.resolve_body(scope, &mut inner.body)?;
        inner.entry = self.entry(scope);
        Ok(())
    }

    fn resolve_macro(&mut self, frame: usize, code: &mut Arc<MacroCode>) -> Result<(), Diagnostic> {
        let code = Arc::make_mut(code);
        let scope = self.enter_function(Some(frame));
        self.read_macro(scope, code);
        for (name, slot) in [
            ("caller", &mut code.caller),
            ("kwargs", &mut code.keywords),
            ("varargs", &mut code.rest),
        ] {
            let parameters = &mut code.parameters.iter();
            let is_parameter = parameters.any(|parameter| *parameter.name.text == *name);
            if !is_parameter && undeclared::reads(&code.body, name) {
                *slot = Some(self.parameter(scope, name));
            }
        }
        for parameter in &mut code.parameters {
            self.resolve_name(scope, &mut parameter.name);
            if let Some(default) = &mut parameter.default {
                self.resolve_expression(scope, default);
            }
        }
        self.resolve_body(scope, &mut code.body)?;
        code.entry = self.entry(scope);
        code.slots = self.leave_function();
        Ok(())
    }

    /// A block is a function of its own that sees nothing of the scopes around it, unless it is a scoped one.
    fn resolve_block(&mut self, frame: usize, block: &mut Block) -> Result<(), Diagnostic> {
        if block.is_scoped {
            block.visible = self.visible(frame);
        }
        let functions = std::mem::take(&mut self.functions);
        let was_block = std::mem::replace(&mut self.is_block, true);
        let scope = self.enter_function(None);
        block.own = undeclared::reads(&block.body, "self").then(|| self.parameter(scope, "self"));
        block.parent =
            undeclared::reads(&block.body, "super").then(|| self.parameter(scope, "super"));
        self.read_body(scope, &block.body);
        let resolved = self.resolve_body(scope, &mut block.body);
        block.entry = self.entry(scope);
        block.slots = self.leave_function();
        self.functions = functions;
        self.is_block = was_block;
        resolved
    }

    /// What the scopes set, the innermost first.
    fn visible(&mut self, frame: usize) -> Vec<(Arc<str>, Place)> {
        let mut visible: Vec<(Arc<str>, Place)> = Vec::new();
        let mut at = Some(frame);
        while let Some(scope) = at {
            for name in self.frames[scope].stores.clone() {
                if visible.iter().all(|(other, _)| *other != name) {
                    let place = self.place(frame, &name);
                    visible.push((name, place));
                }
            }
            at = self.frames[scope].parent;
        }
        visible
    }
}
