//! `petrel timer`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Query, add};
use super::listing::{self, GetArgs, ListArgs};

const PATH: &str = "/v1/timers";
const COLUMNS: &[&str] = &["id", "type", "parameters", "ref"];
const FIRST: &[&str] = &["id", "ref", "type", "parameters"];

#[derive(Debug, Subcommand)]
pub(crate) enum TimerCommand {
    /// List them.
    List {
        /// Of this type only, such as `core.st2.CronTimer`.
        #[arg(short = 't', long = "timer-type", value_name = "REF")]
        timer_type: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one.
    Get(GetArgs),
}

pub(crate) async fn run(command: TimerCommand) -> anyhow::Result<ExitCode> {
    match command {
        TimerCommand::List { timer_type, list } => {
            let mut query = Query::new();
            add(&mut query, "timer_type", timer_type);
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        TimerCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
    }
}
