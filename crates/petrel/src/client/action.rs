//! `petrel action`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add};
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/actions";
const COLUMNS: &[&str] = &["ref", "pack", "runner_type", "enabled", "description"];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "pack",
    "name",
    "description",
    "enabled",
    "runner_type",
    "entry_point",
    "parameters",
];

#[derive(Debug, Subcommand)]
pub(crate) enum ActionCommand {
    /// List them.
    List {
        /// Of this pack only.
        #[arg(short, long)]
        pack: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one.
    Get(GetArgs),
    /// Switch one on.
    Enable(GetArgs),
    /// Switch one off.
    Disable(GetArgs),
    /// Delete one.
    Delete(GetArgs),
}

pub(crate) async fn run(command: ActionCommand) -> anyhow::Result<ExitCode> {
    match command {
        ActionCommand::List { pack, list } => {
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        ActionCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
        ActionCommand::Enable(args) => listing::set_enabled(PATH, true, &args).await,
        ActionCommand::Disable(args) => listing::set_enabled(PATH, false, &args).await,
        ActionCommand::Delete(args) => listing::delete(PATH, &args).await,
    }
}
