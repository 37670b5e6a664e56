//! Waiting for a database.

use std::sync::atomic::{AtomicU32, Ordering};

use store::{Store, StoreOptions};

use super::*;

/// What a store says whose database is away.
async fn away() -> StoreError {
    let nobody = StoreOptions::Postgres {
        url: "postgres://postgres@127.0.0.1:1/postgres".to_owned(),
        max_connections: 1,
        connect_deadline: Some(Duration::ZERO),
    };
    Store::connect(&nobody).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_step_waits_for_the_database_however_long_it_is_away() {
    let (shutdown, attempts) = (Shutdown::new(), AtomicU32::new(0));
    let began = tokio::time::Instant::now();

    let stored = patiently(&shutdown, "steps", async || {
        match attempts.fetch_add(1, Ordering::SeqCst) {
            100 => Ok("stored"),
            _ => Err(away().await),
        }
    });

    assert_eq!(stored.await.unwrap(), "stored");
    assert!(began.elapsed() > Duration::from_mins(2));
}

#[tokio::test]
async fn a_step_is_given_up_when_the_process_must_stop() {
    let shutdown = Shutdown::new();
    shutdown.stop();

    let stored = patiently(&shutdown, "steps", async || Err::<(), _>(away().await));

    assert!(is_away(&stored.await.unwrap_err()));
}
