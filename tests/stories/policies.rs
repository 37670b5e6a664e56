//! Policies: how many run at once, in which order, and what is tried again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions};
use stories::servers::wait_until;
use stories::st2::St2;

crate::on_both_backends![
    the_client_shows_policies,
    no_more_run_at_once_than_the_policy_lets,
    what_finds_no_place_is_canceled_where_the_policy_says_so,
    each_value_of_an_attribute_has_places_of_its_own,
    what_failed_is_tried_again_until_it_succeeds_or_the_count_is_used_up,
    what_timed_out_is_tried_again_after_the_delay,
    nothing_waits_for_ever_whoever_is_killed,
    who_waits_goes_on_without_the_policy,
    a_workflow_never_waits_for_itself,
];

/// How long the engine may take to come to rest after it was killed: leases run out in between.
const PATIENCE: Duration = Duration::from_mins(2);

/// Leaves a line when it begins and one when it ends. Lines of one file stand in the order in which they were written.
const TRACED: &str = "echo start {{ n }} >> {{ log }}; sleep 0.05; echo end {{ n }} >> {{ log }}";
/// Runs until a file is there.
const WAITING: &str = "while [ ! -e {{ log }} ]; do sleep 0.02; done";
/// Fails until it has run so many times.
const FLAKY: &str = "echo x >> {{ log }}; [ $(wc -l < {{ log }}) -ge {{ n }} ]";
/// Takes longer than it may the first time.
const SLOW: &str = "echo x >> {{ log }}; [ $(wc -l < {{ log }}) -ge 2 ] || sleep 60";

/// An engine with the pack `limits`.
struct World {
    engine: Engine,
    folder: tempfile::TempDir,
}

impl World {
    fn on(backend: Backend) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let packs = folder.path().join("packs");
        write_pack(&packs.join("limits"))?;
        let engine = Engine::start(&EngineOptions::new(backend).with_packs(packs))?;
        Ok(Self { engine, folder })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Requests an action of the pack; its id.
    fn request(&self, action: &str, n: usize, log: &str) -> Result<String> {
        let parameters = json!({ "n": n, "log": self.file(log) });
        let body = json!({ "action": format!("limits.{action}"), "parameters": parameters });
        let created = self
            .engine
            .http
            .post("/v1/executions", &body)?
            .expect(201)?;
        Ok(created["id"].as_str().context("an id")?.to_owned())
    }

    fn request_all(&self, action: &str, count: usize, log: &str) -> Result<Vec<String>> {
        (0..count).map(|n| self.request(action, n, log)).collect()
    }

    fn execution(&self, id: &str) -> Result<Value> {
        self.engine
            .http
            .get(&format!("/v1/executions/{id}"))?
            .expect(200)
    }

    fn wait_for_status(&self, id: &str, status: &str) -> Result<()> {
        wait_until(&format!("execution {id} being {status}"), PATIENCE, || {
            Ok((self.execution(id)?["status"] == status).then_some(()))
        })
        .with_context(|| self.engine.logs())
    }

    fn ends(&self, ids: &[String]) -> Result<Vec<Value>> {
        let ends = ids.iter().map(|id| self.engine.wait_for_end(id));
        ends.collect()
    }

    /// All executions of an action, oldest first.
    fn of_action(&self, action: &str) -> Result<Vec<Value>> {
        let path = format!("/v1/executions?action=limits.{action}&limit=100&sort_asc=True");
        let found = self.engine.http.get(&path)?.expect(200)?;
        Ok(found.as_array().context("a list")?.clone())
    }

    fn lines(&self, log: &str) -> Result<Vec<(String, usize)>> {
        let text = fs::read_to_string(self.file(log))?;
        let line = |line: &str| {
            let (what, n) = line.split_once(' ').context("two words")?;
            Ok((what.to_owned(), n.parse()?))
        };
        text.lines().map(line).collect()
    }
}

fn write_pack(pack: &Path) -> Result<()> {
    for folder in ["actions", "policies"] {
        fs::create_dir_all(pack.join(folder))?;
    }
    let about = "name: limits\ndescription: d\nversion: 1.0.0\nauthor: a\nemail: a@example.com\n";
    fs::write(pack.join("pack.yaml"), about)?;
    let concurrency = |parameters: Value| ("action.concurrency", parameters);
    let retry = |parameters: Value| ("action.retry", parameters);
    let actions = [
        (
            "two",
            TRACED,
            concurrency(json!({"action": "delay", "threshold": 2})),
        ),
        (
            "alone",
            WAITING,
            concurrency(json!({"action": "delay", "threshold": 1})),
        ),
        (
            "refusing",
            WAITING,
            concurrency(json!({"action": "cancel", "threshold": 1})),
        ),
        (
            "by_value",
            WAITING,
            (
                "action.concurrency.attr",
                json!({"threshold": 1, "attributes": ["n"]}),
            ),
        ),
        (
            "flaky",
            FLAKY,
            retry(json!({"retry_on": "failure", "max_retry_count": 2})),
        ),
        (
            "slow",
            SLOW,
            retry(json!({"retry_on": "timeout", "max_retry_count": 1, "delay": 1})),
        ),
    ];
    for (name, command, (policy_type, parameters)) in actions {
        let action = json!({
            "name": name, "runner_type": "local-shell-cmd", "enabled": true, "parameters": {
                "n": {"type": "integer"}, "log": {"type": "string"},
                "cmd": {"immutable": true, "default": command},
                "timeout": {"default": if name == "slow" { 1 } else { 60 }},
            },
        });
        fs::write(
            pack.join(format!("actions/{name}.yaml")),
            action.to_string(),
        )?;
        write_policy(pack, name, policy_type, &parameters)?;
    }
    write_nested(pack)
}

fn write_policy(pack: &Path, name: &str, policy_type: &str, parameters: &Value) -> Result<()> {
    let policy = json!({
        "name": name, "description": "d", "enabled": true, "resource_ref": format!("limits.{name}"),
        "policy_type": policy_type, "parameters": parameters,
    });
    fs::write(
        pack.join(format!("policies/{name}.yaml")),
        policy.to_string(),
    )?;
    Ok(())
}

/// A workflow that asks for itself until it has come down, one at a time.
fn write_nested(pack: &Path) -> Result<()> {
    fs::create_dir_all(pack.join("actions/workflows"))?;
    let action = json!({
        "name": "nested", "runner_type": "orquesta", "enabled": true, "entry_point": "workflows/nested.yaml",
        "parameters": {"n": {"type": "integer"}, "log": {"type": "string"}},
    });
    fs::write(pack.join("actions/nested.yaml"), action.to_string())?;
    let below = json!({
        "action": "limits.nested",
        "input": {"n": "<% ctx().n - 1 %>", "log": "<% ctx().log %>"},
    });
    let workflow = json!({
        "version": 1.0, "input": ["n", "log"],
        "tasks": {
            "look": {"action": "core.noop", "next": [{"when": "<% ctx().n > 0 %>", "do": "below"}]},
            "below": below,
        },
    });
    fs::write(
        pack.join("actions/workflows/nested.yaml"),
        workflow.to_string(),
    )?;
    write_policy(
        pack,
        "nested",
        "action.concurrency",
        &json!({"threshold": 1}),
    )
}

fn status(execution: &Value) -> &str {
    execution["status"].as_str().unwrap_or_default()
}

fn states(execution: &Value) -> Vec<&str> {
    let log = execution["log"].as_array().into_iter().flatten();
    log.filter_map(|entry| entry["status"].as_str()).collect()
}

fn the_client_shows_policies(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let st2 = St2::of(&world.engine)?;

    let listed = st2.json(&["policy", "list", "-p", "limits"])?;
    let shown = st2.json(&["policy", "get", "limits.two"])?;
    let ran = st2.json(&[
        "run",
        "limits.two",
        "n=1",
        &format!("log={}", world.file("log").display()),
    ])?;

    assert_eq!(listed.as_array().map(Vec::len), Some(7), "{listed}");
    assert_eq!(shown["policy_type"], "action.concurrency");
    assert_eq!(
        shown["parameters"],
        json!({"action": "delay", "threshold": 2})
    );
    assert_eq!(ran["status"], "succeeded", "{ran}");
    Ok(())
}

fn no_more_run_at_once_than_the_policy_lets(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;

    let ids = world.request_all("two", 20, "log")?;
    let ends = world.ends(&ids)?;

    assert!(
        ends.iter().all(|end| status(end) == "succeeded"),
        "{ends:?}"
    );
    let (mut running, mut most, mut started) = (0_usize, 0, Vec::new());
    for (what, n) in world.lines("log")? {
        if what == "start" {
            running += 1;
            // Of those requested before, at most one has not begun: it was admitted together with this one.
            let before = (0..n).filter(|before| !started.contains(before)).count();
            assert!(before <= 1, "{n} began after {started:?}");
            started.push(n);
        } else {
            running -= 1;
        }
        most = most.max(running);
    }
    assert_eq!((most, started.len()), (2, 20));
    Ok(())
}

fn what_finds_no_place_is_canceled_where_the_policy_says_so(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let first = world.request("refusing", 1, "go")?;
    world.wait_for_status(&first, "running")?;

    let second = world
        .engine
        .wait_for_end(&world.request("refusing", 2, "go")?)?;
    fs::write(world.file("go"), "")?;
    let first = world.engine.wait_for_end(&first)?;
    let third = world
        .engine
        .wait_for_end(&world.request("refusing", 3, "go")?)?;

    assert_eq!(states(&second), ["requested", "canceling", "canceled"]);
    assert_eq!(second["result"]["policy"], "limits.refusing");
    assert_eq!([status(&first), status(&third)], ["succeeded"; 2]);
    Ok(())
}

fn each_value_of_an_attribute_has_places_of_its_own(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let ones = [
        world.request("by_value", 1, "go")?,
        world.request("by_value", 1, "go")?,
    ];
    let two = world.request("by_value", 2, "go")?;

    world.wait_for_status(&ones[0], "running")?;
    world.wait_for_status(&two, "running")?;
    world.wait_for_status(&ones[1], "delayed")?;
    fs::write(world.file("go"), "")?;

    let last = world.engine.wait_for_end(&ones[1])?;
    assert_eq!(
        states(&last),
        ["requested", "delayed", "scheduled", "running", "succeeded"]
    );
    Ok(())
}

fn what_failed_is_tried_again_until_it_succeeds_or_the_count_is_used_up(
    backend: Backend,
) -> Result<()> {
    let world = World::on(backend)?;

    let first = world.request("flaky", 3, "third_time")?;
    wait_until("the third try succeeding", PATIENCE, || {
        let tries = world.of_action("flaky")?;
        Ok(tries
            .iter()
            .any(|one| status(one) == "succeeded")
            .then_some(()))
    })
    .with_context(|| world.engine.logs())?;
    let tries = world.of_action("flaky")?;
    assert_eq!(
        tries.iter().map(status).collect::<Vec<_>>(),
        ["failed", "failed", "succeeded"]
    );
    let retry = &tries[2]["context"]["policies"]["retry"];
    assert_eq!(retry["applied_policy"], "limits.flaky");
    assert_eq!(retry["retry_count"], 2);
    assert_eq!(retry["retried_liveaction_id"], tries[1]["id"]);
    assert_eq!(tries[0]["id"], json!(first));
    assert_eq!(tries[2]["parameters"], tries[0]["parameters"]);

    world.request("flaky", 99, "never")?;
    wait_until("three more tries failing", PATIENCE, || {
        let failed = world.of_action("flaky")?;
        let failed = failed.iter().filter(|one| status(one) == "failed").count();
        Ok((failed >= 5).then_some(()))
    })
    .with_context(|| world.engine.logs())?;
    // Whatever else would be requested is requested with the end of the last try.
    assert_eq!(world.of_action("flaky")?.len(), 6);
    Ok(())
}

fn what_timed_out_is_tried_again_after_the_delay(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;

    let first = world.request("slow", 0, "tries")?;
    let first = world.engine.wait_for_end(&first)?;
    let tries = world.of_action("slow")?;
    let second = world
        .engine
        .wait_for_end(tries[1]["id"].as_str().context("an id")?)?;

    assert_eq!([status(&first), status(&second)], ["timeout", "succeeded"]);
    assert_eq!(
        states(&second),
        ["requested", "delayed", "scheduled", "running", "succeeded"]
    );
    Ok(())
}

fn nothing_waits_for_ever_whoever_is_killed(backend: Backend) -> Result<()> {
    let mut world = World::on(backend)?;
    let ids = world.request_all("two", 12, "log")?;

    for role in ["scheduler", "runner"] {
        let began = world.lines("log").map_or(0, |lines| lines.len());
        wait_until("somebody beginning", PATIENCE, || {
            let lines = world.lines("log").map_or(0, |lines| lines.len());
            Ok((lines > began || lines >= 24).then_some(()))
        })?;
        let process = world.engine.process(role);
        process.kill9()?;
        process.run()?;
        world.engine.wait_until_ready()?;
    }

    let rest = wait_until("all executions ending", PATIENCE, || {
        let all = world.of_action("two")?;
        let ended = ["succeeded", "abandoned"];
        let is_over = all.iter().all(|one| ended.contains(&status(one)));
        Ok(is_over.then_some(all))
    })
    .with_context(|| world.engine.logs())?;
    let succeeded = rest.iter().filter(|one| status(one) == "succeeded").count();
    ensure!(rest.len() == ids.len() && succeeded >= 8, "{rest:?}");
    Ok(())
}

fn who_waits_goes_on_without_the_policy(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let http = &world.engine.http;
    let ids = world.request_all("alone", 3, "go")?;
    world.wait_for_status(&ids[0], "running")?;
    world.wait_for_status(&ids[2], "delayed")?;

    let mut policy = http.get("/v1/policies/limits.alone")?.expect(200)?;
    policy["parameters"]["threshold"] = json!(2);
    let path = format!("/v1/policies/{}", policy["id"].as_str().context("an id")?);
    http.put(&path, &policy)?.expect(200)?;
    world.wait_for_status(&ids[1], "running")?;
    assert_eq!(status(&world.execution(&ids[2])?), "delayed");
    http.delete(&path)?.expect(204)?;
    world.wait_for_status(&ids[2], "running")?;
    let free = world.request("alone", 3, "go")?;
    world.wait_for_status(&free, "running")?;

    fs::write(world.file("go"), "")?;
    let ends = world.ends(&ids)?;
    assert!(
        ends.iter().all(|end| status(end) == "succeeded"),
        "{ends:?}"
    );
    Ok(())
}

fn a_workflow_never_waits_for_itself(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;

    let ids = world.request_all("nested", 3, "unused")?;
    let ends = world.ends(&ids)?;

    assert!(
        ends.iter().all(|end| status(end) == "succeeded"),
        "{ends:?}"
    );
    // Each asks for those below it.
    assert_eq!(world.of_action("nested")?.len(), 1 + 2 + 3);
    Ok(())
}
