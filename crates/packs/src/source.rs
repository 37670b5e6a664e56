//! A file of a pack, read and parsed.

use std::path::{Path, PathBuf};

use serde_json::Value;
use yaml::{Node, Position, YamlError};

use crate::expressions::{self, ExpressionFinding};
use crate::{FileKind, FileWarning, Place};

/// A file with its text and, where it can be read, its document.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// Relative to the pack.
    pub(crate) file: String,
    pub(crate) kind: FileKind,
    pub(crate) text: String,
    pub(crate) document: Result<Parsed, Unreadable>,
}

/// A document, as a tree with places and as JSON.
pub(crate) struct Parsed {
    pub(crate) root: Node,
    pub(crate) json: Value,
    warnings: Vec<yaml::Warning>,
}

/// Why there is no document.
pub(crate) struct Unreadable {
    pub(crate) message: String,
    pub(crate) position: Option<Position>,
}

impl Source {
    /// Reads a file; whatever goes wrong is kept, for a result to tell.
    pub(crate) fn read(folder: &Path, path: &Path, kind: FileKind) -> Self {
        let file = path
            .strip_prefix(folder)
            .unwrap_or(path)
            .display()
            .to_string();
        let (text, document) = match std::fs::read(path) {
            Ok(bytes) => parse(bytes),
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                (
                    String::new(),
                    Err(Unreadable {
                        message,
                        position: None,
                    }),
                )
            }
        };
        Self {
            path: path.to_owned(),
            file,
            kind,
            text,
            document,
        }
    }

    /// The path as reports show it.
    pub(crate) fn shown_path(&self) -> String {
        self.path.display().to_string()
    }

    /// What YAML itself found odd.
    pub(crate) fn warnings(&self) -> Vec<FileWarning> {
        let parsed = self.document.as_ref();
        let warnings = parsed
            .map(|parsed| parsed.warnings.as_slice())
            .unwrap_or_default();
        let warning = |one: &yaml::Warning| self.warning(one.message.clone(), one.line, one.column);
        warnings.iter().map(warning).collect()
    }

    /// A warning about the value at a path, or the start of the file.
    pub(crate) fn warning_at<S: AsRef<str>>(&self, path: &[S], message: String) -> FileWarning {
        let parsed = self.document.as_ref().ok();
        let place = parsed.map(|parsed| parsed.root.nearest(path).span.start);
        self.warning_from(place, message)
    }

    /// A warning about the key at a path, or about what is there.
    pub(crate) fn warning_at_key<S: AsRef<str>>(&self, path: &[S], message: String) -> FileWarning {
        let parsed = self.document.as_ref().ok();
        match parsed.and_then(|parsed| parsed.root.key_position(path)) {
            Some(place) => self.warning_from(Some(place), message),
            None => self.warning_at(path, message),
        }
    }

    fn warning_from(&self, place: Option<Position>, message: String) -> FileWarning {
        let place = place.unwrap_or(Position { line: 1, column: 1 });
        self.warning(message, place.line, place.column)
    }

    /// A further error at a place.
    pub(crate) fn error(&self, message: String, at: Position) -> FileWarning {
        FileWarning {
            excerpt: self.excerpt(at, &message),
            message,
            line: at.line,
            column: at.column,
        }
    }

    /// A message with its place, its line and a caret. The lines of a configuration may hold secrets and are not shown.
    pub(crate) fn excerpt(&self, at: Position, message: &str) -> String {
        let text = if self.kind == FileKind::Config {
            ""
        } else {
            &self.text
        };
        yaml::excerpt(&self.shown_path(), text, at.line, at.column, message)
    }

    /// What was found in the document's expressions.
    pub(crate) fn expression_warnings(&self, findings: &[ExpressionFinding]) -> Vec<FileWarning> {
        let Ok(parsed) = &self.document else {
            return Vec::new();
        };
        let warning = |finding: &ExpressionFinding| {
            let place = self.place_of(finding, &parsed.root);
            self.warning(finding.message(), place.line, place.column)
        };
        findings.iter().map(warning).collect()
    }

    fn place_of(&self, finding: &ExpressionFinding, root: &Node) -> Position {
        let node = root.nearest(&finding.path);
        let key = root.key_position(&finding.path);
        match (finding.place, &finding.diagnostic.span) {
            (Place::Key, _) => key.unwrap_or(node.span.start),
            (Place::Value, Some(span)) => {
                let text = &finding.diagnostic.source_text;
                expressions::position(&self.text, node, text, span.start)
            }
            (Place::Value, None) => node.span.start,
        }
    }

    /// A warning about a place.
    pub(crate) fn warning(&self, message: String, line: usize, column: usize) -> FileWarning {
        FileWarning {
            excerpt: self.excerpt(Position { line, column }, &format!("warning: {message}")),
            message,
            line,
            column,
        }
    }
}

fn parse(bytes: Vec<u8>) -> (String, Result<Parsed, Unreadable>) {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()),
    };
    let document = yaml::parse(&text)
        .map(Parsed::from)
        .map_err(Unreadable::from);
    (text, document)
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> (String, Result<Parsed, Unreadable>) {
    let valid = String::from_utf8_lossy(&bytes[..valid_up_to]);
    let line = valid.matches('\n').count() + 1;
    let column = valid
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    let message = "the file is not UTF-8 from here on".to_owned();
    let text = String::from_utf8_lossy(bytes).into_owned();
    (
        text,
        Err(Unreadable {
            message,
            position: Some(Position { line, column }),
        }),
    )
}

impl From<yaml::Document> for Parsed {
    fn from(document: yaml::Document) -> Self {
        Self {
            json: document.root.to_json(),
            root: document.root,
            warnings: document.warnings,
        }
    }
}

impl From<YamlError> for Unreadable {
    fn from(error: YamlError) -> Self {
        let position = Position {
            line: error.line,
            column: error.column,
        };
        Self {
            message: error.message,
            position: Some(position),
        }
    }
}
