//! What paths are followed in: JSON, and Python's values.

use diagnostic::Diagnostic;
use serde_json::Value as Json;

/// A value that paths lead into.
pub trait Document: Clone {
    /// What it is.
    fn shape(&self) -> Shape<'_, Self>;

    /// The value of a text key, where this is an object that has it.
    fn member(&self, name: &str) -> Option<&Self>;

    /// The values of an object, or the items of a list.
    fn children(&self) -> Vec<&Self>;

    /// A text.
    fn text(text: &str) -> Self;

    /// The null of these values.
    fn null() -> Self;
}

/// What a value is, as far as paths care.
#[derive(Debug)]
pub enum Shape<'d, D> {
    /// An object, and how many members it has.
    Object(usize),
    /// A list.
    List(&'d [D]),
    /// A text.
    Text(&'d str),
    /// A whole number or a boolean.
    Whole,
    /// A value that fails when one looks into it, and the words it fails with.
    Undefined(String),
    /// Anything else, named for messages.
    Other(&'static str),
}

impl Document for Json {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Null => Shape::Other("null"),
            Self::Number(number) if number.is_f64() => Shape::Other("a number"),
            Self::Bool(_) | Self::Number(_) => Shape::Whole,
            Self::String(text) => Shape::Text(text),
            Self::Array(items) => Shape::List(items),
            Self::Object(members) => Shape::Object(members.len()),
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    fn children(&self) -> Vec<&Self> {
        match self {
            Self::Array(items) => items.iter().collect(),
            Self::Object(members) => members.values().collect(),
            _ => Vec::new(),
        }
    }

    fn text(text: &str) -> Self {
        Self::String(text.to_owned())
    }

    fn null() -> Self {
        Self::Null
    }
}

impl Document for pyvalue::Value {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Big(_) => Shape::Whole,
            Self::Str(text) => Shape::Text(text),
            Self::List(items) | Self::Tuple(items) => Shape::List(items),
            Self::Dict(members) => Shape::Object(members.len()),
            Self::None => Shape::Other("null"),
            Self::Float(_) => Shape::Other("a number"),
            other => match jinja::Undefined::of(other) {
                Some(undefined) => Shape::Undefined(Diagnostic::from(undefined.error()).message),
                None => Shape::Other("such a value"),
            },
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.as_dict()?.get(name)
    }

    fn children(&self) -> Vec<&Self> {
        match self {
            Self::List(items) | Self::Tuple(items) => items.iter().collect(),
            Self::Dict(members) => members.values().collect(),
            _ => Vec::new(),
        }
    }

    fn text(text: &str) -> Self {
        Self::text(text)
    }

    fn null() -> Self {
        Self::None
    }
}
