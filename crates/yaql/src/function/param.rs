//! Parameters and the types they take.

use std::fmt;

use pyvalue::Value;

use crate::dispatch::Pair;
use crate::generator;
use crate::scope::Context;

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Anything. Takes null, unless [`Param::not_null`].
    Any,
    /// A boolean.
    Bool,
    /// An integer, or a boolean (Python's `int`).
    Int,
    /// An integer that is no boolean.
    Integer,
    /// An integer or a float, no boolean.
    Number,
    /// A text.
    Str,
    /// What can be walked over: lists, sets, iterators; neither texts nor dictionaries.
    Iterable,
    /// An iterator: walked over once.
    Iterator,
    /// A list.
    Sequence,
    /// A dictionary.
    Dict,
    /// A set.
    Set,
    /// A moment.
    DateTime,
    /// A length of time.
    TimeSpan,
    /// A compiled regular expression.
    Regex,
    /// What `orderBy` gives.
    Ordered,
    /// A context: what `let`, `with`, `def` give.
    Context,
    /// Null only.
    Null,
    /// A bare word, unevaluated: `.name`.
    Keyword,
    /// An expression that the body evaluates, any number of times.
    Lambda,
    /// An expression that is evaluated as a method of a receiver: what stands right of a dot.
    MethodLambda,
    /// An expression as it stands.
    Expression,
    /// `key => value`, both evaluated: a [`crate::Pair`].
    Pair,
    /// `key => value`, both unevaluated.
    Mapping,
}

/// What stands for an argument that is not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Absence {
    /// Nothing does: it must be given.
    Required,
    /// Nothing does, and the body is told ([`crate::Call::given`]).
    Absent,
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Str(&'static str),
    /// A list of texts.
    Texts(&'static [&'static str]),
    /// A length of time, in microseconds.
    TimeSpan(i64),
}

/// How many arguments a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// One.
    One,
    /// All further ones: `*args`.
    Rest,
    /// All further named ones: `**kwargs`.
    NamedRest,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    pub(crate) is_nullable: bool,
    pub(crate) default: Absence,
    pub(crate) quantity: Quantity,
}

impl Param {
    /// One that must be given.
    #[must_use]
    pub const fn new(name: &'static str, kind: Type) -> Self {
        Self {
            name,
            kind,
            is_nullable: matches!(kind, Type::Any | Type::Null | Type::Lambda),
            default: Absence::Required,
            quantity: Quantity::One,
        }
    }

    /// One of any type, null too.
    #[must_use]
    pub const fn any(name: &'static str) -> Self {
        Self::new(name, Type::Any)
    }

    /// A lambda.
    #[must_use]
    pub const fn lambda(name: &'static str) -> Self {
        Self::new(name, Type::Lambda)
    }

    /// `*name`: all further positional arguments.
    #[must_use]
    pub const fn rest(name: &'static str, kind: Type) -> Self {
        let mut param = Self::new(name, kind);
        param.quantity = Quantity::Rest;
        param
    }

    /// `**name`: all further named arguments, of any type.
    #[must_use]
    pub const fn named_rest(name: &'static str) -> Self {
        let mut param = Self::new(name, Type::Any);
        param.quantity = Quantity::NamedRest;
        param
    }

    /// The same, taking null too.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.is_nullable = true;
        self
    }

    /// The same, refusing null.
    #[must_use]
    pub const fn not_null(mut self) -> Self {
        self.is_nullable = false;
        self
    }

    /// The same, with a default that the type need not take.
    #[must_use]
    pub const fn or(mut self, default: Absence) -> Self {
        self.default = default;
        self
    }

    /// The same, null where it is not given; takes null.
    #[must_use]
    pub const fn or_null(self) -> Self {
        self.nullable().or(Absence::Null)
    }

    /// The same, with a boolean as default.
    #[must_use]
    pub const fn or_bool(self, default: bool) -> Self {
        self.or(Absence::Bool(default))
    }

    /// The same, with an integer as default.
    #[must_use]
    pub const fn or_int(self, default: i64) -> Self {
        self.or(Absence::Int(default))
    }

    /// The same, with a text as default.
    #[must_use]
    pub const fn or_text(self, default: &'static str) -> Self {
        self.or(Absence::Str(default))
    }

    /// The same, with nothing as default: see [`crate::Call::given`].
    #[must_use]
    pub const fn optional(self) -> Self {
        self.or(Absence::Absent)
    }

    pub(crate) fn type_word(&self) -> &'static str {
        self.kind.word()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether a value fits.
    pub(crate) fn takes(&self, value: &Value) -> bool {
        if value.is_none() {
            return self.is_nullable;
        }
        self.kind.takes(value)
    }
}

impl Type {
    /// Whether the argument stays unevaluated.
    pub(crate) const fn is_lazy(self) -> bool {
        matches!(
            self,
            Self::Lambda | Self::MethodLambda | Self::Expression | Self::Mapping
        )
    }

    /// Whether a value that is not null fits.
    pub(crate) fn takes(self, value: &Value) -> bool {
        match self {
            Self::Any | Self::Lambda | Self::MethodLambda => true,
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Int => matches!(value, Value::Int(_) | Value::Bool(_) | Value::Big(_)),
            Self::Integer => matches!(value, Value::Int(_) | Value::Big(_)),
            Self::Number => matches!(value, Value::Int(_) | Value::Big(_) | Value::Float(_)),
            Self::Str => matches!(value, Value::Str(_)),
            Self::Iterable => generator::is_iterable(value),
            Self::Iterator => generator::is_iterator(value),
            Self::Sequence => matches!(value, Value::List(_) | Value::Tuple(_) | Value::Bytes(_)),
            Self::Dict => matches!(value, Value::Dict(_)),
            Self::Set => matches!(value, Value::Set(_)),
            Self::DateTime => matches!(value, Value::DateTime(_)),
            Self::TimeSpan => matches!(value, Value::TimeSpan(_)),
            Self::Regex => is_object_of(value, "Pattern"),
            Self::Ordered => is_object_of(value, "OrderingIterable"),
            Self::Context => Context::of(value).is_some(),
            Self::Pair => Pair::of(value).is_some(),
            Self::Null | Self::Keyword | Self::Expression | Self::Mapping => false,
        }
    }

    /// Whether it is a narrower type than the other, as Python's classes are.
    pub(crate) fn is_narrower(self, other: Self) -> bool {
        if self == other || self.is_lazy() || other.is_lazy() {
            return false;
        }
        if self == Self::Keyword || other == Self::Keyword {
            return false;
        }
        match other {
            Self::Any => !matches!(self, Self::Any | Self::Number),
            Self::Iterable => matches!(
                self,
                Self::Str | Self::Sequence | Self::Dict | Self::Set | Self::Ordered
            ),
            Self::Int | Self::Integer => self == Self::Bool,
            Self::Number => matches!(self, Self::Int | Self::Integer | Self::Bool),
            _ => false,
        }
    }

    /// How it is called in messages.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Bool => "bool",
            Self::Int | Self::Integer => "int",
            Self::Number => "number",
            Self::Str => "string",
            Self::Iterable => "iterable",
            Self::Iterator => "iterator",
            Self::Sequence => "list",
            Self::Dict => "dict",
            Self::Set => "set",
            Self::DateTime => "datetime",
            Self::TimeSpan => "timespan",
            Self::Regex => "regex",
            Self::Ordered => "ordered",
            Self::Context => "context",
            Self::Null => "null",
            Self::Keyword => "keyword",
            Self::Lambda | Self::MethodLambda => "lambda",
            Self::Expression => "expression",
            Self::Pair | Self::Mapping => "key => value",
        }
    }
}

fn is_object_of(value: &Value, type_name: &str) -> bool {
    matches!(value, Value::Object(object) if object.type_name() == type_name)
}

impl Absence {
    /// The value; nothing where an argument must be given, or where the body is told.
    pub(crate) fn value(self) -> Option<Value> {
        Some(match self {
            Self::Required | Self::Absent => return None,
            Self::Null => Value::None,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Int(number) => Value::Int(number),
            Self::Str(text) => Value::text(text),
            Self::Texts(texts) => Value::tuple(texts.iter().copied().map(Value::text).collect()),
            Self::TimeSpan(span) => Value::TimeSpan(span),
        })
    }
}

/// `name: type = default`.
impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quantity {
            Quantity::One => {}
            Quantity::Rest => f.write_str("*")?,
            Quantity::NamedRest => f.write_str("**")?,
        }
        write!(f, "{}: {}", self.name, self.kind.word())?;
        match self.default {
            Absence::Required => Ok(()),
            Absence::Absent => f.write_str(" = (none)"),
            Absence::Null => f.write_str(" = null"),
            Absence::Bool(truth) => write!(f, " = {truth}"),
            Absence::Int(number) => write!(f, " = {number}"),
            Absence::Str(text) => write!(f, " = '{text}'"),
            Absence::Texts(texts) => write!(f, " = {texts:?}"),
            Absence::TimeSpan(span) => write!(f, " = {span}"),
        }
    }
}
