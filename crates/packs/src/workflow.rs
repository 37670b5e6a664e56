//! Workflow files below `actions/`: which engine they are for, and whether they can run there.

use std::collections::HashSet;

use conductor::{Category, Finding};
use diagnostic::{Diagnostic, Kind};
use serde_json::Value;

use crate::Complaint;
use crate::complaint::shown;
use crate::suggestion::did_you_mean;

/// The engine that a workflow file is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Orquesta,
    ActionChain,
    /// Gone from `StackStorm` since 3.3.
    Mistral,
}

impl Engine {
    /// By the runner of the action that refers to the file.
    pub(crate) fn of_runner(runner_type: &str) -> Option<Self> {
        match runner_type {
            "orquesta" | "orchestra" => Some(Self::Orquesta),
            "action-chain" => Some(Self::ActionChain),
            "mistral" | "mistral-v1" | "mistral-v2" => Some(Self::Mistral),
            _ => None,
        }
    }

    /// By its form, for a file that no action refers to.
    pub(crate) fn guess(document: &Value) -> Option<Self> {
        let document = document.as_object()?;
        if document.get("chain").is_some_and(Value::is_array) {
            return Some(Self::ActionChain);
        }
        let version = document.get("version").map(|version| {
            version
                .as_f64()
                .map_or_else(|| shown(version), |n| n.to_string())
        });
        match version.as_deref().map(|version| version.trim_matches('"')) {
            Some("1" | "1.0") if document.contains_key("tasks") => Some(Self::Orquesta),
            Some("2" | "2.0") => Some(Self::Mistral),
            _ => None,
        }
    }

    /// Checks what is not checked by inspection, which Orquesta's workflows have.
    pub(crate) fn check(self, document: &Value) -> Result<(), Complaint> {
        match self {
            Self::Orquesta => Ok(()),
            Self::ActionChain => check_chain(document),
            Self::Mistral => Err(Complaint::value::<&str>(
                &[],
                "this is a Mistral workflow, which StackStorm removed in 3.3; write it for Orquesta",
            )),
        }
    }
}

/// What inspection finds in a workflow of Orquesta's.
///
/// `StackStorm` sets the variables `st2` and `parent` before a workflow begins.
pub(crate) fn inspect(text: &str) -> Vec<Finding> {
    let inspection = conductor::inspect(text, &["st2", "parent"]);
    inspection.findings().cloned().collect()
}

/// The finding in a line.
pub(crate) fn in_words(finding: &Finding) -> String {
    match &finding.spec_path {
        Some(path) => format!("`{path}`: {}", finding.message),
        None => finding.message.clone(),
    }
}

/// Whether one of the findings is the same mistake.
pub(crate) fn is_told(findings: &[Finding], mistake: &Diagnostic) -> bool {
    let Some(span) = &mistake.span else {
        return false;
    };
    let text = &mistake.source_text;
    let is_at = |expression: &String| {
        let mut places = text.match_indices(expression.as_str());
        places.any(|(at, found)| (at..=at + found.len()).contains(&span.start))
    };
    let mut broken = findings
        .iter()
        .filter(|finding| finding.category == Category::Expressions);
    mistake.kind == Kind::Parse
        && broken.any(|finding| finding.expression.as_ref().is_some_and(is_at))
}

/// What `ActionChain` and its holder check: a list of nodes with name and ref, and links that lead to nodes.
fn check_chain(document: &Value) -> Result<(), Complaint> {
    let Some(nodes) = document.get("chain").and_then(Value::as_array) else {
        return Err(Complaint::key::<&str>(
            &[],
            "\"chain\" is missing; it lists the nodes",
        ));
    };
    let mut names = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let index = index.to_string();
        for key in ["name", "ref"] {
            if !node.get(key).is_some_and(Value::is_string) {
                let words = format!("the node {index} needs \"{key}\"");
                return Err(Complaint::value(&["chain", &index], words));
            }
        }
        names.push(node["name"].as_str().unwrap_or_default());
    }
    check_links(document, nodes, &names)
}

fn check_links(document: &Value, nodes: &[Value], names: &[&str]) -> Result<(), Complaint> {
    let known: HashSet<&str> = names.iter().copied().collect();
    let leads = |target: Option<&Value>, path: &[&str]| match target.and_then(Value::as_str) {
        Some(target) if !target.is_empty() && !known.contains(target) => {
            let hint = did_you_mean(target, names.iter().copied());
            Err(Complaint::value(
                path,
                format!("there is no node \"{target}\"{hint}"),
            ))
        }
        _ => Ok(()),
    };
    for (index, node) in nodes.iter().enumerate() {
        for key in ["on-success", "on-failure"] {
            leads(node.get(key), &["chain", &index.to_string(), key])?;
        }
    }
    leads(document.get("default"), &["default"])
}
