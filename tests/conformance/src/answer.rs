//! What we say to a case.

use serde_json::Value;

/// A value as the recordings write it, or a failure.
pub type Answer = Result<Value, Failure>;

/// A failure of ours, as far as the recordings compare failures.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Kinds of error that the recording may name; the first is what we would call it.
    pub kinds: &'static [&'static str],
    /// Our words.
    pub message: String,
    /// Where in the value, for a schema: the keyword that failed and the path.
    pub place: Option<Value>,
}

impl Failure {
    /// A failure of these kinds.
    pub fn new(kinds: &'static [&'static str], message: impl std::fmt::Display) -> Self {
        Self {
            kinds,
            message: message.to_string(),
            place: None,
        }
    }

    /// A case that does not have what its set's format says.
    #[must_use]
    pub fn malformed(what: &str) -> Self {
        Self::new(&["malformed"], format!("the case has no {what}"))
    }
}

impl From<diagnostic::Diagnostic> for Failure {
    fn from(diagnostic: diagnostic::Diagnostic) -> Self {
        Self::new(kinds(diagnostic.kind), diagnostic.render())
    }
}

/// How the recordings call a kind.
pub(crate) fn kinds(kind: diagnostic::Kind) -> &'static [&'static str] {
    use diagnostic::Kind;
    match kind {
        Kind::Parse => &["parse"],
        Kind::UnknownFunction => &["unknown_function"],
        Kind::Undefined => &["undefined"],
        Kind::Type => &["type"],
        Kind::Other | Kind::Limit => &["other"],
    }
}
