//! Inspection: everything that is wrong with a chain's file, with its places, told at once and before it runs.
//!
//! ```
//! let text = "chain:\n  - name: a\n    ref: core.noop\n    on-success: bb\n  - name: b\n    ref: core.noop\n";
//!
//! let findings = chain::inspect(text);
//!
//! assert_eq!(findings[0].message, "Unable to find node with name \"bb\" referenced in \"on-success\" in task \"a\".");
//! assert_eq!((findings[0].position.line, findings[0].position.column), (4, 17));
//! ```

use yaml::{Node, Position};

use crate::definition::{Problem, problems};

/// Something wrong or odd in a chain's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, naming task and field.
    pub message: String,
    /// Where it stands.
    pub position: Position,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The chain cannot run.
    Error,
    /// The chain runs, though its author hardly means this.
    Warning,
}

/// Inspects the text of a chain's file; nothing is found in one that is sound.
///
/// The shape and the links only: mistakes within templates are found by `expr::lint`.
#[must_use]
pub fn inspect(text: &str) -> Vec<Finding> {
    let root = match yaml::parse(text) {
        Ok(document) => document.root,
        Err(error) => {
            let position = Position {
                line: error.line,
                column: error.column,
            };
            return vec![Finding {
                severity: Severity::Error,
                message: error.message,
                position,
            }];
        }
    };
    let found = problems(&root.to_json());
    let mut findings: Vec<Finding> = found.into_iter().map(|one| locate(one, &root)).collect();
    findings.sort_by_key(|finding| (finding.severity, finding.position));
    findings
}

fn locate(problem: Problem, root: &Node) -> Finding {
    let key = if problem.is_key {
        root.key_position(&problem.path)
    } else {
        None
    };
    Finding {
        severity: if problem.is_warning {
            Severity::Warning
        } else {
            Severity::Error
        },
        position: key.unwrap_or_else(|| root.nearest(&problem.path).span.start),
        message: problem.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let line = |one: &Finding| {
            let Position { line, column } = one.position;
            format!("{line}:{column}: {:?}: {}", one.severity, one.message)
        };
        inspect(text).iter().map(line).collect()
    }

    #[test]
    fn a_sound_chain_has_no_findings() {
        assert_eq!(
            told(
                "chain:\n  - {name: a, ref: core.noop, on-success: b}\n  - {name: b, ref: core.noop}\n"
            ),
            [""; 0]
        );
    }

    #[test]
    fn tells_everything_at_once_errors_first() {
        let text = "chain:
  - name: a
    ref: core.noop
    on-success: c
  - name: b
    reff: core.noop
    on-failure: nowhere
default: aa
";
        assert_eq!(
            told(text),
            [
                "4:17: Error: Unable to find node with name \"c\" referenced in \"on-success\" in task \"a\".",
                "5:5: Error: \"ref\" is missing in task \"b\"",
                "7:17: Error: Unable to find node with name \"nowhere\" referenced in \"on-failure\" in task \"b\".",
                "8:10: Error: Unable to find node with name \"aa\" referenced in \"default\".",
                "6:5: Warning: unknown key \"reff\" in task \"b\" (did you mean \"ref\"?); it is ignored",
            ]
        );
    }

    #[test]
    fn warns_of_what_runs_and_is_hardly_meant() {
        let text = "chain:
  - {name: a, ref: core.noop, on-success: '{{ b }}'}
  - {name: a, ref: core.noop}
  - {name: c, ref: core.noop}
default: a
";
        assert_eq!(
            told(text),
            [
                "2:43: Warning: the name referenced in \"on-success\" in task \"a\" is an expression, and those are not evaluated here: the chain will fail",
                "3:12: Warning: there is another task \"a\" before this one, which never runs",
                "4:12: Warning: nothing leads to task \"c\": it never runs",
            ]
        );
    }

    #[test]
    fn a_text_that_is_no_yaml_is_one_error() {
        let findings = inspect("chain: [\n");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Error);
    }
}
