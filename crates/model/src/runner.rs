//! Runner types: the ways an action can be carried out.

use serde::{Deserialize, Serialize};

use crate::{Object, RunnerTypeId};

/// A runner type. The serde form is StackStorm's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunnerType {
    /// Its name, such as `local-shell-cmd`.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// `runner_type:NAME`.
    pub uid: String,
    /// Whether actions may run by it.
    pub enabled: bool,
    /// The Python package that StackStorm has it in; clients show it.
    pub runner_package: String,
    /// The module in that package.
    pub runner_module: String,
    /// A schema for each of its own parameters.
    #[serde(default)]
    pub runner_parameters: Object,
    /// The result's key that `output_schema` describes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_key: Option<String>,
    /// The schema of its result.
    #[serde(default)]
    pub output_schema: Object,
    /// Its id.
    pub id: RunnerTypeId,
}

/// The runner types of st2 3.9, as the store is filled with them at the first start (ids are given then).
#[must_use]
pub fn built_in_runners() -> Vec<BuiltInRunner> {
    serde_json::from_str(include_str!("../data/runners.json")).expect("data/runners.json is checked by a test")
}

/// A runner type before it has an id.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuiltInRunner {
    /// Its name.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// The Python package that StackStorm has it in.
    pub runner_package: String,
    /// The module in that package.
    pub runner_module: String,
    /// A schema for each of its own parameters.
    #[serde(default)]
    pub runner_parameters: Object,
    /// The result's key that `output_schema` describes.
    #[serde(default)]
    pub output_key: Option<String>,
    /// The schema of its result.
    #[serde(default)]
    pub output_schema: Object,
}
