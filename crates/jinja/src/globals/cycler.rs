//! `cycler` and `joiner`: objects that remember how often they were asked.

use std::sync::Arc;

use parking_lot::Mutex;
use pyvalue::{Object, Value};

use crate::objects::Callable;
use crate::{Call, Error, Function};

/// Items that come one after the other, and again from the first.
#[derive(Debug)]
struct Cycler(Arc<Cycle>);

#[derive(Debug)]
struct Cycle {
    /// A tuple.
    items: Value,
    at: Mutex<usize>,
}

impl Cycle {
    fn current(&self) -> Value {
        let items = self.items.as_items().unwrap_or_default();
        items.get(*self.at.lock()).cloned().unwrap_or_default()
    }

    fn next(&self) -> Value {
        let current = self.current();
        let mut at = self.at.lock();
        let count = self.items.as_items().map_or(1, <[Value]>::len);
        *at = (*at + 1) % count.max(1);
        current
    }
}

/// `cycler(*items)`.
pub(super) fn cycler(call: &Call<'_>) -> Result<Value, Error> {
    match call.arg(0) {
        items @ Value::Tuple(_) if items.is_true() => {
            let cycle = Cycle {
                items: items.clone(),
                at: Mutex::new(0),
            };
            Ok(Value::object(Cycler(Arc::new(cycle))))
        }
        _ => Err(Error::other("`cycler` needs at least one item")),
    }
}

impl Cycler {
    /// A function that holds the cycler.
    fn holding(&self, function: Function) -> Value {
        Value::object(Callable::new(function).holding(&self.0.items))
    }
}

impl Object for Cycler {
    fn type_name(&self) -> &'static str {
        "Cycler"
    }

    fn depth(&self) -> u32 {
        self.0.items.depth() + 1
    }

    fn repr(&self) -> String {
        "<jinja2.utils.Cycler object at 0x7f0000000000>".to_owned()
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        let cycle = Arc::clone(&self.0);
        match name {
            "current" => Some(cycle.current()),
            "items" => Some(cycle.items.clone()),
            "next" => Some(self.holding(Function::new("next", move |_| Ok(cycle.next())))),
            "pos" => i64::try_from(*cycle.at.lock()).ok().map(Value::Int),
            "reset" => {
                let reset = move |_: &Call<'_>| {
                    *cycle.at.lock() = 0;
                    Ok(Value::None)
                };
                Some(self.holding(Function::new("reset", reset)))
            }
            _ => None,
        }
    }
}

/// Nothing at first, then always the separator.
#[derive(Debug)]
struct Joiner {
    separator: Value,
    was_asked: Mutex<bool>,
}

/// `joiner(sep)`.
pub(super) fn joiner(call: &Call<'_>) -> Value {
    Value::object(Joiner {
        separator: call.arg(0).clone(),
        was_asked: Mutex::new(false),
    })
}

impl Object for Joiner {
    fn type_name(&self) -> &'static str {
        "Joiner"
    }

    fn depth(&self) -> u32 {
        self.separator.depth() + 1
    }

    fn repr(&self) -> String {
        "<jinja2.utils.Joiner object at 0x7f0000000000>".to_owned()
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        match name {
            "sep" => Some(self.separator.clone()),
            "used" => Some(Value::Bool(*self.was_asked.lock())),
            "__call__" => Some(Value::Bool(true)),
            _ => None,
        }
    }

    fn call(
        &self,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, pyvalue::Error> {
        if !positional.is_empty() || !named.is_empty() {
            return Err(pyvalue::Error::type_error("a joiner takes no arguments"));
        }
        let was_asked = std::mem::replace(&mut *self.was_asked.lock(), true);
        Ok(if was_asked {
            self.separator.clone()
        } else {
            "".into()
        })
    }
}
