//! Every example of `docs/workflows.md` is run, and does what stands below it. Its table of keys is that of the schema.
//!
//! A block `yaml workflow=NAME` is a workflow; a block `yaml run=NAME` says what a run of it is given (`input`,
//! `answers`, `datastore`), and how it ends (`status`, `order`, `output`, `errors`); a block `yaml findings=NAME` what
//! its inspection finds.

mod page;
mod run;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use self::page::{Block, blocks};
use self::run::{Given, Workflows};

const PAGE: &str = include_str!("../../../../docs/workflows.md");
const SCHEMA: &str = include_str!("../../data/workflow-1.0.json");

/// The blocks with an attribute, by its value.
fn with<'b>(blocks: &'b [Block], key: &'b str) -> impl Iterator<Item = (&'b str, &'b Block)> {
    let value = move |block: &'b Block| Some((block.attribute(key)?, block));
    blocks.iter().filter_map(value)
}

fn workflows(blocks: &[Block]) -> Workflows {
    let workflows = with(blocks, "workflow");
    let workflows = workflows.map(|(name, block)| (name.to_owned(), block.text.clone()));
    Workflows(workflows.collect())
}

fn given(run: &Json) -> Given {
    let answers = run["answers"].as_array().cloned().unwrap_or_default();
    let items = run["datastore"].as_object().into_iter().flatten();
    Given {
        input: run["input"].clone(),
        answers: RefCell::new(answers.into()),
        datastore: items
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
    }
}

#[test]
fn every_example_runs_as_it_says() {
    let blocks = blocks(PAGE);
    let workflows = workflows(&blocks);
    let mut faults: Vec<String> = Vec::new();
    for (name, block) in with(&blocks, "run") {
        let mut expected = yaml::to_json(&block.text).unwrap();

        let outcome = workflows.run(name, &given(&expected));

        let mut shown = json!({"status": outcome.status});
        if expected.get("order").is_some() {
            shown["order"] = json!(outcome.tasks);
        }
        if !outcome.output.is_null() {
            shown["output"] = outcome.output;
        }
        if outcome.errors != json!([]) {
            shown["errors"] = outcome.errors;
        }
        for key in ["input", "answers", "datastore"] {
            expected.as_object_mut().unwrap().remove(key);
        }
        if shown != expected {
            faults.push(format!("`{name}`, line {}: {shown:#}", block.line));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_example_is_run_and_sound() {
    let blocks = blocks(PAGE);
    let runs: BTreeSet<&str> = with(&blocks, "run").map(|(name, _)| name).collect();
    let findings: BTreeMap<&str, &Block> = with(&blocks, "findings").collect();
    let mut faults: Vec<String> = Vec::new();

    for (name, block) in with(&blocks, "workflow") {
        let inspection = conductor::inspect(&block.text, &["st2", "parent"]);
        let found: Json = inspection
            .findings()
            .map(|finding| json!({"path": finding.spec_path, "message": finding.message}))
            .collect();
        let expected = findings
            .get(name)
            .map_or(json!([]), |block| yaml::to_json(&block.text).unwrap());
        if found != expected {
            faults.push(format!("`{name}`, line {}: {found:#}", block.line));
        }
        if !runs.contains(name) && !findings.contains_key(name) {
            faults.push(format!("`{name}`, line {}, is not run", block.line));
        }
    }
    let known = ["workflow", "run", "findings", "action", "chain"];
    for block in &blocks {
        let is_known = known.iter().any(|key| block.attribute(key).is_some());
        if block.info.starts_with("yaml") && !is_known {
            faults.push(format!(
                "nobody knows what `{}` in line {} is",
                block.info, block.line
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_of_keys_is_that_of_the_schema() {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let mut expected = BTreeSet::new();
    for (part, prefix) in [
        ("workflow", ""),
        ("task", "tasks.NAME."),
        ("with", "tasks.NAME.with."),
        ("retry", "tasks.NAME.retry."),
        ("transition", "tasks.NAME.next[]."),
    ] {
        let keys = schema["definitions"][part]["properties"].as_object();
        expected.extend(keys.unwrap().keys().map(|key| format!("{prefix}{key}")));
    }

    let (_, table) = PAGE.split_once("<!-- keys -->").unwrap();
    let (table, _) = table.split_once("<!-- end of keys -->").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let keys: BTreeSet<String> = rows
        .filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect();

    assert_eq!(keys, expected);
}
