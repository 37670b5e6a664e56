//! How to reach the broker.

use std::time::Duration;

/// Where messages go.
#[derive(Debug, Clone)]
pub enum BusOptions {
    /// To tasks of this process.
    InProcess,
    /// Through a RabbitMQ server.
    Amqp {
        /// `amqp://user:password@host:port/vhost`.
        url: String,
        /// Prefix of every exchange and queue, so that several installations can share a broker.
        prefix: String,
        /// How long to go on trying to reach the broker at start; `None` is for ever.
        connect_deadline: Option<Duration>,
    },
}
