//! How answers look: tables and colours on a terminal, plain aligned text in a pipe.

use std::io::{ErrorKind, IsTerminal, Write};

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use owo_colors::OwoColorize;
use serde_json::Value;

/// For whom text is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A person at a terminal.
    Terminal,
    /// A program, a file, a pager.
    Plain,
}

impl Style {
    /// What standard output is.
    pub(crate) fn of_stdout() -> Self {
        if std::io::stdout().is_terminal() {
            Self::Terminal
        } else {
            Self::Plain
        }
    }

    /// A status in its colour.
    pub(crate) fn status(self, status: &str) -> String {
        match (self, mood(status)) {
            (Self::Plain, _) | (_, Mood::Neutral) => status.to_owned(),
            (Self::Terminal, Mood::Good) => status.green().to_string(),
            (Self::Terminal, Mood::Bad) => status.red().to_string(),
            (Self::Terminal, Mood::Busy) => status.yellow().to_string(),
        }
    }

    /// A sentence that is good or bad news.
    pub(crate) fn verdict(self, text: &str, is_good: bool) -> String {
        match (self, is_good) {
            (Self::Plain, _) => text.to_owned(),
            (Self::Terminal, true) => text.green().to_string(),
            (Self::Terminal, false) => text.red().to_string(),
        }
    }

    /// What is said beside the point.
    pub(crate) fn faint(self, text: &str) -> String {
        match self {
            Self::Terminal => text.dimmed().to_string(),
            Self::Plain => text.to_owned(),
        }
    }

    /// What names something.
    pub(crate) fn strong(self, text: &str) -> String {
        match self {
            Self::Terminal => text.bold().to_string(),
            Self::Plain => text.to_owned(),
        }
    }
}

enum Mood {
    Good,
    Bad,
    Busy,
    Neutral,
}

/// Statuses of executions, trigger instances and enforcements.
fn mood(status: &str) -> Mood {
    match status {
        "succeeded" | "processed" => Mood::Good,
        "failed" | "timeout" | "abandoned" | "processing_failed" => Mood::Bad,
        "requested" | "delayed" | "scheduled" | "running" | "pending" | "paused" | "pausing"
        | "resuming" | "canceling" | "processing" => Mood::Busy,
        _ => Mood::Neutral,
    }
}

/// Prints a text and ends its last line. A reader that has gone away is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    print_raw(&format!("{text}{end}"))
}

/// Prints a text as it is.
pub(crate) fn print_raw(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints JSON for programs that read it.
pub(crate) fn print_json(value: &Value) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

/// One column of a listing: its title, and the dotted path of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column<'a> {
    pub(crate) title: &'a str,
    pub(crate) path: &'a str,
}

/// Columns whose title is their path.
pub(crate) fn columns<'a>(paths: &[&'a str]) -> Vec<Column<'a>> {
    paths
        .iter()
        .map(|path| Column { title: path, path })
        .collect()
}

/// The value at a dotted path. A member whose name holds the dots itself is found too.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    let (first, rest) = path.split_once('.')?;
    at(value.get(first)?, rest)
}

/// The text at a dotted path; empty if there is none.
pub(crate) fn text_at<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).and_then(Value::as_str).unwrap_or_default()
}

/// A value in one line.
pub(crate) fn inline(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => shown(&text.split_whitespace().collect::<Vec<_>>().join(" ")),
        Some(other) => shown(&other.to_string()),
    }
}

/// A text whose control characters do nothing to a terminal.
pub(crate) fn shown(text: &str) -> String {
    let is_harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.chars().all(is_harmless) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| {
            if is_harmless(c) {
                c.to_string()
            } else {
                c.escape_default().to_string()
            }
        })
        .collect()
}

/// A text cut to so many characters, with a sign that it was.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A listing.
pub(crate) fn table(columns: &[Column<'_>], items: &[Value], style: Style) -> String {
    if items.is_empty() {
        return "nothing found".to_owned();
    }
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            columns
                .iter()
                .map(|column| inline(at(item, column.path)))
                .collect()
        })
        .collect();
    match style {
        Style::Terminal => boxed(columns, &rows),
        Style::Plain => aligned(columns, &rows),
    }
}

fn boxed(columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|column| Cell::new(column.title)));
    for row in rows {
        table.add_row(
            columns
                .iter()
                .zip(row)
                .map(|(column, text)| coloured(column, text)),
        );
    }
    table.trim_fmt()
}

fn coloured(column: &Column<'_>, text: &str) -> Cell {
    let cell = Cell::new(text);
    match mood(text) {
        _ if column.path != "status" => cell,
        Mood::Good => cell.fg(Color::Green),
        Mood::Bad => cell.fg(Color::Red),
        Mood::Busy => cell.fg(Color::Yellow),
        Mood::Neutral => cell,
    }
}

fn aligned(columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    let titles: Vec<String> = columns
        .iter()
        .map(|column| column.title.to_owned())
        .collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|index| {
            std::iter::once(&titles)
                .chain(rows)
                .map(|row| row[index].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(text, width)| format!("{text:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    std::iter::once(&titles)
        .chain(rows)
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn aligns_a_listing_for_pipes() {
        let items = [
            json!({ "ref": "gold.echo", "enabled": true, "description": "Prints a\n message." }),
            json!({ "ref": "core.local", "enabled": false }),
        ];

        let text = table(
            &columns(&["ref", "enabled", "description"]),
            &items,
            Style::Plain,
        );

        assert_eq!(
            text,
            "ref         enabled  description\n\
             gold.echo   true     Prints a message.\n\
             core.local  false"
        );
    }

    #[test]
    fn says_when_there_is_nothing() {
        assert_eq!(
            table(&columns(&["ref"]), &[], Style::Plain),
            "nothing found"
        );
    }

    #[test]
    fn draws_a_table_for_people() {
        let text = table(
            &columns(&["status"]),
            &[json!({ "status": "failed" })],
            Style::Terminal,
        );

        assert!(text.contains("failed") && text.starts_with('┌'), "{text}");
    }

    #[test]
    fn finds_values_by_their_path() {
        let value = json!({ "action": { "ref": "core.local" }, "context": { "rule.ref": "a.b" } });

        assert_eq!(text_at(&value, "action.ref"), "core.local");
        assert_eq!(text_at(&value, "context.rule.ref"), "a.b");
        assert_eq!(at(&value, "context.user.name"), None);
    }

    #[test]
    fn colours_statuses_for_people_only() {
        assert_eq!(Style::Plain.status("failed"), "failed");
        assert_eq!(
            Style::Terminal.status("failed"),
            "\u{1b}[31mfailed\u{1b}[39m"
        );
        assert_eq!(Style::Terminal.status("canceled"), "canceled");
    }

    #[test]
    fn lets_no_output_steer_the_terminal() {
        assert_eq!(shown("a\tb\u{1b}[2Jc"), "a\tb\\u{1b}[2Jc");
    }
}
