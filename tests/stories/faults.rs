//! Servers and disks that fail, at start and in flight.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use anyhow::Result;
use serde_json::json;
use stories::engine::{
    Backend, DEADLINE, Engine, EngineOptions, EngineProcess, Http, binary, repository,
};
use stories::servers::{Postgres, RabbitMq, free_port, wait_until};

/// Starts one process on servers that may be away; gives it with its API.
fn one_process(
    folder: &std::path::Path,
    database: &str,
    broker: &str,
) -> Result<(EngineProcess, Http)> {
    let port = free_port()?;
    let arguments = vec![
        "serve".to_owned(),
        "--roles=api,rules,runner,scheduler,sensors".to_owned(),
        "--insecure-no-auth".to_owned(),
        format!("--listen=127.0.0.1:{port}"),
        format!("--data-dir={}", folder.join("data").display()),
        format!("--packs={}", repository().join("packs").display()),
        format!("--database-url={database}"),
        format!("--broker-url={broker}"),
    ];
    let mut process = EngineProcess::new("serve", folder, arguments);
    process.run()?;
    Ok((process, Http::new(format!("http://127.0.0.1:{port}"))?))
}

fn wait_for_words(process: &mut EngineProcess, words: &str) -> Result<()> {
    wait_until(&format!("the log saying `{words}`"), DEADLINE, || {
        process.check_alive()?;
        Ok(process.log().contains(words).then_some(()))
    })
}

fn wait_for_health(http: &Http) -> Result<()> {
    wait_until("the API answering", DEADLINE, || {
        Ok(http
            .get("/healthz")
            .ok()
            .filter(|answer| answer.status == 200)
            .map(drop))
    })
}

#[test]
fn waits_for_a_database_and_a_broker_that_come_later() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut postgres, mut rabbitmq) = (Postgres::start()?, RabbitMq::start()?);
    let (database, broker) = (postgres.fresh_database()?, rabbitmq.url());
    postgres.stop()?;
    rabbitmq.stop()?;

    let (mut process, http) = one_process(folder.path(), &database, &broker)?;
    wait_for_words(&mut process, "the database at 127.0.0.1")?;
    wait_for_words(&mut process, "trying again in")?;
    postgres.run()?;
    wait_for_words(&mut process, "the message broker at")?;
    assert!(
        !process.log().contains("guest:guest"),
        "no password in the log: {}",
        process.log()
    );
    rabbitmq.run()?;

    wait_for_health(&http)?;
    process.terminate()
}

#[test]
fn goes_on_by_itself_when_its_servers_are_back() -> Result<()> {
    let (mut postgres, mut rabbitmq) = (Postgres::start()?, RabbitMq::start()?);
    let mut options = EngineOptions::new(Backend::Clustered);
    options.servers = Some((postgres.fresh_database()?, rabbitmq.url()));
    let engine = Engine::start(&options)?;

    postgres.stop()?;
    let refused = engine.http.post(
        "/v1/webhooks/demo",
        &json!({"kind": "greeting", "name": "nobody"}),
    )?;
    assert_eq!(
        refused.status, 503,
        "what cannot be stored is not accepted: {}",
        refused.body
    );
    assert!(
        refused.body["faultstring"].to_string().contains("database"),
        "{}",
        refused.body
    );
    postgres.run()?;
    rabbitmq.stop()?;
    let accepted = wait_until("the database taking events again", DEADLINE, || {
        let answer = engine.http.post(
            "/v1/webhooks/demo",
            &json!({"kind": "greeting", "name": "Ada"}),
        )?;
        Ok((answer.status == 202).then_some(answer))
    });
    rabbitmq.run()?;

    accepted?;
    let executions = engine.wait_for_list("/v1/executions?action=demo.greet", 1)?;
    let ended = engine.wait_for_end(executions[0]["id"].as_str().unwrap_or_default())?;
    assert_eq!(ended["status"], "succeeded");
    Ok(())
}

#[test]
fn a_full_disk_is_said_and_nothing_is_accepted() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    // A limit on the size of files is what a full disk looks like to the database. Half-kilobyte blocks.
    let script = format!(
        "trap '' XFSZ; ulimit -f 6000; exec {} up --insecure-no-auth --listen 127.0.0.1:{port} --data-dir {} --packs {} 2>{}",
        binary().display(),
        folder.path().join("data").display(),
        repository().join("packs").display(),
        folder.path().join("log").display(),
    );
    let mut child = Command::new("bash")
        .args(["-c", &script])
        .stdout(Stdio::null())
        .spawn()?;
    let http = Http::new(format!("http://127.0.0.1:{port}"))?;
    wait_for_health(&http)?;

    let body = json!({"kind": "filler", "text": "x".repeat(200_000)});
    let mut accepted = 0;
    let refused = wait_until("the disk being full", DEADLINE, || {
        let answer = http.post("/v1/webhooks/demo", &body)?;
        accepted += usize::from(answer.status == 202);
        Ok((answer.status != 202).then_some(answer))
    });
    let still_answers = http.get("/v1/triggerinstances?trigger_type=core.st2.webhook&limit=1");
    child.kill()?;
    child.wait()?;

    let refused = refused?;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(
        refused.body["faultstring"]
            .to_string()
            .contains("cannot write"),
        "{}",
        refused.body
    );
    assert_eq!(
        still_answers?.total,
        Some(accepted as u64),
        "what was accepted is there, and nothing else"
    );
    Ok(())
}

#[test]
fn a_data_folder_belongs_to_one_engine_and_its_owner() -> Result<()> {
    let engine = Engine::on(Backend::Embedded)?;
    let data = engine.folder().join("data");
    let mode = std::fs::metadata(&data)?.permissions().mode();
    assert_eq!(mode & 0o077, 0, "nobody else reads what happened: {mode:o}");

    let second = Command::new(binary())
        .args(["up", "--insecure-no-auth", "--data-dir"])
        .arg(&data)
        .output()?;

    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    let expected = format!("another engine works in `{}`", data.display());
    assert!(said.contains(&expected), "{said}");
    Ok(())
}

#[test]
fn no_work_begins_where_the_address_is_taken() -> Result<()> {
    let holder = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = holder.local_addr()?;
    let folder = tempfile::tempdir()?;

    let second = Command::new(binary())
        .args(["up", "--insecure-no-auth", "--data-dir"])
        .arg(folder.path())
        .arg(format!("--listen={address}"))
        .output()?;

    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    let expected = format!("{address} cannot be listened on: stop whatever uses it");
    assert!(said.contains(&expected), "{said}");
    assert!(!said.contains("role rules runs"), "{said}");
    Ok(())
}

#[test]
fn a_key_that_was_lost_is_missed_at_the_next_start() -> Result<()> {
    let mut engine = Engine::on(Backend::Embedded)?;
    let words = "is made anew, though the store is in use already";
    assert!(!engine.process("up").log().contains(words));

    engine.process("up").kill9()?;
    std::fs::remove_file(engine.folder().join("data/key"))?;
    engine.process("up").run()?;
    engine.wait_until_ready()?;

    let log = engine.process("up").log();
    assert!(log.contains(words), "{log}");
    Ok(())
}
