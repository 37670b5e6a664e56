//! Which overload a call means, and the call.
//!
//! The rules are those of the Python original, step by step, since authors rely on their corners: constants are checked
//! before anything is evaluated; overloads must agree on which arguments stay unevaluated; the rest is evaluated once;
//! then the narrowest overload of the nearest level that takes the values wins.

mod binding;
mod complain;
mod matching;
mod single;

use std::sync::Arc;

use pyvalue::{Object, Value};

use crate::ast::{Argument as Written, Node, NodeKind};
use crate::engine::Engine;
use crate::evaluate::Run;
use crate::function::{Fault, Function, Outcome, Param};
use crate::lambda::Lambda;
use crate::scope::Scope;

use binding::{bind, default, perform};
pub(crate) use complain::{brief, type_word};
use complain::{no_overload, unknown};
use matching::{Matching, narrower};

/// An argument of a call before an overload is chosen.
#[derive(Debug, Clone)]
pub(crate) enum Given<'a> {
    /// An expression.
    Node(&'a Arc<Node>),
    /// A value.
    Value(Value),
    /// `key => value`.
    Pair(&'a Arc<Node>, &'a Arc<Node>),
    /// Left out, with a comma after it.
    Omitted,
}

/// Named arguments of a call.
pub(crate) type Named<'a> = Vec<(Arc<str>, Given<'a>)>;

/// `key => value` as a value: what `dict`, `set` and the map brackets take.
#[derive(Debug)]
pub struct Pair {
    /// The key.
    pub key: Value,
    /// The value.
    pub value: Value,
}

impl Pair {
    /// The pair inside a value, if it is one.
    #[must_use]
    pub fn of(value: &Value) -> Option<&Self> {
        value.as_object()
    }
}

impl Object for Pair {
    fn type_name(&self) -> &'static str {
        "MappingRule"
    }

    fn depth(&self) -> u32 {
        self.key.depth().max(self.value.depth()) + 1
    }
}

/// A function that a call may mean.
#[derive(Clone)]
struct Candidate<'a> {
    function: &'a Function,
    /// The lower, the nearer.
    level: usize,
    /// The body, where the expression itself defines it.
    defined: Option<Lambda>,
}

/// What a function that is defined by the expression takes: anything.
static DEFINED: Function = Function::function(
    "def",
    &[
        Param::rest("args", crate::function::Type::Any),
        Param::named_rest("kwargs"),
    ],
    |_| Ok(Value::None),
);

/// Calls a function, or the method of a receiver, as it is written.
pub(crate) fn call_nodes(
    run: &Run<'_>,
    scope: &Arc<Scope>,
    name: &str,
    receiver: Option<Value>,
    arguments: &[Written],
) -> Outcome {
    if !scope.defines(name)
        && let Some(function) = single::only(run, name, receiver.is_some(), arguments)
    {
        return single::call(run, scope, function, receiver, arguments);
    }
    let mut given = Vec::with_capacity(arguments.len() + 1);
    given.extend(arguments.iter().map(Given::of));
    call(run, scope, name, receiver, given, Vec::new())
}

impl<'a> Given<'a> {
    pub(crate) fn of(argument: &'a Written) -> Self {
        match argument {
            Written::Value(node) => Self::Node(node),
            Written::Rule(key, value) => Self::Pair(key, value),
            Written::Omitted => Self::Omitted,
        }
    }
}

/// Calls the function of an operator with values.
pub(crate) fn call_operator(
    run: &Run<'_>,
    scope: &Arc<Scope>,
    name: &str,
    values: Vec<Value>,
) -> Outcome {
    let given = values.into_iter().map(Given::Value).collect();
    call(run, scope, name, None, given, Vec::new())
}

/// Why a call can only fail, whatever its arguments turn out to be; nothing where it may succeed. Constants are looked
/// at, nothing is evaluated.
pub(crate) fn complaint(
    engine: &Engine,
    name: &str,
    is_method: bool,
    mut positional: Vec<Given<'_>>,
) -> Option<Fault> {
    let candidates = registered(engine, name, is_method);
    let Ok(takes_names) = agree_on_names(name, &candidates) else {
        return None;
    };
    if candidates.is_empty() {
        return Some(unknown(engine, name, is_method));
    }
    let mut named = Vec::new();
    if takes_names && let Err(fault) = separate_names(&mut positional, &mut named) {
        return Some(fault);
    }
    let fits = candidates
        .iter()
        .any(|candidate| Matching::of(candidate.function, &positional, &named).is_some());
    (!fits).then(|| no_overload(name, is_method, &candidates, &positional, &named))
}

/// Calls a function, or the method of a receiver.
pub(crate) fn call<'g>(
    run: &Run<'_>,
    scope: &Arc<Scope>,
    name: &str,
    receiver: Option<Value>,
    mut positional: Vec<Given<'g>>,
    mut named: Named<'g>,
) -> Outcome {
    let is_method = receiver.is_some();
    let candidates = candidates(run, scope, name, is_method);
    if candidates.is_empty() {
        return Err(unknown(run.engine, name, is_method));
    }
    if let Some(receiver) = receiver {
        positional.insert(0, Given::Value(receiver));
    }
    let takes_names = agree_on_names(name, &candidates)?;
    let is_pair = |given: &&Given<'_>| matches!(given, Given::Pair(..));
    run.take_names(named.len() + positional.iter().filter(is_pair).count())?;
    if takes_names {
        separate_names(&mut positional, &mut named)?;
    } else if let Some((argument, _)) = named.first() {
        return Err(Fault::wrong_type(format!(
            "`{name}` takes no named arguments, such as `{argument}`"
        )));
    }
    let matchings = match_all(&candidates, &positional, &named);
    let Some(first) = matchings.first() else {
        return Err(no_overload(
            name,
            is_method,
            &candidates,
            &positional,
            &named,
        ));
    };
    let lazy = first.1.lazy;
    if matchings.iter().any(|(_, matching)| matching.lazy != lazy) {
        return Err(ambiguous(name));
    }
    evaluate_arguments(run, scope, lazy, &mut positional, &mut named)?;
    let Some(chosen) = choose(name, &matchings, &positional, &named)? else {
        return Err(no_overload(
            name,
            is_method,
            &candidates,
            &positional,
            &named,
        ));
    };
    perform(run, scope, chosen, positional, named)
}

/// All functions of a name and style, the nearest level first.
fn candidates<'a>(
    run: &Run<'a>,
    scope: &Arc<Scope>,
    name: &str,
    is_method: bool,
) -> Vec<Candidate<'a>> {
    let mut found = Vec::new();
    if !is_method {
        for (level, body) in scope.functions(name).into_iter().enumerate() {
            found.push(Candidate {
                function: &DEFINED,
                level,
                defined: Some(body),
            });
        }
    }
    let outer = found.len();
    let others = registered(run.engine, name, is_method);
    found.extend(others.into_iter().map(|candidate| Candidate {
        level: outer + candidate.level,
        ..candidate
    }));
    found
}

/// The functions of the engine of a name and style.
fn registered<'a>(engine: &'a Engine, name: &str, is_method: bool) -> Vec<Candidate<'a>> {
    engine
        .overloads(name)
        .iter()
        .filter(|(_, function)| {
            if is_method {
                function.is_method()
            } else {
                function.is_function()
            }
        })
        .map(|(level, function)| Candidate {
            function,
            level: usize::from(*level),
            defined: None,
        })
        .collect()
}

/// Whether the overloads take named arguments. They must agree.
fn agree_on_names(name: &str, candidates: &[Candidate<'_>]) -> Outcome<bool> {
    let takes_names = candidates
        .first()
        .is_none_or(|candidate| candidate.function.takes_names);
    if candidates
        .iter()
        .any(|candidate| candidate.function.takes_names != takes_names)
    {
        return Err(ambiguous(name));
    }
    Ok(takes_names)
}

fn ambiguous(name: &str) -> Fault {
    Fault::wrong_type(format!(
        "`{}` is ambiguous: more than one overload takes these arguments",
        complain::shown(name)
    ))
}

/// Takes `name => value` out of the positional arguments.
fn separate_names<'a>(positional: &mut Vec<Given<'a>>, named: &mut Named<'a>) -> Outcome<()> {
    if !positional
        .iter()
        .any(|given| matches!(given, Given::Pair(..)))
    {
        return Ok(());
    }
    for given in std::mem::take(positional) {
        let Given::Pair(key, value) = given else {
            positional.push(given);
            continue;
        };
        let NodeKind::Keyword(name) = &key.kind else {
            return Err(Fault::bad_value(
                "the name of an argument must be a bare word, as in `name => value`",
            ));
        };
        // The last of several with one name is meant.
        match named.iter_mut().find(|(known, _)| known == name) {
            Some((_, given)) => *given = Given::Node(value),
            None => named.push((Arc::clone(name), Given::Node(value))),
        }
    }
    Ok(())
}

fn match_all<'m, 'a>(
    candidates: &'m [Candidate<'a>],
    positional: &[Given<'_>],
    named: &Named<'_>,
) -> Vec<(&'m Candidate<'a>, Matching<'a>)> {
    candidates
        .iter()
        .filter_map(|candidate| {
            let matching = Matching::of(candidate.function, positional, named)?;
            Some((candidate, matching))
        })
        .collect()
}

/// Evaluates, in their order, the arguments that the overloads want as values.
fn evaluate_arguments(
    run: &Run<'_>,
    scope: &Arc<Scope>,
    lazy: u64,
    positional: &mut [Given<'_>],
    named: &mut Named<'_>,
) -> Outcome<()> {
    for (index, given) in positional.iter_mut().enumerate() {
        if !matching::is_lazy(lazy, index) {
            evaluate_argument(run, scope, given)?;
        }
    }
    for (index, (_, given)) in named.iter_mut().enumerate() {
        if !matching::is_lazy_name(lazy, index) {
            evaluate_argument(run, scope, given)?;
        }
    }
    Ok(())
}

fn evaluate_argument(run: &Run<'_>, scope: &Arc<Scope>, given: &mut Given<'_>) -> Outcome<()> {
    let value = match given {
        Given::Node(node) => match node.kind {
            NodeKind::Constant(_) | NodeKind::Keyword(_) => return Ok(()),
            _ => run.evaluate(node, scope)?,
        },
        Given::Pair(key, value) => {
            let key = run.evaluate(key, scope)?;
            let value = run.evaluate(value, scope)?;
            Value::object(Pair { key, value })
        }
        Given::Value(_) | Given::Omitted => return Ok(()),
    };
    *given = Given::Value(value);
    Ok(())
}

/// The narrowest overload of the nearest level that takes these arguments.
fn choose<'m, 'a>(
    name: &str,
    matchings: &[(&'m Candidate<'a>, Matching<'a>)],
    positional: &[Given<'_>],
    named: &Named<'_>,
) -> Outcome<Option<&'m Candidate<'a>>> {
    let mut winner: Option<&(&'m Candidate<'a>, Matching<'a>)> = None;
    for entry in matchings {
        let (candidate, matching) = entry;
        if winner.is_some_and(|(nearer, _)| nearer.level < candidate.level) {
            break;
        }
        if !matching.takes(positional, named) {
            continue;
        }
        if let Some((_, best)) = winner {
            if narrower(best, matching) {
                continue;
            }
            if !narrower(matching, best) {
                return Err(ambiguous(name));
            }
        }
        winner = Some(entry);
    }
    Ok(winner.map(|(candidate, _)| *candidate))
}
