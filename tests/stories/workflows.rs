//! Workflows as StackStorm's own client runs, shows and steers them.

mod errors;
mod examples;
mod following;
mod questions;
mod secrecy;
mod steering;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE, Engine, EngineOptions, repository};
use stories::servers::wait_until;
use stories::st2::St2;

crate::on_both_backends![
    the_client_runs_and_shows_them,
    items_run_so_many_at_once,
    tries_and_delays_take_their_time,
    a_definition_stays_with_what_began_with_it,
    listeners_are_notified,
];

/// Small bounds, so that what runs for ever ends soon.
const CONFIGURATION: &str = "[workflow]\nmax_task_runs = 20\nmax_depth = 3\n";

/// An engine with the pack `flows`, its client, and a folder for files that tasks wait for and write.
struct World {
    engine: Engine,
    st2: St2,
    folder: tempfile::TempDir,
}

impl World {
    fn on(backend: Backend) -> Result<Self> {
        Self::with(EngineOptions::new(backend))
    }

    fn with(mut options: EngineOptions) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let configuration = folder.path().join("petrel.toml");
        fs::write(&configuration, CONFIGURATION)?;
        let configuration = format!("--config={}", configuration.display());
        options.arguments.push(configuration);
        let options = options.with_packs(repository().join("tests/stories/workflows/packs"));
        let engine = Engine::start(&options)?;
        let st2 = St2::of(&engine)?;
        Ok(Self {
            engine,
            st2,
            folder,
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The parameter that names a file.
    fn named(&self, name: &str) -> String {
        format!("file={}", self.file(name).display())
    }

    fn lines(&self, name: &str) -> Result<Vec<String>> {
        let text = fs::read_to_string(self.file(name))?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Runs an action with the client, waits, and gives its execution and the tasks that the client shows.
    fn run(&self, arguments: &[&str]) -> Result<(Value, Vec<Value>)> {
        let ran = self.st2.run(&[&["run"], arguments, &["-j"]].concat())?;
        let mut printed = serde_json::Deserializer::from_str(&ran.stdout).into_iter::<Value>();
        let execution = printed.next().context("the client printed nothing")??;
        let tasks = match printed.next() {
            Some(tasks) => tasks?.as_array().cloned().context("a list of tasks")?,
            None => Vec::new(),
        };
        Ok((execution, tasks))
    }

    /// Requests an action with the client; its id.
    fn begin(&self, arguments: &[&str]) -> Result<String> {
        let ran = self.st2.run(&[&["run", "-a"], arguments].concat())?;
        let id = ran.stdout.split("st2 execution get ").nth(1);
        let id = id.and_then(|rest| rest.split_whitespace().next());
        let id = id.with_context(|| format!("no id in {ran:?}"))?;
        Ok(id.to_owned())
    }

    fn execution(&self, id: &str) -> Result<Value> {
        let path = format!("/v1/executions/{id}");
        self.engine.http.get(&path)?.expect(200)
    }

    fn wait_for_status(&self, id: &str, status: &str) -> Result<Value> {
        let waited = wait_until(&format!("execution {id} being {status}"), DEADLINE, || {
            let execution = self.execution(id)?;
            Ok((execution["status"] == status).then_some(execution))
        });
        waited.with_context(|| format!("{:?}\n{}", self.execution(id), self.engine.logs()))
    }

    /// The executions that a workflow asked for, oldest first.
    fn children(&self, id: &str) -> Result<Vec<Value>> {
        let path = format!("/v1/executions?parent={id}&limit=100&sort_asc=True");
        let children = self.engine.http.get(&path)?.expect(200)?;
        children.as_array().cloned().context("a list")
    }

    /// Waits until a task of a workflow is in a state; the id of its execution.
    fn wait_for_task(&self, workflow: &str, task: &str, status: &str) -> Result<String> {
        let what = format!("task {task} of {workflow} being {status}");
        let waited = wait_until(&what, DEADLINE, || {
            let children = self.children(workflow)?;
            let found = children.iter().find(|child| {
                child["context"]["orquesta"]["task_name"] == task && child["status"] == status
            });
            Ok(found.and_then(|child| child["id"].as_str().map(str::to_owned)))
        });
        waited.with_context(|| format!("{:?}\n{}", self.children(workflow), self.engine.logs()))
    }

    /// Lets a task go on that waits for a file.
    fn open(&self, name: &str) -> Result<()> {
        Ok(fs::write(self.file(name), "")?)
    }

    /// Runs a command of the client that must end well.
    fn st2(&self, arguments: &[&str]) -> Result<String> {
        let ran = self.st2.run(arguments)?;
        ensure!(ran.code == 0, "st2 {arguments:?}: {ran:?}");
        Ok(ran.stdout)
    }
}

/// The states that an execution has been in.
fn states(execution: &Value) -> Vec<&str> {
    let log = execution["log"].as_array().into_iter().flatten();
    log.filter_map(|entry| entry["status"].as_str()).collect()
}

/// When an execution came to be in a state last, in seconds.
fn time_of(execution: &Value, status: &str) -> Result<f64> {
    let log = execution["log"].as_array().context("a log")?;
    let entry = log.iter().rfind(|entry| entry["status"] == status);
    let text = entry.and_then(|entry| entry["timestamp"].as_str());
    let text = text.with_context(|| format!("never {status}: {execution}"))?;
    let clock = text.split_once('T').context("a time")?.1;
    let parts: Vec<f64> = clock
        .trim_end_matches('Z')
        .split(':')
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [hours, minutes, seconds] = parts[..] else {
        anyhow::bail!("no time: {text}");
    };
    Ok((hours * 60.0 + minutes) * 60.0 + seconds)
}

fn the_client_runs_and_shows_them(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;

    let tree = world.st2(&["run", "examples.subworkflow"])?;
    assert!(tree.contains("- HELLO, GRACE!"), "{tree}");
    let rows: Vec<_> = tree.lines().filter(|line| line.starts_with("| ")).collect();
    let subs = rows.iter().filter(|row| row.starts_with("| + ")).count();
    let tasks = rows.iter().filter(|row| row.starts_with("|    ")).count();
    assert_eq!((subs, tasks), (3, 9), "{tree}");

    let id = world.begin(&["examples.sequence", "name=Ada"])?;
    world.wait_for_status(&id, "succeeded")?;
    let shown = world.st2(&["execution", "get", &id])?;
    assert!(shown.contains("greeting: HELLO, ADA!"), "{shown}");
    for task in ["greet", "shout", "done"] {
        assert!(shown.contains(&format!("| {task} ")), "{shown}");
    }
    let shout = world.st2(&["execution", "get", &id, "-x"])?;
    assert!(!shout.contains("greeting"), "{shout}");

    // Tasks are listed with their workflow, not beside it.
    let listed = world.st2.json(&["execution", "list"])?;
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    let child = &world.children(&id)?[1];
    assert_eq!(child["parent"], json!(id));
    assert_eq!(child["context"]["orquesta"]["task_name"], "shout");
    assert_eq!(child["context"]["parent"]["execution_id"], json!(id));

    let failed = world.st2.run(&["run", "examples.fail_on_purpose"])?;
    assert!(failed.stdout.contains("verdict: too little"), "{failed:?}");
    Ok(())
}

fn items_run_so_many_at_once(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;

    let (ended, tasks) = world.run(&["examples.with_items_concurrency", "at_once=2"])?;

    let squares = &ended["result"]["output"]["squares"];
    assert_eq!(squares, &json!([1, 4, 9, 16, 25, 36, 49]), "{ended}");
    assert_eq!(tasks.len(), 7);
    let mut changes = Vec::new();
    for child in world.children(ended["id"].as_str().context("an id")?)? {
        changes.push((time_of(&child, "requested")?, 1));
        changes.push((time_of(&child, "succeeded")?, -1));
    }
    changes.sort_by(|a, b| a.partial_cmp(b).expect("times compare"));
    let (mut at_once, mut most) = (0, 0);
    for (_, change) in changes {
        at_once += change;
        most = most.max(at_once);
    }
    assert_eq!(most, 2);
    Ok(())
}

fn tries_and_delays_take_their_time(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;

    let (ended, tasks) = world.run(&["flows.tries", &world.named("tries")])?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(tasks.len(), 3);
    let children = world.children(ended["id"].as_str().context("an id")?)?;
    for two in children.windows(2) {
        let waited = time_of(&two[1], "running")? - time_of(&two[0], "failed")?;
        assert!(waited >= 1.0, "tried again after {waited} s");
    }
    assert_eq!(
        states(&children[1]),
        ["requested", "delayed", "scheduled", "running", "failed"]
    );

    let (ended, _) = world.run(&["examples.delay", "seconds=1"])?;
    assert_eq!(ended["result"]["output"], json!({"waited": 1}));
    let children = world.children(ended["id"].as_str().context("an id")?)?;
    let waited = time_of(&children[1], "running")? - time_of(&children[0], "succeeded")?;
    assert!(waited >= 1.0, "ran after {waited} s");
    Ok(())
}

fn a_definition_stays_with_what_began_with_it(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let id = world.begin(&["flows.gated", &world.named("gate")])?;
    world.wait_for_task(&id, "gate", "running")?;
    let packs = world.engine.packs.iter();
    let file = packs.map(|packs| packs.join("flows/actions/workflows/gated.yaml"));
    let file = file
        .into_iter()
        .find(|file| file.is_file())
        .context("the file")?;

    let text = fs::read_to_string(&file)?;
    fs::write(&file, text.replace("message=\"old\"", "message=\"new\""))?;
    let path = format!("/v1/executions/{id}/definition");
    let definition = world.engine.http.get(&path)?.expect(200)?;
    assert_eq!(definition.as_str(), Some(text.as_str()));
    world.open("gate")?;

    let ended = world.engine.wait_for_end(&id)?;
    assert_eq!(ended["result"]["output"]["last"], "old");
    let (next, _) = world.run(&["flows.gated", &world.named("gate")])?;
    assert_eq!(next["result"]["output"]["last"], "new");
    Ok(())
}

fn listeners_are_notified(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let rule = json!({
        "name": "listen", "pack": "default", "enabled": true,
        "trigger": { "type": "core.st2.generic.notifytrigger" },
        "action": { "ref": "core.echo", "parameters": { "message":
            "{{ trigger.status }} {{ trigger.execution_id }} {{ trigger.message }}" } },
    });
    world.engine.http.post("/v1/rules", &rule)?.expect(201)?;

    let (ended, _) = world.run(&["examples.notify"])?;

    // Of the workflow, and of the task that it names.
    let mut said = Vec::new();
    for told in world
        .engine
        .wait_for_list("/v1/executions?action=core.echo", 2)?
    {
        let told = world
            .engine
            .wait_for_end(told["id"].as_str().context("an id")?)?;
        said.push(
            told["result"]["stdout"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    let id = ended["id"].as_str().context("an id")?;
    let child = &world.children(id)?[0];
    for id in [id, child["id"].as_str().context("an id")?] {
        assert!(
            said.contains(&format!("succeeded {id} went well")),
            "{said:?}"
        );
    }
    Ok(())
}
