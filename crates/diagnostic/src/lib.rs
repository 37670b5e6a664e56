//! What is wrong with a piece of source text: where, why, and what to do.
//!
//! Shared by the expression languages, so that each of their errors looks the same to an author.

mod nearest;

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

pub use nearest::nearest;

/// Lines longer than this are shown in part, around the fault.
const WIDTH: usize = 120;

/// An error in a source text.
///
/// It displays as one line that ends with the place; [`Diagnostic::render`] shows the line with a caret, and the notes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.line())]
pub struct Diagnostic {
    /// Which kind.
    pub kind: Kind,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// Bytes of the source that are at fault.
    pub span: Option<Range<usize>>,
    /// What to do about it: signatures, "did you mean".
    pub notes: Vec<String>,
    /// The source text.
    pub source_text: Arc<str>,
}

/// Kinds of failure, as the conformance vectors name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Lexer or grammar.
    Parse,
    /// No function, method, filter or test of that name.
    UnknownFunction,
    /// A missing variable, key or attribute.
    Undefined,
    /// No overload takes these arguments; a wrong type.
    Type,
    /// A bad value, division by zero, an index out of range, a regular expression, a refusal by the sandbox.
    Other,
    /// A limit of steps, memory or depth.
    Limit,
}

/// A place in a text, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Diagnostic {
    /// An error with no place and no notes yet.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            span: None,
            notes: Vec::new(),
            source_text: Arc::from(""),
        }
    }

    /// The same, at a place of a text. A place that is there already stays: the innermost is the best.
    #[must_use]
    pub fn at(mut self, source_text: &Arc<str>, span: Range<usize>) -> Self {
        if self.span.is_none() {
            self.span = Some(span);
            self.source_text = Arc::clone(source_text);
        }
        self
    }

    /// The same, with a note more.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Where it begins.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        let before = self.source_text.get(..self.span.as_ref()?.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some(Position {
            line: 1 + before.matches('\n').count(),
            column: 1 + before[line_start..].chars().count(),
        })
    }

    /// Message, place and notes in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut text = self.message.clone();
        if let Some(position) = self.position() {
            let place = if self.source_text.contains('\n') {
                format!(" (line {}, column {})", position.line, position.column)
            } else {
                format!(" (column {})", position.column)
            };
            text.push_str(&place);
        }
        for note in &self.notes {
            text.push_str("; ");
            text.push_str(note);
        }
        text
    }

    /// Message, the source line with a caret under the fault, and the notes, each on a line of its own.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = self.message.clone();
        if let (Some(position), Some(span)) = (self.position(), self.span.clone()) {
            let line = self
                .source_text
                .split('\n')
                .nth(position.line - 1)
                .unwrap_or_default()
                .trim_end_matches('\r');
            let length = self.source_text.get(span).map_or(1, |fault| {
                fault.split('\n').next().unwrap_or("").chars().count()
            });
            let (shown, column) = cut(line, position.column);
            let room = shown.chars().count().saturating_sub(column - 1).max(1);
            // Writing to a text cannot fail.
            let written = write!(
                text,
                "\n  {:>3} | {shown}\n      | {}{}",
                position.line,
                " ".repeat(column - 1),
                "^".repeat(length.clamp(1, room)),
            );
            debug_assert!(written.is_ok());
        }
        for note in &self.notes {
            text.push_str("\n  = ");
            text.push_str(note);
        }
        text
    }
}

/// The part of a line around a column, and the column in it. Tabs become blanks, so that the caret stands right.
fn cut(line: &str, column: usize) -> (String, usize) {
    let line: Vec<char> = line
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect();
    if line.len() <= WIDTH {
        return (line.into_iter().collect(), column);
    }
    let start = (column - 1).saturating_sub(WIDTH / 2);
    let end = line.len().min(start + WIDTH);
    let mut shown: String = line[start..end].iter().collect();
    let mut column = column - start;
    if start > 0 {
        shown.insert_str(0, "... ");
        column += 4;
    }
    if end < line.len() {
        shown.push_str(" ...");
    }
    (shown, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &str, span: Range<usize>) -> Diagnostic {
        Diagnostic::new(Kind::UnknownFunction, "no function is called `legth`")
            .at(&Arc::from(source), span)
            .note("did you mean `length`?")
    }

    #[test]
    fn shows_the_line_with_a_caret() {
        let error = error("a +\n  legth(b)", 6..11);

        assert_eq!(
            error.render(),
            "no function is called `legth`\n    2 |   legth(b)\n      |   ^^^^^\n  = did you mean `length`?"
        );
        assert_eq!(
            error.to_string(),
            "no function is called `legth` (line 2, column 3); did you mean `length`?"
        );
    }

    #[test]
    fn shows_a_part_of_a_long_line() {
        let source = format!("{}legth(b){}", "x".repeat(300), "y".repeat(300));

        let rendered = error(&source, 300..305).render();

        let lines: Vec<&str> = rendered.lines().collect();
        let at = lines[1].find("legth").unwrap();
        assert_eq!(lines[2].find('^'), Some(at));
        assert!(lines[1].len() < 150, "{}", lines[1]);
    }

    #[test]
    fn the_innermost_place_stays() {
        let text = Arc::from("abc");
        let error = Diagnostic::new(Kind::Type, "no")
            .at(&text, 1..2)
            .at(&text, 0..3);

        assert_eq!(error.span, Some(1..2));
    }
}
