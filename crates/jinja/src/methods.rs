//! Methods and attributes of Python's types, as templates reach them.
//!
//! The evaluator asks [`find`] for the method of a call such as `a.b.upper()`. One that changes its receiver is a
//! [`Change`], applied to the place the receiver stands in (or to a copy that is thrown away, where it stands in none).
//! Any other access, such as `a.b.upper` or `n.real`, asks [`attribute`]. What the sandbox must refuse rather than not
//! find is told by [`is_private`].

mod arguments;
mod bytes;
pub(crate) mod dict;
mod formatting;
mod list;
mod marked;
mod moment;
mod number;
mod private;
mod set;
mod text;
mod views;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pyvalue::{Dict, Value};

pub(crate) use arguments::{as_index, count, integer, maybe_text, text_of};
pub(crate) use private::is_private;
pub(crate) use text::unmarked;
pub(crate) use views::View;

use crate::objects::{Callable, Markup};
use crate::{Call, Error, Function, Run};

/// A method of a type.
#[derive(Clone, Copy)]
pub(crate) enum Method {
    /// Parameter 0 is the receiver.
    Function(&'static Function),
    /// Changes its receiver.
    Change(&'static Change),
}

/// A method that changes its receiver.
pub(crate) struct Change {
    /// Binds the arguments; its parameter 0 is the receiver, which is not passed.
    function: Function,
    body: ChangeBody,
}

/// Parameter 0 of the call is `None`, the others follow.
type ChangeBody = fn(&mut Value, &Call<'_>) -> Result<Value, Error>;

impl Change {
    /// Changes what stands in `place`, in place if nobody else holds it; the answer is what the method returns.
    pub(crate) fn apply(
        &self,
        run: &Run<'_>,
        place: &mut Value,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Error> {
        let positional = with_receiver(Value::None, positional);
        self.function
            .bound(run, &positional, named, |call| (self.body)(place, call))
    }
}

impl Method {
    /// Calls it where the receiver stands in no place: a change is lost.
    pub(crate) fn call(
        self,
        run: &Run<'_>,
        receiver: &Value,
        positional: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Result<Value, Error> {
        match self {
            Self::Function(function) => {
                function.call(run, &with_receiver(receiver.clone(), positional), named)
            }
            Self::Change(change) => change.apply(run, &mut receiver.clone(), positional, named),
        }
    }
}

fn with_receiver(receiver: Value, positional: &[Value]) -> Vec<Value> {
    let mut all = Vec::with_capacity(positional.len() + 1);
    all.push(receiver);
    all.extend_from_slice(positional);
    all
}

/// The methods of one type, made when the first is asked for.
type Table = LazyLock<HashMap<&'static str, Entry>>;

enum Entry {
    Function(Function),
    Change(Change),
}

/// The method of that name that a value has.
pub(crate) fn find(receiver: &Value, name: &str) -> Option<Method> {
    let table: &'static Table = match receiver {
        Value::Str(_) => &text::METHODS,
        Value::List(_) => &list::METHODS,
        Value::Tuple(_) => &list::OF_TUPLES,
        Value::Dict(_) => &dict::METHODS,
        Value::Set(_) => &set::METHODS,
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => &number::OF_INTEGERS,
        Value::Float(_) => &number::OF_FLOATS,
        Value::Bytes(_) => &bytes::METHODS,
        Value::DateTime(_) => &moment::METHODS,
        Value::TimeSpan(_) => &moment::OF_SPANS,
        Value::Object(_) if Markup::of(receiver).is_some() => &marked::METHODS,
        Value::None | Value::Object(_) => return None,
    };
    table.get(name).map(|entry| match entry {
        Entry::Function(function) => Method::Function(function),
        Entry::Change(change) => Method::Change(change),
    })
}

/// The attribute of that name: a plain one (`n.real`, `moment.year`), or a method as a value.
///
/// Objects answer for themselves ([`pyvalue::Object::attribute`]), marked texts excepted.
pub(crate) fn attribute(receiver: &Value, name: &str) -> Option<Value> {
    if let Some(value) = plain_attribute(receiver, name) {
        return Some(value);
    }
    let method = find(receiver, name)?;
    let shown = format!(
        "<built-in method {name} of {} object at 0x7f0000000000>",
        receiver.type_name()
    );
    let owner = receiver.clone();
    let function = Function::new(name, move |call| {
        let positional = call.arg(0).as_items().unwrap_or_default();
        method.call(
            call.run(),
            &owner,
            positional,
            &named_arguments(call.arg(1)),
        )
    });
    let callable = Callable::new(function.rest("args").keywords("kwargs"));
    Some(Value::object(callable.shown_as(&shown).holding(receiver)))
}

/// Named arguments that were gathered in a dictionary.
pub(crate) fn named_arguments(gathered: &Value) -> Vec<(Arc<str>, Value)> {
    gathered
        .as_dict()
        .into_iter()
        .flat_map(Dict::iter)
        .filter_map(|(name, value)| Some((name.as_str()?.into(), value.clone())))
        .collect()
}

fn plain_attribute(receiver: &Value, name: &str) -> Option<Value> {
    match receiver {
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
            number::plain_attribute(receiver, name)
        }
        Value::DateTime(moment) => moment::plain_attribute(moment, name),
        Value::TimeSpan(span) => moment::plain_attribute_of_span(*span, name),
        _ => None,
    }
}

/// A table of methods by name.
fn table(methods: impl IntoIterator<Item = (&'static str, Entry)>) -> HashMap<&'static str, Entry> {
    methods.into_iter().collect()
}

/// A method that looks at its receiver only, which is parameter 0.
fn looking(
    name: &'static str,
    body: fn(&Call<'_>) -> Result<Value, Error>,
    parameters: impl FnOnce(Function) -> Function,
) -> (&'static str, Entry) {
    let function = Function::new(name, body).required("self, /");
    (name, Entry::Function(parameters(function)))
}

/// A method that changes its receiver; the other parameters begin with 1.
fn changing(
    name: &'static str,
    body: ChangeBody,
    parameters: impl FnOnce(Function) -> Function,
) -> (&'static str, Entry) {
    let function = Function::new(name, move |call| body(&mut call.arg(0).clone(), call));
    let change = Change {
        function: parameters(function.required("self, /")),
        body,
    };
    (name, Entry::Change(change))
}
