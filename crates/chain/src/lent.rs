//! What a run is given: once, when it starts, and lent at each step.

use std::fmt;
use std::sync::Arc;

use expr::{Datastore, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a run starts with. Kept in its record `start`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The id of the chain's own execution.
    pub execution_id: String,
    /// The action's parameters, final: rendered, cast, without those of the runner.
    pub parameters: Map<String, Value>,
    /// The execution's context in StackStorm's form: `user`, `pack`, `parent`, `trace_context` and so on.
    pub context: Map<String, Value>,
    /// Whom to tell about tasks that say nothing of their own (the chain's own `notify`).
    pub notify: Option<Value>,
    /// The runner's `skip_notify`: tasks that nobody is told of.
    pub skip_notify: Vec<String>,
    /// The runner's `display_published` (StackStorm's default: true): whether the result shows what was published.
    pub display_published: bool,
}

/// What expressions see beside the run itself. Read anew at each step, as in StackStorm.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// Behind `st2kv`; without one every item is empty.
    pub datastore: Option<Arc<dyn Datastore>>,
    /// The configuration of the chain's pack (`config_context`).
    pub config: Map<String, Value>,
}

impl Surroundings {
    pub(crate) fn datastore(&self) -> Arc<dyn Datastore> {
        self.datastore
            .clone()
            .unwrap_or_else(|| Arc::new(EmptyDatastore))
    }
}

/// Ids and names only: parameters may be secret.
impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.parameters.keys().collect();
        f.debug_struct("Inputs")
            .field("execution_id", &self.execution_id)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}

/// Nothing of the values: they may be secret.
impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

/// A datastore that holds nothing.
#[derive(Debug)]
struct EmptyDatastore;

impl Datastore for EmptyDatastore {
    fn get(&self, _: Scope, _: &str) -> Option<String> {
        None
    }

    fn decrypt(&self, _: &str) -> Result<String, String> {
        Err("there is no datastore here".to_owned())
    }
}
