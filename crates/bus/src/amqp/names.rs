//! What queues and exchanges are called, and what they are like.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ExchangeKind};

use super::outbox::Audience;

/// How many pieces of news the broker keeps for a process that does not read them.
const NEWS_BACKLOG: i32 = 10_000;

/// The names of one installation.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
        }
    }

    /// The queue of a topic of work.
    pub(crate) fn queue(&self, topic: &str) -> ShortString {
        format!("{}.{topic}", self.prefix).into()
    }

    /// The exchange of the news.
    pub(crate) fn news(&self) -> ShortString {
        format!("{}.news", self.prefix).into()
    }
}

/// Makes the queue of a topic where there is none: durable, and of the type that the virtual host prefers.
///
/// That is `classic` unless the broker's operator says otherwise (`default_queue_type = quorum` for a cluster). On one
/// node, quorum queues are no faster and wake a worker later, and one that was made a moment before the broker's
/// crash never answers again (seen with RabbitMQ 3.10).
pub(crate) async fn declare_queue(channel: &Channel, queue: &ShortString) -> lapin::Result<()> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(queue.clone(), options, FieldTable::default())
        .await?;
    Ok(())
}

/// Makes the exchange of the news where there is none.
pub(crate) async fn declare_news(channel: &Channel, exchange: &ShortString) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(
            exchange.clone(),
            ExchangeKind::Direct,
            options,
            FieldTable::default(),
        )
        .await
}

/// Makes a queue for one process's news, which goes with its connection and forgets the oldest.
pub(crate) async fn declare_ear(
    channel: &Channel,
    exchange: &ShortString,
) -> lapin::Result<ShortString> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(NEWS_BACKLOG));
    let options = QueueDeclareOptions {
        exclusive: true,
        auto_delete: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel
        .queue_declare("".into(), options, arguments)
        .await?
        .name()
        .clone();
    bind_ear(channel, exchange, &queue, Audience::Everybody).await?;
    Ok(queue)
}

/// Lets a process's queue hear what is told to `audience`.
pub(crate) async fn bind_ear(
    channel: &Channel,
    exchange: &ShortString,
    queue: &ShortString,
    audience: Audience,
) -> lapin::Result<()> {
    let (key, options) = (audience.key().into(), QueueBindOptions::default());
    channel
        .queue_bind(
            queue.clone(),
            exchange.clone(),
            key,
            options,
            FieldTable::default(),
        )
        .await
}
