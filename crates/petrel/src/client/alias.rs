//! `petrel alias`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add};
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/actionalias";
const COLUMNS: &[&str] = &["ref", "pack", "description", "enabled"];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "pack",
    "name",
    "description",
    "enabled",
    "action_ref",
    "formats",
];

#[derive(Debug, Subcommand)]
pub(crate) enum AliasCommand {
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

pub(crate) async fn run(command: AliasCommand) -> anyhow::Result<ExitCode> {
    match command {
        AliasCommand::List { pack, list } => {
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        AliasCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
        AliasCommand::Enable(args) => listing::set_enabled(PATH, true, &args).await,
        AliasCommand::Disable(args) => listing::set_enabled(PATH, false, &args).await,
        AliasCommand::Delete(args) => listing::delete(PATH, &args).await,
    }
}
