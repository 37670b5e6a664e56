//! What is secret is nowhere in the clear, however a workflow hands it on.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use stories::engine::{Backend, EngineOptions};
use stories::servers::{Postgres, RabbitMq};

use super::World;

crate::on_both_backends![
    a_secret_parameter_is_nowhere_in_the_clear,
    a_secret_of_an_output_is_handed_on_and_shown_to_nobody,
];

const SECRET: &str = "swordfish-7531";
/// What the action `flows.token` computes.
const TOKEN: &str = "token-5332114";

/// A world, and the servers that it alone uses: the URL of its database, and its broker.
fn world(backend: Backend) -> Result<(World, Option<(String, RabbitMq)>)> {
    let mut options = EngineOptions::new(backend);
    if backend == Backend::Embedded {
        return Ok((World::with(options)?, None));
    }
    let (database, broker) = (Postgres::shared().fresh_database()?, RabbitMq::start()?);
    options.servers = Some((database.clone(), broker.url()));
    Ok((World::with(options)?, Some((database, broker))))
}

/// All that is stored, as bytes.
fn stored(world: &World, servers: Option<&(String, RabbitMq)>) -> Result<Vec<u8>> {
    if let Some((database, _)) = servers {
        let dump = Command::new("pg_dump").arg(database).output()?;
        ensure!(
            dump.status.success(),
            "{}",
            String::from_utf8_lossy(&dump.stderr)
        );
        return Ok(dump.stdout);
    }
    let mut all = Vec::new();
    read_all(&world.engine.folder().join("data"), &mut all)?;
    Ok(all)
}

fn read_all(folder: &Path, all: &mut Vec<u8>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_all(&path, all)?;
        } else {
            all.extend(fs::read(&path).with_context(|| path.display().to_string())?);
        }
    }
    Ok(())
}

fn holds(all: &[u8], text: &str) -> bool {
    all.windows(text.len())
        .any(|window| window == text.as_bytes())
}

fn a_secret_parameter_is_nowhere_in_the_clear(backend: Backend) -> Result<()> {
    let (world, servers) = world(backend)?;
    let password = format!("password={SECRET}");
    let arguments = ["flows.secretive", &password, "length=14"];

    let (ended, tasks) = world.run(&arguments)?;
    let (failed, _) = world.run(&["flows.secretive", &password, "length=3"])?;

    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(tasks.len(), 3);
    assert_eq!(failed["status"], "failed", "{failed}");
    let id = ended["id"].as_str().context("an id")?;
    for id in [id, failed["id"].as_str().context("an id")?] {
        let printed = world.st2(&["execution", "get", id, "-d"])?;
        ensure!(!printed.contains(SECRET), "{printed}");
    }
    let children = world.children(id)?;
    assert_eq!(children[0]["parameters"]["password"], "********");
    assert_eq!(children[0]["result"]["stdout"], "********");
    let all = world
        .engine
        .http
        .get("/v1/executions?limit=100&include_attributes=parameters,result,context")?;
    ensure!(!all.body.to_string().contains(SECRET), "{}", all.body);
    ensure!(!world.engine.logs().contains(SECRET), "the log");
    let stored = stored(&world, servers.as_ref())?;
    ensure!(
        holds(&stored, "wait_for_nothing"),
        "this is not the database"
    );
    ensure!(!holds(&stored, SECRET), "the database");
    Ok(())
}

fn a_secret_of_an_output_is_handed_on_and_shown_to_nobody(backend: Backend) -> Result<()> {
    let (world, servers) = world(backend)?;

    let (ended, _) = world.run(&["flows.trusting"])?;

    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(ended["result"]["output"], json!({"number": 5432}));
    let children = world.children(ended["id"].as_str().context("an id")?)?;
    let output = &children[0]["result"]["output"];
    assert_eq!(output["token"], "********", "{output}");
    assert_eq!(children[1]["result"]["stdout"], "********");
    let stored = stored(&world, servers.as_ref())?;
    ensure!(holds(&stored, "output"), "this is not the database");
    ensure!(!holds(&stored, TOKEN), "the database");
    ensure!(!world.engine.logs().contains(TOKEN), "the log");
    Ok(())
}
