//! `petrel runner`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::Query;
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/runnertypes";
const COLUMNS: &[&str] = &["name", "enabled", "description"];
const FIRST: &[&str] = &[
    "id",
    "name",
    "description",
    "enabled",
    "runner_module",
    "runner_parameters",
];

#[derive(Debug, Subcommand)]
pub(crate) enum RunnerCommand {
    /// List them.
    List(ListArgs),
    /// Show one.
    Get(GetArgs),
}

pub(crate) async fn run(command: RunnerCommand) -> anyhow::Result<ExitCode> {
    match command {
        RunnerCommand::List(list) => listing::list(PATH, &Query::new(), COLUMNS, &list).await,
        RunnerCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
    }
}
