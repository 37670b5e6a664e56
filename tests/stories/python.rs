//! Python actions of a pack, as their authors and users see them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE, Engine, EngineOptions, repository};
use stories::servers::wait_until;
use stories::st2::St2;

crate::on_both_backends![
    actions_end_in_many_ways,
    what_is_canceled_or_late_is_killed,
    values_and_configuration_come_through,
    changed_files_count_at_once,
    a_killed_interpreter_harms_one_execution,
];

fn engine(backend: Backend) -> Result<Engine> {
    let packs = repository().join("tests/stories/python/packs");
    let options = EngineOptions::new(backend)
        .with_packs(packs)
        .with_configuration("snakes", "token: open sesame\n");
    Engine::start(&options)
}

/// Requests an action; gives the execution's id.
fn request(engine: &Engine, action: &str, parameters: &Value) -> Result<String> {
    let body = json!({ "action": action, "parameters": parameters });
    let execution = engine.http.post("/v1/executions", &body)?.expect(201)?;
    let id = execution["id"].as_str().context("an execution has an id")?;
    Ok(id.to_owned())
}

fn run(engine: &Engine, action: &str, parameters: &Value) -> Result<Value> {
    engine.wait_for_end(&request(engine, action, parameters)?)
}

fn way(engine: &Engine, how: &str) -> Result<Value> {
    run(engine, "snakes.ways", &json!({ "how": how }))
}

/// An execution that sleeps, and the ids of its processes.
fn sleeping(engine: &Engine) -> Result<(String, Vec<String>)> {
    let note = engine.folder().join("note");
    let parameters = json!({ "how": "sleep", "note": note });
    let id = request(engine, "snakes.ways", &parameters)?;
    let pids = wait_until("the execution's process ids", DEADLINE, || {
        Ok(fs::read_to_string(&note).ok())
    })
    .with_context(|| engine.logs())?;
    Ok((id, pids.split(' ').map(str::to_owned).collect()))
}

fn until_gone(pid: &str) -> Result<()> {
    wait_until(&format!("process {pid} being gone"), DEADLINE, || {
        let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
        let is_there = stat.is_ok_and(|stat| !stat.contains(") Z "));
        Ok((!is_there).then_some(()))
    })
}

fn actions_end_in_many_ways(backend: Backend) -> Result<()> {
    let engine = engine(backend)?;
    let st2 = St2::of(&engine)?;

    let ok = st2.json(&["run", "snakes.ways", "how=ok"])?;
    assert_eq!(ok["status"], "succeeded", "{ok}");
    let expected = json!({
        "stdout": "", "stderr": "st2.actions.python.Ways: INFO     going well\n", "exit_code": 0,
        "result": { "said": "HELLO", "region": "north" },
    });
    assert_eq!(ok["result"], expected);

    for (how, status, exit_code, result) in [
        ("refused", "failed", 0, json!({ "reason": "told to" })),
        ("boom", "failed", 1, json!("None")),
        ("leave", "failed", 4, json!("None")),
        ("noise", "succeeded", 0, json!([1, 2])),
        ("thing", "succeeded", 0, json!("a thing")),
        ("missing", "failed", 1, json!("None")),
    ] {
        let ended = way(&engine, how)?;
        assert_eq!(ended["status"], status, "{ended}");
        assert_eq!(ended["result"]["exit_code"], exit_code, "{ended}");
        assert_eq!(ended["result"]["result"], result, "{ended}");
    }
    let noise = way(&engine, "noise")?;
    let expected = "{\"result\": \"not this\"}\nraw from below\n";
    assert_eq!(noise["result"]["stdout"], expected);
    let boom = way(&engine, "boom")?;
    let stderr = boom["result"]["stderr"].as_str().unwrap_or_default();
    assert!(stderr.starts_with("Traceback (most recent call last):\n"));
    assert!(stderr.ends_with("ValueError: boom\n"), "{stderr}");

    let broken = run(&engine, "snakes.broken", &json!({}))?;
    let stderr = broken["result"]["stderr"].as_str().unwrap_or_default();
    assert_eq!(broken["status"], "failed");
    assert_eq!(
        stderr.matches("No module named 'no_such_module'").count(),
        1,
        "{stderr}"
    );
    let own = run(&engine, "snakes.own", &json!({}))?;
    assert_eq!(own["result"]["result"], json!(["x", ["region", "token"]]));
    Ok(())
}

fn what_is_canceled_or_late_is_killed(backend: Backend) -> Result<()> {
    let engine = engine(backend)?;
    let st2 = St2::of(&engine)?;

    let (id, pids) = sleeping(&engine)?;
    let canceled = st2.run(&["execution", "cancel", &id])?;
    ensure!(canceled.code == 0, "{canceled:?}");
    assert_eq!(engine.wait_for_end(&id)?["status"], "canceled");
    for pid in &pids {
        until_gone(pid)?;
    }

    let late = run(
        &engine,
        "snakes.ways",
        &json!({ "how": "sleep", "timeout": 1 }),
    )?;
    assert_eq!(late["status"], "timeout", "{late}");
    assert_eq!(
        late["result"]["error"],
        "Action failed to complete in 1 seconds"
    );
    let stdout = late["result"]["stdout"].as_str().unwrap_or_default();
    for pid in stdout.trim().split(' ') {
        until_gone(pid)?;
    }
    Ok(())
}

fn values_and_configuration_come_through(backend: Backend) -> Result<()> {
    let engine = engine(backend)?;

    for count in 1..=2 {
        let counted = run(&engine, "snakes.count", &json!({}))?;
        assert_eq!(counted["status"], "succeeded", "{counted}");
        let result = &counted["result"]["result"];
        assert_eq!(result["count"], count, "{counted}");
        assert_eq!(result["names"], json!(["snakes.Count:count"]));
        assert_eq!(result["opened"], "sesame");
        assert_eq!(result["is_sealed"], true);
        assert_eq!(result["deleted"], true);
        assert_eq!(result["absent"], Value::Null);
        assert!(result["user"].is_string(), "{counted}");
        assert_eq!(counted["result"]["stderr"], "");
    }

    let token = way(&engine, "token")?;
    let expected = json!({ "token": 11, "token_is_open": true });
    assert_eq!(token["result"]["result"], expected, "{token}");

    let parameters = json!({ "how": "environment", "env": { "COLOUR": "red" } });
    let told = run(&engine, "snakes.ways", &parameters)?;
    let expected = json!({
        "ST2_ACTION_PACK_NAME": "snakes", "ST2_ACTION_EXECUTION_ID": told["id"], "COLOUR": "red",
    });
    assert_eq!(told["result"]["result"], expected);

    let parameters = json!({ "how": "secret", "password": "hunter2" });
    let id = request(&engine, "snakes.ways", &parameters)?;
    engine.wait_for_end(&id)?;
    let output = engine.http.get(&format!("/v1/executions/{id}/output"))?;
    assert_eq!(output.body, "it is ********\n");
    Ok(())
}

fn changed_files_count_at_once(backend: Backend) -> Result<()> {
    let engine = engine(backend)?;
    assert_eq!(way(&engine, "ok")?["result"]["result"]["said"], "HELLO");
    let folder = engine
        .packs
        .iter()
        .map(|packs| packs.join("snakes/actions"))
        .find(|folder| folder.is_dir())
        .context("the engine has the pack")?;

    fs::write(
        folder.join("lib/words.py"),
        "def shout(text):\n    return text + '!'\n",
    )?;
    assert_eq!(way(&engine, "ok")?["result"]["result"]["said"], "hello!");

    fs::write(folder.join("lib/words.py"), "def shout(text:\n")?;
    let broken = way(&engine, "ok")?;
    let stderr = broken["result"]["stderr"].as_str().unwrap_or_default();
    assert!(stderr.contains("SyntaxError"), "{stderr}");

    fs::write(
        folder.join("lib/words.py"),
        "def shout(text):\n    return text * 2\n",
    )?;
    assert_eq!(
        way(&engine, "ok")?["result"]["result"]["said"],
        "hellohello"
    );
    Ok(())
}

fn a_killed_interpreter_harms_one_execution(backend: Backend) -> Result<()> {
    let engine = engine(backend)?;
    let parent = way(&engine, "process")?["result"]["result"].clone();
    assert_eq!(way(&engine, "process")?["result"]["result"], parent);
    let (id, pids) = sleeping(&engine)?;

    let pid = i32::try_from(parent.as_i64().context("a process id")?)?;
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(pid),
        nix::sys::signal::Signal::SIGKILL,
    )?;

    let ended = engine.wait_for_end(&id)?;
    assert_eq!(ended["status"], "failed", "{ended}");
    let error = ended["result"]["error"].as_str().unwrap_or_default();
    assert!(error.contains("Python process"), "{ended}");
    for pid in &pids {
        until_gone(pid)?;
    }
    let next = way(&engine, "process")?;
    assert_eq!(next["status"], "succeeded", "{next}");
    assert_ne!(next["result"]["result"], parent);
    Ok(())
}
