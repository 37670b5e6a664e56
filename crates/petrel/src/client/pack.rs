//! `petrel pack list`, `get`, and what installs, removes and configures packs.

mod config;
mod install;
mod search;

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
    /// Install packs, or update them: from git, a folder, an archive, or an index.
    Install(install::InstallArgs),
    /// Fetch packs without putting them in force; `petrel pack install archive:PACK` does that.
    Download(install::InstallArgs),
    /// Remove packs with everything that they brought.
    Remove(install::RemoveArgs),
    /// Look for packs in the indexes.
    Search(search::SearchArgs),
    /// Show what the indexes say of a pack.
    Show(GetArgs),
    /// Configure a pack. On a terminal, what is not given is asked for.
    Config(config::ConfigArgs),
}

pub(super) async fn run(command: PackClientCommand) -> anyhow::Result<ExitCode> {
    match command {
        PackClientCommand::List(list) => listing::list(PATH, &Query::new(), COLUMNS, &list).await,
        PackClientCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
        PackClientCommand::Install(args) => Box::pin(install::install(&args)).await,
        PackClientCommand::Download(args) => Box::pin(install::download(&args)).await,
        PackClientCommand::Remove(args) => Box::pin(install::remove(&args)).await,
        PackClientCommand::Search(args) => search::search(&args).await,
        PackClientCommand::Show(args) => search::show(&args).await,
        PackClientCommand::Config(args) => config::config(&args).await,
    }
}
