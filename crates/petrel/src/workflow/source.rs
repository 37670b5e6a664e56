//! The file of a workflow: its own, or the metadata file of its action, which names it.

use std::path::{Component, Path, PathBuf};

use yaml::{Node, Position};

use crate::client::read_text;

/// A workflow's text, and where it stands.
pub(super) struct Source {
    pub(super) file: PathBuf,
    pub(super) text: String,
    /// The parameters of its action, where the metadata file was given.
    pub(super) parameters: serde_json::Value,
}

/// A metadata file that names no workflow.
pub(super) struct NoWorkflow {
    pub(super) text: String,
    pub(super) position: Position,
    pub(super) message: String,
}

impl Source {
    /// Reads the workflow that a file is, or names.
    pub(super) fn read(file: &Path) -> anyhow::Result<Result<Self, NoWorkflow>> {
        let text = read_text(file)?;
        let root = yaml::parse(&text).ok().map(|document| document.root);
        let Some(metadata) = root.filter(|root| root.get("runner_type").is_some()) else {
            return Ok(Ok(Self {
                file: file.to_owned(),
                text,
                parameters: serde_json::Value::Null,
            }));
        };
        let entry_point = metadata.get("entry_point");
        let Some(name) = entry_point.and_then(Node::as_text) else {
            return Ok(Err(NoWorkflow {
                text,
                position: metadata.span.start,
                message: "this action has no `entry_point`: is it one of a workflow?".to_owned(),
            }));
        };
        let path = beside(file, name);
        if !path.is_file() {
            return Ok(Err(NoWorkflow {
                text,
                position: entry_point.map_or(metadata.span.start, |node| node.span.start),
                message: format!("there is no file `{}`", path.display()),
            }));
        }
        let parameters = metadata.get("parameters").map(Node::to_json);
        Ok(Ok(Self {
            text: read_text(&path)?,
            file: path,
            parameters: parameters.unwrap_or_default(),
        }))
    }
}

/// A path relative to a file's folder, without the detours that names with `..` bring.
pub(super) fn beside(file: &Path, name: &str) -> PathBuf {
    let mut path = file.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(name).components() {
        let is_name = matches!(path.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_name => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}
