//! The commands on definitions that packs bring and that can be switched on and off: `petrel action`, `petrel alias`,
//! `petrel sensor`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add};
use super::listing::{self, GetArgs, ListArgs};

/// Where definitions of a kind are, and what is shown of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DefinitionKind {
    path: &'static str,
    /// The columns of a listing.
    columns: &'static [&'static str],
    /// The members that come first when one is shown.
    first: &'static [&'static str],
}

pub(crate) const ACTION: DefinitionKind = DefinitionKind {
    path: "/v1/actions",
    columns: &["ref", "pack", "runner_type", "enabled", "description"],
    first: &[
        "id",
        "ref",
        "pack",
        "name",
        "description",
        "enabled",
        "runner_type",
        "entry_point",
        "parameters",
    ],
};

pub(crate) const ALIAS: DefinitionKind = DefinitionKind {
    path: "/v1/actionalias",
    columns: &["ref", "pack", "description", "enabled"],
    first: &[
        "id",
        "ref",
        "pack",
        "name",
        "description",
        "enabled",
        "action_ref",
        "formats",
    ],
};

pub(crate) const SENSOR: DefinitionKind = DefinitionKind {
    path: "/v1/sensortypes",
    columns: &["ref", "pack", "description", "enabled"],
    first: &[
        "id",
        "ref",
        "pack",
        "name",
        "description",
        "enabled",
        "trigger_types",
        "poll_interval",
    ],
};

/// For kinds that only their pack makes and removes.
#[derive(Debug, Subcommand)]
pub(crate) enum DefinitionCommand {
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

/// For kinds that can be deleted by hand too.
#[derive(Debug, Subcommand)]
pub(crate) enum DeletableCommand {
    #[command(flatten)]
    Definition(DefinitionCommand),
    /// Delete one.
    Delete(GetArgs),
}

pub(crate) async fn run(
    kind: DefinitionKind,
    command: DefinitionCommand,
) -> anyhow::Result<ExitCode> {
    match command {
        DefinitionCommand::List { pack, list } => {
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            listing::list(kind.path, &query, kind.columns, &list).await
        }
        DefinitionCommand::Get(args) => listing::get(kind.path, kind.first, &args).await,
        DefinitionCommand::Enable(args) => listing::set_enabled(kind.path, true, &args).await,
        DefinitionCommand::Disable(args) => listing::set_enabled(kind.path, false, &args).await,
    }
}

pub(crate) async fn run_deletable(
    kind: DefinitionKind,
    command: DeletableCommand,
) -> anyhow::Result<ExitCode> {
    match command {
        DeletableCommand::Definition(command) => run(kind, command).await,
        DeletableCommand::Delete(args) => listing::delete(kind.path, &args).await,
    }
}
