//! The workflow of a test, read and inspected: one of Orquesta's, or an action chain.

use std::sync::Arc;

use chain::{Chain, Severity};
use conductor::Definition;
use yaml::Position;

use crate::Problem;

/// A workflow that can be run.
#[derive(Debug, Clone)]
pub struct Workflow {
    pub(crate) kind: Kind,
    /// What its action's parameters are where a case does not say.
    defaults: serde_json::Map<String, serde_json::Value>,
    parameters: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Orquesta(Arc<Definition>),
    Chain(Arc<Chain>),
}

/// Why a workflow cannot be run.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// Inspection finds something wrong with it.
    #[error("{} wrong with the workflow", amount(.0.len()))]
    Findings(Vec<Problem>),
    /// It cannot be read.
    #[error(transparent)]
    Definition(#[from] conductor::DefinitionError),
    /// It is a chain that cannot be read.
    #[error(transparent)]
    Chain(#[from] chain::ChainError),
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
        let json = yaml::to_json(text).unwrap_or_default();
        // An empty list is no chain either, but meant as one.
        let is_chain = json.get("chain").is_some();
        let findings = if is_chain {
            of_chain(text)
        } else {
            of_orquesta(text)
        };
        if !findings.is_empty() {
            return Err(Unusable::Findings(findings));
        }
        let kind = if is_chain {
            Kind::Chain(Arc::new(Chain::from_json(&json)?))
        } else {
            Kind::Orquesta(Arc::new(Definition::from_json(&json)?))
        };
        Ok(Self {
            kind,
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

    /// Its tasks, as they were written.
    pub(crate) fn tasks(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Orquesta(definition) => definition.tasks.keys().map(|name| &**name).collect(),
            Kind::Chain(chain) => chain.tasks().map(|task| &*task.name).collect(),
        }
    }

    /// What it may be given; none where it takes whatever it is given: a chain says nothing of its parameters.
    pub(crate) fn inputs(&self) -> Option<Vec<&str>> {
        let parameters = self.parameters.iter().map(String::as_str);
        match &self.kind {
            Kind::Orquesta(definition) => {
                let inputs = definition.inputs.iter().map(|input| &*input.name);
                Some(inputs.chain(parameters).collect())
            }
            Kind::Chain(_) if self.parameters.is_empty() => None,
            Kind::Chain(_) => Some(parameters.collect()),
        }
    }

    pub(crate) fn defaults(&self) -> &serde_json::Map<String, serde_json::Value> {
        &self.defaults
    }
}

fn of_orquesta(text: &str) -> Vec<Problem> {
    let inspection = conductor::inspect(text, &["st2", "parent"]);
    let start = Position { line: 1, column: 1 };
    let mut problems: Vec<Problem> = inspection
        .findings()
        .map(|finding| Problem::at(finding.position.unwrap_or(start), finding.message.clone()))
        .collect();
    problems.sort();
    problems.dedup();
    problems
}

fn of_chain(text: &str) -> Vec<Problem> {
    chain::inspect(text)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| Problem::at(finding.position, finding.message))
        .collect()
}
