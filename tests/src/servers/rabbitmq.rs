//! RabbitMQ.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use super::free_port;
use super::guardian::Guardian;
use super::process::Process;

const START_DEADLINE: Duration = Duration::from_mins(2);
/// The package's own wrapper in `/usr/sbin` insists on the package's own user and folders; this one does not.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A RabbitMQ node in a temporary folder, with an Erlang name service of its own.
#[derive(Debug)]
pub struct RabbitMq {
    // The node ends before its name service, both before their folder is removed.
    node: Option<Process>,
    names: Option<Process>,
    ports: Ports,
    prefixes: AtomicU32,
    guardian: Guardian,
}

#[derive(Debug)]
struct Ports {
    amqp: u16,
    distribution: u16,
    names: u16,
}

impl RabbitMq {
    /// Makes and starts a node.
    ///
    /// # Errors
    /// Where RabbitMQ is not installed, or does not start (with what it printed).
    pub fn start() -> Result<Self> {
        if !Path::new(SERVER).exists() {
            bail!("RabbitMQ is not installed: run `scripts/test-servers install`");
        }
        let guardian = Guardian::new("rabbitmq")?;
        let ports = Ports {
            amqp: free_port()?,
            distribution: free_port()?,
            names: free_port()?,
        };
        let mut rabbit = Self {
            node: None,
            names: None,
            ports,
            prefixes: AtomicU32::new(0),
            guardian,
        };
        rabbit
            .configure()
            .context("RabbitMQ's folder cannot be prepared")?;
        rabbit.start_names()?;
        rabbit.run()?;
        Ok(rabbit)
    }

    /// The one that the tests of this binary share.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<RabbitMq> = OnceLock::new();
        SHARED.get_or_init(|| Self::start().unwrap_or_else(|error| panic!("{error:#}")))
    }

    /// A prefix for names that no other test of this server has.
    #[must_use]
    pub fn fresh_prefix(&self) -> String {
        format!("story{}", self.prefixes.fetch_add(1, Ordering::Relaxed))
    }

    /// The URL of its default virtual host.
    #[must_use]
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.ports.amqp)
    }

    /// The port, which stays the same through restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.ports.amqp
    }

    /// Stops it in order and starts it again on the same port.
    ///
    /// # Errors
    /// Where it does not stop or start in time.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.run()
    }

    /// Stops it in order. [`RabbitMq::run`] starts it again.
    ///
    /// # Errors
    /// Where it does not stop in time.
    pub fn stop(&mut self) -> Result<()> {
        end(&mut self.node, Signal::SIGTERM)
    }

    /// Kills it as a crash would. [`RabbitMq::run`] starts it again.
    ///
    /// # Errors
    /// Where it cannot be signalled.
    pub fn kill9(&mut self) -> Result<()> {
        end(&mut self.node, Signal::SIGKILL)
    }

    /// Starts it on its port and waits until it speaks AMQP; does nothing where it runs.
    ///
    /// # Errors
    /// Where it does not start in time (with what it printed).
    pub fn run(&mut self) -> Result<()> {
        if self.node.is_some() {
            return Ok(());
        }
        let node = Process::start(
            "rabbitmq",
            self.guardian.folder(),
            "KILL",
            &mut self.server(),
        )?;
        let amqp = self.ports.amqp;
        self.node
            .insert(node)
            .wait_until(START_DEADLINE, || speaks_amqp(amqp))
    }

    /// Erlang would start one by itself, but as a daemon that outlives everybody.
    fn start_names(&mut self) -> Result<()> {
        let mut epmd = Command::new("epmd");
        epmd.args([
            "-address",
            "127.0.0.1",
            "-port",
            &self.ports.names.to_string(),
        ]);
        let names = Process::start("epmd", self.guardian.folder(), "KILL", &mut epmd)?;
        let port = self.ports.names;
        self.names
            .insert(names)
            .wait_until(START_DEADLINE, || connect(port).is_some())
    }

    fn configure(&self) -> std::io::Result<()> {
        let folder = self.guardian.folder();
        fs::write(folder.join("enabled_plugins"), "[].\n")?;
        fs::write(folder.join("rabbitmq-env.conf"), "")?;
        // Alarms look at the whole machine, whose other tenants are no business of a test.
        let settings = [
            format!("listeners.tcp.1 = 127.0.0.1:{}", self.ports.amqp),
            "disk_free_limit.absolute = 10MB".to_owned(),
            "vm_memory_high_watermark.absolute = 2GB".to_owned(),
        ];
        fs::write(folder.join("rabbitmq.conf"), settings.join("\n") + "\n")
    }

    fn server(&self) -> Command {
        let folder = self.guardian.folder();
        let mut server = Command::new(SERVER);
        server
            .current_dir(folder)
            .env("HOME", folder)
            .env("ERL_EPMD_PORT", self.ports.names.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env(
                "RABBITMQ_NODENAME",
                format!("petrel{}@localhost", self.ports.amqp),
            )
            .env("RABBITMQ_NODE_PORT", self.ports.amqp.to_string())
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_DIST_PORT", self.ports.distribution.to_string())
            .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
            .env("RABBITMQ_LOG_BASE", folder.join("log"))
            .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"))
            .env("RABBITMQ_CONF_ENV_FILE", folder.join("rabbitmq-env.conf"))
            .env(
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                folder.join("enabled_plugins"),
            )
            // Few schedulers that do not spin: it shares the machine with what it serves.
            .env(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
            )
            // The script becomes the server instead of waiting for it.
            .env("RUNNING_UNDER_SYSTEMD", "true")
            .env_remove("NOTIFY_SOCKET");
        server
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        for process in [&mut self.node, &mut self.names] {
            if let Err(error) = end(process, Signal::SIGKILL) {
                eprintln!("{error:#}");
            }
        }
    }
}

fn end(process: &mut Option<Process>, signal: Signal) -> Result<()> {
    process
        .take()
        .map_or(Ok(()), |mut process| process.end(signal))
}

fn connect(port: u16) -> Option<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()
}

/// Whether the protocol header is answered by a frame.
fn speaks_amqp(port: u16) -> bool {
    let greet = |mut stream: TcpStream| {
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        stream.write_all(b"AMQP\x00\x00\x09\x01").ok()?;
        let mut frame_type = [0];
        stream.read_exact(&mut frame_type).ok()?;
        Some(frame_type[0] == 1)
    };
    connect(port).and_then(greet).unwrap_or(false)
}
