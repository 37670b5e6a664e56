//! Mistakes on the command line, and files that it names.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::Value;

use super::http::ClientError;

/// The exit code of a command line that makes no sense; clap uses the same.
const USAGE: u8 = 2;

/// A command line that parses but makes no sense; the text says what to write instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(String);

impl UsageError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Turns a [`UsageError`] into its line on standard error and exit code 2; hands on everything else.
pub(crate) fn reported(outcome: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    match outcome {
        Err(error) if is_usage(&error) => {
            anstream::eprintln!("petrel: {error:#}");
            Ok(ExitCode::from(USAGE))
        }
        outcome => outcome,
    }
}

fn is_usage(error: &anyhow::Error) -> bool {
    error.is::<UsageError>() || matches!(error.downcast_ref(), Some(ClientError::Usage(_)))
}

/// Reads a YAML or JSON file.
pub(crate) fn read_document(path: &Path) -> anyhow::Result<Value> {
    let text = read_text(path)?;
    yaml::to_json(&text).with_context(|| format!("file `{}` is not YAML or JSON", path.display()))
}

/// Reads a text file; `-` is standard input.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    text.with_context(|| format!("file `{}` cannot be read", path.display()))
}

/// What a `--payload` or `--data` means: JSON, or the JSON or YAML file after an `@`.
pub(crate) fn inline_or_file(option: &str, text: &str) -> anyhow::Result<Value> {
    match text.strip_prefix('@') {
        Some(path) => read_document(Path::new(path)),
        None => serde_json::from_str(text).map_err(|error| {
            UsageError::new(format!(
                "{option} is not JSON ({error}); a file is given as @FILE"
            ))
            .into()
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_json_given_on_the_command_line() {
        assert_eq!(
            inline_or_file("--payload", r#"{"a": 1}"#).unwrap(),
            json!({ "a": 1 })
        );
    }

    #[test]
    fn reads_a_yaml_file_after_an_at_sign() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payload.yaml");
        std::fs::write(&path, "a: [1, 2]\n").unwrap();

        let value = inline_or_file("--payload", &format!("@{}", path.display())).unwrap();

        assert_eq!(value, json!({ "a": [1, 2] }));
    }

    #[test]
    fn says_what_to_write_when_a_payload_is_not_json() {
        let error = inline_or_file("--payload", "a=1").unwrap_err();

        assert!(error.is::<UsageError>());
        assert!(
            error.to_string().starts_with("--payload is not JSON ("),
            "{error}"
        );
        assert!(
            error.to_string().ends_with("; a file is given as @FILE"),
            "{error}"
        );
    }

    #[test]
    fn a_wrong_environment_is_a_mistake_of_usage_too() {
        let error = anyhow::Error::from(ClientError::from(UsageError::new("PETREL_URL is `x`")));

        assert_eq!(reported(Err(error)).unwrap(), ExitCode::from(USAGE));
    }

    #[test]
    fn names_the_file_that_is_missing() {
        let error = read_document(Path::new("nowhere.yaml")).unwrap_err();

        assert_eq!(error.to_string(), "file `nowhere.yaml` cannot be read");
    }
}
