//! `petrel trigger-instance`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::http::{Client, Query, add, segment};
use super::listing::{self, GetArgs, ListArgs};
use super::moment::moment;
use super::usage::inline_or_file;

const PATH: &str = "/v1/triggerinstances";
const COLUMNS: &[&str] = &["id", "trigger", "occurrence_time", "status"];
const FIRST: &[&str] = &[
    "id",
    "trigger",
    "occurrence_time",
    "status",
    "status_reason",
    "payload",
];
/// The webhook that takes a trigger instance of any kind.
const INJECT: &str = "/v1/webhooks/st2";

#[derive(Debug, Subcommand)]
pub(crate) enum TriggerInstanceCommand {
    /// List them, newest first.
    List {
        /// Of this trigger only.
        #[arg(short, long, value_name = "REF")]
        trigger: Option<String>,
        /// Of triggers of this type only, such as `core.st2.webhook`.
        #[arg(long, value_name = "REF")]
        trigger_type: Option<String>,
        /// With this status only.
        #[arg(long)]
        status: Option<String>,
        /// Only those after this time, such as `2026-11-21T00:00:00Z`, or `2h` for two hours ago.
        #[arg(long, visible_alias = "timestamp-gt", value_name = "TIME", value_parser = moment)]
        since: Option<String>,
        /// Only those before this time.
        #[arg(long, visible_alias = "timestamp-lt", value_name = "TIME", value_parser = moment)]
        until: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one with its payload.
    Get(GetArgs),
    /// Let one happen again.
    #[command(name = "re-emit")]
    ReEmit(GetArgs),
    /// Let something happen: a trigger with a payload.
    Inject(InjectArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct InjectArgs {
    /// The trigger.
    #[arg(value_name = "TRIGGER_REF")]
    trigger: String,
    /// What it carries: JSON, or a JSON or YAML file as `@FILE`.
    #[arg(short, long, value_name = "JSON|@FILE", default_value = "{}")]
    payload: String,
    /// Tag of the trace that this begins.
    #[arg(long, value_name = "TAG")]
    trace_tag: Option<String>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(crate) async fn run(command: TriggerInstanceCommand) -> anyhow::Result<ExitCode> {
    match command {
        TriggerInstanceCommand::List {
            trigger,
            trigger_type,
            status,
            since,
            until,
            list,
        } => {
            let mut query = Query::new();
            add(&mut query, "trigger", trigger);
            add(&mut query, "trigger_type", trigger_type);
            add(&mut query, "status", status);
            add(&mut query, "timestamp_gt", since);
            add(&mut query, "timestamp_lt", until);
            query.push(("sort_desc", "true".to_owned()));
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        TriggerInstanceCommand::Get(args) => get(&args).await,
        TriggerInstanceCommand::ReEmit(args) => {
            let client = Client::from_environment()?;
            let answer = client
                .post(&format!("{PATH}/{}/re_emit", segment(&args.id)), &json!({}))
                .await?;
            listing::done(&answer, &format!("{} happens again", args.id), args.json)
        }
        TriggerInstanceCommand::Inject(args) => inject(&args).await,
    }
}

/// Shows an instance, with why it stands where it stands.
async fn get(args: &GetArgs) -> anyhow::Result<ExitCode> {
    let path = format!("{PATH}/{}", segment(&args.id));
    let query: Query = vec![("explain", "true".to_owned())];
    let instance = Client::from_environment()?.get(&path, &query).await?;
    listing::show_one(&instance, FIRST, args.json)
}

async fn inject(args: &InjectArgs) -> anyhow::Result<ExitCode> {
    let body =
        json!({ "trigger": args.trigger, "payload": inline_or_file("--payload", &args.payload)? });
    let client = Client::from_environment()?;
    let answer: Value = match &args.trace_tag {
        Some(tag) => {
            client
                .post_with(INJECT, ("St2-Trace-Tag", tag), &body)
                .await?
        }
        None => client.post(INJECT, &body).await?,
    };
    listing::done(
        &answer,
        &format!("{} has happened", args.trigger),
        args.json,
    )
}
