//! The connection to the broker, made again for ever.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::StreamExt;
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties, Event};
use lifecycle::{OnError, Shutdown, Tasks};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::BusError;

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// How long the broker has for a polite goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// How often a connection is looked at, besides hearing of its end.
const LOOK: Duration = Duration::from_secs(1);
/// Seconds between heartbeats, unless the URL says otherwise: a broker that vanished is noticed in twice that time.
const HEARTBEAT: u16 = 10;
/// The first pause between attempts is between this and twice this.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The pauses double up to this (and a random part more).
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sees the connection; while anybody does, it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    state: watch::Receiver<State>,
}

#[derive(Debug)]
enum State {
    /// No attempt has ended yet.
    Starting,
    Up(Arc<Connection>),
    /// Why not.
    Down(String),
}

impl Link {
    /// Starts connecting.
    pub(crate) fn start(url: &str, tasks: &Tasks) -> Result<Self, BusError> {
        let broker = Arc::new(Broker::parse(url)?);
        let (sender, state) = watch::channel(State::Starting);
        let (sender, shutdown) = (Arc::new(sender), tasks.shutdown().clone());
        tasks.start("bus-link", OnError::Restart, move || {
            let (broker, sender, shutdown) =
                (Arc::clone(&broker), Arc::clone(&sender), shutdown.clone());
            async move {
                tokio::select! {
                    () = keep_connected(&broker, &sender) => {}
                    () = sender.closed() => {}
                    () = shutdown.stopping() => {}
                }
                say_goodbye(&sender).await;
                Ok::<(), std::convert::Infallible>(())
            }
        });
        Ok(Self { state })
    }

    /// Waits for the first connection, for as long as is allowed, but for one attempt at least.
    pub(crate) async fn wait_at_start(
        &self,
        deadline: Option<Duration>,
        shutdown: &Shutdown,
    ) -> Result<(), BusError> {
        let mut state = self.state.clone();
        let up = async {
            let start = Instant::now();
            // An error means that the task ended, which only shutdown does.
            let _tried = state
                .wait_for(|state| !matches!(state, State::Starting))
                .await
                .map(drop);
            let up = state.wait_for(|state| matches!(state, State::Up(_)));
            match deadline {
                None => up.await.map(drop).map_err(|_| BusError::ShuttingDown),
                Some(deadline) => match tokio::time::timeout_at(start + deadline, up).await {
                    Ok(up) => up.map(drop).map_err(|_| BusError::ShuttingDown),
                    Err(_) => Err(BusError::Unreachable(self.reason())),
                },
            }
        };
        tokio::select! {
            biased;
            up = up => up,
            () = shutdown.draining() => Err(BusError::ShuttingDown),
        }
    }

    /// The connection, once there is one. For ever pending after the end of the link's task.
    pub(crate) async fn up(&self) -> Arc<Connection> {
        let mut state = self.state.clone();
        let Ok(up) = state.wait_for(|state| matches!(state, State::Up(_))).await else {
            return std::future::pending().await;
        };
        let State::Up(connection) = &*up else {
            unreachable!("waited for it")
        };
        Arc::clone(connection)
    }

    pub(crate) fn is_up(&self) -> bool {
        match &*self.state.borrow() {
            State::Up(connection) => connection.status().connected(),
            State::Starting | State::Down(_) => false,
        }
    }

    fn reason(&self) -> String {
        match &*self.state.borrow() {
            State::Down(reason) => reason.clone(),
            State::Starting | State::Up(_) => "no answer yet".to_owned(),
        }
    }
}

/// Where the broker is. `Display` shows host and port only.
#[derive(Debug)]
struct Broker {
    uri: AMQPUri,
    address: String,
}

impl Broker {
    fn parse(url: &str) -> Result<Self, BusError> {
        if !url.starts_with("amqp://") && !url.starts_with("amqps://") {
            return Err(BusError::InvalidUrl(
                "it must begin with `amqp://` or `amqps://`",
            ));
        }
        // The parser's own message may repeat the URL with its password.
        let mut uri: AMQPUri = url
            .parse()
            .map_err(|_| BusError::InvalidUrl("host, port or an option is malformed"))?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let address = format!("{}:{}", uri.authority.host, uri.authority.port);
        Ok(Self { uri, address })
    }

    async fn connect(&self) -> Result<Connection, String> {
        let properties = ConnectionProperties::default().with_connection_name("petrel".into());
        match tokio::time::timeout(
            ATTEMPT,
            Connection::connect_uri(self.uri.clone(), properties),
        )
        .await
        {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} s", ATTEMPT.as_secs())),
        }
    }
}

fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .without_max_times()
        .build()
}

async fn keep_connected(broker: &Broker, state: &watch::Sender<State>) {
    let address = &broker.address;
    let mut pauses = pauses();
    loop {
        match broker.connect().await {
            Ok(connection) => {
                tracing::info!("connected to the message broker at {address}");
                pauses = self::pauses();
                let connection = Arc::new(connection);
                state.send_replace(State::Up(Arc::clone(&connection)));
                let reason = end_of(&connection).await;
                tracing::warn!(
                    "the connection to the message broker at {address} ended ({reason}); connecting again"
                );
                state.send_replace(State::Down(format!("{address}: {reason}")));
            }
            Err(reason) => {
                let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
                tracing::warn!(
                    "the message broker at {address} cannot be reached ({reason}); trying again in {:.1}s",
                    pause.as_secs_f32()
                );
                state.send_replace(State::Down(format!("{address}: {reason}")));
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// Waits for the end of a connection, logging what the broker says meanwhile.
async fn end_of(connection: &Connection) -> String {
    let mut events = std::pin::pin!(connection.events_listener());
    let mut reason = "closed".to_owned();
    while connection.status().connected() {
        match tokio::time::timeout(LOOK, events.next()).await {
            Ok(Some(Event::Error(error))) => reason = error.to_string(),
            Ok(Some(Event::ConnectionBlocked(why))) => {
                tracing::warn!("the message broker takes no messages at the moment ({why})");
            }
            Ok(Some(Event::ConnectionUnblocked)) => {
                tracing::info!("the message broker takes messages again");
            }
            Ok(Some(_)) | Err(_) => {}
            Ok(None) => tokio::time::sleep(LOOK).await,
        }
    }
    reason
}

async fn say_goodbye(state: &watch::Sender<State>) {
    let last = state.send_replace(State::Down("closed".to_owned()));
    if let State::Up(connection) = last {
        let closing = connection.close(200, "bye".into());
        if !matches!(tokio::time::timeout(GOODBYE, closing).await, Ok(Ok(()))) {
            tracing::debug!("the message broker did not answer the goodbye");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_shows_no_password() {
        let broker = Broker::parse("amqp://petrel:hunter2@mq.example.com:5673/%2f").unwrap();

        assert_eq!(broker.address, "mq.example.com:5673");
        assert_eq!(broker.uri.query.heartbeat, Some(HEARTBEAT));
    }

    #[test]
    fn a_malformed_url_is_refused_without_showing_its_password() {
        for url in [
            "amqp:petrel:hunter2@mq",
            "http://petrel:hunter2@mq/",
            "amqp://petrel:hunter2@mq:port/",
        ] {
            let error = Broker::parse(url).unwrap_err().to_string();

            assert!(!error.contains("hunter2"), "{error}");
            assert!(
                error.starts_with("the message broker's URL is not of the form `amqp://"),
                "{error}"
            );
        }
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_never_end() {
        let pauses: Vec<Duration> = pauses().take(50).collect();

        assert_eq!(pauses.len(), 50);
        assert!(pauses[0] < Duration::from_millis(400), "{:?}", pauses[0]);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST_PAUSE * 2));
    }
}
