//! Statements.

use std::sync::Arc;

use pyvalue::Value;

use super::Scope;
use super::see::Held;
use crate::Error;
use crate::ast::{Autoescape, Body, CallBlock, ExprKind, FilterBlock, SetBlock, Statement, With};
use crate::objects::Markup;

type Done = Result<(), Error>;

impl Scope<'_> {
    pub(super) fn statements(&self, body: &Body, out: &mut String) -> Done {
        for statement in body {
            match statement {
                Statement::Text(text) => {
                    self.run.budget().charge(text.len())?;
                    out.push_str(text);
                }
                Statement::Print(expression) => {
                    let held = Held::default();
                    let value = self.see(expression, &held)?;
                    self.write(value, self.run.autoescapes(), out)
                        .map_err(|error| self.at(error, expression.span))?;
                }
                other => self.tag(other, out)?,
            }
        }
        Ok(())
    }

    fn tag(&self, statement: &Statement, out: &mut String) -> Done {
        self.run.budget().step()?;
        let _level = self.level()?;
        match statement {
            Statement::Text(_) | Statement::Print(_) => Ok(()),
            Statement::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    if self.truth(test)? {
                        return self.statements(body, out);
                    }
                }
                self.statements(otherwise, out)
            }
            Statement::For(inner) => self.repeat(inner, out),
            Statement::Set { target, value } => {
                self.check_members(target)?;
                self.assign(target, self.value(value)?)
            }
            Statement::SetBlock(inner) => self.set_block(inner),
            Statement::With(inner) => self.with(inner, out),
            Statement::Macro(inner) => {
                let value = self.closure(&inner.code);
                self.assign_name(&inner.name, value);
                Ok(())
            }
            Statement::CallBlock(inner) => self.call_block(inner, out),
            Statement::FilterBlock(inner) => self.filter_block(inner, out),
            Statement::Autoescape(inner) => self.autoescape(inner, out),
            Statement::Block(inner) => self.block(inner, out),
            Statement::Load { source, .. } => {
                self.value(source)?;
                let error = Error::type_error("there are no other templates to load");
                Err(self.at(error, source.span))
            }
        }
    }

    /// The text of a body; marked as safe where output is escaped.
    pub(super) fn captured(&self, body: &Body) -> Result<Value, Error> {
        let mut out = String::new();
        self.statements(body, &mut out)?;
        Ok(self.marked(out))
    }

    pub(super) fn marked(&self, text: String) -> Value {
        if self.run.autoescapes() {
            Markup::value(text)
        } else {
            Value::from(text)
        }
    }

    fn set_block(&self, inner: &SetBlock) -> Done {
        self.enter(&inner.entry)?;
        let mut value = self.captured(&inner.body)?;
        if let Some(filter) = &inner.filter {
            value = self.filtered(filter, &value)?;
        }
        if let Err(error) = self.check_members(&inner.target) {
            // Jinja2 has a check for plain assignments only.
            return Err(error.of_kind(diagnostic::Kind::Type));
        }
        self.assign(&inner.target, value)
    }

    fn filter_block(&self, inner: &FilterBlock, out: &mut String) -> Done {
        self.enter(&inner.entry)?;
        let block = self.captured(&inner.body)?;
        let value = self.filtered(&inner.filter, &block)?;
        self.join(&value, "a filter block", out)
            .map_err(|error| self.at(error, inner.filter.span))
    }

    /// Appends what a block gives as it is, which texts only can be.
    fn join(&self, value: &Value, what: &str, out: &mut String) -> Done {
        let text = match value {
            Value::Str(text) => Some(text),
            other => Markup::of(other),
        };
        let Some(text) = text else {
            return Err(self.run.wrong_type(value, || {
                format!("{what} gives text, not `{}`", value.type_name())
            }));
        };
        self.run.budget().charge(text.len())?;
        out.push_str(text);
        Ok(())
    }

    fn filtered(&self, filter: &crate::ast::Expr, block: &Value) -> Result<Value, Error> {
        match &filter.kind {
            ExprKind::Filter(applied) => self
                .filter(applied, Some(block))
                .map_err(|error| self.at(error, filter.span)),
            _ => self.value(filter),
        }
    }

    fn with(&self, inner: &With, out: &mut String) -> Done {
        self.enter(&inner.entry)?;
        for (target, value) in &inner.targets {
            self.assign(target, self.value(value)?)?;
        }
        self.statements(&inner.body, out)
    }

    fn call_block(&self, inner: &CallBlock, out: &mut String) -> Done {
        let caller = self.closure(&inner.caller);
        let ExprKind::Call(call) = &inner.call.kind else {
            return Ok(());
        };
        let value = self
            .call(&call.0, &call.1, Some(caller))
            .map_err(|error| self.at(error, inner.call.span))?;
        self.join(&value, "a call block", out)
            .map_err(|error| self.at(error, inner.call.span))
    }

    fn autoescape(&self, inner: &Autoescape, out: &mut String) -> Done {
        self.enter(&inner.entry)?;
        let value = self.value(&inner.value)?;
        let before = self.run.set_autoescape(value.is_true());
        let done = self.statements(&inner.body, out);
        self.run.set_autoescape(before);
        done
    }

    /// A macro as a value.
    fn closure(&self, code: &Arc<crate::ast::MacroCode>) -> Value {
        let closures = &self.run.memory.closures;
        closures.set(closures.get().wrapping_add(1));
        Value::object(super::macros::Macro::new(code, self.bases))
    }
}
