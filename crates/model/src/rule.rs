//! Rules. The serde form is StackStorm's.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Object, Reference, RuleId, Tag};

/// "When this happens, and it looks like that, run this."
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// `rule:PACK:NAME`.
    pub uid: String,
    /// Where its metadata lies, relative to the pack; empty where it came by API.
    #[serde(default)]
    pub metadata_file: String,
    /// Its name in the pack.
    pub name: String,
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub rule_ref: Reference,
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its pack.
    pub pack: String,
    /// Standard or backstop.
    #[serde(rename = "type")]
    pub kind: RuleKind,
    /// What it listens to.
    pub trigger: RuleTrigger,
    /// Payload path -> `{type, pattern, condition?}`, all of which must hold, in this order.
    #[serde(default)]
    pub criteria: Object,
    /// What it runs.
    pub action: RuleAction,
    /// Who made it: `{user}`.
    #[serde(default)]
    pub context: Object,
    /// Whether it is in force.
    pub enabled: bool,
    /// Its id.
    pub id: RuleId,
}

/// `{ref: standard | backstop, parameters: {}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleKind {
    /// `standard`, or `backstop`: tried only where no standard rule matched. As in st2 any other text is kept and
    /// treated as standard.
    #[serde(rename = "ref")]
    pub kind_ref: String,
    /// Unused, kept for clients.
    #[serde(default)]
    pub parameters: Object,
}

impl RuleKind {
    /// Whether the rule waits until no standard rule matched.
    #[must_use]
    pub fn is_backstop(&self) -> bool {
        self.kind_ref == "backstop"
    }
}

impl Default for RuleKind {
    fn default() -> Self {
        Self {
            kind_ref: "standard".to_owned(),
            parameters: Object::new(),
        }
    }
}

/// What a rule listens to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleTrigger {
    /// The reference of the trigger type.
    #[serde(rename = "type")]
    pub type_ref: String,
    /// What the type is asked for.
    #[serde(default)]
    pub parameters: Object,
    /// The reference of the trigger that stands for type and parameters.
    #[serde(rename = "ref")]
    pub trigger_ref: String,
}

/// What a rule runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleAction {
    /// The action's reference.
    #[serde(rename = "ref")]
    pub action_ref: String,
    /// Parameters; strings are Jinja over `trigger`, `st2kv` and the like.
    #[serde(default)]
    pub parameters: serde_json::Map<String, Value>,
}
