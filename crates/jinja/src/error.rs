//! Why an evaluation failed, in one word of memory: most calls succeed, and a result should stay small.

use diagnostic::{Diagnostic, Kind};
use pyvalue::Class;

/// Bytes; what is beyond is left out.
const LONGEST_MESSAGE: usize = 1000;

/// A failure of a filter, test, function or operator.
///
/// Both of its sources convert with `?`: [`pyvalue::Error`] of computing with values, and [`Diagnostic`] of a host.
#[derive(Debug)]
pub struct Error(Box<Diagnostic>);

impl Error {
    /// A failure of a kind. The message: lower case, no full stop, names in backticks.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Diagnostic::new(kind, clipped(message.into()))))
    }

    /// A `TypeError`.
    #[must_use]
    pub fn type_error(message: impl Into<String>) -> Self {
        Self::new(Kind::Type, message)
    }

    /// A bad value, an index out of range, a refusal by the sandbox.
    #[must_use]
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(Kind::Other, message)
    }

    /// No filter, test or function of that name, with the nearest of those there are.
    #[must_use]
    pub fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        let error = Self::new(
            Kind::UnknownFunction,
            format!("there is no {what} called `{name}`"),
        );
        match diagnostic::nearest(name, known) {
            Some(near) => error.note(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    /// The same, with a note more.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    /// Which kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// All that is known of it.
    #[must_use]
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.0
    }

    /// The same, as another kind.
    pub(crate) fn of_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same, at a place of the template. A place that is there already stays.
    pub(crate) fn at(mut self, text: &std::sync::Arc<str>, span: std::ops::Range<usize>) -> Self {
        if self.0.span.is_none() {
            self.0.span = Some(span);
            self.0.source_text = std::sync::Arc::clone(text);
        }
        self
    }
}

/// Values that messages show may be of any size.
fn clipped(mut message: String) -> String {
    if message.len() > LONGEST_MESSAGE {
        message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
        message.push_str("...");
    }
    message
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        *error.0
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(Box::new(diagnostic))
    }
}

impl From<pyvalue::Error> for Error {
    fn from(error: pyvalue::Error) -> Self {
        let kind = match error.class {
            Class::Type => Kind::Type,
            Class::Undefined => Kind::Undefined,
            Class::Limit => Kind::Limit,
            Class::Value
            | Class::ZeroDivision
            | Class::Overflow
            | Class::Index
            | Class::Key
            | Class::Attribute
            | Class::Regex => Kind::Other,
        };
        Self::new(kind, error.message)
    }
}
