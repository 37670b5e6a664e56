//! What the body of a function sees.

use std::sync::Arc;

use pyvalue::{Budget, DateTime, Dict, List, Set, Value};

use super::{Fault, Function, Outcome};
use crate::evaluate::Run;
use crate::generator::{Generate, Generator, Items, OBJECT, Restart, Restartable, Stream};
use crate::lambda::Lambda;
use crate::scope::Scope;

/// An argument as a body gets it.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A value.
    Value(Value),
    /// An expression.
    Lambda(Lambda),
    /// `key => value`, both unevaluated.
    Mapping(Lambda, Lambda),
    /// Left out, and without a default.
    Absent,
}

/// One call of a function: its arguments, and the run it belongs to.
pub struct Call<'c> {
    pub(crate) run: &'c Run<'c>,
    pub(crate) scope: &'c Arc<Scope>,
    pub(crate) function: &'c Function,
    /// One a parameter, those that take all further arguments left out.
    pub(crate) arguments: &'c [Argument],
    pub(crate) rest: &'c [Argument],
    pub(crate) named_rest: &'c [(Arc<str>, Value)],
}

static NONE: Value = Value::None;

impl<'c> Call<'c> {
    /// The value of the i-th parameter; null for one that was left out, and for lambdas.
    #[must_use]
    pub fn arg(&self, index: usize) -> &'c Value {
        self.given(index).unwrap_or(&NONE)
    }

    /// The value of the i-th parameter, unless it was left out.
    #[must_use]
    pub fn given(&self, index: usize) -> Option<&'c Value> {
        match self.arguments.get(index) {
            Some(Argument::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// A text.
    pub fn text(&self, index: usize) -> Outcome<&'c str> {
        self.text_or_none(index).ok_or_else(|| self.wrong(index))
    }

    /// A text, or null.
    #[must_use]
    pub fn text_or_none(&self, index: usize) -> Option<&'c str> {
        self.arg(index).as_str()
    }

    /// An integer of 64 bits; booleans count as 0 and 1.
    pub fn int(&self, index: usize) -> Outcome<i64> {
        match self.arg(index) {
            Value::Int(number) => Ok(*number),
            Value::Bool(truth) => Ok(i64::from(*truth)),
            Value::Big(_) => Err(Fault::bad_value("the integer is too large here")),
            _ => Err(self.wrong(index)),
        }
    }

    /// The truth of any value.
    #[must_use]
    pub fn is_true(&self, index: usize) -> bool {
        self.arg(index).is_true()
    }

    /// A dictionary.
    pub fn dict(&self, index: usize) -> Outcome<&'c Dict> {
        self.arg(index).as_dict().ok_or_else(|| self.wrong(index))
    }

    /// The items of a list.
    pub fn list(&self, index: usize) -> Outcome<&'c List> {
        match self.arg(index) {
            Value::List(list) | Value::Tuple(list) => Ok(list),
            _ => Err(self.wrong(index)),
        }
    }

    /// A set.
    pub fn set(&self, index: usize) -> Outcome<&'c Set> {
        match self.arg(index) {
            Value::Set(set) => Ok(set),
            _ => Err(self.wrong(index)),
        }
    }

    /// A moment.
    pub fn datetime(&self, index: usize) -> Outcome<DateTime> {
        match self.arg(index) {
            Value::DateTime(moment) => Ok(*moment),
            _ => Err(self.wrong(index)),
        }
    }

    /// A length of time, in microseconds.
    pub fn timespan(&self, index: usize) -> Outcome<i64> {
        match self.arg(index) {
            Value::TimeSpan(span) => Ok(*span),
            _ => Err(self.wrong(index)),
        }
    }

    /// What `*args` took, as values.
    #[must_use]
    pub fn rest(&self) -> impl DoubleEndedIterator<Item = &'c Value> + ExactSizeIterator {
        self.rest.iter().map(|argument| match argument {
            Argument::Value(value) => value,
            _ => &NONE,
        })
    }

    /// What `*args` took, as lambdas.
    pub fn rest_lambdas(&self) -> impl Iterator<Item = &'c Lambda> {
        self.rest.iter().filter_map(|argument| match argument {
            Argument::Lambda(lambda) => Some(lambda),
            _ => None,
        })
    }

    /// What `*args` took, as unevaluated pairs.
    pub fn rest_mappings(&self) -> impl Iterator<Item = (&'c Lambda, &'c Lambda)> {
        self.rest.iter().filter_map(|argument| match argument {
            Argument::Mapping(key, value) => Some((key, value)),
            _ => None,
        })
    }

    /// What `**kwargs` took.
    #[must_use]
    pub fn named_rest(&self) -> &'c [(Arc<str>, Value)] {
        self.named_rest
    }

    /// A lambda.
    pub fn lambda(&self, index: usize) -> Outcome<&'c Lambda> {
        self.lambda_or_none(index).ok_or_else(|| self.wrong(index))
    }

    /// A lambda, unless it was left out.
    #[must_use]
    pub fn lambda_or_none(&self, index: usize) -> Option<&'c Lambda> {
        match self.arguments.get(index) {
            Some(Argument::Lambda(lambda)) => Some(lambda),
            _ => None,
        }
    }

    /// A walk over an iterable argument, for generators to own.
    pub fn stream(&self, index: usize) -> Outcome<Stream> {
        Stream::of(self.arg(index), self.run)
    }

    /// A walk over an iterable argument.
    pub fn iterate(&self, index: usize) -> Outcome<Items<'c>> {
        Ok(Items::new(self.stream(index)?, self.run))
    }

    /// All items of an iterable argument.
    pub fn collect(&self, index: usize) -> Outcome<Vec<Value>> {
        self.stream(index)?.collect(self.run)
    }

    /// A generator that walks this state machine.
    pub fn lazy(&self, state: impl Generate + 'static) -> Outcome {
        self.budget().charge(OBJECT + size_of_val(&state))?;
        Ok(Generator::value(Box::new(state), self.depth()?))
    }

    /// A value that can be walked over more than once.
    pub fn restartable(&self, state: impl Restart) -> Outcome {
        self.depth()?;
        self.budget().charge(OBJECT + size_of_val(&state))?;
        Ok(Restartable::value(state))
    }

    /// A list (YAQL's lists are tuples).
    pub fn tuple(&self, items: Vec<Value>) -> Outcome {
        self.checked(Value::tuple(items))
    }

    /// The same container, its memory charged and its depth checked.
    pub fn checked(&self, container: Value) -> Outcome {
        self.run.checked(container)
    }

    /// How deep what a generator captures is nested, the generator itself included.
    pub fn depth(&self) -> Outcome<u32> {
        let of = |argument: &Argument| match argument {
            Argument::Value(value) => value.depth(),
            Argument::Lambda(lambda) => lambda.depth(),
            Argument::Mapping(key, value) => key.depth().max(value.depth()),
            Argument::Absent => 0,
        };
        let arguments = self.arguments.iter().chain(self.rest);
        let named = self.named_rest.iter().map(|(_, value)| value.depth());
        let depth = 1 + arguments.map(of).chain(named).max().unwrap_or(0);
        self.run.check_depth(depth)?;
        Ok(depth)
    }

    /// Calls another function, chosen by its arguments as if the expression called it.
    pub fn delegate(&self, name: &str, arguments: &[Value]) -> Outcome {
        self.run.call_function(self.scope, name, arguments)
    }

    /// Calls a method, chosen by its arguments as if the expression called it.
    pub fn delegate_method(&self, name: &str, receiver: &Value, arguments: &[Value]) -> Outcome {
        self.run
            .call_method(self.scope, name, receiver.clone(), arguments)
    }

    /// The scope, for generators that call other functions: [`Run::call_function`].
    #[must_use]
    pub fn scope(&self) -> &'c Arc<Scope> {
        self.scope
    }

    /// The run that this call belongs to.
    #[must_use]
    pub fn run(&self) -> &'c Run<'c> {
        self.run
    }

    /// What is left to be spent.
    #[must_use]
    pub fn budget(&self) -> &'c Budget {
        self.run.budget()
    }

    /// What the program that embeds us passed to this evaluation, if it is a `T`.
    #[must_use]
    pub fn host<T: 'static>(&self) -> Option<&'c T> {
        self.run.host()
    }

    /// The time of this evaluation.
    pub fn now(&self) -> Outcome<DateTime> {
        self.run.now()
    }

    /// A random number, at least 0 and below 1; the seed of the evaluation decides which.
    #[must_use]
    pub fn random(&self) -> f64 {
        self.run.random()
    }

    fn wrong(&self, index: usize) -> Fault {
        let name = self
            .function
            .params
            .get(index)
            .map_or("", |param| param.name);
        Fault::wrong_type(format!(
            "`{}` cannot take a value of type {} for `{name}`",
            self.function.name,
            self.arg(index).type_name()
        ))
    }
}
