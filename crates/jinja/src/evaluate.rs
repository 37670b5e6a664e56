//! Runs a tree.
//!
//! Slots of all functions that run stand in one row; a function knows where its own begin, and those of the functions
//! around it. Macros keep these places, not the values: they see variables as they are when they are called.

mod assign;
mod block;
mod call;
mod compare;
mod expression;
mod macros;
mod operation;
mod place;
mod repeat;
mod see;
mod statement;

use std::borrow::Cow;
use std::sync::Arc;

use pyvalue::Value;

use crate::ast::{Entry, Load, Name, Place};
use crate::lexer::Span;
use crate::{Error, Run};

pub(crate) use macros::call_object;

/// Levels of the tree that may be evaluated within each other, those of all functions that run together.
const MAX_DEPTH: u32 = 700;

/// Bytes that are made room for beyond those of the template.
const ROOM_FOR_VALUES: usize = 64;

/// A function that runs.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    run: &'s Run<'s>,
    /// Where the slots begin: of the outermost function around first, its own last.
    bases: &'s [usize],
}

/// A level of the tree that is being evaluated; dropping it ends it.
struct Level<'r>(&'r Run<'r>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        let depth = &self.0.memory.depth;
        depth.set(depth.get() - 1);
    }
}

/// Runs a template.
pub(crate) fn render(run: &Run<'_>) -> Result<String, Error> {
    let code = run.memory.code;
    let bases = [allocate(run, code.slots)?];
    let scope = Scope { run, bases: &bases };
    if let Some(slot) = code.own {
        scope.put(slot, block::own());
    }
    scope.enter(&code.entry)?;
    let mut out = String::with_capacity(run.memory.text.len() + ROOM_FOR_VALUES);
    scope.statements(&code.body, &mut out)?;
    Ok(out)
}

/// Evaluates an expression that stands alone.
pub(crate) fn evaluate(run: &Run<'_>, expression: &crate::ast::Expr) -> Result<Value, Error> {
    Scope { run, bases: &[] }.value(expression)
}

/// Makes room for the slots of a function: where they begin.
fn allocate(run: &Run<'_>, slots: u32) -> Result<usize, Error> {
    let mut all = run.memory.slots.borrow_mut();
    let base = all.len();
    let count = slots as usize;
    if count > 0 {
        run.budget().charge(count * size_of::<Value>())?;
        all.resize(base + count, None);
    }
    Ok(base)
}

impl<'s> Scope<'s> {
    /// Runs `body` as a function of its own, with `around` the functions around it.
    fn function<T>(
        run: &Run<'_>,
        around: &[usize],
        slots: u32,
        body: impl FnOnce(Scope<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _nested = run.budget().enter()?;
        let closures = run.memory.closures.get();
        let base = allocate(run, slots)?;
        let mut bases = Vec::with_capacity(around.len() + 1);
        bases.extend_from_slice(around);
        bases.push(base);
        let outcome = body(Scope { run, bases: &bases });
        if run.memory.closures.get() == closures {
            run.memory.slots.borrow_mut().truncate(base);
        }
        outcome
    }

    fn level(&self) -> Result<Level<'s>, Error> {
        let depth = &self.run.memory.depth;
        if depth.get() >= MAX_DEPTH {
            return Err(Error::new(
                diagnostic::Kind::Limit,
                "expressions and calls are nested too deep",
            ));
        }
        depth.set(depth.get() + 1);
        Ok(Level(self.run))
    }

    fn at(&self, error: impl Into<Error>, span: Span) -> Error {
        error.into().at(self.run.memory.text, span.range())
    }

    fn slot(&self, outward: u32, index: u32) -> usize {
        let function = self.bases.len() - 1 - outward as usize;
        self.bases[function] + index as usize
    }

    /// Sets a slot of the innermost function.
    fn put(&self, index: u32, value: Value) {
        let at = self.slot(0, index);
        self.run.memory.slots.borrow_mut()[at] = Some(value);
    }

    /// Does what entering a scope takes.
    fn enter(&self, entry: &Entry) -> Result<(), Error> {
        for (slot, load) in &entry.loads {
            let value = match load {
                Load::Missing => None,
                Load::Alias(place) => self.held(*place),
                Load::Input(name, place) => self.lookup(name, *place).map(Cow::into_owned),
            };
            let at = self.slot(0, *slot);
            self.run.memory.slots.borrow_mut()[at] = value;
        }
        Ok(self.run.budget().step()?)
    }

    /// The value of a name; an undefined one where it has none.
    fn name(&self, name: &Name) -> Value {
        match self.lookup(&name.text, name.place) {
            Some(value) => value.into_owned(),
            None => self.run.undefined_variable(&name.text),
        }
    }

    /// The value of a name: borrowed where it is a variable of the input or a global.
    fn lookup(&self, name: &Arc<str>, place: Place) -> Option<Cow<'s, Value>> {
        match place {
            Place::Input => self.input(name),
            Place::Slot { .. } => self.held(place).map(Cow::Owned),
            Place::Context => match self.context(name) {
                Some(value) => Some(Cow::Owned(value)),
                None => self.input(name),
            },
            Place::Shared(index) => self.shared(name, index).map(Cow::Owned),
        }
    }

    fn input(&self, name: &str) -> Option<Cow<'s, Value>> {
        let run = self.run;
        run.variable(name)
            .or_else(|| run.environment().global(name).map(Cow::Borrowed))
    }

    fn held(&self, place: Place) -> Option<Value> {
        let Place::Slot { outward, index } = place else {
            return None;
        };
        self.run.memory.slots.borrow()[self.slot(outward, index)].clone()
    }

    fn shared(&self, name: &Arc<str>, index: u32) -> Option<Value> {
        let index = index as usize;
        let found = {
            let shared = self.run.memory.shared.borrow();
            shared.get(index).cloned().flatten()
        };
        found.or_else(|| {
            let value = match self.context(name) {
                Some(value) => value,
                None => self.input(name)?.into_owned(),
            };
            let mut shared = self.run.memory.shared.borrow_mut();
            if shared.len() <= index {
                shared.resize(index + 1, None);
            }
            shared[index] = Some(value.clone());
            Some(value)
        })
    }

    /// What a block sees of the template around it.
    fn context(&self, name: &str) -> Option<Value> {
        if let Some(visible) = self.run.memory.visible.borrow().last()
            && let Some(value) = visible.get(name)
        {
            return Some(value.clone());
        }
        let top = &self.run.memory.code.top;
        let (_, slot) = top.iter().find(|(other, _)| **other == *name)?;
        self.run
            .memory
            .slots
            .borrow()
            .get(*slot as usize)
            .cloned()
            .flatten()
    }
}
