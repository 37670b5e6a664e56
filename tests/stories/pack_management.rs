//! Packs come from git, folders and indexes, are updated, and go again.

mod repository;

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, binary};
use stories::st2::St2;

use repository::Repository;

crate::on_both_backends![
    a_pack_lives_from_install_to_remove,
    a_failed_update_leaves_what_was_there,
    content_comes_to_nodes_that_do_not_have_it,
    a_folder_of_the_users_is_sent_to_the_server,
    packs_are_found_in_an_index,
    a_pack_that_does_not_work_here_is_refused,
    refused_files_are_shown_each_in_its_place,
];

#[test]
fn an_author_tries_a_pack_without_a_server() -> Result<()> {
    let (repository, data) = (Repository::new()?, tempfile::tempdir()?);
    let greeter = repository.folder();
    let action = greeter.join("actions/greet.yaml");
    let ran = |arguments: &[&str]| -> Result<(bool, String)> {
        let mut command = Command::new(binary());
        let command = command.current_dir(data.path()).args(arguments);
        let output = command.arg("--data-dir=data").output()?;
        let streams = [output.stdout, output.stderr];
        let said = streams.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok((output.status.success(), said.concat()))
    };

    let passed = ran(&["pack", "test", &greeter.display().to_string()])?;
    ensure!(passed.0 && passed.1.contains("OK"), "{}", passed.1);
    let file = greeter.join("tests/test_greet.py");
    let broken = std::fs::read_to_string(&file)?.replace("ADA", "EVE");
    std::fs::write(file, broken)?;
    let failed = ran(&["pack", "test", &greeter.display().to_string()])?;
    ensure!(
        !failed.0 && failed.1.contains("FAILED (failures=1)"),
        "{}",
        failed.1
    );

    let action = action.display().to_string();
    let answer = ran(&["action", "run-local", &action, "name=ada"])?;
    ensure!(
        answer.0 && answer.1.contains("result: Hello, ADA! (2.0)"),
        "{}",
        answer.1
    );
    let unknown = ran(&["action", "run-local", "greeter.nothing"])?;
    ensure!(
        !unknown.0 && unknown.1.contains("there is no action `greeter.nothing`"),
        "{}",
        unknown.1
    );
    Ok(())
}

fn petrel(engine: &Engine, arguments: &[&str]) -> Result<Output> {
    Ok(Command::new(binary())
        .args(arguments)
        .env("PETREL_URL", engine.http.base())
        .output()?)
}

fn well(engine: &Engine, arguments: &[&str]) -> Result<String> {
    let output = petrel(engine, arguments)?;
    let shown = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(
        output.status.success(),
        "{arguments:?}: {shown}\n{}",
        engine.logs()
    );
    Ok(shown)
}

fn greeting(engine: &Engine) -> Result<Value> {
    let body = json!({ "action": "greeter.greet", "parameters": { "name": "ada" } });
    let execution = engine.http.post("/v1/executions", &body)?.expect(201)?;
    let id = execution["id"].as_str().context("an execution has an id")?;
    let ended = engine.wait_for_end(id)?;
    ensure!(ended["status"] == "succeeded", "{ended}\n{}", engine.logs());
    Ok(ended["result"]["result"].clone())
}

fn version(engine: &Engine) -> Result<Value> {
    Ok(engine.http.get("/v1/packs/greeter")?.expect(200)?["version"].clone())
}

fn a_pack_lives_from_install_to_remove(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let (st2, repository) = (St2::of(&engine)?, Repository::new()?);

    let installed = st2.run(&["pack", "install", &format!("{}=1.0.0", repository.url())])?;
    ensure!(installed.code == 0, "{installed:?}\n{}", engine.logs());
    assert!(installed.stdout.contains("greeter"), "{}", installed.stdout);
    assert_eq!(version(&engine)?, "1.0.0");
    assert_eq!(greeting(&engine)?, "Hello, ADA! (1.0)");
    let base = engine.http.get("/v1/packs/base")?.expect(200)?;
    assert_eq!(base["version"], "0.1.0", "what it depends on comes along");

    well(&engine, &["pack", "config", "greeter", "greeting=Moin"])?;
    assert_eq!(greeting(&engine)?, "Moin, ADA! (1.0)");

    for action in ["packs.unload", "packs.load"] {
        well(&engine, &["run", action, "packs=greeter"])?;
    }
    assert_eq!(greeting(&engine)?, "Moin, ADA! (1.0)");

    let told = well(&engine, &["pack", "install", &repository.url()])?;
    assert!(told.contains("installed: greeter"), "{told}");
    assert_eq!(version(&engine)?, "2.0.0");
    assert_eq!(greeting(&engine)?, "Moin, ADA! (2.0)");

    let removed = st2.run(&["pack", "remove", "greeter"])?;
    ensure!(removed.code == 0, "{removed:?}\n{}", engine.logs());
    assert_eq!(engine.http.get("/v1/packs/greeter")?.status, 404);
    assert_eq!(engine.http.get("/v1/actions/greeter.greet")?.status, 404);
    assert_eq!(engine.http.get("/v1/configs/greeter")?.status, 404);
    let left = engine.folder().join("data/virtualenvs/greeter");
    assert!(left.symlink_metadata().is_err(), "its virtualenv is gone");
    Ok(())
}

fn a_failed_update_leaves_what_was_there(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let repository = Repository::new()?;
    well(&engine, &["pack", "install", &repository.url()])?;

    let broken = format!("{}=broken", repository.url());
    let output = petrel(&engine, &["pack", "install", &broken])?;

    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        said.contains("the virtualenv of pack `greeter` cannot be built: "),
        "{said}"
    );
    assert!(said.contains("vendor/gone-1.0-py3-none-any.whl"), "{said}");
    assert_eq!(version(&engine)?, "2.0.0");
    assert_eq!(greeting(&engine)?, "Hello, ADA! (2.0)");

    let unknown = format!("{}=7.0.0", repository.url());
    let output = petrel(&engine, &["pack", "install", &unknown])?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("\"7.0.0\" is not a valid version, hash, tag or branch in file://"),
        "{said}"
    );
    assert!(
        said.contains("Available versions are: 1.0.0, 2.0.0."),
        "{said}"
    );
    Ok(())
}

fn content_comes_to_nodes_that_do_not_have_it(backend: Backend) -> Result<()> {
    let mut engine = Engine::on(backend)?;
    let repository = Repository::new()?;
    well(&engine, &["pack", "install", &repository.url()])?;
    let pack = engine.http.get("/v1/packs/greeter")?.expect(200)?;
    let folder = Path::new(pack["path"].as_str().context("it has a folder")?);
    ensure!(
        folder.starts_with(engine.folder().join("data/packs")),
        "{pack}"
    );

    // What a node that was not there looks like.
    std::fs::remove_dir_all(engine.folder().join("data/packs"))?;
    std::fs::remove_dir_all(engine.folder().join("data/virtualenvs"))?;
    engine.restart()?;

    assert_eq!(greeting(&engine)?, "Hello, ADA! (2.0)");
    assert!(folder.join("pack.yaml").is_file());
    let file = engine.http.get("/v1/packs/views/file/greeter/README.md")?;
    assert_eq!(file.expect(200)?, "It greets.\n");
    Ok(())
}

fn a_folder_of_the_users_is_sent_to_the_server(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let repository = Repository::new()?;
    std::fs::write(repository.folder().join("README.md"), "Not committed.\n")?;

    let path = repository.folder().display().to_string();
    let told = well(&engine, &["pack", "install", "--skip-dependencies", &path])?;

    assert!(told.contains("installed: greeter"), "{told}");
    let file = engine.http.get("/v1/packs/views/file/greeter/README.md")?;
    assert_eq!(file.expect(200)?, "Not committed.\n");
    assert_eq!(engine.http.get("/v1/packs/base")?.status, 404);
    let archive = repository.zipped()?.display().to_string();
    well(
        &engine,
        &["pack", "install", "--skip-dependencies", &archive],
    )?;
    assert_eq!(greeting(&engine)?, "Hello, ADA! (2.0)");

    well(&engine, &["pack", "remove", "greeter"])?;
    assert_eq!(engine.http.get("/v1/packs/greeter")?.status, 404);
    Ok(())
}

fn packs_are_found_in_an_index(backend: Backend) -> Result<()> {
    let repository = Repository::new()?;
    let mut options = EngineOptions::new(backend);
    let configuration = repository.configuration_with_index()?;
    options
        .arguments
        .push(format!("--config={}", configuration.display()));
    let engine = Engine::start(&options)?;
    let st2 = St2::of(&engine)?;

    let found = st2.json(&["pack", "search", "greet"])?;
    assert_eq!(found[0]["name"], "greeter", "{found}");
    let shown = st2.json(&["pack", "show", "greeter"])?;
    assert_eq!(shown["repo_url"], repository.url(), "{shown}");
    assert!(well(&engine, &["pack", "search", "nobody"])?.contains("no pack fits"));

    let installed = st2.run(&["pack", "install", "greeter=1.0.0"])?;
    ensure!(installed.code == 0, "{installed:?}\n{}", engine.logs());
    assert_eq!(greeting(&engine)?, "Hello, ADA! (1.0)");

    let output = petrel(&engine, &["pack", "install", "nobody"])?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("No record of the \"nobody\" pack in the index."),
        "{said}"
    );
    Ok(())
}

fn a_pack_that_does_not_work_here_is_refused(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let repository = Repository::new()?;
    let path = repository.old()?.display().to_string();

    let output = petrel(&engine, &["pack", "install", &path])?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("Pack \"old\" requires Python 2, and there is"),
        "{said}"
    );

    let told = well(&engine, &["pack", "install", "--force", &path])?;
    assert!(
        told.contains("warning: Pack \"old\" is for Python 2"),
        "{told}"
    );
    assert_eq!(
        engine.http.get("/v1/packs/old")?.expect(200)?["version"],
        "1.0.0"
    );
    Ok(())
}

fn refused_files_are_shown_each_in_its_place(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let (st2, repository) = (St2::of(&engine)?, Repository::new()?);
    let url = repository.faulty()?;
    let shown = "\
2 files are not registered; everything else is:
- faulty/actions/two.yaml:2:1: unknown key \"runner\" (did you mean \"runner_type\"?)
    | runner: noop
    | ^
- faulty/rules/on_hook.yaml:3:9: there is no trigger type \"core.st2.webhok\" (did you mean \"core.st2.webhook\"?); \
is the pack that brings it registered?
    |   type: core.st2.webhok
    |         ^";

    let output = petrel(&engine, &["pack", "install", &url])?;

    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        said.contains(shown) && !said.contains("Traceback"),
        "{said}"
    );
    let filter = "/v1/executions?action=packs.install&limit=1";
    let installs = engine.http.get(filter)?.expect(200)?;
    let result = &installs[0]["result"];
    assert_eq!(result["errors"][0]["result"]["result"], shown, "{result}");
    assert_eq!(
        result["output"]["warning_list"],
        json!([
            "Pack \"faulty\": the link `outside` leads to `/etc/passwd`, out of the folder: it is left out"
        ])
    );
    let id = installs[0]["id"]
        .as_str()
        .context("an execution has an id")?;
    let by_client = st2.run(&["execution", "get", id])?.stdout;
    for line in shown.lines() {
        assert!(by_client.contains(line), "{line}\n{by_client}");
    }
    engine.http.get("/v1/actions/faulty.one")?.expect(200)?;
    Ok(())
}
