//! Guards the direction of dependencies: a new arrow is a decision, made by changing this table.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use stories::engine::repository;

/// What each crate may use: ours, and of the others those that give a crate its place (`sqlx`, `lapin`, `axum`,
/// `tokio`, `reqwest`).
const MAY_USE: &[(&str, &[&str])] = &[
    // Cores: no async, no clock, no I/O.
    ("model", &[]),
    ("yaml", &[]),
    ("schema", &[]),
    ("diagnostic", &[]),
    ("embedded", &[]),
    ("archive", &[]),
    ("pyvalue", &[]),
    ("yaql", &["diagnostic", "pyvalue"]),
    ("jinja", &["diagnostic", "pyvalue"]),
    ("alias", &["diagnostic", "pyvalue"]),
    (
        "expr",
        &["model", "yaml", "diagnostic", "pyvalue", "yaql", "jinja"],
    ),
    ("conductor", &["yaml", "diagnostic", "pyvalue", "expr"]),
    (
        "rehearsal",
        &[
            "yaml",
            "diagnostic",
            "pyvalue",
            "expr",
            "conductor",
            "chain",
        ],
    ),
    ("chain", &["yaml", "diagnostic", "expr"]),
    // Ground.
    ("lifecycle", &["tokio"]),
    ("secrets", &[]),
    ("store", &["model", "sqlx", "tokio"]),
    ("bus", &["model", "lifecycle", "lapin", "tokio"]),
    (
        "packs",
        &[
            "alias",
            "archive",
            "model",
            "yaml",
            "schema",
            "diagnostic",
            "expr",
            "chain",
            "conductor",
            "store",
            "secrets",
            "tokio",
            "reqwest",
        ],
    ),
    ("auth", &["model", "store"]),
    ("python-worker", &["embedded", "tokio"]),
    (
        "intake",
        &["model", "schema", "store", "bus", "lifecycle", "tokio"],
    ),
    (
        "executions",
        &[
            "archive",
            "model",
            "schema",
            "conductor",
            "diagnostic",
            "pyvalue",
            "expr",
            "secrets",
            "store",
            "bus",
            "lifecycle",
            "intake",
            "tokio",
        ],
    ),
    // Services: never one another.
    (
        "rules-engine",
        &[
            "model",
            "yaml",
            "schema",
            "diagnostic",
            "pyvalue",
            "expr",
            "secrets",
            "store",
            "bus",
            "lifecycle",
            "executions",
            "tokio",
        ],
    ),
    (
        "sensor",
        &[
            "model",
            "store",
            "bus",
            "lifecycle",
            "intake",
            "executions",
            "secrets",
            "python-worker",
            "tokio",
        ],
    ),
    (
        "action-runner",
        &[
            "archive",
            "model",
            "expr",
            "store",
            "bus",
            "lifecycle",
            "executions",
            "secrets",
            "intake",
            "python-worker",
            "tokio",
            "reqwest",
        ],
    ),
    (
        "scheduler",
        &[
            "model",
            "store",
            "bus",
            "lifecycle",
            "intake",
            "executions",
            "tokio",
        ],
    ),
    (
        "workflow",
        &[
            "model",
            "yaml",
            "pyvalue",
            "expr",
            "conductor",
            "chain",
            "secrets",
            "store",
            "bus",
            "lifecycle",
            "executions",
            "tokio",
        ],
    ),
    (
        "api",
        &[
            "archive",
            "model",
            "yaml",
            "schema",
            "expr",
            "alias",
            "store",
            "bus",
            "lifecycle",
            "auth",
            "packs",
            "executions",
            "intake",
            "secrets",
            "axum",
            "tokio",
        ],
    ),
];

/// Others that give a crate its place.
const TELLING: [&str; 5] = ["sqlx", "lapin", "axum", "tokio", "reqwest"];

#[test]
fn every_crate_uses_only_what_its_layer_may() -> Result<()> {
    let crates = dependencies()?;
    for (name, uses) in &crates {
        // The edge may use all; tests are not part of the product.
        if ["petrel", "stories", "bench", "conformance"].contains(&name.as_str()) {
            continue;
        }
        let (_, may) = MAY_USE
            .iter()
            .find(|(known, _)| known == name)
            .with_context(|| {
                format!("crate `{name}` has no line in this table: decide on its layer")
            })?;
        let may: BTreeSet<&str> = may.iter().copied().collect();
        let beyond: Vec<_> = uses
            .iter()
            .map(String::as_str)
            .filter(|used| crates.contains_key(*used) || TELLING.contains(used))
            .filter(|used| !may.contains(used))
            .collect();
        ensure!(
            beyond.is_empty(),
            "crate `{name}` uses {beyond:?}, which its layer may not"
        );
    }
    Ok(())
}

#[test]
fn the_table_holds_no_crate_that_is_gone() -> Result<()> {
    let crates = dependencies()?;
    let gone: Vec<_> = MAY_USE
        .iter()
        .filter(|(name, _)| !crates.contains_key(*name))
        .collect();
    ensure!(gone.is_empty(), "{gone:?}");
    Ok(())
}

/// Each workspace member's ordinary dependencies.
fn dependencies() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(repository())
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    Ok(packages
        .iter()
        .map(|package| (text(&package["name"]), normal_dependencies(package)))
        .collect())
}

fn normal_dependencies(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    all.iter()
        .filter(|one| one["kind"].is_null())
        .map(|one| text(&one["name"]))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
