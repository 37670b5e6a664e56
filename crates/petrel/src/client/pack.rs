//! `petrel pack list` and `petrel pack get`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::Query;
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/packs";
const COLUMNS: &[&str] = &["ref", "name", "version", "author", "description"];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "name",
    "version",
    "author",
    "email",
    "description",
    "keywords",
];

#[derive(Debug, Subcommand)]
pub(crate) enum PackClientCommand {
    /// List the packs that are registered.
    List(ListArgs),
    /// Show one.
    Get(GetArgs),
}

pub(super) async fn run(command: PackClientCommand) -> anyhow::Result<ExitCode> {
    match command {
        PackClientCommand::List(list) => listing::list(PATH, &Query::new(), COLUMNS, &list).await,
        PackClientCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
    }
}
