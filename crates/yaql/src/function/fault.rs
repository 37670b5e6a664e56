//! Why a function failed: small enough to be returned everywhere.

use diagnostic::{Diagnostic, Kind};
use pyvalue::Class;

/// What a body gives.
pub type Outcome<T = pyvalue::Value> = Result<T, Fault>;

/// A [`Diagnostic`] in a box: results are returned at every node, and most are values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(Box<Diagnostic>);

impl Fault {
    /// A failure of a kind.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Diagnostic::new(kind, message)))
    }

    /// A wrong type.
    #[must_use]
    pub fn wrong_type(message: impl Into<String>) -> Self {
        Self::new(Kind::Type, message)
    }

    /// Something that is not there: a variable, a key.
    #[must_use]
    pub fn undefined(message: impl Into<String>) -> Self {
        Self::new(Kind::Undefined, message)
    }

    /// A bad value.
    #[must_use]
    pub fn bad_value(message: impl Into<String>) -> Self {
        Self::new(Kind::Other, message)
    }

    /// What went wrong.
    #[must_use]
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.0
    }

    /// The same, with a note more.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        self.map(|diagnostic| diagnostic.note(note))
    }

    pub(crate) fn map(self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        Self(Box::new(change(*self.0)))
    }
}

impl From<Diagnostic> for Fault {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(Box::new(diagnostic))
    }
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        *fault.0
    }
}

impl From<pyvalue::Error> for Fault {
    fn from(error: pyvalue::Error) -> Self {
        let kind = match error.class {
            Class::Type => Kind::Type,
            Class::Key | Class::Attribute | Class::Undefined => Kind::Undefined,
            Class::Value | Class::ZeroDivision | Class::Overflow | Class::Index | Class::Regex => {
                Kind::Other
            }
            Class::Limit => Kind::Limit,
        };
        Self::new(kind, error.message)
    }
}
