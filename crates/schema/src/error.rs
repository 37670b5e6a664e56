//! Why a schema cannot be used, and why an instance does not meet one.

use serde_json::Value;

/// Why there is no schema to check with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The action changes an attribute of a runner's parameter that only the runner may state.
    #[error(
        "the attribute \"{attribute}\" of the runner parameter \"{parameter}\" cannot be overridden"
    )]
    Override {
        /// The parameter.
        parameter: String,
        /// The attribute.
        attribute: String,
    },
    /// A known keyword has a wrong type or value.
    #[error("the schema is malformed at `{}`: {message}", path.join("."))]
    Malformed {
        /// Where in the schema.
        path: Vec<String>,
        /// What is wrong, in Python's words.
        message: String,
    },
    /// `items` is a list of schemas, which StackStorm's filling in of defaults does not support either.
    #[error(
        "the schema of `{property}` has a list of schemas as `items`; give one schema for all items"
    )]
    TupleItems {
        /// The property.
        property: String,
    },
}

/// Why an instance does not meet its schema.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ValidationError {
    /// The keyword that failed, such as `type`.
    pub validator: &'static str,
    /// Keys and indices that lead to the value; for `required` to the property that is missing.
    pub path: Vec<String>,
    /// What is wrong, in the words of Python's `jsonschema`.
    pub message: String,
    /// What was checked against what.
    pub detail: Box<Detail>,
}

/// What a check that failed saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The value that was checked.
    pub instance: Value,
    /// What the schema states for the keyword.
    pub expected: Value,
    /// The properties that are missing or unexpected, where that is the matter.
    pub names: Vec<String>,
    /// Errors of the alternatives that all failed.
    pub(crate) context: Vec<ValidationError>,
    /// Whether the value has the type that its schema states beside the keyword.
    pub(crate) has_stated_type: bool,
}

/// How well an error explains a failure: the greater the better.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Relevance {
    shallowness: isize,
    path: Vec<Step>,
    is_telling: bool,
    misses_type: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Key(String),
}

impl ValidationError {
    /// As Python's `relevance`, for an error of which the first `depth` steps are shared with its siblings.
    pub(crate) fn relevance(&self, depth: usize) -> Relevance {
        let below = self.path.get(depth..).unwrap_or_default();
        let step = |text: &String| {
            text.parse()
                .map_or_else(|_| Step::Key(text.clone()), Step::Index)
        };
        Relevance {
            shallowness: -isize::try_from(below.len()).unwrap_or(isize::MAX),
            path: below.iter().map(step).collect(),
            is_telling: !matches!(self.validator, "anyOf" | "oneOf"),
            misses_type: !self.detail.has_stated_type,
        }
    }
}
