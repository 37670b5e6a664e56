//! A store for each test, on either database.

use std::time::Duration;

use store::{Store, StoreOptions};
use tempfile::TempDir;

use crate::builders::noon;

/// A migrated store of its own.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) options: StoreOptions,
    _folder: Option<TempDir>,
}

impl Fixture {
    /// Another process's handle to the same database.
    pub(crate) async fn second(&self) -> Store {
        Store::connect(&self.options)
            .await
            .expect("the database answers")
    }
}

pub(crate) async fn sqlite() -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    let options = StoreOptions::Sqlite {
        path: folder.path().join("petrel.db"),
    };
    fixture(options, Some(folder)).await
}

pub(crate) async fn postgres() -> Fixture {
    let options = StoreOptions::Postgres {
        url: crate::server::fresh_database().await,
        max_connections: 8,
        connect_deadline: Some(Duration::from_secs(10)),
    };
    fixture(options, None).await
}

async fn fixture(options: StoreOptions, folder: Option<TempDir>) -> Fixture {
    let store = Store::connect(&options)
        .await
        .expect("the database answers");
    store.migrate(noon()).await.expect("the schema is made");
    Fixture {
        store,
        options,
        _folder: folder,
    }
}

/// Makes a test for each database of each case.
macro_rules! cases {
    ($($case:ident)*) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() { super::$case(crate::harness::sqlite().await).await }
            )*
        }
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() { super::$case(crate::harness::postgres().await).await }
            )*
        }
    };
}
