//! Python actions of packs that come from git and want libraries, and of packs that are tried without a server.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, binary, repository};
use stories::published::{commit, make_wheels};

crate::on_both_backends![
    a_pack_from_git_has_its_library_and_its_past,
    an_action_that_is_tried_uses_an_engine_only_where_told_to,
];

const PACK: &str = "\
ref: past
name: past
description: Says which version it is.
version: 1.0.0
author: Ada
email: ada@example.com
";

/// The pack `past` in a folder, as its author has it at a version.
fn write_pack(folder: &Path, version: &str) -> Result<()> {
    for below in ["actions/lib", "vendor"] {
        fs::create_dir_all(folder.join(below))?;
    }
    for (file, text) in [
        ("pack.yaml", PACK.replace("1.0.0", version)),
        (
            "requirements.txt",
            "./vendor/shout-1.0-py3-none-any.whl\n".to_owned(),
        ),
        (
            "vendor/shout.py",
            "VERSION = \"1.0\"\n\n\ndef shout(text):\n    return text.upper()\n".to_owned(),
        ),
        (
            "actions/say.yaml",
            "name: say\nrunner_type: python-script\nentry_point: say.py\n".to_owned(),
        ),
        (
            "actions/say.py",
            "from words import WORD\nfrom shout import shout\n\
             from st2common.runners.base_action import Action\n\n\n\
             class Say(Action):\n    def run(self):\n        return shout(WORD)\n"
                .to_owned(),
        ),
        (
            "actions/lib/words.py",
            format!("WORD = 'version {version}'\n"),
        ),
    ] {
        fs::write(folder.join(file), text)?;
    }
    make_wheels(&folder.join("vendor"))
}

fn say(engine: &Engine, parameters: &Value) -> Result<Value> {
    let body = json!({ "action": "past.say", "parameters": parameters });
    let execution = engine.http.post("/v1/executions", &body)?.expect(201)?;
    let id = execution["id"].as_str().context("an execution has an id")?;
    engine.wait_for_end(id)
}

fn a_pack_from_git_has_its_library_and_its_past(backend: Backend) -> Result<()> {
    let place = tempfile::tempdir()?;
    let past = place.path().join("past");
    for version in ["1.0.0", "2.0.0"] {
        write_pack(&past, version)?;
        commit(&past, &format!("v{version}"))?;
    }
    let engine = Engine::on(backend)?;
    let url = format!("file://{}", past.display());
    let install = json!({ "action": "packs.install", "parameters": { "packs": [url] } });
    let installed = engine.http.post("/v1/executions", &install)?.expect(201)?;
    let installed = engine.wait_for_end(installed["id"].as_str().unwrap_or_default())?;
    ensure!(
        installed["status"] == "succeeded",
        "{installed}\n{}",
        engine.logs()
    );

    let now = say(&engine, &json!({}))?;
    assert_eq!(now["result"]["result"], "VERSION 2.0.0", "{now}");
    for content_version in ["v1.0.0", "v2.0.0", "v1.0.0"] {
        let then = say(&engine, &json!({ "content_version": content_version }))?;
        let expected = content_version.replace('v', "VERSION ");
        assert_eq!(then["result"]["result"], expected, "{then}");
    }
    let never = say(&engine, &json!({ "content_version": "v3.0.0" }))?;
    assert_eq!(never["status"], "failed", "{never}");
    let error = never["result"]["error"].as_str().unwrap_or_default();
    assert!(
        error.contains("Invalid content_version \"v3.0.0\"") && error.contains(&url),
        "{error}"
    );

    let note = engine.folder().join("data/virtualenvs/past/pyvenv.cfg");
    let note = fs::read_to_string(note)?;
    let is_by_uv = note.lines().any(|line| line.starts_with("uv = "));
    assert_eq!(is_by_uv, is_on_path("uv"), "{note}");
    Ok(())
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn an_action_that_is_tried_uses_an_engine_only_where_told_to(backend: Backend) -> Result<()> {
    let engine = Engine::start(&EngineOptions::new(backend))?;
    let api = format!("{}/v1", engine.http.base());
    let data = tempfile::tempdir()?;
    let action = repository().join("tests/stories/python/packs/snakes/actions/count.yaml");
    let tried = |more: &[&str]| -> Result<Value> {
        let output = Command::new(binary())
            .args(["action", "run-local", "--json"])
            .arg(&action)
            .arg("--data-dir")
            .arg(data.path())
            .args(more)
            // What others of the machine would be asked by.
            .env("ST2_API_URL", &api)
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        serde_json::from_slice(&output.stdout).with_context(|| said)
    };
    let names = || -> Result<usize> {
        let all = engine.http.get("/v1/keys")?.expect(200)?;
        Ok(all.as_array().map_or(0, Vec::len))
    };

    let alone = tried(&[])?;
    assert_eq!(alone["status"], "failed", "{alone}");
    let stderr = alone["result"]["stderr"].as_str().unwrap_or_default();
    assert!(
        stderr.contains("this action runs without the API of an engine"),
        "{stderr}"
    );
    assert_eq!(names()?, 0);

    let told = tried(&["--api-url", &api])?;
    assert_eq!(told["status"], "succeeded", "{told}");
    assert_eq!(told["result"]["result"]["count"], 1, "{told}");
    assert_eq!(names()?, 1);
    Ok(())
}
