//! What a missing variable, key or attribute evaluates to.

use pyvalue::{Class, Object, Value};

use diagnostic::Kind;

use crate::Error;

/// Bytes; what weighs more is not shown in messages.
const LONGEST_NAME: u64 = 1000;

/// A missing value: harmless until it is used, and where undefined values are lenient, then too.
#[derive(Debug, Clone)]
pub struct Undefined {
    missing: Missing,
    is_strict: bool,
}

/// What is missing.
#[derive(Debug, Clone)]
enum Missing {
    /// A variable.
    Variable(Box<str>),
    /// A key, index or attribute of a value.
    Member {
        of: Value,
        name: Value,
        /// How the template calls the value.
        owner: Option<Box<str>>,
    },
    /// An attribute the sandbox does not give out.
    Refused { of: Value, name: Box<str> },
    /// Something else, in words.
    Hint(Box<str>),
}

/// Whether a value is an undefined one.
#[must_use]
pub fn is_undefined(value: &Value) -> bool {
    matches!(value, Value::Object(object) if object.downcast::<Undefined>().is_some())
}

impl Undefined {
    pub(crate) fn variable(name: &str, is_strict: bool) -> Self {
        Self::new(Missing::Variable(name.into()), is_strict)
    }

    pub(crate) fn member(of: Value, name: Value, is_strict: bool) -> Self {
        let owner = None;
        Self::new(Missing::Member { of, name, owner }, is_strict)
    }

    pub(crate) fn refused(of: Value, name: &str, is_strict: bool) -> Self {
        Self::new(
            Missing::Refused {
                of,
                name: name.into(),
            },
            is_strict,
        )
    }

    pub(crate) fn hint(hint: &str, is_strict: bool) -> Self {
        Self::new(Missing::Hint(hint.into()), is_strict)
    }

    fn new(missing: Missing, is_strict: bool) -> Self {
        Self { missing, is_strict }
    }

    /// The undefined value, if `value` is one.
    #[must_use]
    pub fn of(value: &Value) -> Option<&Self> {
        value.as_object::<Self>()
    }

    /// The same, with how the template calls the value it was looked up on.
    pub(crate) fn owned_by(&self, text: &str) -> Option<Self> {
        let Missing::Member { of, name, .. } = &self.missing else {
            return None;
        };
        let missing = Missing::Member {
            of: of.clone(),
            name: name.clone(),
            owner: Some(text.into()),
        };
        Some(Self::new(missing, self.is_strict))
    }

    /// Whether it fails at print, truth, iteration and comparison too.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.is_strict
    }

    /// The variable's name, where a variable is missing.
    pub(crate) fn variable_name(&self) -> Option<&str> {
        match &self.missing {
            Missing::Variable(name) => Some(name),
            _ => None,
        }
    }

    /// What is wrong when it is used.
    #[must_use]
    pub fn error(&self) -> Error {
        let kind = match self.missing {
            Missing::Refused { .. } => Kind::Other,
            _ => Kind::Undefined,
        };
        let error = Error::new(kind, self.message());
        match self.near() {
            Some(near) => error.note(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    fn message(&self) -> String {
        match &self.missing {
            Missing::Variable(name) => format!("`{name}` is undefined"),
            Missing::Member { of, name, owner } => {
                let owner = match owner {
                    Some(owner) => format!("`{owner}`"),
                    None => format!("the {}", of.type_name()),
                };
                match (of, name) {
                    (Value::Dict(_), _) => format!("{owner} has no key {}", quoted(name)),
                    (Value::List(items) | Value::Tuple(items), Value::Int(_)) => {
                        format!(
                            "{owner} has no item {}: it has {}",
                            quoted(name),
                            items.len()
                        )
                    }
                    _ => format!(
                        "{owner} is a {} and has no attribute {}",
                        of.type_name(),
                        quoted(name)
                    ),
                }
            }
            Missing::Refused { of, name } => format!(
                "access to attribute `{name}` of a `{}` is refused: it is not safe",
                of.type_name()
            ),
            Missing::Hint(hint) => hint.to_string(),
        }
    }

    /// A key that is there and looks like the missing one.
    fn near(&self) -> Option<&str> {
        let Missing::Member {
            of: Value::Dict(dict),
            name,
            ..
        } = &self.missing
        else {
            return None;
        };
        diagnostic::nearest(name.as_str()?, dict.keys().filter_map(Value::as_str))
    }
}

/// A name in backticks; a text key without quotes.
fn quoted(name: &Value) -> String {
    match name {
        Value::Str(text) if (text.len() as u64) < LONGEST_NAME => format!("`{text}`"),
        other if other.depth() == 0 && other.weight() < LONGEST_NAME => {
            format!("`{}`", other.repr())
        }
        other => format!("`<{}>`", other.type_name()),
    }
}

impl Object for Undefined {
    fn type_name(&self) -> &'static str {
        if self.is_strict {
            "StrictUndefined"
        } else {
            "Undefined"
        }
    }

    fn text(&self) -> Result<String, pyvalue::Error> {
        if self.is_strict {
            Err(self.as_python())
        } else {
            Ok(String::new())
        }
    }

    fn repr(&self) -> String {
        "Undefined".to_owned()
    }

    fn depth(&self) -> u32 {
        match &self.missing {
            Missing::Member { of, name, .. } => of.depth().max(name.depth()) + 1,
            Missing::Refused { of, .. } => of.depth() + 1,
            Missing::Variable(_) | Missing::Hint(_) => 0,
        }
    }

    fn is_true(&self) -> bool {
        false
    }

    fn call(
        &self,
        _positional: &[Value],
        _named: &[(std::sync::Arc<str>, Value)],
    ) -> Result<Value, pyvalue::Error> {
        Err(self.as_python())
    }

    fn iterate(&self) -> Option<Result<Vec<Value>, pyvalue::Error>> {
        Some(if self.is_strict {
            Err(self.as_python())
        } else {
            Ok(Vec::new())
        })
    }
}

impl Undefined {
    fn as_python(&self) -> pyvalue::Error {
        pyvalue::Error::new(Class::Undefined, self.message())
    }
}
