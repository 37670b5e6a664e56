//! What is said in chat becomes actions: by StackStorm's own client, and by ours.

use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, binary};
use stories::st2::St2;

crate::on_both_backends![
    the_client_runs_what_is_said,
    a_line_may_ask_for_several_actions,
    our_client_says_what_a_line_means
];

const GREET: &str = "
name: greet
pack: default
description: Greets somebody.
action_ref: core.echo
formats:
  - display: greet <name>
    representation: ['greet {{ message }}', 'say hello to {{ message }}']
ack:
  format: 'on it, {{ execution.context.api_user }}'
result:
  format: 'said {{ execution.result.stdout }}'
";

fn hear(engine: &Engine, alias: &Value) -> Result<()> {
    engine
        .http
        .post("/v1/actionalias", alias)?
        .expect(201)
        .map(drop)
}

fn greet() -> Value {
    json!({
        "name": "greet", "pack": "default", "description": "Greets somebody.", "action_ref": "core.echo",
        "formats": [{
            "display": "greet <name>",
            "representation": ["greet {{ message }}", "say hello to {{ message }}"],
        }],
        "ack": { "format": "on it, {{ execution.context.api_user }}" },
        "result": { "format": "said {{ execution.result.stdout }}" },
    })
}

fn the_client_runs_what_is_said(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let st2 = St2::of(&engine)?;
    hear(&engine, &greet())?;

    let matched = st2.json(&["action-alias", "match", "say hello to Ada"])?;
    assert_eq!(matched[0]["name"], "greet", "{matched}");
    let none = st2.run(&["action-alias", "match", "great Ada"])?;
    assert_eq!(none.code, 1);
    assert!(
        none.stdout.contains(
            "Command 'great Ada' matched no patterns; did you mean `greet {{ message }}`?"
        ),
        "{}",
        none.stdout
    );
    let listed = st2.json(&["action-alias", "list", "-p", "default"])?;
    assert_eq!(listed[0]["ref"], "default.greet");
    let got = st2.json(&["action-alias", "get", "default.greet"])?;
    assert_eq!(got["formats"], greet()["formats"]);

    let executed = st2.run(&["action-alias", "execute", "greet \"Ada L\""])?;
    assert_eq!(executed.code, 0, "{}{}", executed.stdout, executed.stderr);
    assert!(
        executed
            .stdout
            .contains("Matching Action-alias: 'default.greet'"),
        "{}",
        executed.stdout
    );
    let id = executed
        .stdout
        .split_whitespace()
        .last()
        .context("no id is printed")?;
    let ended = engine.wait_for_end(id)?;
    assert_eq!(
        (&ended["status"], &ended["result"]["stdout"]),
        (&json!("succeeded"), &json!("Ada L"))
    );
    assert_eq!(ended["context"]["source_channel"], "cli");
    Ok(())
}

fn a_line_may_ask_for_several_actions(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let ticket = json!({
        "name": "ticket", "pack": "default", "action_ref": "core.echo",
        "formats": [{
            "display": "any line that names tickets",
            "representation": [r"(?:\b|^)(?P<message>[A-Z]+-[0-9]+)(?:\b|$)"],
            "match_multiple": true,
        }],
    });
    hear(&engine, &ticket)?;

    let said = json!({ "command": "OPS-1 blocks OPS-22", "user": "ada", "source_channel": "#ops" });
    let answer = engine
        .http
        .post("/v1/aliasexecution/match_and_execute", &said)?
        .expect(201)?;

    let results = answer["results"].as_array().context("no results")?;
    let mut printed = Vec::new();
    for result in results {
        let id = result["execution"]["id"].as_str().unwrap_or_default();
        printed.push(engine.wait_for_end(id)?["result"]["stdout"].clone());
    }
    assert_eq!(printed, ["OPS-1", "OPS-22"]);
    Ok(())
}

fn our_client_says_what_a_line_means(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    hear(&engine, &greet())?;

    let matched = petrel(&engine, &["alias", "match", "greet Ada", "--json"])?;
    let found: Value = serde_json::from_slice(&matched.stdout)?;
    assert_eq!(found["representation"], "greet {{ message }}");

    let told = petrel(&engine, &["alias", "execute", "greet Ada", "-u", "bob"])?;
    ensure!(told.status.success(), "{told:?}");
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "on it, bob\nsaid Ada\n"
    );

    let file = engine.folder().join("greet.yaml");
    std::fs::write(&file, GREET)?;
    let file = file.display().to_string();
    let fits = petrel(&engine, &["alias", "test", &file, "say hello to Ada"])?;
    ensure!(fits.status.success(), "{fits:?}");
    assert!(
        String::from_utf8_lossy(&fits.stdout)
            .starts_with("default.greet fits `say hello to {{ message }}`\n"),
        "{fits:?}"
    );
    let fails = petrel(&engine, &["alias", "test", &file, "gret Ada"])?;
    assert_eq!(fails.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&fails.stdout).contains("did you mean `greet {{ message }}`?"),
        "{fails:?}"
    );
    Ok(())
}

fn petrel(engine: &Engine, arguments: &[&str]) -> Result<Output> {
    Command::new(binary())
        .args(arguments)
        .env("PETREL_URL", engine.http.base())
        .output()
        .context("petrel cannot be started")
}
