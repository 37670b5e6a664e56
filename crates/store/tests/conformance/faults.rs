//! Databases that are away, come back, cannot write or are of another version.

use std::time::Duration;

use store::{Store, StoreError, StoreOptions};

use crate::builders::*;
use crate::harness::{postgres, sqlite};
use crate::server::Server;

fn options(url: String, deadline: Option<Duration>) -> StoreOptions {
    StoreOptions::Postgres {
        url,
        max_connections: 4,
        connect_deadline: deadline,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gives_up_at_the_deadline_when_no_server_answers() {
    let nobody = options(
        "postgres://postgres@127.0.0.1:1/postgres".into(),
        Some(Duration::from_millis(300)),
    );

    let error = Store::connect(&nobody).await.unwrap_err();

    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert_eq!(error.to_string(), "the database cannot be reached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waits_for_a_server_that_starts_late_and_goes_on_after_a_restart() {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    server.halt();
    let connecting = options(server.url(), None);
    let mut connected = Box::pin(Store::connect(&connecting));
    assert!(futures::poll!(connected.as_mut()).is_pending());
    server.boot();
    let store = connected.await.unwrap();
    store.migrate(noon()).await.unwrap();
    let first = instance();
    store
        .add_trigger_instances(std::slice::from_ref(&first))
        .await
        .unwrap();

    server.halt();
    let error = store
        .add_trigger_instances(&[instance()])
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let error = store.trigger_instance(first.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");

    server.boot();
    assert_eq!(store.trigger_instance(first.id).await.unwrap(), Some(first));
    store.add_trigger_instances(&[instance()]).await.unwrap();
    store.ping().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn keeps_everything_when_it_is_closed_and_opened_again() {
    let fixture = sqlite().await;
    let one = instance();
    fixture
        .store
        .add_trigger_instances(std::slice::from_ref(&one))
        .await
        .unwrap();

    fixture.store.close().await;
    let again = fixture.second().await;

    assert_eq!(again.trigger_instance(one.id).await.unwrap(), Some(one));
    assert_eq!(again.backend(), "sqlite");
    assert_eq!(postgres().await.store.backend(), "postgres");
}

#[tokio::test]
async fn says_that_a_file_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = StoreOptions::Sqlite {
        path: folder.path().join("absent").join("petrel.db"),
    };

    let error = Store::connect(&nowhere).await.unwrap_err();

    assert!(matches!(error, StoreError::CannotWrite(..)), "{error:?}");
}

#[tokio::test]
async fn names_the_row_that_it_cannot_read() {
    use sqlx::{Connection as _, Executor as _};

    let fixture = sqlite().await;
    let one = instance();
    fixture
        .store
        .add_trigger_instances(std::slice::from_ref(&one))
        .await
        .unwrap();
    let StoreOptions::Sqlite { path } = &fixture.options else {
        panic!("a path")
    };
    let mut connection = sqlx::SqliteConnection::connect(&path.display().to_string())
        .await
        .unwrap();
    connection
        .execute("update trigger_instances set status = 'lost'")
        .await
        .unwrap();

    let error = fixture.store.trigger_instance(one.id).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        format!(
            "table `trigger_instances`, column `status`, row `{}` cannot be read: \
             `lost` is not a status of a trigger instance",
            one.id
        )
    );
}

#[tokio::test]
async fn refuses_a_schema_that_is_newer_than_this_version() {
    use sqlx::{Connection as _, Executor as _};

    let fixture = sqlite().await;
    let StoreOptions::Sqlite { path } = &fixture.options else {
        panic!("a path")
    };
    let mut connection = sqlx::SqliteConnection::connect(&path.display().to_string())
        .await
        .unwrap();
    connection
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             values (9999, 'from the future', true, x'00', 0)",
        )
        .await
        .unwrap();

    let error = fixture.store.migrate(noon()).await.unwrap_err();

    assert!(matches!(error, StoreError::Migration(_)), "{error:?}");
}
