//! `petrel sensor`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add};
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/sensortypes";
const COLUMNS: &[&str] = &["ref", "pack", "description", "enabled"];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "pack",
    "name",
    "description",
    "enabled",
    "trigger_types",
    "poll_interval",
];

#[derive(Debug, Subcommand)]
pub(crate) enum SensorCommand {
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
}

pub(crate) async fn run(command: SensorCommand) -> anyhow::Result<ExitCode> {
    match command {
        SensorCommand::List { pack, list } => {
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        SensorCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
        SensorCommand::Enable(args) => listing::set_enabled(PATH, true, &args).await,
        SensorCommand::Disable(args) => listing::set_enabled(PATH, false, &args).await,
    }
}
