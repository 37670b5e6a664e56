//! What the indexes of packs have.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::client::http::Client;
use crate::client::listing::{self, GetArgs};
use crate::client::output::{Style, columns, print, print_json, table};

const PATH: &str = "/v1/packs/index/search";
const COLUMNS: &[&str] = &["name", "version", "author", "description"];
const FIRST: &[&str] = &["name", "description", "version", "author", "repo_url"];

#[derive(Debug, Clone, Args)]
pub(crate) struct SearchArgs {
    /// A part of a name or a description; a keyword.
    query: String,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(super) async fn search(args: &SearchArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let found = client.post(PATH, &json!({ "query": args.query })).await?;
    let items = found.as_array().map(Vec::as_slice).unwrap_or_default();
    if args.json {
        print_json(&found)?;
    } else if items.is_empty() {
        print("no pack fits")?;
    } else {
        print(&table(&columns(COLUMNS), items, Style::of_stdout()))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(args: &GetArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let found = client.post(PATH, &json!({ "pack": args.id })).await?;
    match found {
        Value::Object(_) => listing::show_one(&found, FIRST, args.json),
        _ => anyhow::bail!("there is no pack `{}` in the indexes", args.id),
    }
}
