//! Throw-away servers for tests: each has a folder, ports and processes of its own, and leaves nothing behind,
//! however the test process ends.
//!
//! Tests share one server of a kind per test binary ([`Postgres::shared`], [`RabbitMq::shared`]) and ask it for a
//! fresh database or a fresh prefix. A test that stops, kills or restarts a server starts one for itself.

mod guardian;
mod postgres;
mod process;
mod rabbitmq;
mod wait;

pub use postgres::{Durability, Postgres};
pub use rabbitmq::RabbitMq;
pub use wait::{free_port, wait_until};
