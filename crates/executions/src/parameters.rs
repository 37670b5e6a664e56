//! Parameters: rendered, cast, checked and split, as st2's `param_utils` and `action_service` do.

use model::{Execution, Object};
use serde_json::Value;

use crate::Executions;

/// Why parameters do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A value cannot be converted to its parameter's type.
    #[error("parameter `{parameter}`: {message}")]
    Cast {
        /// Which.
        parameter: String,
        /// Why.
        message: String,
    },
    /// A template names something unknown.
    #[error("Dependency unsatisfied in variable \"{name}\"")]
    Dependency {
        /// The unknown name.
        name: String,
    },
    /// Templates depend on each other in a circle.
    #[error("Cyclic dependency found in the following variables: {}", .0.join(", "))]
    Cycle(Vec<String>),
    /// A template failed.
    #[error("parameter `{parameter}`: {message}")]
    Render {
        /// Which.
        parameter: String,
        /// Why.
        message: String,
    },
    /// A value is not what the schema says.
    #[error("{message}")]
    Schema {
        /// In Python's words, such as `'x' is not of type 'integer'`.
        message: String,
    },
    /// The action's schema is not one, or changes what a runner's parameter may not change.
    #[error("{0}")]
    BadSchema(String),
    /// A value was given for an immutable parameter.
    #[error("Override of immutable parameter(s) {0:?} is unsupported.")]
    Immutable(Vec<String>),
    /// The store failed while the datastore was read.
    #[error("the datastore cannot be read: {0}")]
    Datastore(String),
}

/// What a runner works with: defaults filled in, everything rendered and cast, secrets opened.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalParameters {
    /// Of the runner.
    pub runner: Object,
    /// Of the action.
    pub action: Object,
}

/// Converts a value to the type of its schema, as st2's `casts.py`.
pub fn cast(value: &Value, schema: &Value) -> Result<Value, ParameterError> {
    unimplemented!("{value} {schema}")
}

/// What an execution stores: see `render_live_params` in the conformance notes.
pub fn render_live(
    runner: &Object,
    action: &Object,
    given: &Object,
    variables: &expr::Variables,
) -> Result<Object, ParameterError> {
    unimplemented!("{runner:?} {action:?} {given:?} {variables:?}")
}

/// What a runner works with: see `render_final_params` in the conformance notes.
pub fn render_final(
    runner: &Object,
    action: &Object,
    given: &Object,
    variables: &expr::Variables,
) -> Result<FinalParameters, ParameterError> {
    unimplemented!("{runner:?} {action:?} {given:?} {variables:?}")
}

impl Executions {
    /// The final parameters of an execution that is about to run, secrets opened.
    pub async fn final_parameters(&self, execution: &Execution) -> Result<FinalParameters, ParameterError> {
        unimplemented!("{execution:?}")
    }
}
