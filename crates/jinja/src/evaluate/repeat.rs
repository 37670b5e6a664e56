//! Loops, and what `loop` knows.

use std::sync::Arc;

use parking_lot::Mutex;
use pyvalue::{Object, Value};

use super::Scope;
use crate::ast::{For, LoopFilter};
use crate::objects::Callable;
use crate::{Error, Function, Run, Undefined};

/// `loop`
#[derive(Debug)]
pub(super) struct Loop(Arc<State>);

#[derive(Debug)]
struct State {
    items: Vec<Value>,
    /// How deep values are nested in them, and in the loop.
    nesting: u32,
    depth0: i64,
    is_strict: bool,
    moving: Mutex<Moving>,
    /// The loop, and the functions around it, where it may be called.
    recursion: Option<(Arc<For>, Vec<usize>)>,
}

#[derive(Debug, Default)]
struct Moving {
    index0: usize,
    /// What `changed` was last called with: perhaps the loop itself, so it is let go of when the loop is over.
    seen: Option<Value>,
    is_over: bool,
}

impl Scope<'_> {
    pub(super) fn repeat(&self, inner: &Arc<For>, out: &mut String) -> Result<(), Error> {
        let iterated = self.value(&inner.iterated)?;
        if inner.recursive.is_some() {
            let text = recurse(self.run, inner, self.bases, &iterated, 0)
                .map_err(|error| self.at(error, inner.iterated.span))?;
            out.push_str(text.as_str().unwrap_or_default());
            return Ok(());
        }
        self.iterate(inner, &iterated, 0, None, out)
    }

    /// Runs the body for each item.
    fn iterate(
        &self,
        inner: &For,
        iterated: &Value,
        depth0: i64,
        recursion: Option<(Arc<For>, Vec<usize>)>,
        out: &mut String,
    ) -> Result<(), Error> {
        let items = self
            .run
            .items(iterated)
            .map_err(|error| self.at(error, inner.iterated.span))?;
        if let Some(filter) = &inner.filter {
            self.enter(&filter.entry)?;
        }
        let mut ran = false;
        match inner.loop_slot {
            None => {
                for item in items {
                    let item = item.map_err(|error| self.at(error, inner.iterated.span))?;
                    if let Some(item) = self.admitted(inner.filter.as_ref(), item)? {
                        ran = true;
                        self.turn(inner, item, out)?;
                    }
                }
            }
            Some(slot) => {
                let mut admitted = Vec::new();
                for item in items {
                    let item = item.map_err(|error| self.at(error, inner.iterated.span))?;
                    if let Some(item) = self.admitted(inner.filter.as_ref(), item)? {
                        self.run.budget().charge(size_of::<Value>())?;
                        admitted.push(item);
                    }
                }
                ran = !admitted.is_empty();
                self.turns(inner, slot, admitted, depth0, recursion, out)?;
            }
        }
        if !ran {
            self.enter(&inner.otherwise_entry)?;
            self.statements(&inner.otherwise, out)?;
        }
        Ok(())
    }

    fn turns(
        &self,
        inner: &For,
        slot: u32,
        items: Vec<Value>,
        depth0: i64,
        recursion: Option<(Arc<For>, Vec<usize>)>,
        out: &mut String,
    ) -> Result<(), Error> {
        let state = Arc::new(State {
            nesting: items.iter().map(Value::depth).max().unwrap_or(0) + 1,
            items,
            depth0,
            is_strict: self.run.environment().is_strict(),
            moving: Mutex::default(),
            recursion,
        });
        self.put(slot, Value::object(Loop(Arc::clone(&state))));
        let mut items = state.items.iter().enumerate();
        let done = items.try_for_each(|(index0, item)| {
            state.moving.lock().index0 = index0;
            self.turn(inner, item.clone(), out)
        });
        let mut moving = state.moving.lock();
        moving.is_over = true;
        let seen = moving.seen.take();
        drop(moving);
        drop(seen);
        done
    }

    fn turn(&self, inner: &For, item: Value, out: &mut String) -> Result<(), Error> {
        self.assign(&inner.target, item)?;
        self.enter(&inner.entry)?;
        self.statements(&inner.body, out)
    }

    /// The item, if the loop's `if` lets it through.
    fn admitted(&self, filter: Option<&LoopFilter>, item: Value) -> Result<Option<Value>, Error> {
        let Some(filter) = filter else {
            return Ok(Some(item));
        };
        self.assign(&filter.target, item)?;
        let truth = self.truth(&filter.test)?;
        Ok(truth.then(|| self.target_value(&filter.target)))
    }
}

/// Runs a recursive loop, as a function: its text.
fn recurse(
    run: &Run<'_>,
    inner: &Arc<For>,
    around: &[usize],
    iterated: &Value,
    depth0: i64,
) -> Result<Value, Error> {
    let slots = inner.recursive.unwrap_or(0);
    let closures = &run.memory.closures;
    closures.set(closures.get().wrapping_add(1));
    Scope::function(run, around, slots, |scope| {
        let mut out = String::new();
        let recursion = Some((Arc::clone(inner), around.to_vec()));
        scope.iterate(inner, iterated, depth0, recursion, &mut out)?;
        Ok(scope.marked(out))
    })
}

impl Loop {
    /// `loop(items)`: the body again, for other items.
    pub(super) fn call_in(
        &self,
        run: &Run<'_>,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Error> {
        let iterable = match (positional, named) {
            ([iterable], []) => iterable,
            ([], [(name, iterable)]) if **name == *"iterable" => iterable,
            _ => {
                return Err(Error::type_error(
                    "`loop` takes one argument: what to iterate over",
                ));
            }
        };
        let Some((inner, around)) = &self.0.recursion else {
            return Err(
                Error::type_error("this loop cannot be called: it is not recursive")
                    .note("write `{% for ... recursive %}`"),
            );
        };
        recurse(run, inner, around, iterable, self.0.depth0 + 1)
    }
}

impl State {
    /// A function that holds the loop.
    fn holding(&self, function: Function) -> Value {
        Value::object(Callable::new(function).nested(self.nesting + 1))
    }

    fn undefined(&self, hint: &str) -> Value {
        Value::object(Undefined::hint(hint, self.is_strict))
    }

    /// Whether the arguments differ from those of the last time.
    fn changed(&self, run: &Run<'_>, arguments: &Value) -> Result<bool, Error> {
        let seen = self.moving.lock().seen.clone();
        let is_same = match &seen {
            Some(seen) => are_equal(run, seen, arguments)?,
            None => false,
        };
        let mut moving = self.moving.lock();
        let before = if moving.is_over {
            None
        } else {
            moving.seen.replace(arguments.clone())
        };
        drop(moving);
        drop(before);
        Ok(!is_same)
    }
}

fn are_equal(run: &Run<'_>, seen: &Value, arguments: &Value) -> Result<bool, Error> {
    let (seen, arguments) = (seen.as_items(), arguments.as_items());
    let (Some(seen), Some(arguments)) = (seen, arguments) else {
        return Ok(false);
    };
    if seen.len() != arguments.len() {
        return Ok(false);
    }
    for (one, other) in seen.iter().zip(arguments) {
        if !one.is_same(other) && !run.equal(one, other)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn integer(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

impl Object for Loop {
    fn type_name(&self) -> &'static str {
        "LoopContext"
    }

    fn depth(&self) -> u32 {
        self.0.nesting
    }

    fn repr(&self) -> String {
        let index = self.0.moving.lock().index0 + 1;
        format!("<LoopContext {index}/{}>", self.0.items.len())
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        let state = &self.0;
        let index0 = state.moving.lock().index0;
        let length = state.items.len();
        Some(match name {
            "index" => integer(index0 + 1),
            "index0" => integer(index0),
            "revindex" => integer(length - index0),
            "revindex0" => integer(length - index0 - 1),
            "first" => Value::Bool(index0 == 0),
            "last" => Value::Bool(index0 + 1 == length),
            "length" | "__len__" => integer(length),
            "depth" => Value::Int(state.depth0 + 1),
            "depth0" => Value::Int(state.depth0),
            "previtem" => match index0.checked_sub(1).and_then(|at| state.items.get(at)) {
                Some(item) => item.clone(),
                None => state.undefined("there is no previous item"),
            },
            "nextitem" => match state.items.get(index0 + 1) {
                Some(item) => item.clone(),
                None => state.undefined("there is no next item"),
            },
            "cycle" => {
                let cycle = Function::new("cycle", move |call| {
                    let items = call.arg(0).as_items().unwrap_or_default();
                    match index0.checked_rem(items.len()) {
                        Some(at) => Ok(items[at].clone()),
                        None => Err(Error::type_error("no items for cycling given")),
                    }
                });
                state.holding(cycle.rest("args"))
            }
            "changed" => {
                let own = Arc::clone(state);
                let changed = Function::new("changed", move |call| {
                    Ok(Value::Bool(own.changed(call.run(), call.arg(0))?))
                });
                state.holding(changed.rest("value"))
            }
            _ => return None,
        })
    }
}
