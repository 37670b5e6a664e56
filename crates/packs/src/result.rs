//! What is said about each file of a pack.

use serde::Serialize;
use yaml::Position;

use crate::source::Source;

/// The kind of a file, by where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// `pack.yaml`.
    Pack,
    /// `config.schema.yaml`.
    ConfigSchema,
    /// `NAME.yaml.example`.
    ConfigExample,
    /// `configs/NAME.yaml`, outside of the pack.
    Config,
    /// `triggers/*.yaml`.
    Trigger,
    /// `sensors/*.yaml`.
    Sensor,
    /// `actions/*.yaml`.
    Action,
    /// `rules/*.yaml`.
    Rule,
    /// `aliases/*.yaml`.
    Alias,
    /// `policies/*.yaml`.
    Policy,
    /// A workflow or chain below `actions/`.
    Workflow,
    /// YAML below `actions/` that is neither metadata nor a workflow.
    Other,
}

impl FileKind {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::ConfigSchema => "config_schema",
            Self::ConfigExample => "config_example",
            Self::Config => "config",
            Self::Trigger => "trigger",
            Self::Sensor => "sensor",
            Self::Action => "action",
            Self::Rule => "rule",
            Self::Alias => "alias",
            Self::Policy => "policy",
            Self::Workflow => "workflow",
            Self::Other => "other",
        }
    }
}

/// What is said about one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileResult {
    /// The pack's ref.
    pub pack: String,
    /// The file, relative to the pack.
    pub file: String,
    /// What kind of file it is.
    pub kind: FileKind,
    /// What it registers as, so far as that can be told.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Whether it is accepted; nothing where there is nothing to judge.
    pub ok: Option<bool>,
    /// What is wrong.
    pub error: Option<String>,
    /// The line of what is wrong, counted from 1.
    pub line: Option<usize>,
    /// The column of what is wrong, counted from 1.
    pub column: Option<usize>,
    /// What else is wrong, where more than one thing is looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more_errors: Vec<FileWarning>,
    /// What works, though its author hardly means it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FileWarning>,
    /// The error with its place, its line and a caret.
    #[serde(skip)]
    pub excerpt: Option<String>,
}

/// Something odd in a file that is accepted, or a further error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileWarning {
    /// What is odd.
    pub message: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// Its column, counted from 1.
    pub column: usize,
    /// The same with its place, its line and a caret.
    #[serde(skip)]
    pub excerpt: String,
}

impl FileResult {
    pub(crate) fn accepted(pack: &str, source: &Source, reference: Option<String>) -> Self {
        Self {
            pack: pack.to_owned(),
            file: source.file.clone(),
            kind: source.kind,
            reference,
            ok: Some(true),
            error: None,
            line: None,
            column: None,
            more_errors: Vec::new(),
            warnings: source.warnings(),
            excerpt: None,
        }
    }

    pub(crate) fn refused(
        pack: &str,
        source: &Source,
        reference: Option<String>,
        message: String,
        position: Option<Position>,
    ) -> Self {
        let excerpt = match position {
            Some(place) => source.excerpt(place, &message),
            None => format!("{}: {message}", source.shown_path()),
        };
        Self {
            ok: Some(false),
            error: Some(message),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            excerpt: Some(excerpt),
            ..Self::accepted(pack, source, reference)
        }
    }

    /// The same file, accepted: what was wrong is warned of.
    pub(crate) fn tolerated(mut self) -> Self {
        let first = self.error.take().map(|message| FileWarning {
            message,
            line: self.line.take().unwrap_or(1),
            column: self.column.take().unwrap_or(1),
            excerpt: self.excerpt.take().unwrap_or_default(),
        });
        let errors = first
            .into_iter()
            .chain(std::mem::take(&mut self.more_errors));
        let warnings = errors.map(|error| FileWarning {
            excerpt: error.excerpt.replacen(
                &error.message,
                &format!("warning: {}", error.message),
                1,
            ),
            ..error
        });
        self.warnings.extend(warnings);
        self.ok = Some(true);
        self
    }

    /// Whether the file was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.ok == Some(false)
    }
}
