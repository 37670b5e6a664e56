//! An author writes a workflow, tests it and draws it, with no server around.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;
use stories::engine::{binary, repository};

const WORKFLOW: &str = "version: 1.0
input: [hosts]
tasks:
  build:
    action: core.local cmd=make
    next:
      - when: <% succeeded() %>
        publish: artifact=<% result().stdout %>
        do: deploy
  deploy:
    with: host in <% ctx(hosts) %>
    action: demo.deploy
    input: {host: <% item(host) %>, artifact: <% ctx(artifact) %>}
    retry: {count: 1, delay: 30}
    next:
      - when: <% failed() %>
        do: [rollback, fail]
  rollback:
    action: demo.rollback
output:
  - artifact: <% ctx(artifact) %>
";

const TESTS: &str = "input: {hosts: [web1, web2]}
tasks:
  build: {result: {stdout: web.tgz}}
cases:
  - name: deploys
    expect:
      order: [build, deploy]
      tasks:
        deploy:
          items: {web2: {input: {host: web2, artifact: web.tgz}}}
      output: {artifact: web.tgz}
  - name: rolls back
    tasks:
      deploy: {items: {web2: {status: failed}}}
    expect:
      status: failed
      ran: [build, deploy, rollback]
      tasks: {deploy: {runs: 2, delay: 30}}
      takes: 30
";

/// What a command printed, and its exit code. Runs in the author's folder.
fn petrel(folder: &Path, arguments: &[&str]) -> Result<(String, String, Option<i32>)> {
    let output = Command::new(binary())
        .arg("workflow")
        .args(arguments)
        .current_dir(folder)
        .output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    Ok((
        text(&output.stdout),
        text(&output.stderr),
        output.status.code(),
    ))
}

fn folder(workflow: &str, tests: &str) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("deploy.yaml"), workflow)?;
    fs::write(folder.path().join("deploy.test.yaml"), tests)?;
    Ok(folder)
}

#[test]
fn a_workflow_is_tested_without_a_server() -> Result<()> {
    let good = folder(WORKFLOW, TESTS)?;
    // The author changes the workflow, and in another copy mistypes a task.
    let changed = folder(&WORKFLOW.replace("count: 1", "count: 2"), TESTS)?;
    let mistyped = folder(WORKFLOW, &TESTS.replace("  build: {", "  bild: {"))?;

    assert_eq!(
        petrel(good.path(), &["test", "."])?,
        (
            "./deploy.test.yaml\n  ok    deploys\n  ok    rolls back\n2 cases passed, 0 failed"
                .to_owned(),
            String::new(),
            Some(0)
        )
    );
    let (out, _, code) = petrel(changed.path(), &["test", "deploy.yaml"])?;
    assert_eq!(code, Some(1));
    assert_eq!(
        out,
        "deploy.test.yaml
  ok    deploys
  FAIL  rolls back
        deploy.test.yaml:18:30: task deploy, runs
          expected  2
          actual    3
        deploy.test.yaml:19:14: takes (seconds)
          expected  30
          actual    60
        ran: build, deploy (failed), deploy (failed), deploy (failed), rollback
1 case passed, 1 failed"
    );
    let (out, _, code) = petrel(mistyped.path(), &["test", "deploy.test.yaml"])?;
    assert_eq!(code, Some(1));
    assert!(
        out.contains(
            "deploy.test.yaml:3:3: the workflow has no task `bild`; did you mean `build`?"
        ),
        "{out}"
    );
    let (_, error, code) = petrel(good.path(), &["test", "deploy.yaml", "--case", "no such"])?;
    assert_eq!(
        (error.as_str(), code),
        ("petrel: no case has `no such` in its name", Some(2))
    );
    Ok(())
}

#[test]
fn programs_get_what_came_of_the_tests_as_json() -> Result<()> {
    let folder = folder(WORKFLOW, TESTS)?;

    let (out, _, code) = petrel(
        folder.path(),
        &["test", "deploy.yaml", "--case", "rolls", "--json"],
    )?;

    assert_eq!(code, Some(0));
    let report: Value = serde_json::from_str(&out)?;
    let case = &report["files"][0]["cases"][0];
    assert_eq!(
        (&case["name"], &case["passed"]),
        (&"rolls back".into(), &true.into())
    );
    assert_eq!(case["story"]["runs"][2]["items"][1]["status"], "failed");
    Ok(())
}

#[test]
fn mistakes_are_found_before_anything_runs() -> Result<()> {
    let folder = folder(&WORKFLOW.replace("do: deploy", "do: deplyo"), TESTS)?;

    let (out, _, code) = petrel(folder.path(), &["inspect", "deploy.yaml"])?;

    assert_eq!(code, Some(1));
    assert!(
        out.contains("deploy.yaml:9:13: The task \"deplyo\" is not defined.\n  |         do: deplyo\n  |             ^"),
        "{out}"
    );
    let (out, _, code) = petrel(folder.path(), &["test", "."])?;
    assert_eq!(code, Some(1));
    assert!(
        out.contains("0 cases passed, 0 failed, 1 file could not be run"),
        "{out}"
    );
    Ok(())
}

#[test]
fn a_workflow_is_drawn() -> Result<()> {
    let folder = folder(WORKFLOW, TESTS)?;

    let (text, _, _) = petrel(folder.path(), &["graph", "deploy.yaml"])?;
    let (svg, _, _) = petrel(folder.path(), &["graph", "deploy.yaml", "--format", "svg"])?;
    let (dot, _, _) = petrel(folder.path(), &["graph", "deploy.yaml", "--format", "dot"])?;

    assert_eq!(
        text,
        "deploy.yaml

● build  core.local
└─ succeeded ─▶ deploy  sets artifact

● deploy  demo.deploy
│  for each host in ctx(hosts)
│  retries: 1, 30 s apart
└─ failed ─▶ rollback, fail

● rollback  demo.rollback"
    );
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
    assert!(
        dot.starts_with("digraph ") && dot.contains("n0 -> n1"),
        "{dot}"
    );
    Ok(())
}

/// The examples' own tests keep them working.
#[test]
fn the_tests_of_the_examples_pass() -> Result<()> {
    let examples = repository().join("packs/examples");
    let path = examples.to_str().context("a path that is no text")?;

    let (out, error, code) = petrel(&examples, &["test", path])?;

    assert_eq!(code, Some(0), "{out}{error}");
    Ok(())
}

/// The example of the documentation is one that works.
#[test]
fn the_documented_tests_are_understood() -> Result<()> {
    let page = fs::read_to_string(repository().join("docs/workflow-tests.md"))?;
    let (_, rest) = page.split_once("```yaml\n").context("no example")?;
    let (tests, _) = rest.split_once("```").context("the example has no end")?;
    let folder = folder(DOCUMENTED, tests)?;

    let (out, error, code) = petrel(folder.path(), &["test", "."])?;

    assert_eq!(code, Some(0), "{out}{error}");
    Ok(())
}

/// The workflow that the example of the documentation is about.
const DOCUMENTED: &str = "version: 1.0
input: [version, hosts]
vars:
  - changed: []
tasks:
  build:
    action: core.local
    input: {version: <% ctx(version) %>}
    next:
      - when: <% succeeded() %>
        publish: artifact=<% result().artifact %>
        do: approve
  approve:
    action: core.ask
    next:
      - when: <% result().response.go %>
        do: deploy
  deploy:
    with: host in <% ctx(hosts) %>
    action: demo.deploy
    input: {host: <% item(host) %>, artifact: <% ctx(artifact) %>}
    retry: {count: 1, delay: 30}
    next:
      - when: <% succeeded() %>
        publish:
          - changed: <% zip(ctx(hosts), result()).where($[1].changed).select($[0]) %>
        do: announce
      - when: <% failed() %>
        do: [rollback, fail]
  announce:
    action: core.echo
  rollback:
    action: core.local
output:
  - changed: <% ctx(changed) %>
";
