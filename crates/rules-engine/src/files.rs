//! Rule tests on files: no server, no store.

use std::fmt::{self, Display, Formatter};

use chrono::{DateTime, Utc};
use model::{Object, Reference, Rule, RuleAction, RuleKind, RuleTrigger};
use serde_json::Value;
use yaml::{Node, Position};

use crate::explain::{Explanation, explain};

/// The pack of a rule whose file names none, as in st2.
const DEFAULT_PACK: &str = "default";

/// A file's name and what it holds.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'t> {
    /// How messages name it.
    pub name: &'t str,
    /// YAML or JSON.
    pub text: &'t str,
}

/// Why a file is not a rule or a trigger instance. `Display` shows the place with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    excerpt: String,
}

impl Display for SourceError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.excerpt)
    }
}

impl std::error::Error for SourceError {}

/// A trigger instance as a file gives it: `{trigger, payload}`.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceFile {
    /// The reference of the trigger or its type, where it is given.
    pub trigger: Option<String>,
    /// What happened.
    pub payload: Value,
}

/// Explains what the rule in one file makes of the trigger instance in the other.
///
/// The rule is written as in a pack; the instance is `{trigger, payload}`, as `st2-rule-tester` takes it and as the
/// API shows trigger instances.
pub fn explain_files(
    rule: SourceFile<'_>,
    instance: SourceFile<'_>,
    now: DateTime<Utc>,
) -> Result<Explanation, SourceError> {
    let rule = read_rule(rule)?;
    let instance = read_instance(instance)?;
    let mut explanation = explain(&rule, &instance.payload, now, None);
    if let Some(trigger) = instance
        .trigger
        .filter(|trigger| differs(trigger, &rule.trigger))
    {
        explanation.fires = false;
        explanation.reason = format!(
            "the rule listens to `{}`, and this is an instance of `{trigger}`",
            rule.trigger.type_ref
        );
    }
    Ok(explanation)
}

/// A trigger with parameters is named by a UUID, which says nothing about its type.
fn differs(trigger: &str, wanted: &RuleTrigger) -> bool {
    let name = trigger.rsplit('.').next().unwrap_or(trigger);
    let is_uuid = name.len() == 36 && name.bytes().filter(|byte| *byte == b'-').count() == 4;
    !is_uuid && trigger != wanted.type_ref && trigger != wanted.trigger_ref
}

/// Reads a rule as a pack would hold it. It has no id of its own, and its trigger's reference is the trigger type's.
pub fn read_rule(file: SourceFile<'_>) -> Result<Rule, SourceError> {
    let root = file.parse()?;
    let members = file.members(&root, "a rule")?;
    let name = file.text_member(members, "name", "the rule")?;
    let trigger = file.member(members, "trigger", "the rule")?;
    let type_ref = file.text_member(file.members(trigger, "`trigger`")?, "type", "`trigger`")?;
    let action = file.member(members, "action", "the rule")?;
    let action_ref = file.text_member(file.members(action, "`action`")?, "ref", "`action`")?;
    let pack = root
        .get("pack")
        .and_then(Node::as_text)
        .unwrap_or(DEFAULT_PACK);
    Ok(Rule {
        tags: Vec::new(),
        uid: format!("rule:{pack}:{name}"),
        metadata_file: file.name.to_owned(),
        name: name.to_owned(),
        rule_ref: Reference::new(pack, name),
        description: root
            .get("description")
            .and_then(Node::as_text)
            .map(str::to_owned),
        pack: pack.to_owned(),
        kind: file.kind(&root)?,
        trigger: RuleTrigger {
            type_ref: type_ref.to_owned(),
            parameters: file.object(trigger.get("parameters"), "`trigger.parameters`")?,
            trigger_ref: type_ref.to_owned(),
        },
        criteria: file.criteria(&root)?,
        action: RuleAction {
            action_ref: action_ref.to_owned(),
            parameters: file.object(action.get("parameters"), "`action.parameters`")?,
        },
        context: Object::new(),
        enabled: file.enabled(&root)?,
        id: model::ObjectId::floor(DateTime::UNIX_EPOCH).into(),
    })
}

/// Reads a trigger instance.
pub fn read_instance(file: SourceFile<'_>) -> Result<InstanceFile, SourceError> {
    let root = file.parse()?;
    let members = file.members(&root, "a trigger instance")?;
    let payload = file.member(members, "payload", "the trigger instance")?;
    let trigger = root.get("trigger").or_else(|| root.get("trigger_type"));
    Ok(InstanceFile {
        trigger: trigger.and_then(Node::as_text).map(str::to_owned),
        payload: payload.to_json(),
    })
}

impl SourceFile<'_> {
    fn parse(&self) -> Result<Node, SourceError> {
        match yaml::parse(self.text) {
            Ok(document) => Ok(document.root),
            Err(error) => Err(self.error(
                Position {
                    line: error.line,
                    column: error.column,
                },
                &error.message,
            )),
        }
    }

    fn error(&self, at: Position, message: &str) -> SourceError {
        SourceError {
            file: self.name.to_owned(),
            line: at.line,
            column: at.column,
            message: message.to_owned(),
            excerpt: yaml::excerpt(self.name, self.text, at.line, at.column, message),
        }
    }

    /// The node, if it is a mapping.
    fn members<'n>(&self, node: &'n Node, what: &str) -> Result<&'n Node, SourceError> {
        match &node.value {
            yaml::Value::Mapping(_) => Ok(node),
            _ => Err(self.error(node.span.start, &format!("{what} must be a mapping"))),
        }
    }

    fn member<'n>(&self, node: &'n Node, key: &str, what: &str) -> Result<&'n Node, SourceError> {
        let found = node.get(key).filter(|member| !member.is_null());
        found.ok_or_else(|| self.error(node.span.start, &format!("{what} has no `{key}`")))
    }

    fn text_member<'n>(
        &self,
        node: &'n Node,
        key: &str,
        what: &str,
    ) -> Result<&'n str, SourceError> {
        let member = self.member(node, key, what)?;
        member
            .as_text()
            .ok_or_else(|| self.error(member.span.start, &format!("`{key}` must be a text")))
    }

    fn object(&self, node: Option<&Node>, what: &str) -> Result<Object, SourceError> {
        match node.map(|node| (node, node.to_json())) {
            None | Some((_, Value::Null)) => Ok(Object::new()),
            Some((_, Value::Object(members))) => Ok(members),
            Some((node, _)) => {
                Err(self.error(node.span.start, &format!("{what} must be a mapping")))
            }
        }
    }

    fn criteria(&self, root: &Node) -> Result<Object, SourceError> {
        for entry in root.get("criteria").map(Node::entries).unwrap_or_default() {
            self.members(&entry.value, &format!("criterion `{}`", entry.key))?;
        }
        self.object(root.get("criteria"), "`criteria`")
    }

    fn kind(&self, root: &Node) -> Result<RuleKind, SourceError> {
        match root.get("type").filter(|kind| !kind.is_null()) {
            None => Ok(RuleKind::default()),
            Some(kind) => {
                let kind_ref = self
                    .text_member(self.members(kind, "`type`")?, "ref", "`type`")?
                    .to_owned();
                Ok(RuleKind {
                    kind_ref,
                    parameters: self.object(kind.get("parameters"), "`type.parameters`")?,
                })
            }
        }
    }

    /// A rule under test is taken as enabled unless its file says otherwise.
    fn enabled(&self, root: &Node) -> Result<bool, SourceError> {
        match root.get("enabled").map(|node| (node, &node.value)) {
            None | Some((_, yaml::Value::Null)) => Ok(true),
            Some((_, yaml::Value::Bool(enabled))) => Ok(*enabled),
            Some((node, _)) => Err(self.error(node.span.start, "`enabled` must be a boolean")),
        }
    }
}

#[cfg(test)]
mod tests;
