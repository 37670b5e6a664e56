//! The command line.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::client::{ClientCommand, PackClientCommand};
use crate::expr::ExprArgs;
use crate::pack_test::TestArgs;
use crate::workflow::WorkflowCommand;

/// Event-driven automation: sensors, webhooks and timers in; rules; actions and workflows out.
#[derive(Debug, Parser)]
#[command(name = "petrel", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where help shows what every command takes, apart from a command's own options.
const PROCESS: &str = "Options of every command";

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Common {
    /// Configuration file (default: `petrel.toml` in the working folder, then `/etc/petrel/petrel.toml`).
    #[arg(
        long,
        global = true,
        env = "PETREL_CONFIG",
        value_name = "FILE",
        help_heading = PROCESS
    )]
    pub(crate) config: Option<PathBuf>,
    /// What is logged, such as `info` or `warn,rules_engine=debug`.
    #[arg(
        long,
        global = true,
        env = "PETREL_LOG",
        value_name = "FILTER",
        help_heading = PROCESS
    )]
    pub(crate) log: Option<String>,
    /// How log lines look: `text` for people, or `json`, one object a line.
    #[arg(
        long,
        global = true,
        env = "PETREL_LOG_FORMAT",
        value_enum,
        hide_possible_values = true,
        value_name = "FORMAT",
        help_heading = PROCESS
    )]
    pub(crate) log_format: Option<LogFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything in this process: embedded store, every role.
    Up(UpArgs),
    /// Start some roles of a cluster, on PostgreSQL and RabbitMQ.
    Serve(ServeArgs),
    /// Bring the database's schema up to date.
    Migrate(StoreArgs),
    /// Say what configuration is in force, and what is wrong.
    Doctor(DoctorArgs),
    /// Packs: check, register, list.
    #[command(subcommand)]
    Pack(PackCommands),
    /// Try an expression on data, without a server.
    Expr(Box<ExprArgs>),
    /// Workflows: test, inspect, draw.
    #[command(subcommand)]
    Workflow(WorkflowCommand),
    #[command(flatten)]
    Client(Box<ClientCommand>),
    /// Print the version.
    Version,
    /// Print a completion script.
    Completion {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

/// Where the store is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StoreArgs {
    /// Folder of the embedded store, the key file and pack configurations.
    #[arg(long, env = "PETREL_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// PostgreSQL server: `postgres://user:password@host:port/database`. Absent: the embedded store.
    #[arg(
        long,
        env = "PETREL_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) database_url: Option<String>,
    /// File of the key that secrets are sealed with (made at the first start; the same on every machine).
    #[arg(long, env = "PETREL_KEY_FILE", value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// What every process that serves takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServiceArgs {
    /// Address of the API.
    #[arg(long, env = "PETREL_LISTEN", value_name = "IP:PORT", value_parser = address)]
    pub(crate) listen: Option<SocketAddr>,
    /// Listen on 9100, 9101 and 9102 as well, as StackStorm's services do.
    #[arg(long, env = "PETREL_ST2_PORTS", value_parser = FalseyValueParser::new())]
    pub(crate) st2_ports: bool,
    /// Folders of packs that are registered at start; may be given more than once.
    #[arg(long, env = "PETREL_PACKS", value_name = "DIR", value_delimiter = ':')]
    pub(crate) packs: Vec<PathBuf>,
    /// Serve without authentication; only on a loopback address.
    #[arg(long, env = "PETREL_INSECURE_NO_AUTH", value_parser = FalseyValueParser::new())]
    pub(crate) insecure_no_auth: bool,
    /// Actions that run at once in this process.
    #[arg(long, env = "PETREL_CONCURRENCY", value_name = "N")]
    pub(crate) concurrency: Option<NonZeroUsize>,
}

/// An address to listen on; `localhost` is 127.0.0.1.
fn address(text: &str) -> Result<SocketAddr, String> {
    let local = |port: &str| {
        Some(SocketAddr::new(
            Ipv4Addr::LOCALHOST.into(),
            port.parse().ok()?,
        ))
    };
    text.parse()
        .ok()
        .or_else(|| text.strip_prefix("localhost:").and_then(local))
        .ok_or_else(|| "write an IP address and a port, such as 127.0.0.1:9101".to_owned())
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServeArgs {
    /// Roles of this process.
    #[arg(
        long,
        env = "PETREL_ROLES",
        value_enum,
        value_delimiter = ',',
        required = true
    )]
    pub(crate) roles: Vec<Role>,
    /// RabbitMQ server: `amqp://user:password@host:port/vhost`.
    #[arg(
        long,
        env = "PETREL_BROKER_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) broker_url: Option<String>,
    /// Prefix of exchanges and queues, so that installations can share a broker.
    #[arg(long, env = "PETREL_BROKER_PREFIX", value_name = "TEXT")]
    pub(crate) broker_prefix: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

/// One of the jobs a process can do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// REST, webhooks, streams, metrics.
    Api,
    /// Sensors and timers.
    Sensors,
    /// Trigger instances to executions.
    Rules,
    /// Leases, sweeps, retention.
    Scheduler,
    /// Conducts workflows.
    Workflow,
    /// Runs actions.
    Runner,
}

impl Role {
    /// Every role.
    pub(crate) const ALL: [Self; 6] = [
        Self::Api,
        Self::Sensors,
        Self::Rules,
        Self::Scheduler,
        Self::Workflow,
        Self::Runner,
    ];

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Sensors => "sensors",
            Self::Rules => "rules",
            Self::Scheduler => "scheduler",
            Self::Workflow => "workflow",
            Self::Runner => "runner",
        }
    }
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// RabbitMQ server to look at.
    #[arg(
        long,
        env = "PETREL_BROKER_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) broker_url: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What works on files and the store, and what asks a server.
#[derive(Debug, Subcommand)]
pub(crate) enum PackCommands {
    #[command(flatten)]
    Local(PackCommand),
    #[command(flatten)]
    Client(PackClientCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// Check packs without a server: one result a file.
    Lint {
        /// A pack's folder, a folder of packs, or a file of a pack.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Print one JSON object a file.
        #[arg(long)]
        json: bool,
    },
    /// Run the unit tests of a pack in its virtualenv, without a server.
    Test(TestArgs),
    /// Register packs straight into the store (a running engine sees them at once).
    Register {
        /// A pack's folder, or a folder of packs.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        store: StoreArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_to_listen_on_has_a_port() {
        let local = Ok(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 9101));

        assert_eq!(address("127.0.0.1:9101"), local);
        assert_eq!(address("localhost:9101"), local);
        for wrong in ["9101", "localhost", "localhost:many", "petrel.example:9101"] {
            assert!(address(wrong).unwrap_err().contains("127.0.0.1:9101"));
        }
    }
}
