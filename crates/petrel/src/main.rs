//! The `petrel` binary: command line, configuration, and the wiring of roles.

mod alias_test;
mod args;
mod client;
mod configuration;
mod doctor;
mod expr;
mod logging;
mod pack_test;
mod packs;
mod rule_test;
mod run_local;
mod server;
mod surrounding_pack;
mod workflow;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Arguments, Command, PackCommands};
use crate::configuration::Configuration;

/// Events are made of many small allocations on several threads, which the C library's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("petrel: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Version => {
            client::print(concat!("petrel ", env!("CARGO_PKG_VERSION")))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "petrel", &mut script);
            client::print(&String::from_utf8_lossy(&script))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Up(up) => block_on(async {
            let configuration = Configuration::for_up(&arguments.common, &up)?;
            logging::start(&configuration.log)?;
            server::run(configuration).await
        }),
        Command::Serve(serve) => block_on(async {
            let configuration = Configuration::for_serve(&arguments.common, &serve)?;
            logging::start(&configuration.log)?;
            server::run(configuration).await
        }),
        Command::Migrate(database) => block_on(async {
            let configuration = Configuration::for_migrate(&arguments.common, &database)?;
            logging::start(&configuration.log)?;
            server::migrate(&configuration).await
        }),
        Command::Doctor(doctor) => block_on(doctor::run(&arguments.common, &doctor)),
        Command::Expr(args) => expr::run(&args),
        Command::Workflow(command) => block_on(workflow::run(&command)),
        Command::Pack(PackCommands::Local(command)) => {
            block_on(packs::run(&arguments.common, command))
        }
        Command::Pack(PackCommands::Client(command)) => block_on(client::run_pack(command)),
        Command::Client(command) => block_on(client::run(&arguments.common, *command)),
    }
}

/// Runs a command's future on a runtime of its own.
fn block_on<F>(future: F) -> anyhow::Result<ExitCode>
where
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    // reqwest and lapin both take the process's provider of cryptography.
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("the TLS provider was installed twice"))?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(future)
}
