//! Changing what stands in a place: a name, or a path of attributes and items that begins with one.
//!
//! Values never change; the name is bound to the changed value instead. So other names of the same list do not follow,
//! as they would in Python.

use std::sync::Arc;

use pyvalue::Value;

use super::Scope;
use crate::ast::{Expr, ExprKind, Name, Place};
use crate::methods;
use crate::objects::Namespace;
use crate::{Error, Run};

impl Scope<'_> {
    /// Changes the value of an expression where it stands; where it stands nowhere, the change is lost.
    pub(super) fn at_place<T>(
        &self,
        expression: &Expr,
        change: impl FnOnce(&mut Value) -> T,
    ) -> Result<T, Error> {
        let mut path = Vec::new();
        match self.root(expression, &mut path)? {
            Some(name) => {
                let mut value = self.take(name);
                let outcome = descend(self.run, &mut value, &path, change);
                self.put_back(name, value);
                outcome
            }
            None => Ok(change(&mut self.value(expression)?)),
        }
    }

    /// The name a path begins with; its steps are added to `path`, the first one last.
    fn root<'e>(
        &self,
        expression: &'e Expr,
        path: &mut Vec<Step>,
    ) -> Result<Option<&'e Name>, Error> {
        match &expression.kind {
            ExprKind::Name(name) if matches!(name.place, Place::Slot { .. } | Place::Shared(_)) => {
                Ok(Some(name))
            }
            ExprKind::Attribute(subject, name) => {
                path.push(Step::Attribute(Arc::clone(name)));
                self.root(subject, path)
            }
            ExprKind::Item(pair) => {
                path.push(Step::Item(self.value(&pair.1)?));
                self.root(&pair.0, path)
            }
            _ => Ok(None),
        }
    }

    /// Takes a value out of its place, so that nobody else holds it while it is changed.
    fn take(&self, name: &Name) -> Value {
        let value = self.name(name);
        self.set_place(name.place, None);
        value
    }

    fn put_back(&self, name: &Name, value: Value) {
        self.set_place(name.place, Some(value));
    }

    fn set_place(&self, place: Place, value: Option<Value>) {
        match place {
            Place::Slot { outward, index } => {
                let at = self.slot(outward, index);
                self.run.memory.slots.borrow_mut()[at] = value;
            }
            Place::Shared(index) => {
                if let Some(slot) = self.run.memory.shared.borrow_mut().get_mut(index as usize) {
                    *slot = value;
                }
            }
            Place::Input | Place::Context => {}
        }
    }
}

/// A step of a path.
enum Step {
    Attribute(Arc<str>),
    Item(Value),
}

fn descend<T>(
    run: &Run<'_>,
    value: &mut Value,
    path: &[Step],
    change: impl FnOnce(&mut Value) -> T,
) -> Result<T, Error> {
    charge_copy(run, value)?;
    let Some((step, path)) = path.split_last() else {
        return Ok(change(value));
    };
    let key = match step {
        Step::Attribute(name) => Value::Str(Arc::clone(name)),
        Step::Item(key) => key.clone(),
    };
    let is_member = match (&*value, step) {
        (Value::Dict(dict), Step::Attribute(name)) => {
            methods::find(value, name).is_none() && dict.get(name).is_some()
        }
        (Value::Dict(dict), Step::Item(key)) => {
            run.check_key(key).is_ok() && dict.get_value(key).is_some()
        }
        _ => true,
    };
    match value {
        Value::Dict(dict) if is_member => {
            let mut inner = Value::None;
            dict.update_value(&key, |held| std::mem::swap(held, &mut inner));
            let outcome = descend(run, &mut inner, path, change);
            dict.update_value(&key, |held| *held = inner);
            outcome
        }
        Value::List(items) => match place_of(&key, items.len()) {
            Some(at) => {
                run.budget().steps(items.len() as u64 / 8)?;
                let mut inner = items.update(|items| std::mem::take(&mut items[at]));
                let outcome = descend(run, &mut inner, path, change);
                items.update(|items| items[at] = inner);
                outcome
            }
            None => lost(run, value, step, path, change),
        },
        Value::Object(object) => {
            let object = Arc::clone(object);
            if let (Some(namespace), Step::Attribute(name)) = (object.downcast::<Namespace>(), step)
                && let Some(mut inner) = namespace.take(name)
            {
                let outcome = descend(run, &mut inner, path, change);
                namespace.set(name, inner);
                return outcome;
            }
            lost(run, value, step, path, change)
        }
        _ => lost(run, value, step, path, change),
    }
}

/// What the next change copies is charged.
fn charge_copy(run: &Run<'_>, value: &Value) -> Result<(), Error> {
    let is_shared = match value {
        Value::List(items) | Value::Tuple(items) => items.is_shared(),
        Value::Dict(dict) => dict.is_shared(),
        Value::Set(set) => set.is_shared(),
        _ => false,
    };
    if is_shared {
        run.budget().charge_container(value)?;
    }
    Ok(())
}

/// Changes what is no place: a tuple's item, a method's answer.
fn lost<T>(
    run: &Run<'_>,
    value: &Value,
    step: &Step,
    path: &[Step],
    change: impl FnOnce(&mut Value) -> T,
) -> Result<T, Error> {
    let mut inner = follow(run, value, step)?;
    for step in path.iter().rev() {
        inner = follow(run, &inner, step)?;
    }
    Ok(change(&mut inner))
}

fn follow(run: &Run<'_>, value: &Value, step: &Step) -> Result<Value, Error> {
    match step {
        Step::Attribute(name) => run.attribute(value, name),
        Step::Item(key) => run.item(value, key),
    }
}

fn place_of(key: &Value, length: usize) -> Option<usize> {
    let at = match key {
        Value::Int(at) => *at,
        Value::Bool(at) => i64::from(*at),
        _ => return None,
    };
    let at = if at < 0 {
        at.checked_add(i64::try_from(length).ok()?)?
    } else {
        at
    };
    usize::try_from(at).ok().filter(|at| *at < length)
}
