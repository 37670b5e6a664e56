//! `petrel rule`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Client, Query, add, segment};
use super::listing::{self, GetArgs, ListArgs};
use super::usage::read_document;
use crate::rule_test::{self, RuleTestArgs};

const PATH: &str = "/v1/rules";
const COLUMNS: &[&str] = &[
    "ref",
    "pack",
    "trigger.type",
    "action.ref",
    "enabled",
    "description",
];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "pack",
    "name",
    "description",
    "enabled",
    "type",
    "trigger",
    "criteria",
    "action",
    "tags",
];

#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// List rules.
    List {
        /// Of this pack only.
        #[arg(short, long)]
        pack: Option<String>,
        /// With this action only.
        #[arg(long, value_name = "REF")]
        action: Option<String>,
        /// With this trigger only.
        #[arg(long, value_name = "REF")]
        trigger: Option<String>,
        /// Enabled ones only.
        #[arg(long)]
        enabled: bool,
        /// Disabled ones only.
        #[arg(long, conflicts_with = "enabled")]
        disabled: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one.
    Get(GetArgs),
    /// Make one from a YAML or JSON file.
    Create {
        /// The file.
        file: PathBuf,
        /// Print JSON.
        #[arg(short, long)]
        json: bool,
    },
    /// Change one to what a YAML or JSON file says.
    Update {
        /// Reference or id.
        #[arg(value_name = "REF_OR_ID")]
        id: String,
        /// The file.
        file: PathBuf,
        /// Print JSON.
        #[arg(short, long)]
        json: bool,
    },
    /// Switch one on.
    Enable(GetArgs),
    /// Switch one off.
    Disable(GetArgs),
    /// Delete one.
    Delete(GetArgs),
    /// Say whether a rule would fire for a trigger instance, criterion by criterion. Exit code 0 if it would.
    Test(RuleTestArgs),
}

pub(crate) async fn run(command: RuleCommand) -> anyhow::Result<ExitCode> {
    match command {
        RuleCommand::List {
            pack,
            action,
            trigger,
            enabled,
            disabled,
            list,
        } => {
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            add(&mut query, "action", action);
            add(&mut query, "trigger", trigger);
            add(
                &mut query,
                "enabled",
                (enabled || disabled).then_some(enabled),
            );
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        RuleCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
        RuleCommand::Create { file, json } => {
            let body = read_document(&file)?;
            let rule = Client::from_environment()?.post(PATH, &body).await?;
            listing::show_one(&rule, FIRST, json)
        }
        RuleCommand::Update { id, file, json } => {
            let body = read_document(&file)?;
            let rule = Client::from_environment()?
                .put(&format!("{PATH}/{}", segment(&id)), &body)
                .await?;
            listing::show_one(&rule, FIRST, json)
        }
        RuleCommand::Enable(args) => listing::set_enabled(PATH, true, &args).await,
        RuleCommand::Disable(args) => listing::set_enabled(PATH, false, &args).await,
        RuleCommand::Delete(args) => listing::delete(PATH, &args).await,
        RuleCommand::Test(args) => rule_test::run(args).await,
    }
}
