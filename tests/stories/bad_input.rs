//! Bad input gets a clear error, and harms nobody else.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, binary};

crate::on_both_backends![
    bodies_that_are_not_json_are_refused,
    bodies_that_are_too_large_are_refused,
    a_program_that_does_not_exist_is_named,
    output_that_is_no_utf8_is_kept_readable,
    a_script_that_ignores_sigterm_is_killed,
];

fn fault(answer: &stories::engine::Answer) -> String {
    answer.body["faultstring"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn bodies_that_are_not_json_are_refused(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;

    let answer = engine.http.post_raw(
        "/v1/webhooks/demo",
        "application/json",
        b"{\"kind\": ".to_vec(),
    )?;

    assert_eq!(answer.status, 400);
    assert!(
        fault(&answer).contains("EOF while parsing a value at line 1 column 9"),
        "{}",
        answer.body
    );
    Ok(())
}

fn bodies_that_are_too_large_are_refused(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;

    let answer = engine.http.post_raw(
        "/v1/webhooks/demo",
        "application/json",
        vec![b' '; 50 << 20],
    )?;

    assert_eq!(answer.status, 413);
    assert!(fault(&answer).contains("larger"), "{}", answer.body);
    Ok(())
}

fn run(engine: &Engine, action: &str, parameters: &Value) -> Result<Value> {
    let request = json!({"action": action, "parameters": parameters});
    let execution = engine.http.post("/v1/executions", &request)?.expect(201)?;
    engine.wait_for_end(execution["id"].as_str().context("no id")?)
}

fn a_program_that_does_not_exist_is_named(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;

    let ended = run(
        &engine,
        "core.local",
        &json!({"cmd": "no-such-program --please"}),
    )?;

    assert_eq!(
        (&ended["status"], &ended["result"]["return_code"]),
        (&json!("failed"), &json!(127))
    );
    assert!(
        ended["result"]["stderr"]
            .to_string()
            .contains("no-such-program"),
        "{ended}"
    );
    Ok(())
}

fn output_that_is_no_utf8_is_kept_readable(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;

    let ended = run(&engine, "core.local", &json!({"cmd": "printf 'a\\377b'"}))?;

    assert_eq!(
        (&ended["status"], &ended["result"]["stdout"]),
        (&json!("succeeded"), &json!("a\u{fffd}b"))
    );
    Ok(())
}

fn a_script_that_ignores_sigterm_is_killed(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;

    let command = "trap '' TERM; while true; do sleep 1; done";
    let ended = run(
        &engine,
        "core.local",
        &json!({"cmd": command, "timeout": 1}),
    )?;

    assert_eq!(ended["status"], "timeout", "{ended}");
    assert!(
        ended["result"]["error"].to_string().contains("1 second"),
        "{ended}"
    );
    Ok(())
}

/// A pack with one sound action and one file that is not right.
fn pack_with(folder: &Path, name: &str, file: &str, text: &str) -> Result<()> {
    let pack = folder.join(name);
    fs::create_dir_all(pack.join("actions"))?;
    fs::create_dir_all(pack.join("rules"))?;
    let about =
        format!("name: {name}\ndescription: d\nversion: 1.0.0\nauthor: a\nemail: a@example.org\n");
    fs::write(pack.join("pack.yaml"), about)?;
    fs::write(
        pack.join("actions/sound.yaml"),
        "name: sound\nrunner_type: noop\nenabled: true\n",
    )?;
    fs::write(pack.join(file), text)?;
    Ok(())
}

#[test]
fn a_broken_file_is_named_at_start_and_its_neighbours_serve() -> Result<()> {
    let folder = tempfile::tempdir()?;
    pack_with(
        folder.path(),
        "typo",
        "actions/broken.yaml",
        "name: broken\nrunner_typ: noop\n",
    )?;
    let engine = Engine::start(&EngineOptions::new(Backend::Embedded).with_packs(folder.path()))?;

    let sound = engine.http.get("/v1/actions/typo.sound")?;

    assert_eq!(sound.status, 200);
    let logs = engine.logs();
    assert!(logs.contains("actions/broken.yaml:2:1"), "{logs}");
    assert!(
        logs.contains("runner_typ: noop"),
        "the line is shown: {logs}"
    );
    Ok(())
}

/// Lints one file's text and gives the result of that file.
fn lint(file: &str, text: &str) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    pack_with(folder.path(), "pack", file, text)?;
    let output = Command::new(binary())
        .args(["pack", "lint", "--json"])
        .arg(folder.path().join("pack"))
        .output()?;
    assert!(
        !output.status.success(),
        "a pack with a broken file is a failure"
    );
    let results = String::from_utf8(output.stdout)?;
    let found = results
        .lines()
        .map(serde_json::from_str::<Value>)
        .find(|result| result.as_ref().is_ok_and(|result| result["file"] == file));
    Ok(found.with_context(|| format!("{file} is missing in {results}"))??)
}

#[test]
fn lint_says_where_yaml_is_malformed() -> Result<()> {
    let result = lint(
        "actions/broken.yaml",
        "name: broken\nrunner_type: \"noop\nenabled: true\n",
    )?;

    assert_eq!(
        (&result["ok"], &result["line"]),
        (&json!(false), &json!(2)),
        "{result}"
    );
    Ok(())
}

#[test]
fn lint_names_unknown_keys_wrong_types_and_missing_references() -> Result<()> {
    let unknown = lint("actions/broken.yaml", "name: broken\nrunner_typ: noop\n")?;
    assert_eq!(
        (&unknown["line"], &unknown["column"]),
        (&json!(2), &json!(1)),
        "{unknown}"
    );
    assert!(
        unknown["error"].to_string().contains("runner_type"),
        "{unknown}"
    );

    let wrong = lint(
        "actions/broken.yaml",
        "name: broken\nrunner_type: noop\nenabled: perhaps\n",
    )?;
    assert_eq!(wrong["line"], 3, "{wrong}");
    assert!(wrong["error"].to_string().contains("enabled"), "{wrong}");

    let missing = lint(
        "actions/broken.yaml",
        "name: broken\nrunner_type: no-such-runner\n",
    )?;
    assert!(
        missing["error"].to_string().contains("no-such-runner"),
        "{missing}"
    );
    Ok(())
}

#[test]
fn two_packs_that_claim_one_ref_are_both_named() -> Result<()> {
    let (one, two) = (tempfile::tempdir()?, tempfile::tempdir()?);
    pack_with(
        one.path(),
        "same",
        "actions/a.yaml",
        "name: a\nrunner_type: noop\n",
    )?;
    pack_with(
        two.path(),
        "same",
        "actions/b.yaml",
        "name: b\nrunner_type: noop\n",
    )?;
    let options = EngineOptions::new(Backend::Embedded)
        .with_packs(one.path())
        .with_packs(two.path());

    let engine = Engine::start(&options)?;

    let logs = engine.logs();
    for packs in &engine.packs[1..] {
        let named = packs.join("same").display().to_string();
        assert!(logs.contains(&named), "{named}: {logs}");
    }
    assert_eq!(
        engine.http.get("/v1/actions/same.a")?.status,
        200,
        "the first one stands"
    );
    assert_eq!(
        engine.http.get("/v1/actions/same.b")?.status,
        404,
        "the second one does not"
    );
    Ok(())
}
