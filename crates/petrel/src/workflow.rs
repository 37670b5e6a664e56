//! `petrel workflow`: what authors of workflows do, on files.

mod graph;
mod inspect;
mod source;
mod test;

use std::process::ExitCode;

use clap::Subcommand;

use crate::client::reported;

/// What can be done with workflows.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowCommand {
    /// Run workflows against made-up results of their tasks, without a server.
    Test(test::TestArgs),
    /// Say everything that is wrong with workflows, and where.
    Inspect(inspect::InspectArgs),
    /// Draw a workflow, or how far an execution of one has come.
    Graph(graph::GraphArgs),
}

/// Runs a command. Exit code 2 if the command line makes no sense.
pub(crate) async fn run(command: &WorkflowCommand) -> anyhow::Result<ExitCode> {
    reported(match command {
        WorkflowCommand::Test(args) => test::run(args),
        WorkflowCommand::Inspect(args) => inspect::run(args),
        WorkflowCommand::Graph(args) => graph::run(args).await,
    })
}
