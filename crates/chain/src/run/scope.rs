//! What expressions see.
//!
//! Of equal names the later counts, in StackStorm's order: the chain's parameters, the results of its tasks, its
//! variables, `__results`, and last what surrounds it.

use std::sync::Arc;

use expr::{Variable, Variables};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{Run, TaskRun};
use crate::{Chain, Inputs, Surroundings};

/// Values that expressions see, shared rather than copied from step to step.
#[derive(Clone)]
pub(super) struct Known {
    parameters: Vec<(String, Variable)>,
    results: IndexMap<Arc<str>, Variable>,
    vars: IndexMap<String, Variable>,
    /// What executions of tasks have as their `parent`: the context of the chain's own, with its id.
    parent: Map<String, Value>,
    /// What `action_context` is.
    action_context: Variable,
}

impl Known {
    pub(super) fn new(inputs: &Inputs) -> Self {
        let own = ("execution_id".to_owned(), json!(inputs.execution_id));
        let mut parent = Map::from_iter([own]);
        parent.extend(inputs.context.clone());
        let parameter = |(name, value): (&String, &Value)| (name.clone(), value.clone().into());
        Self {
            parameters: inputs.parameters.iter().map(parameter).collect(),
            results: IndexMap::new(),
            vars: IndexMap::new(),
            action_context: json!({ "parent": parent }).into(),
            parent,
        }
    }

    pub(super) fn parent(&self) -> &Map<String, Value> {
        &self.parent
    }

    /// Notes what a task yielded.
    pub(super) fn yielded(&mut self, task: &TaskRun) {
        let name = Arc::clone(&task.name);
        self.results.insert(name, task.result.clone().into());
    }

    /// Notes variables.
    pub(super) fn publish(&mut self, vars: &Map<String, Value>) {
        for (name, value) in vars {
            self.vars.insert(name.clone(), value.clone().into());
        }
    }

    /// For the chain's `vars`: its parameters.
    pub(super) fn for_vars(&self, surroundings: &Surroundings) -> Variables {
        Variables {
            values: self.parameters.clone(),
            datastore: Some(surroundings.datastore()),
        }
    }

    /// For what a task publishes.
    fn for_publish(&self, chain: &Chain, surroundings: &Surroundings) -> Variables {
        let mut values = self.parameters.clone();
        let results = self.results.iter();
        values.extend(results.map(|(name, value)| (name.to_string(), value.clone())));
        let vars = self.vars.iter();
        values.extend(vars.map(|(name, value)| (name.clone(), value.clone())));
        if chain.reads_results {
            let results = self.results.iter();
            let results: Map<String, Value> = results
                .map(|(name, value)| (name.to_string(), Value::clone(value.json())))
                .collect();
            values.push(("__results".to_owned(), Value::Object(results).into()));
        }
        // The datastore covers a variable of its name.
        values.retain(|(name, _)| name != "st2kv");
        Variables {
            values,
            datastore: Some(surroundings.datastore()),
        }
    }

    /// For a task's parameters.
    fn for_parameters(&self, chain: &Chain, surroundings: &Surroundings) -> Variables {
        let mut variables = self.for_publish(chain, surroundings);
        variables.values.extend([
            ("action_context".to_owned(), self.action_context.clone()),
            (
                "config_context".to_owned(),
                Value::Object(surroundings.config.clone()).into(),
            ),
        ]);
        variables
    }
}

impl Run {
    /// The parameters of a task, rendered; or why the chain cannot go on.
    pub(super) fn render_parameters(
        &self,
        chain: &Chain,
        task: &crate::Task,
        surroundings: &Surroundings,
    ) -> Result<Map<String, Value>, String> {
        let variables = self.known.for_parameters(chain, surroundings);
        task.parameters.render(&variables).map_err(|failure| {
            format!(
                "Failed to run task \"{task}\". Parameter rendering failed. Failed rendering value for action parameter \
                 \"{}\" in task \"{task}\" (template string={}): {}",
                failure.name,
                failure.template,
                failure.reason,
                task = task.name,
            )
        })
    }

    /// What a task publishes, rendered; or why the chain cannot go on.
    pub(super) fn render_publish(
        &self,
        chain: &Chain,
        task: &crate::Task,
        surroundings: &Surroundings,
    ) -> Result<Map<String, Value>, String> {
        if task.publish.is_empty() {
            return Ok(Map::new());
        }
        let variables = self.known.for_publish(chain, surroundings);
        task.publish.render(&variables).map_err(|failure| {
            format!(
                "Failed rendering value for publish parameter \"{}\" in task \"{}\" (template string={}): {}",
                failure.name, task.name, failure.template, failure.reason
            )
        })
    }
}
