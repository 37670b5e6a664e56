//! `petrel workflow graph`: tasks and what follows them, drawn.

mod chart;
mod dot;
mod json;
mod layout;
mod live;
mod svg;
mod text;

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::source::Source;
use crate::client::{Client, Style, UsageError, print, print_json};

use chart::Chart;

/// Which workflow, and how it is drawn.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:

  petrel workflow graph actions/workflows/deploy.yaml
  petrel workflow graph actions/workflows/deploy.yaml --format svg > deploy.svg
  petrel workflow graph 6560f0a1b2c3d4e5f6a7b8c9              # how far this execution has come
  petrel workflow graph 6560f0a1b2c3d4e5f6a7b8c9 --format dot | dot -Tpng > deploy.png")]
pub(crate) struct GraphArgs {
    /// A workflow, an action chain, the metadata file of its action; or the id of an execution at the server.
    #[arg(value_name = "FILE|EXECUTION")]
    what: String,
    /// How it is drawn.
    #[arg(short, long, value_enum, default_value = "text")]
    format: Format,
    /// Print JSON: tasks and transitions.
    #[arg(short, long, conflicts_with = "format")]
    json: bool,
}

/// How a graph is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For Graphviz.
    Dot,
    /// A picture.
    Svg,
}

/// Draws the graph.
pub(super) async fn run(args: &GraphArgs) -> anyhow::Result<ExitCode> {
    let chart = if is_execution(&args.what) {
        live::chart(&Client::from_environment()?, &args.what).await?
    } else {
        of_file(Path::new(&args.what))?
    };
    if args.json {
        print_json(&json::of(&chart))?;
    } else {
        print(&match args.format {
            Format::Text => text::draw(&chart, Style::of_stdout()),
            Format::Dot => dot::draw(&chart),
            Format::Svg => svg::draw(&chart),
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Ids are 24 hexadecimal digits, and no file is called so by chance.
fn is_execution(what: &str) -> bool {
    let is_id = what.len() == 24 && what.chars().all(|c| c.is_ascii_hexdigit());
    is_id && !Path::new(what).exists()
}

fn of_file(file: &Path) -> anyhow::Result<Chart> {
    let source = Source::read(file)?.map_err(|none| {
        let (line, column) = (none.position.line, none.position.column);
        let name = file.display().to_string();
        UsageError::new(yaml::excerpt(
            &name,
            &none.text,
            line,
            column,
            &none.message,
        ))
    })?;
    let name = source.file.display().to_string();
    Chart::read(&name, &source.text)
}

#[cfg(test)]
mod tests;
