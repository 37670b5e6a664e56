//! The lists of names in `docs/expressions.md` are those of the code.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Function, Kind, Places, all, camel_case};
use crate::template::strict;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/expressions.md");

#[test]
fn the_documentation_lists_the_functions_that_there_are() {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();

    for (name, generated) in [("functions", rows()), ("names", names())] {
        let (begin, end) = (
            format!("<!-- {name} -->"),
            format!("<!-- end of {name} -->"),
        );
        let written = document
            .split_once(&begin)
            .and_then(|(_, rest)| rest.split_once(&end))
            .map_or("", |(written, _)| written.trim());
        let written = if name == "functions" {
            without_meaning(written)
        } else {
            written.to_owned()
        };
        assert_eq!(
            written,
            generated.trim(),
            "between `{begin}` and `{end}` this should stand in docs/expressions.md:\n\n{generated}"
        );
    }
}

/// The rows of a table without its last column, which says what a function gives.
fn without_meaning(table: &str) -> String {
    let rows = table.lines().map(|row| {
        let cells: Vec<&str> = row.splitn(5, " |").collect();
        assert!(
            cells
                .get(3)
                .is_some_and(|meaning| !meaning.trim().is_empty()),
            "`{row}` does not say what the function gives"
        );
        cells[..3].join(" |") + " |"
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// StackStorm's own functions, a row each.
fn rows() -> String {
    let mut rows: Vec<String> = all()
        .flat_map(|function| function.names.iter().map(|name| row(name, function)))
        .collect();
    rows.sort();
    let head = ["| function | arguments | where |", "| --- | --- | --- |"];
    let rows = rows.iter().map(String::as_str);
    head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

fn row(name: &str, function: &Function) -> String {
    let place = match function.places {
        Places::All => "everywhere",
        Places::Templates => "templates",
        Places::Workflows => "workflows",
        Places::State => "workflows, no filter",
    };
    let arguments: Vec<String> = function.parameters.iter().map(argument).collect();
    format!("| `{name}` | {} | {place} |", arguments.join(", "))
}

fn argument(parameter: &super::Parameter) -> String {
    let name = match camel_case(parameter.name) {
        yaql if yaql == parameter.name => yaql,
        yaql => format!("{}/{yaql}", parameter.name),
    };
    match parameter.kind {
        Kind::Required => format!("`{name}`"),
        Kind::Null => format!("`{name}=null`"),
        Kind::Bool(truth) => format!("`{name}={truth}`"),
        Kind::Int(number) => format!("`{name}={number}`"),
        Kind::Texts(texts) => format!("`{name}={texts:?}`"),
        Kind::Rest => "`...`".to_owned(),
        Kind::Keywords => "`name=value...`".to_owned(),
    }
}

/// What comes with the languages.
fn names() -> String {
    let own: BTreeSet<&str> = all().flat_map(|function| function.names).copied().collect();
    let yaql = yaql::Engine::standard();
    let is_word = |name: &&str| !name.starts_with(['#', '*']) && !own.contains(name);
    let yaql: BTreeSet<&str> = yaql
        .functions()
        .map(yaql::Function::name)
        .filter(is_word)
        .collect();
    let jinja = strict();

    let sorted = |names: Vec<&'static str>| names.into_iter().collect::<BTreeSet<_>>();
    let filters = sorted(
        jinja
            .filter_names()
            .filter(|name| !own.contains(name))
            .collect(),
    );
    let mut text = String::new();
    for (title, names) in [
        ("YAQL's functions and methods", yaql),
        ("Jinja's filters", filters),
        ("Jinja's tests", sorted(jinja.test_names().collect())),
        ("Jinja's functions", sorted(jinja.global_names().collect())),
    ] {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let written = write!(text, "{title}:\n{}.\n\n", filled(&names.join(", ")));
        assert!(written.is_ok());
    }
    text
}

/// In lines of at most 120 characters.
fn filled(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].len() + 1 + word.len() > 119 {
            lines.push(word.to_owned());
        } else if lines[last].is_empty() {
            lines[last].push_str(word);
        } else {
            lines[last].push(' ');
            lines[last].push_str(word);
        }
    }
    lines.join("\n")
}
