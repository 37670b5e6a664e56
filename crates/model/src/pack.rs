//! Packs and their configuration.

use serde::{Deserialize, Serialize};

use crate::{ConfigId, Object, PackId};

/// A registered pack: what its `pack.yaml` says and where it lies. The serde form is StackStorm's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pack {
    /// Its id.
    pub id: PackId,
    /// How everything else names it; also the folder's name.
    #[serde(rename = "ref")]
    pub pack_ref: String,
    /// `pack:REF`.
    pub uid: String,
    /// The name people read.
    pub name: String,
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Words to find it by.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Semantic version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The engine versions that it asks for (`>=3.0.0`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stackstorm_version: Option<String>,
    /// `2`, `3`.
    #[serde(default)]
    pub python_versions: Vec<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// How to reach the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Who else wrote it.
    #[serde(default)]
    pub contributors: Vec<String>,
    /// Paths of the files it brings, relative to its folder.
    #[serde(default)]
    pub files: Vec<String>,
    /// Packs it needs.
    #[serde(default)]
    pub dependencies: Vec<String>,
    /// System packages it needs (free form).
    #[serde(default)]
    pub system: Object,
    /// The folder it was registered from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// A pack's `config.schema.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackConfigSchema {
    /// Its id.
    pub id: ConfigId,
    /// The pack.
    pub pack: String,
    /// A schema for each key, in StackStorm's dialect.
    pub attributes: Object,
}

/// The values a pack is configured with. Values of `secret` keys are held encrypted (see the crate `secrets`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackConfig {
    /// Its id.
    pub id: ConfigId,
    /// The pack.
    pub pack: String,
    /// A value for each key.
    pub values: Object,
}
