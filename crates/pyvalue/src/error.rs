//! Why something cannot be computed.

/// A failure as Python would raise it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Which of Python's exceptions it is.
    pub class: Class,
    /// What is wrong, in words for the author of an expression.
    pub message: String,
}

/// Python's exceptions, as far as computing with values raises them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// `TypeError`.
    Type,
    /// `ValueError`.
    Value,
    /// `ZeroDivisionError`.
    ZeroDivision,
    /// `OverflowError`.
    Overflow,
    /// `IndexError`.
    Index,
    /// `KeyError`.
    Key,
    /// `AttributeError`.
    Attribute,
    /// `re.error`.
    Regex,
    /// Something missing was used: Jinja2's `UndefinedError`.
    Undefined,
    /// A limit of ours was reached: steps, memory or depth.
    Limit,
}

impl Error {
    /// An error of a class.
    #[must_use]
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
        }
    }

    /// A `TypeError`.
    #[must_use]
    pub fn type_error(message: impl Into<String>) -> Self {
        Self::new(Class::Type, message)
    }

    /// A `ValueError`.
    #[must_use]
    pub fn value_error(message: impl Into<String>) -> Self {
        Self::new(Class::Value, message)
    }
}
