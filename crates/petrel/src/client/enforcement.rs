//! `petrel rule-enforcement`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add, segment};
use super::listing::{self, GetArgs, ListArgs};
use super::moment::moment;

const PATH: &str = "/v1/ruleenforcements";
const COLUMNS: &[&str] = &[
    "id",
    "rule.ref",
    "trigger_instance_id",
    "execution_id",
    "status",
    "enforced_at",
    "failure_reason",
];
const FIRST: &[&str] = &[
    "id",
    "rule",
    "trigger_instance_id",
    "execution_id",
    "status",
    "failure_reason",
    "enforced_at",
];

#[derive(Debug, Subcommand)]
pub(crate) enum EnforcementCommand {
    /// List them, newest first.
    List {
        /// Of this rule only.
        #[arg(short, long, value_name = "REF")]
        rule: Option<String>,
        /// Of this trigger instance only.
        #[arg(long = "trigger-instance", value_name = "ID")]
        trigger_instance: Option<String>,
        /// Only those after this time, such as `2026-11-21T00:00:00Z`, or `2h` for two hours ago.
        #[arg(long, visible_alias = "timestamp-gt", value_name = "TIME", value_parser = moment)]
        since: Option<String>,
        /// Only those before this time.
        #[arg(long, visible_alias = "timestamp-lt", value_name = "TIME", value_parser = moment)]
        until: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one, with its trigger instance and execution.
    Get(GetArgs),
}

pub(crate) async fn run(command: EnforcementCommand) -> anyhow::Result<ExitCode> {
    match command {
        EnforcementCommand::List {
            rule,
            trigger_instance,
            since,
            until,
            list,
        } => {
            let mut query = Query::new();
            add(&mut query, "rule_ref", rule);
            add(&mut query, "trigger_instance", trigger_instance);
            add(&mut query, "enforced_at_gt", since);
            add(&mut query, "enforced_at_lt", until);
            query.push(("sort_desc", "true".to_owned()));
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        EnforcementCommand::Get(args) => {
            let client = super::Client::from_environment()?;
            let value = client
                .get(
                    &format!("{PATH}/views/{}", segment(&args.id)),
                    &Query::new(),
                )
                .await?;
            listing::show_one(&value, FIRST, args.json)
        }
    }
}
