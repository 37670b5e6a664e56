//! Contexts, dots, and calls by name.

use std::sync::Arc;

use pyvalue::Value;

use crate::dispatch;
use crate::evaluate::{Run, member};
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::{self, Generator, OBJECT, Stream};
use crate::scope::{Context, Scope};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function(
        "#operator_.",
        &[
            Param::any("receiver"),
            Param::new("expr", Type::MethodLambda),
        ],
        |call| call.lambda(1)?.invoke_method(call.run(), call.arg(0)),
    ),
    Function::function(
        "#operator_.",
        &[
            Param::new("dict", Type::Dict),
            Param::new("key", Type::Keyword),
        ],
        |call| member(call.dict(0)?, call.arg(1), call.budget()),
    ),
    Function::function(
        "#operator_.",
        &[
            Param::new("collection", Type::Iterable),
            Param::new("attribute", Type::Keyword),
        ],
        |call| property_of(call.run(), call.arg(0), call.text(1)?, call.scope()),
    ),
    Function::function(
        "#operator_?.",
        &[Param::any("receiver"), Param::new("expr", Type::Expression)],
        |call| {
            call.lambda(1)?
                .invoke_behind_dot(call.run(), call.arg(0), call.scope())
        },
    ),
    Function::function(
        "#operator_->",
        &[Param::new("left", Type::Context), Param::lambda("right")],
        arrow,
    ),
    Function::method(
        "unpack",
        &[
            Param::new("sequence", Type::Iterable),
            Param::rest("args", Type::Str),
        ],
        unpack,
    ),
    Function::function("with", &[Param::rest("args", Type::Any)], bind),
    Function::function(
        "let",
        &[Param::rest("args", Type::Any), Param::named_rest("kwargs")],
        bind,
    ),
    Function::function(
        "def",
        &[Param::new("name", Type::Str), Param::lambda("func")],
        define,
    ),
    Function::method(
        "assert",
        &[
            Param::any("obj"),
            Param::lambda("condition"),
            Param::new("message", Type::Str).or_text("Assertion failed"),
        ],
        assert,
    ),
    Function::function(
        "call",
        &[
            Param::new("name", Type::Str),
            Param::new("args", Type::Sequence),
            Param::new("kwargs", Type::Dict),
            Param::any("receiver").optional(),
        ],
        call_by_name,
    ),
];

/// Taken where no nearer overload is.
pub(crate) const FALLBACKS: &[Function] = &[Function::function(
    "#operator_.",
    &[Param::any("obj"), Param::new("name", Type::Keyword)],
    |call| property(call.run(), call.scope(), call.arg(0).clone(), call.text(1)?),
)];

/// `.name` of what is neither a dictionary nor a collection: a function of that type.
pub(crate) fn property(run: &Run<'_>, scope: &Arc<Scope>, receiver: Value, name: &str) -> Outcome {
    let word = dispatch::type_word(&receiver).to_owned();
    let function = format!("#property#{name}");
    if run.engine.overloads(&function).is_empty() && !scope.defines(&function) {
        return Err(Fault::undefined(format!(
            "a value of type {word} has no property `{name}`"
        )));
    }
    dispatch::call_operator(run, scope, &function, vec![receiver])
}

/// `.name` of a collection: that of each item, when it is asked for.
pub(crate) fn property_of(
    run: &Run<'_>,
    collection: &Value,
    name: &str,
    scope: &Arc<Scope>,
) -> Outcome {
    let depth = 1 + collection.depth().max(scope.depth());
    run.check_depth(depth)?;
    run.budget().charge(OBJECT)?;
    let mut items = Stream::of(collection, run)?;
    let name: Arc<str> = Arc::from(name);
    let scope = Arc::clone(scope);
    let generate = move |run: &Run<'_>| {
        let Some(item) = items.next(run)? else {
            return Ok(None);
        };
        match &item {
            Value::Dict(dict) => member(dict, &Value::Str(Arc::clone(&name)), run.budget()),
            _ if generator::is_iterable(&item) => property_of(run, &item, &name, &scope),
            _ => property(run, &scope, item, &name),
        }
        .map(Some)
    };
    Ok(Generator::value(Box::new(generate), depth))
}

fn arrow(call: &Call<'_>) -> Outcome {
    let Some(scope) = Context::of(call.arg(0)) else {
        return Err(Fault::wrong_type("left of `->` stands no context"));
    };
    match call.lambda_or_none(1) {
        Some(right) => right.invoke_in(call.run(), scope),
        None => Ok(Value::None),
    }
}

/// `let` and `with`.
fn bind(call: &Call<'_>) -> Outcome {
    let values: Vec<Value> = call.rest().cloned().collect();
    let mut scope = Scope::with_values(call.scope(), &values);
    for (name, value) in call.named_rest() {
        scope.bind(name, value.clone());
    }
    context(call, scope)
}

fn context(call: &Call<'_>, scope: Scope) -> Outcome {
    call.run().check_depth(scope.depth())?;
    call.budget().charge(OBJECT)?;
    Ok(Context::value(scope))
}

fn unpack(call: &Call<'_>) -> Outcome {
    let names: Vec<&str> = call.rest().filter_map(Value::as_str).collect();
    call.run().take_names(names.len())?;
    let mut items = call.stream(0)?;
    if names.is_empty() {
        // The original counts the items first, and what it takes of an iterator for that is gone.
        if !matches!(
            call.arg(0),
            Value::List(_) | Value::Tuple(_) | Value::Set(_)
        ) {
            items.next(call.run())?;
        }
        let values = items.collect(call.run())?;
        return context(call, Scope::with_values(call.scope(), &values));
    }
    let mut values = Vec::new();
    while values.len() <= names.len()
        && let Some(value) = items.next(call.run())?
    {
        values.push(value);
    }
    if values.len() != names.len() {
        return Err(Fault::bad_value(format!(
            "cannot unpack {} items into {} names",
            values.len(),
            names.len()
        )));
    }
    let mut scope = Scope::inside(call.scope());
    for (name, value) in names.into_iter().zip(values) {
        scope.bind(name, value);
    }
    context(call, scope)
}

fn define(call: &Call<'_>) -> Outcome {
    let mut scope = Scope::inside(call.scope());
    if let Some(body) = call.lambda_or_none(1) {
        scope.define(call.text(0)?, body.clone());
    }
    context(call, scope)
}

fn assert(call: &Call<'_>) -> Outcome {
    let value = if generator::is_iterator(call.arg(0)) {
        call.delegate_method("memorize", call.arg(0), &[])?
    } else {
        call.arg(0).clone()
    };
    if call
        .lambda(1)?
        .test(call.run(), std::slice::from_ref(&value))?
    {
        return Ok(value);
    }
    Err(Fault::bad_value(call.text(2)?))
}

fn call_by_name(call: &Call<'_>) -> Outcome {
    let named = call
        .dict(2)?
        .iter()
        .map(|(name, value)| match name {
            Value::Str(name) => Ok((Arc::clone(name), dispatch::Given::Value(value.clone()))),
            _ => Err(Fault::wrong_type("names of arguments must be texts")),
        })
        .collect::<Outcome<Vec<_>>>()?;
    let positional = call
        .list(1)?
        .iter()
        .cloned()
        .map(dispatch::Given::Value)
        .collect();
    let receiver = call.given(3).cloned();
    dispatch::call(
        call.run(),
        call.scope(),
        call.text(0)?,
        receiver,
        positional,
        named,
    )
}
