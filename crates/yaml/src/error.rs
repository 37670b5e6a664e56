//! What is wrong with a text, where, and how to show it.

use std::fmt::Write as _;

use crate::Position;

/// Why a text is not YAML that can be used, in words for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct YamlError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl YamlError {
    pub(crate) fn at(position: Position, message: impl Into<String>) -> Self {
        Self {
            line: position.line,
            column: position.column,
            message: message.into(),
        }
    }

    /// The error with its line and a caret; see [`excerpt`].
    #[must_use]
    pub fn render(&self, file: &str, source: &str) -> String {
        excerpt(file, source, self.line, self.column, &self.message)
    }
}

/// Shows a message at its place:
///
/// ```text
/// rules/on_hook.yaml:4:3: unknown key `patern`
///   |   patern: x
///   |   ^
/// ```
///
/// Where the source has no such line only the first line is given.
#[must_use]
pub fn excerpt(file: &str, source: &str, line: usize, column: usize, message: &str) -> String {
    let mut text = format!("{file}:{line}:{column}: {message}");
    let Some(shown) = line
        .checked_sub(1)
        .and_then(|index| source.lines().nth(index))
    else {
        return text;
    };
    let shown: String = shown
        .chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let caret = " ".repeat(column.saturating_sub(1).min(200));
    let _infallible = write!(text, "\n  | {shown}\n  | {caret}^");
    text
}

/// libyaml's problem, said for authors.
pub(crate) fn explain(problem: &str, context: Option<&str>) -> String {
    let words = match problem {
        "mapping values are not allowed in this context" => {
            "a `:` cannot stand here; quote the value if it contains `: `, or check the indentation"
        }
        "found character that cannot start any token" => {
            "a value cannot start with this character; indent with spaces, not tabs, and quote values that start \
             with `@`, `%` or a backtick"
        }
        "did not find expected key" => {
            "a key was expected here; check the indentation, and that the value before is quoted where it must be"
        }
        "could not find expected ':'" => "the key that starts before this place has no `:`",
        "found unexpected end of stream" => {
            "the text ends before the quoted value that starts here is closed"
        }
        "did not find expected '-' indicator" => {
            "a `-` was expected here; check the indentation of the list"
        }
        "did not find expected ',' or ']'" => "a `,` or `]` was expected here",
        "did not find expected ',' or '}'" => "a `,` or `}` was expected here",
        "block sequence entries are not allowed in this context" => "a list cannot start here",
        "did not find expected node content" => "a value was expected here",
        "found a tab character that violates indentation"
        | "found a tab character where an indentation space is expected" => {
            "a tab cannot indent; use spaces"
        }
        "found unknown escape character" => {
            "this escape is unknown in a double-quoted value; write `\\\\` for a backslash, or use single quotes"
        }
        "control characters are not allowed" => "control characters are not allowed",
        other => {
            return context
                .map_or_else(|| other.to_owned(), |context| format!("{other} {context}"));
        }
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_line_and_points_at_the_column() {
        let error = YamlError {
            line: 2,
            column: 3,
            message: "no".into(),
        };

        assert_eq!(
            error.render("a.yaml", "x: 1\n  y: 2\n"),
            "a.yaml:2:3: no\n  |   y: 2\n  |   ^"
        );
    }

    #[test]
    fn leaves_the_excerpt_out_past_the_end() {
        assert_eq!(excerpt("a.yaml", "x: 1\n", 9, 1, "no"), "a.yaml:9:1: no");
    }
}
