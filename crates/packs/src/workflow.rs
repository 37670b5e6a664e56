//! Workflow files below `actions/`: which engine they are for, and whether they can run there.

use chain::Severity;
use conductor::{Category, Finding};
use diagnostic::{Diagnostic, Kind};
use serde_json::Value;
use yaml::Position;

use crate::Complaint;
use crate::complaint::shown;

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

    /// Checks what is not checked by inspection, which workflows of Orquesta's and chains have.
    pub(crate) fn check(self) -> Result<(), Complaint> {
        match self {
            Self::Orquesta | Self::ActionChain => Ok(()),
            Self::Mistral => Err(Complaint::value::<&str>(
                &[],
                "this is a Mistral workflow, which StackStorm removed in 3.3; write it for Orquesta",
            )),
        }
    }
}

/// What inspection finds in a chain.
pub(crate) struct InspectedChain {
    /// What refuses it, each with its place.
    pub(crate) errors: Vec<(String, Position)>,
    /// What works, though its author hardly means it.
    pub(crate) warnings: Vec<(String, Position)>,
}

/// Inspects a chain.
pub(crate) fn inspect_chain(text: &str) -> InspectedChain {
    let (errors, warnings): (Vec<_>, Vec<_>) = chain::inspect(text)
        .into_iter()
        .partition(|finding| finding.severity == Severity::Error);
    let placed = |findings: Vec<chain::Finding>| {
        let placed = findings.into_iter();
        placed.map(|one| (one.message, one.position)).collect()
    };
    InspectedChain {
        errors: placed(errors),
        warnings: placed(warnings),
    }
}

/// What inspection finds in a workflow of Orquesta's.
///
/// `StackStorm` sets the variables `st2` and `parent` before a workflow begins.
pub(crate) fn inspect(text: &str) -> Vec<Finding> {
    let inspection = conductor::inspect(text, &["st2", "parent"]);
    inspection.findings().cloned().collect()
}

/// The finding in a line, and its place.
pub(crate) fn placed(finding: &Finding) -> (String, Position) {
    let message = match &finding.spec_path {
        Some(path) => format!("`{path}`: {}", finding.message),
        None => finding.message.clone(),
    };
    let start = Position { line: 1, column: 1 };
    (message, finding.position.unwrap_or(start))
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
