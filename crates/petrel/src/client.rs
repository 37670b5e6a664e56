//! The commands that talk to a running server over HTTP.
//!
//! Exit codes: 0 when the command did what was asked, 1 when the server (or its absence) said no or an execution did not
//! succeed, 2 when the command line itself makes no sense.

mod alias;
mod definition;
mod details;
mod endpoint;
mod enforcement;
mod execution;
mod http;
mod inquiry;
mod key;
mod listing;
mod moment;
mod output;
mod pack;
mod parameters;
mod policy;
mod rule;
mod run;
mod runner;
mod sensor;
mod sse;
mod tail;
mod tail_workflow;
mod task_tree;
#[cfg(test)]
pub(crate) mod test_server;
mod timer;
mod trace;
mod trace_tree;
mod trigger;
mod trigger_instance;
mod usage;
mod verdicts;
mod wait;
mod webhook;

use std::process::ExitCode;

use clap::Subcommand;

use crate::args::Common;
use crate::run_local::RunLocalArgs;

pub(crate) use details::details;
pub(crate) use http::{Client, Query, get_text, segment};
pub(crate) use output::{Style, cut, print, print_json, shown};
pub(crate) use pack::PackClientCommand;
pub(crate) use parameters::convert;
pub(crate) use usage::{UsageError, read_document, read_text, reported};

/// The commands that need a running server.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Run an action and wait for its result.
    Run(run::RunArgs),
    /// What ran: list, look at, follow, steer.
    #[command(subcommand)]
    Execution(execution::ExecutionCommand),
    /// Actions: what can be run.
    #[command(subcommand)]
    Action(ActionCommand),
    /// Rules: what is run when something happens.
    #[command(subcommand)]
    Rule(rule::RuleCommand),
    /// Trigger types: the kinds of things that can happen.
    #[command(subcommand)]
    Trigger(trigger::TriggerCommand),
    /// Trigger instances: things that happened.
    #[command(subcommand)]
    TriggerInstance(trigger_instance::TriggerInstanceCommand),
    /// Rule enforcements: rules that matched, and what came of it.
    #[command(subcommand)]
    RuleEnforcement(enforcement::EnforcementCommand),
    /// The datastore.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Runner types: the ways actions can be run.
    #[command(subcommand)]
    Runner(runner::RunnerCommand),
    /// Webhooks that rules listen to.
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// Timers that rules listen to.
    #[command(subcommand)]
    Timer(timer::TimerCommand),
    /// Traces: everything that one event led to, and why.
    #[command(subcommand)]
    Trace(trace::TraceCommand),
    /// Action aliases: the words of chat commands.
    #[command(subcommand, visible_alias = "action-alias")]
    Alias(alias::AliasCommand),
    /// Inquiries: questions that wait for somebody's answer.
    #[command(subcommand)]
    Inquiry(inquiry::InquiryCommand),
    /// Policies: limits on actions.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Sensors: what watches the outside world, and where.
    #[command(subcommand)]
    Sensor(definition::DefinitionCommand),
}

/// What can be done with actions.
#[derive(Debug, Subcommand)]
pub(crate) enum ActionCommand {
    #[command(flatten)]
    Definition(definition::DeletableCommand),
    /// Run one of a checkout, without a server.
    RunLocal(RunLocalArgs),
}

/// Runs a client command. A command line that makes no sense is reported here, with exit code 2.
pub(crate) async fn run(common: &Common, command: ClientCommand) -> anyhow::Result<ExitCode> {
    usage::reported(dispatch(common, command).await)
}

/// Runs `petrel pack list` or `petrel pack get`.
pub(crate) async fn run_pack(command: PackClientCommand) -> anyhow::Result<ExitCode> {
    usage::reported(pack::run(command).await)
}

async fn dispatch(common: &Common, command: ClientCommand) -> anyhow::Result<ExitCode> {
    match command {
        ClientCommand::Run(args) => Box::pin(run::run(args)).await,
        ClientCommand::Execution(command) => Box::pin(execution::run(command)).await,
        ClientCommand::Action(ActionCommand::Definition(command)) => {
            definition::run_deletable(definition::ACTION, command).await
        }
        ClientCommand::Action(ActionCommand::RunLocal(args)) => {
            Box::pin(crate::run_local::run(common, &args)).await
        }
        ClientCommand::Rule(command) => Box::pin(rule::run(command)).await,
        ClientCommand::Trigger(command) => trigger::run(command).await,
        ClientCommand::TriggerInstance(command) => trigger_instance::run(command).await,
        ClientCommand::RuleEnforcement(command) => enforcement::run(command).await,
        ClientCommand::Key(command) => Box::pin(key::run(command)).await,
        ClientCommand::Runner(command) => runner::run(command).await,
        ClientCommand::Webhook(command) => webhook::run(command).await,
        ClientCommand::Timer(command) => timer::run(command).await,
        ClientCommand::Trace(command) => Box::pin(trace::run(command)).await,
        ClientCommand::Alias(command) => Box::pin(alias::run(command)).await,
        ClientCommand::Inquiry(command) => inquiry::run(command).await,
        ClientCommand::Policy(command) => policy::run(command).await,
        ClientCommand::Sensor(command) => sensor::run(command).await,
    }
}
