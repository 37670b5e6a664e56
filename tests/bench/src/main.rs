//! Whole-product benches: `cargo run --release -p bench -- events|latency|rules|local|packs|python|start|workflows`.
//!
//! Each prints JSON lines with what was reached, the limit measured in the same run, and their ratio. They drive the
//! release binary from outside, as users do; nothing here is a test, and nothing fails for being slow.

#![expect(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]

mod events;
mod execution;
mod figures;
mod latency;
mod limits;
mod load;
mod local;
mod packs;
mod python;
mod rules;
mod sensors;
mod start;
mod workflows;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use serde_json::Value;
use stories::engine::Backend;

/// Measures Petrel and prints JSON lines.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Webhooks to finished executions, sustained.
    Events {
        /// On which backends.
        #[arg(long, value_enum)]
        backend: Option<Shape>,
        /// How many events.
        #[arg(long, default_value_t = 20_000)]
        count: usize,
        /// Senders at once.
        #[arg(long, default_value_t = 64)]
        senders: usize,
    },
    /// One webhook to its result, when nothing else goes on.
    Latency {
        /// On which backends.
        #[arg(long, value_enum)]
        backend: Option<Shape>,
        /// How many events, one after the other.
        #[arg(long, default_value_t = 300)]
        count: usize,
    },
    /// One event against many rules of its trigger, of which one matches.
    Rules,
    /// `core.local`: one by one, and 200 queued.
    Local,
    /// Packs: how long registering takes, and lists and searches with many in the store.
    Packs {
        /// On which backends.
        #[arg(long, value_enum)]
        backend: Option<Shape>,
        /// A folder of packs beside those that are generated.
        #[arg(long)]
        packs: Option<PathBuf>,
    },
    /// Python actions: cold, warm, queued.
    Python {
        /// On which backends.
        #[arg(long, value_enum)]
        backend: Option<Shape>,
        /// How many executions, one by one and queued.
        #[arg(long, default_value_t = 200)]
        count: usize,
    },
    /// Sensors: dispatches a second, dispatch to enforcement, memory of 200.
    Sensors {
        /// On which backends.
        #[arg(long, value_enum)]
        backend: Option<Shape>,
    },
    /// Start to first answer, and idle memory.
    Start,
    /// Workflows: sequences, items, many at once, large results.
    Workflows {
        /// On which backends.
        #[arg(long, value_enum)]
        backend: Option<Shape>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shape {
    /// `petrel up`.
    Embedded,
    /// A process per role, on PostgreSQL and RabbitMQ.
    Clustered,
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Events {
            backend,
            count,
            senders,
        } => backends(backend)
            .into_iter()
            .try_for_each(|backend| print(&events::measure(backend, count, senders)?)),
        What::Latency { backend, count } => backends(backend)
            .into_iter()
            .try_for_each(|backend| print(&latency::measure(backend, count)?)),
        What::Rules => rules::measure().iter().try_for_each(print),
        What::Local => local::measure()?
            .into_iter()
            .try_for_each(|line| print(&line)),
        What::Packs { backend, packs } => backends(backend).into_iter().try_for_each(|backend| {
            packs::measure(backend, packs.as_deref(), |line| println!("{line}"))
        }),
        What::Python { backend, count } => backends(backend)
            .into_iter()
            .try_for_each(|backend| python::measure(backend, count, |line| println!("{line}"))),
        What::Workflows { backend } => backends(backend)
            .into_iter()
            .try_for_each(|backend| workflows::measure(backend, |line| println!("{line}"))),
        What::Sensors { backend } => backends(backend)
            .into_iter()
            .try_for_each(|backend| sensors::measure(backend, |line| println!("{line}"))),
        What::Start => start::measure()?
            .into_iter()
            .try_for_each(|line| print(&line)),
    }
}

fn backends(shape: Option<Shape>) -> Vec<Backend> {
    match shape {
        Some(Shape::Embedded) => vec![Backend::Embedded],
        Some(Shape::Clustered) => vec![Backend::Clustered],
        None => vec![Backend::Embedded, Backend::Clustered],
    }
}

#[expect(clippy::unnecessary_wraps, reason = "ends a chain of fallible steps")]
fn print(line: &Value) -> Result<()> {
    println!("{line}");
    Ok(())
}
