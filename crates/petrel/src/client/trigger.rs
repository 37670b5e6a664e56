//! `petrel trigger`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add};
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/triggertypes";
const COLUMNS: &[&str] = &["ref", "pack", "description"];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "pack",
    "name",
    "description",
    "parameters_schema",
    "payload_schema",
];

#[derive(Debug, Subcommand)]
pub(crate) enum TriggerCommand {
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
}

pub(crate) async fn run(command: TriggerCommand) -> anyhow::Result<ExitCode> {
    match command {
        TriggerCommand::List { pack, list } => {
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        TriggerCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
    }
}
