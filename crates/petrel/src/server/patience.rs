//! Waiting for a database that is away while a process starts.

use std::time::Duration;

use store::StoreError;

/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(5);

/// Does `work`, again and again while the database cannot be reached; any other error ends it.
pub(crate) async fn patiently<T, F>(what: &str, work: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let mut pause = Duration::from_millis(200);
    loop {
        match work().await {
            Err(error) if is_away(&error) => {
                tracing::warn!(
                    "{what} waits: {error:#}; trying again in {:.1}s",
                    pause.as_secs_f64()
                );
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST);
            }
            outcome => return outcome,
        }
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| matches!(cause.downcast_ref(), Some(StoreError::Unavailable(_))))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use store::{Store, StoreOptions};

    use super::*;

    async fn away() -> anyhow::Error {
        // Nothing listens on port 1.
        let url = "postgres://petrel@127.0.0.1:1/petrel".to_owned();
        let options = StoreOptions::Postgres {
            url,
            max_connections: 1,
            connect_deadline: Some(Duration::ZERO),
        };
        Store::connect(&options).await.unwrap_err().into()
    }

    #[tokio::test]
    async fn tries_again_only_while_the_database_is_away() {
        let tries = AtomicU32::new(0);

        let outcome: anyhow::Result<()> = patiently("a test", || async {
            match tries.fetch_add(1, Ordering::SeqCst) {
                0 | 1 => Err(away().await.context("registering packs")),
                _ => anyhow::bail!("something else"),
            }
        })
        .await;

        assert_eq!(outcome.unwrap_err().to_string(), "something else");
        assert_eq!(tries.load(Ordering::SeqCst), 3);
    }
}
