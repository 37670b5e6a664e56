//! Blocks: functions of their own, run where they stand, and again by `self.name()`.

use std::collections::HashMap;
use std::sync::Arc;

use pyvalue::{Object, Value};

use super::Scope;
use crate::ast::{Block, Code};
use crate::{Error, Run};

/// What `self` is.
#[derive(Debug)]
struct Own;

/// `self.name`
#[derive(Debug)]
pub(super) struct Reference(Arc<str>);

pub(super) fn own() -> Value {
    Value::object(Own)
}

impl Object for Own {
    fn type_name(&self) -> &'static str {
        "TemplateReference"
    }

    fn repr(&self) -> String {
        "<TemplateReference None>".to_owned()
    }

    fn item(&self, key: &Value) -> Option<Value> {
        match key {
            Value::Str(name) => Some(Value::object(Reference(Arc::clone(name)))),
            _ => None,
        }
    }
}

impl Object for Reference {
    fn type_name(&self) -> &'static str {
        "BlockReference"
    }
}

impl Reference {
    pub(super) fn call_in(&self, run: &Run<'_>) -> Result<Value, Error> {
        let code: &Code = run.memory.code;
        let Some(block) = code.blocks.iter().find(|block| block.name == self.0) else {
            let names = code.blocks.iter().map(|block| &*block.name);
            let error = Error::new(
                diagnostic::Kind::Undefined,
                format!("there is no block called `{}`", self.0),
            );
            return Err(match diagnostic::nearest(&self.0, names) {
                Some(near) => error.note(format!("did you mean `{near}`?")),
                None => error,
            });
        };
        let scope = Scope { run, bases: &[] };
        let mut out = String::new();
        scope.run_block(block, &mut out)?;
        Ok(scope.marked(out))
    }
}

impl Scope<'_> {
    pub(super) fn block(&self, block: &Block, out: &mut String) -> Result<(), Error> {
        if block.is_required {
            let message = format!("the required block `{}` is not filled", block.name);
            return self.failed(Error::other(message), block.span);
        }
        if !block.is_scoped {
            return self.run_block(block, out);
        }
        let visible = &self.run.memory.visible;
        let mut names: HashMap<Arc<str>, Value> =
            visible.borrow().last().cloned().unwrap_or_default();
        for (name, place) in &block.visible {
            if let Some(value) = self.lookup(name, *place) {
                names.insert(Arc::clone(name), value.into_owned());
            }
        }
        self.run.budget().charge(names.len() * 64)?;
        visible.borrow_mut().push(names);
        let done = self.run_block(block, out);
        visible.borrow_mut().pop();
        done
    }

    fn run_block(&self, block: &Block, out: &mut String) -> Result<(), Error> {
        Scope::function(self.run, &[], block.slots, |scope| {
            if let Some(slot) = block.own {
                scope.put(slot, own());
            }
            if let Some(slot) = block.parent {
                let hint = format!("there is no parent block called `{}`", block.name);
                scope.put(slot, self.run.undefined_because(&hint));
            }
            scope.enter(&block.entry)?;
            scope.statements(&block.body, out)
        })
    }
}
