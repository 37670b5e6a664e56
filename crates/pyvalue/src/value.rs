//! What a value is.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use chrono::FixedOffset;
use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use crate::{Dict, Error, List, Set};

/// A moment with an offset, microseconds exact, as Python's aware `datetime`.
pub type DateTime = chrono::DateTime<FixedOffset>;

/// A value of Python's. Cheap to clone; what it holds never changes.
#[derive(Clone, Default)]
pub enum Value {
    /// `None`.
    #[default]
    None,
    /// `True`, `False`: numbers too, 1 and 0, wherever Python counts with them.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// Any other integer. Never one that fits [`Value::Int`]: made by [`Value::from_big`] only.
    Big(Arc<BigInt>),
    /// A float.
    Float(f64),
    /// A text.
    Str(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A list.
    List(List),
    /// A tuple. Equal to no list; prints `(1,)`.
    Tuple(List),
    /// A dictionary, in the order of insertion.
    Dict(Dict),
    /// A set, in the order of insertion (Python's has none).
    Set(Set),
    /// An aware `datetime`.
    DateTime(DateTime),
    /// A `timedelta`, in microseconds.
    TimeSpan(i64),
    /// Something of the program that embeds us: a function, a generator, a lazy lookup.
    Object(Arc<dyn Object>),
}

/// A value that only its maker understands.
///
/// Each language's own objects (lambdas, macros, generators) are told apart by downcasting; the methods here are what
/// any language may ask of any object.
pub trait Object: Any + fmt::Debug + Send + Sync {
    /// Python's name of the type, for messages: `generator`, `function`.
    fn type_name(&self) -> &str;

    /// What `str()` gives.
    fn text(&self) -> Result<String, Error> {
        Ok(self.repr())
    }

    /// What `repr()` gives.
    fn repr(&self) -> String {
        format!("<{} object>", self.type_name())
    }

    /// Python's truth.
    fn is_true(&self) -> bool {
        true
    }

    /// Python's `==` with something else; an object equals itself anyway.
    fn equals(&self, _other: &Value) -> bool {
        false
    }

    /// How deep values are nested in it; counts where it is held by containers. 0 for what holds none.
    fn depth(&self) -> u32 {
        0
    }

    /// Bytes that what it holds would take if nothing were shared, where printing or comparing it walks through that;
    /// counts where it is held by containers, and so never changes.
    fn weight(&self) -> u64 {
        0
    }

    /// The attribute `.name`.
    fn attribute(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The item `[key]`.
    fn item(&self, _key: &Value) -> Option<Value> {
        None
    }

    /// Calls it, with positional and named arguments.
    fn call(&self, _positional: &[Value], _named: &[(Arc<str>, Value)]) -> Result<Value, Error> {
        Err(Error::type_error(format!(
            "'{}' object is not callable",
            self.type_name()
        )))
    }

    /// All it yields, where it can be iterated over.
    fn iterate(&self) -> Option<Result<Vec<Value>, Error>> {
        None
    }
}

impl dyn Object {
    /// This object, if it is a `T`.
    #[must_use]
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref::<T>()
    }
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Str(text.into())
    }

    /// An integer of any size.
    #[must_use]
    pub fn from_big(number: BigInt) -> Self {
        match number.to_i64() {
            Some(small) => Self::Int(small),
            None => Self::Big(Arc::new(number)),
        }
    }

    /// A list.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(List::from(items))
    }

    /// A tuple.
    #[must_use]
    pub fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(List::from(items))
    }

    /// An object.
    #[must_use]
    pub fn object(object: impl Object) -> Self {
        Self::Object(Arc::new(object))
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if it is one of 64 bits (`True` is no integer here).
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The items of a list or tuple.
    #[must_use]
    pub fn as_items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The dictionary, if it is one.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The object, if it is a `T`.
    #[must_use]
    pub fn as_object<T: Object>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => object.downcast::<T>(),
            _ => None,
        }
    }

    /// Whether it is `None`.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Python's truth: `None`, zeros and what is empty are false.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) => *number != 0,
            Self::Big(_) | Self::DateTime(_) => true,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(items) | Self::Tuple(items) => !items.is_empty(),
            Self::Dict(dict) => !dict.is_empty(),
            Self::Set(set) => !set.is_empty(),
            Self::TimeSpan(span) => *span != 0,
            Self::Object(object) => object.is_true(),
        }
    }

    /// Python's name of the type: `NoneType`, `int`, `str`, `list`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Big(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) => "dict",
            Self::Set(_) => "set",
            Self::DateTime(_) => "datetime",
            Self::TimeSpan(_) => "timedelta",
            Self::Object(object) => object.type_name(),
        }
    }

    /// How deep containers are nested in it; 0 for what holds nothing.
    #[must_use]
    pub fn depth(&self) -> u32 {
        match self {
            Self::List(items) | Self::Tuple(items) => items.depth(),
            Self::Dict(dict) => dict.depth(),
            Self::Set(set) => set.depth(),
            Self::Object(object) => object.depth(),
            _ => 0,
        }
    }

    /// Fails where Python has no hash for it: lists, dictionaries, sets, and tuples that hold one.
    pub fn check_hashable(&self) -> Result<(), Error> {
        match self {
            Self::List(_) | Self::Dict(_) | Self::Set(_) => Err(Error::type_error(format!(
                "unhashable type: '{}'",
                self.type_name()
            ))),
            Self::Tuple(items) => items.iter().try_for_each(Self::check_hashable),
            _ => Ok(()),
        }
    }

    /// Bytes it would take if none of its parts were shared, about. What prints, compares or hashes it takes that long,
    /// so evaluators refuse what weighs too much.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let own = size_of::<Self>();
        let beyond = match self {
            Self::Str(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Big(number) => usize::try_from(number.bits() / 8).unwrap_or(usize::MAX),
            Self::List(items) | Self::Tuple(items) => {
                return items.weight().saturating_add(own as u64);
            }
            Self::Dict(dict) => return dict.weight().saturating_add(own as u64),
            Self::Set(set) => return set.weight().saturating_add(own as u64),
            Self::Object(object) => return object.weight().saturating_add(own as u64),
            _ => 0,
        };
        own.saturating_add(beyond) as u64
    }

    /// Whether both are the very same thing (Python's `is`; values without identity compare by type and value).
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(one), Self::List(other)) | (Self::Tuple(one), Self::Tuple(other)) => {
                one.is_same(other)
            }
            (Self::Dict(one), Self::Dict(other)) => one.is_same(other),
            (Self::Set(one), Self::Set(other)) => one.is_same(other),
            (Self::Object(one), Self::Object(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.type_name() == other.type_name() && one == other,
        }
    }
}

/// As [`Value::repr`].
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text.into())
    }
}

impl From<Dict> for Value {
    fn from(dict: Dict) -> Self {
        Self::Dict(dict)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}
