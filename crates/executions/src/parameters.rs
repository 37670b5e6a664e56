//! Parameters: rendered, cast, checked and split, as st2's `param_utils` and `action_service` do.

mod cast;
mod literal;
mod prepared;
mod resolve;
pub(crate) mod secrets;

use model::{Execution, Object};
use serde_json::Value;

pub use cast::cast;
pub(crate) use prepared::{Defaults, Templates};
pub(crate) use resolve::{Needs, Rendering};

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
    #[error("Dependency unsatisfied in variable \"{name}\": parameter `{parameter}` names it, and it has no value here{}", did_you_mean(suggestion.as_deref()))]
    Dependency {
        /// The unknown name.
        name: String,
        /// The parameter whose template names it.
        parameter: String,
        /// A name that looks like it.
        suggestion: Option<String>,
    },
    /// Templates depend on each other in a circle.
    #[error("Cyclic dependency found in the following variables: {}. Likely the variable is referencing itself", .0.join(", "))]
    Cycle(Vec<String>),
    /// A template failed.
    #[error("Failed to render parameter \"{parameter}\": {message}")]
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
    #[error("Override of immutable parameter(s) {} is unsupported.", expr::python::repr(&Value::from(.0.as_slice())))]
    Immutable(Vec<String>),
    /// A sealed value cannot be opened: the key file is another one.
    #[error("parameter `{parameter}` cannot be decrypted: {reason}")]
    Sealed {
        /// Which.
        parameter: String,
        /// Why.
        reason: String,
    },
    /// The store failed while the datastore was read.
    #[error("the datastore cannot be read: {0}")]
    Datastore(String),
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

/// What a runner works with: defaults filled in, everything rendered and cast, secrets opened.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalParameters {
    /// Of the runner.
    pub runner: Object,
    /// Of the action.
    pub action: Object,
}

/// What an execution stores: the given parameters rendered and cast, and those whose default is a template.
///
/// `variables` hold `action_context`, `config_context` and what else templates may name (a rule's `trigger`). An
/// immutable parameter always has its default.
pub fn render_live(
    runner: &Object,
    action: &Object,
    given: &Object,
    variables: &expr::Variables,
) -> Result<Object, ParameterError> {
    let defaults = Defaults::compile(runner, action);
    Rendering::of_templates(&defaults, given, &Templates::default()).live(variables)
}

/// What a runner works with: the given parameters as they are, every other one with its default, rendered and cast.
///
/// Parameters that no schema names are dropped; names in both schemas go to the runner's side only.
pub fn render_final(
    runner: &Object,
    action: &Object,
    given: &Object,
    variables: &expr::Variables,
) -> Result<FinalParameters, ParameterError> {
    let defaults = Defaults::compile(runner, action);
    Rendering::of_values(&defaults, given).complete(variables)
}

impl Executions {
    /// The final parameters of an execution that is about to run, secrets opened.
    pub async fn final_parameters(
        &self,
        execution: &Execution,
    ) -> Result<FinalParameters, ParameterError> {
        let plan = self.plan_of(execution).await?;
        let given = secrets::open(&plan.secrets, &execution.parameters, &self.vault)?;
        let rendering = Rendering::of_values(&plan.defaults, &given);
        let needs = rendering.needs();
        let variables = self.variables(needs, &execution.context, &[]).await?;
        rendering.complete(&variables)
    }
}

#[cfg(test)]
mod tests;
