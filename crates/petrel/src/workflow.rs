//! `petrel workflow`: what authors of workflows do, on files.

mod test;

use std::process::ExitCode;

use clap::Subcommand;

use crate::client::reported;

/// What can be done with workflows.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowCommand {
    /// Run workflows against made-up results of their tasks, without a server.
    Test(test::TestArgs),
}

/// Runs a command. Exit code 2 if the command line makes no sense.
pub(crate) fn run(command: &WorkflowCommand) -> anyhow::Result<ExitCode> {
    match command {
        WorkflowCommand::Test(args) => reported(test::run(args)),
    }
}
