//! The workflow of a test, read and inspected.

use std::sync::Arc;

use conductor::{Definition, Finding, inspect};

/// A workflow that can be run.
#[derive(Debug, Clone)]
pub struct Workflow {
    definition: Arc<Definition>,
    /// What its action's parameters are where a case does not say.
    defaults: serde_json::Map<String, serde_json::Value>,
    parameters: Vec<String>,
}

/// Why a workflow cannot be run.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// Inspection finds something wrong with it.
    #[error("{} wrong with the workflow", amount(.0.len()))]
    Findings(Vec<Finding>),
    /// It is an action chain.
    #[error("this is an action chain; tests are for Orquesta's workflows")]
    Chain,
    /// It cannot be read.
    #[error(transparent)]
    Definition(#[from] conductor::DefinitionError),
}

fn amount(count: usize) -> String {
    match count {
        1 => "there is something".to_owned(),
        count => format!("there are {count} things"),
    }
}

impl Workflow {
    /// Reads a workflow. One that inspection finds something wrong with is refused, as a server does.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        let json = yaml::to_json(text).ok();
        if json.as_ref().is_some_and(|json| json["chain"].is_array()) {
            return Err(Unusable::Chain);
        }
        let inspection = inspect(text, &["st2", "parent"]);
        if !inspection.is_clean() {
            return Err(Unusable::Findings(inspection.findings().cloned().collect()));
        }
        let definition = Definition::from_json(&json.unwrap_or_default())?;
        Ok(Self {
            definition: Arc::new(definition),
            defaults: serde_json::Map::new(),
            parameters: Vec::new(),
        })
    }

    /// The same as an action with these `parameters`: their defaults are filled in.
    #[must_use]
    pub fn with_parameters(mut self, parameters: &serde_json::Value) -> Self {
        for (name, parameter) in parameters.as_object().into_iter().flatten() {
            self.parameters.push(name.clone());
            if let Some(default) = parameter.get("default") {
                self.defaults.insert(name.clone(), default.clone());
            }
        }
        self
    }

    pub(crate) fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    pub(crate) fn defaults(&self) -> &serde_json::Map<String, serde_json::Value> {
        &self.defaults
    }

    pub(crate) fn parameters(&self) -> &[String] {
        &self.parameters
    }
}
