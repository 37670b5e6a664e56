//! The two schemas say the same.

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use store::StoreOptions;

use crate::harness::{postgres, sqlite};

type Tables = BTreeMap<String, Vec<String>>;

fn tables(columns: Vec<(String, String)>) -> Tables {
    let mut tables = Tables::new();
    for (table, column) in columns {
        tables.entry(table).or_default().push(column);
    }
    tables
}

async fn of_postgres(url: &str) -> Tables {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let columns = sqlx::query_as(
        "select c.relname::text, a.attname::text from pg_class c join pg_attribute a on a.attrelid = c.oid \
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition \
         and a.attnum > 0 and c.relname not like '\\_sqlx%' order by c.relname, a.attnum",
    );
    tables(columns.fetch_all(&mut connection).await.unwrap())
}

async fn of_sqlite(path: &std::path::Path) -> Tables {
    let mut connection = SqliteConnection::connect(&path.display().to_string())
        .await
        .unwrap();
    let columns = sqlx::query_as(
        "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c \
         where m.type = 'table' and m.name not like 'sqlite%' and m.name not like '\\_sqlx%' escape '\\' \
         order by m.name, c.cid",
    );
    tables(columns.fetch_all(&mut connection).await.unwrap())
}

#[tokio::test]
async fn has_the_same_tables_and_columns_on_both_databases() {
    let (postgres, sqlite) = (postgres().await, sqlite().await);
    let StoreOptions::Postgres { url, .. } = &postgres.options else {
        panic!("a URL")
    };
    let StoreOptions::Sqlite { path } = &sqlite.options else {
        panic!("a path")
    };

    let (on_postgres, on_sqlite) = (of_postgres(url).await, of_sqlite(path).await);

    assert!(on_postgres.len() > 10);
    assert_eq!(on_postgres, on_sqlite);
}

#[test]
fn numbers_and_names_migrations_alike() {
    let names = |dialect: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../migrations")
            .join(dialect);
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };

    assert_eq!(names("postgres"), names("sqlite"));
}
