//! Who receives work.

use crate::message::Message;
use crate::{amqp, local};

/// One of the workers of a topic.
#[derive(Debug)]
pub struct Worker<M: Message>(Kind<M>);

#[derive(Debug)]
enum Kind<M: Message> {
    Local(local::LocalWorker<M>),
    Amqp(Box<amqp::AmqpWorker<M>>),
}

impl<M: Message> Worker<M> {
    pub(crate) fn local(worker: local::LocalWorker<M>) -> Self {
        Self(Kind::Local(worker))
    }

    pub(crate) fn amqp(worker: amqp::AmqpWorker<M>) -> Self {
        Self(Kind::Amqp(Box::new(worker)))
    }

    /// The next message; waits for ever (also through reconnections). `None` once the bus is closed for good.
    /// A call that is given up half-way loses nothing.
    pub async fn next(&mut self) -> Option<Delivery<M>> {
        match &mut self.0 {
            Kind::Local(worker) => worker.next().await.map(Delivery::local),
            Kind::Amqp(worker) => worker.next().await.map(Delivery::amqp),
        }
    }

    /// Whatever is there already, up to `most`, after waiting for at least one: batches under load, no delay without.
    /// Empty once the bus is closed for good. At most as many as the worker's prefetch come together.
    pub async fn next_batch(&mut self, most: usize) -> Vec<Delivery<M>> {
        let mut batch: Vec<_> = self.next().await.into_iter().collect();
        while !batch.is_empty() && batch.len() < most {
            let Some(delivery) = self.try_next() else {
                break;
            };
            batch.push(delivery);
        }
        batch
    }

    fn try_next(&mut self) -> Option<Delivery<M>> {
        match &mut self.0 {
            Kind::Local(worker) => worker.try_next().map(Delivery::local),
            Kind::Amqp(worker) => worker.try_next().map(Delivery::amqp),
        }
    }
}

/// A message in hand. Dropped without `done`, it is delivered again.
#[derive(Debug)]
pub struct Delivery<M> {
    /// The message.
    pub message: M,
    ticket: Ticket<M>,
}

#[derive(Debug)]
enum Ticket<M> {
    Local(local::Ticket<M>),
    Amqp(amqp::Ticket),
}

impl<M> Delivery<M> {
    fn local((message, ticket): (M, local::Ticket<M>)) -> Self {
        Self {
            message,
            ticket: Ticket::Local(ticket),
        }
    }

    fn amqp((message, ticket): (M, amqp::Ticket)) -> Self {
        Self {
            message,
            ticket: Ticket::Amqp(ticket),
        }
    }

    /// Acknowledges it.
    pub fn done(self) {
        match self.ticket {
            Ticket::Local(ticket) => ticket.done(),
            Ticket::Amqp(ticket) => ticket.done(),
        }
    }
}
