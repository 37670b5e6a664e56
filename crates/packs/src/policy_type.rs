//! The kinds of policies, as st2 3.9 has them.

use std::sync::LazyLock;

use model::Object;
use serde::{Deserialize, Serialize};

/// A kind of limit on how a resource's executions run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyType {
    /// Its name, such as `concurrency`.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// The Python module that `StackStorm` has it in; clients show it.
    pub module: String,
    /// A schema for each of its settings.
    pub parameters: Object,
}

impl PolicyType {
    /// `action.NAME`: how policies refer to it.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("action.{}", self.name)
    }
}

/// All kinds of policies.
#[must_use]
pub fn policy_types() -> &'static [PolicyType] {
    static TYPES: LazyLock<Vec<PolicyType>> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../data/policy_types.json"))
            .expect("data/policy_types.json is tested")
    });
    &TYPES
}
