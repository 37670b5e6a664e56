//! Actions, and what hangs on them: aliases and policies. The serde forms are StackStorm's.

use serde::{Deserialize, Serialize};

use crate::{ActionId, AliasId, Object, PolicyId, Reference};

/// A name and a value that somebody attached to a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// What is said.
    pub name: String,
    /// What is said about it.
    #[serde(default)]
    pub value: Option<String>,
}

/// A registered action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// `action:PACK:NAME`.
    pub uid: String,
    /// Where its metadata lies, relative to the pack; empty where it came by API.
    #[serde(default)]
    pub metadata_file: String,
    /// Its name in the pack.
    pub name: String,
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub action_ref: Reference,
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it may run.
    pub enabled: bool,
    /// The script, module or workflow, relative to the pack's `actions`.
    #[serde(default)]
    pub entry_point: String,
    /// Its pack.
    pub pack: String,
    /// The runner that carries it out.
    pub runner_type: String,
    /// A schema for each parameter, in StackStorm's dialect, in the order of the file.
    #[serde(default)]
    pub parameters: Object,
    /// The schema of its result's output.
    #[serde(default)]
    pub output_schema: Object,
    /// Whom to tell when it ends.
    #[serde(default)]
    pub notify: Object,
    /// Its id.
    pub id: ActionId,
}

/// An action and its runner as they were when an execution was requested.
///
/// Stored once for each content and referred to by its key, so that an execution shows what ran even after the
/// action was changed or deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionSnapshot {
    /// A hash of the content: the key it is stored under.
    pub key: String,
    /// The action.
    pub action: Action,
    /// The runner.
    pub runner: crate::RunnerType,
}

/// An action alias: chat's way to say an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionAlias {
    /// `action_alias:PACK:NAME`.
    pub uid: String,
    /// Where its metadata lies, relative to the pack.
    #[serde(default)]
    pub metadata_file: String,
    /// Its name in the pack.
    pub name: String,
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub alias_ref: Reference,
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its pack.
    pub pack: String,
    /// Whether it is heard.
    pub enabled: bool,
    /// The action it says.
    pub action_ref: String,
    /// Strings, or `{display, representation: [..]}`.
    #[serde(default)]
    pub formats: Vec<serde_json::Value>,
    /// How its command is acknowledged.
    #[serde(default)]
    pub ack: Object,
    /// How its result is said.
    #[serde(default)]
    pub result: Object,
    /// Free additions for chat adapters.
    #[serde(default)]
    pub extra: Object,
    /// Parameters that a speaker cannot set.
    #[serde(default)]
    pub immutable_parameters: Object,
    /// Its id.
    pub id: AliasId,
}

/// A policy: a limit on how a resource's executions run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// `policy:PACK:NAME`.
    pub uid: String,
    /// Where its metadata lies, relative to the pack.
    #[serde(default)]
    pub metadata_file: String,
    /// Its name in the pack.
    pub name: String,
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub policy_ref: Reference,
    /// Its pack.
    pub pack: String,
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is in force.
    pub enabled: bool,
    /// What it limits.
    pub resource_ref: String,
    /// The kind of limit, such as `action.concurrency`.
    pub policy_type: String,
    /// The limit's settings.
    #[serde(default)]
    pub parameters: Object,
    /// Its id.
    pub id: PolicyId,
}
