//! Questions that wait for somebody's answer: asked, answered by StackStorm's own client, and given up in time.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE, Engine, binary};
use stories::servers::wait_until;
use stories::st2::St2;

crate::on_both_backends![
    the_client_answers_what_is_asked,
    an_answer_must_fit_and_come_from_who_is_asked,
    a_question_outlives_the_engine,
    what_nobody_answers_in_time_times_out,
    rules_hear_of_questions,
    our_client_answers_too,
    everybody_on_the_stream_hears_an_announcement,
];

/// Runs `core.ask` and waits until it asks; gives its id.
fn ask(engine: &Engine, parameters: &Value) -> Result<String> {
    let body = json!({ "action": "core.ask", "parameters": parameters });
    let requested = engine.http.post("/v1/executions", &body)?.expect(201)?;
    let id = requested["id"].as_str().context("no id")?.to_owned();
    let path = format!("/v1/executions/{id}");
    wait_until("the question being asked", DEADLINE, || {
        let body = engine.http.get(&path)?.body;
        Ok((body["status"] == "pending").then_some(()))
    })
    .with_context(|| engine.logs())?;
    Ok(id)
}

fn approval() -> Value {
    json!({ "route": "ops", "schema": { "type": "object", "properties": {
        "approved": { "type": "boolean", "required": true },
        "password": { "type": "string", "secret": true },
    } } })
}

fn the_client_answers_what_is_asked(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let st2 = St2::of(&engine)?;
    let id = ask(&engine, &approval())?;

    let listed = st2.json(&["inquiry", "list"])?;
    assert_eq!(
        listed,
        json!([{ "id": id, "roles": [], "users": [], "route": "ops", "ttl": 1440 }])
    );
    let got = st2.json(&["inquiry", "get", &id])?;
    assert_eq!(got["schema"], approval()["schema"]);
    let response = r#"{"approved": true, "password": "hunter2"}"#;
    let answered = st2.run(&["inquiry", "respond", &id, "-r", response])?;
    assert_eq!(answered.code, 0, "{}{}", answered.stdout, answered.stderr);
    assert!(
        answered
            .stdout
            .contains(&format!("Response accepted for inquiry {id}."))
    );

    let ended = engine.wait_for_end(&id)?;
    assert_eq!(ended["status"], "succeeded");
    assert_eq!(
        ended["result"]["response"],
        json!({ "approved": true, "password": "********" })
    );
    assert!(!engine.logs().contains("hunter2"), "no secret in the log");
    let again = st2.run(&["inquiry", "respond", &id, "-r", response])?;
    assert_eq!(again.code, 1);
    let body = json!({ "id": id, "response": { "approved": false } });
    let refused = engine.http.put(&format!("/v1/inquiries/{id}"), &body)?;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.body["faultstring"],
        format!("Inquiry \"{id}\" has already been responded to.")
    );
    assert_eq!(st2.json(&["inquiry", "list"])?, json!([]));
    Ok(())
}

fn an_answer_must_fit_and_come_from_who_is_asked(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let st2 = St2::of(&engine)?;
    let mine = ask(&engine, &approval())?;
    let theirs = ask(&engine, &json!({ "users": ["someone_else"] }))?;

    let wrong = st2.run(&[
        "inquiry",
        "respond",
        &mine,
        "-r",
        r#"{"approved": true, "password": 5}"#,
    ])?;
    let missing = st2.run(&["inquiry", "respond", &mine, "-r", "{\"password\": \"x\"}"])?;
    let refused = st2.run(&["inquiry", "respond", &theirs, "-r", r#"{"continue": true}"#])?;

    assert_eq!((wrong.code, missing.code, refused.code), (1, 1, 1));
    for (ran, words) in [
        (&wrong, "In `password`: the value is not as"),
        (&missing, "'approved' is a required property"),
        (&refused, "does not have permission to respond to inquiry"),
    ] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
    let waiting = st2.json(&["inquiry", "list"])?;
    assert_eq!(waiting.as_array().map(Vec::len), Some(2));

    let body = json!({ "status": "canceled" });
    let path = format!("/v1/executions/{theirs}");
    engine.http.put(&path, &body)?.expect(200)?;
    assert_eq!(engine.wait_for_end(&theirs)?["status"], "canceled");
    Ok(())
}

fn a_question_outlives_the_engine(backend: Backend) -> Result<()> {
    let mut engine = Engine::on(backend)?;
    let id = ask(&engine, &approval())?;

    for process in &mut engine.processes {
        process.kill9()?;
    }
    for process in &mut engine.processes {
        process.run()?;
    }
    engine.wait_until_ready()?;

    let path = format!("/v1/inquiries/{id}");
    let body = json!({ "id": id, "response": { "approved": false } });
    engine.http.put(&path, &body)?.expect(200)?;
    let ended = engine.wait_for_end(&id)?;
    assert_eq!(ended["status"], "succeeded");
    assert_eq!(ended["result"]["response"], json!({ "approved": false }));
    Ok(())
}

fn what_nobody_answers_in_time_times_out(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    // The shortest time there is: a minute.
    let id = ask(&engine, &json!({ "ttl": 1 }))?;
    let path = format!("/v1/executions/{id}");

    let ended = wait_until("the question being given up", DEADLINE * 2, || {
        let body = engine.http.get(&path)?.body;
        Ok((body["status"] != "pending").then_some(body))
    })
    .with_context(|| engine.logs())?;

    assert_eq!(ended["status"], "timeout");
    assert_eq!(ended["result"]["ttl"], 1);
    let waited = ended["elapsed_seconds"].as_f64().context("no time")?;
    assert!(waited >= Duration::from_mins(1).as_secs_f64(), "{waited}");
    let late = json!({ "id": id, "response": { "continue": true } });
    let refused = engine.http.put(&format!("/v1/inquiries/{id}"), &late)?;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.body["faultstring"],
        format!("Inquiry \"{id}\" timed out and cannot be responded to.")
    );
    Ok(())
}

fn rules_hear_of_questions(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let rule = json!({
        "name": "tell_ops", "pack": "default", "enabled": true,
        "trigger": { "type": "core.st2.generic.inquiry" },
        "criteria": { "trigger.route": { "type": "eq", "pattern": "ops" } },
        "action": { "ref": "core.echo", "parameters": { "message": "please answer {{ trigger.id }}" } },
    });
    engine.http.post("/v1/rules", &rule)?.expect(201)?;

    ask(&engine, &json!({ "route": "elsewhere" }))?;
    let id = ask(&engine, &approval())?;

    let told = engine.wait_for_list("/v1/executions?action=core.echo", 1)?;
    let ended = engine.wait_for_end(told[0]["id"].as_str().unwrap_or_default())?;
    assert_eq!(ended["result"]["stdout"], format!("please answer {id}"));
    assert_eq!(
        engine
            .wait_for_list("/v1/executions?action=core.echo", 1)?
            .len(),
        1
    );
    Ok(())
}

fn our_client_answers_too(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let id = ask(&engine, &approval())?;
    let petrel = |arguments: &[&str]| {
        Command::new(binary())
            .args(arguments)
            .env("PETREL_URL", engine.http.base())
            .output()
    };

    let listed = petrel(&["inquiry", "list", "-q"])?;
    let silent = petrel(&["inquiry", "respond", &id])?;
    let answered = petrel(&["inquiry", "respond", &id, "approved=no", "--json"])?;

    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), id);
    assert_eq!(
        silent.status.code(),
        Some(2),
        "nothing was given to answer with"
    );
    assert!(
        String::from_utf8_lossy(&silent.stderr).contains("write NAME=VALUE (approved, password)"),
    );
    let answer: Value = serde_json::from_slice(&answered.stdout)?;
    assert_eq!(
        answer,
        json!({ "id": id, "response": { "approved": false } })
    );
    let ended = engine.wait_for_end(&id)?;
    assert_eq!(ended["result"]["response"], json!({ "approved": false }));
    Ok(())
}

fn everybody_on_the_stream_hears_an_announcement(backend: Backend) -> Result<()> {
    let engine = Engine::on(backend)?;
    let mut stream = TcpStream::connect(("127.0.0.1", engine.port()))?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.write_all(
        b"GET /v1/stream?events=st2.announcement__* HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n",
    )?;
    let mut lines = BufReader::new(stream).lines();
    let status = lines.next().context("no answer")??;
    assert!(status.contains("200"), "{status}");

    let body = json!({
        "action": "core.announcement", "parameters": { "route": "chatops", "message": { "text": "hi" } },
    });
    let requested = engine.http.post("/v1/executions", &body)?.expect(201)?;
    let ended = engine.wait_for_end(requested["id"].as_str().unwrap_or_default())?;

    assert_eq!(ended["status"], "succeeded");
    assert_eq!(ended["result"], json!({ "message": { "text": "hi" } }));
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let line = lines.next().context("the stream has ended")??;
        heard.extend(Some(line).filter(|line| line.contains("event:") || line.contains("data:")));
    }
    assert!(heard[0].contains("st2.announcement__chatops"), "{heard:?}");
    let data = heard[1].split_once("data:").map_or("", |(_, data)| data);
    let told: Value = serde_json::from_str(data.trim())?;
    assert_eq!(told["payload"], json!({ "message": { "text": "hi" } }));
    Ok(())
}
