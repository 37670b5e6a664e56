//! Every example in `docs/expressions.md` gives what the page says.

use anyhow::{Context, Result, ensure};
use stories::engine::repository;

use super::{run, shell};

/// A command and all that it prints.
struct Example {
    command: String,
    printed: String,
}

fn page() -> Result<String> {
    Ok(std::fs::read_to_string(
        repository().join("docs/expressions.md"),
    )?)
}

/// What stands in the fenced blocks of a kind.
fn blocks<'a>(page: &'a str, kind: &str) -> Vec<&'a str> {
    let open = format!("```{kind}\n");
    let blocks = page.split(open.as_str()).skip(1);
    blocks
        .filter_map(|rest| Some(rest.split_once("```")?.0))
        .collect()
}

/// Commands begin with `$ `, the lines below are what they print.
fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in blocks(page, "console") {
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                examples.push(Example {
                    command: command.to_owned(),
                    printed: String::new(),
                });
            } else if let Some(example) = examples.last_mut() {
                example.printed.push_str(line);
                example.printed.push('\n');
            }
        }
    }
    examples
}

/// The first two cells of the tables of expressions.
fn rows(page: &str) -> Vec<(String, String)> {
    let (mut rows, mut is_table) = (Vec::new(), false);
    for line in page.lines() {
        is_table =
            line.starts_with("| expression | gives |") || (is_table && line.starts_with('|'));
        let cells: Vec<String> = line
            .replace("\\|", "\u{0}")
            .split('|')
            .map(|cell| cell.trim().replace('\u{0}', "|"))
            .collect();
        if let (true, [_, expression, gives, ..]) = (is_table, cells.as_slice())
            && expression.starts_with('`')
        {
            rows.push((code(expression).to_owned(), gives.clone()));
        }
    }
    rows
}

fn code(cell: &str) -> &str {
    cell.trim_start_matches('`').trim_end_matches('`')
}

#[test]
fn commands_print_what_the_page_shows() -> Result<()> {
    let page = page()?;
    let folder = tempfile::tempdir()?;
    let data = blocks(&page, "yaml");
    let data = data.first().context("the page has no data")?;
    std::fs::write(folder.path().join("data.yaml"), data)?;

    let examples = examples(&page);
    ensure!(
        examples.len() >= 10,
        "only {} commands were found",
        examples.len()
    );
    for Example { command, printed } in examples {
        let ran = shell(&format!("{command} 2>&1"), folder.path())?;
        let found = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(found.trim_end(), printed.trim_end(), "{command}");
    }
    Ok(())
}

#[test]
fn expressions_give_what_the_tables_say() -> Result<()> {
    let page = page()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("data.yaml");
    std::fs::write(
        &path,
        blocks(&page, "yaml")
            .first()
            .context("the page has no data")?,
    )?;
    let path = path.to_string_lossy();

    let rows = rows(&page);
    ensure!(
        rows.len() >= 40,
        "only {} expressions were found",
        rows.len()
    );
    for (expression, gives) in rows {
        let ran = run(&[&expression, "--data", &path])?;
        if let Some(message) = gives.strip_prefix("error: ") {
            assert_eq!(ran.err.lines().next(), Some(message), "{expression}");
            assert_eq!(ran.code, Some(1), "{expression}");
        } else {
            assert_eq!(
                ran.out,
                code(&gives).trim_end(),
                "{expression}: {}",
                ran.err
            );
        }
    }
    Ok(())
}
