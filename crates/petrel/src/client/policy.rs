//! `petrel policy`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add};
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/policies";
const COLUMNS: &[&str] = &["ref", "resource_ref", "policy_type", "enabled"];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "description",
    "enabled",
    "resource_ref",
    "policy_type",
    "parameters",
];

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List them.
    List {
        /// Of this pack only.
        #[arg(short, long)]
        pack: Option<String>,
        /// On this action only.
        #[arg(short, long = "resource-ref", value_name = "REF")]
        resource_ref: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one.
    Get(GetArgs),
}

pub(crate) async fn run(command: PolicyCommand) -> anyhow::Result<ExitCode> {
    match command {
        PolicyCommand::List {
            pack,
            resource_ref,
            list,
        } => {
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            add(&mut query, "resource_ref", resource_ref);
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        PolicyCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
    }
}
