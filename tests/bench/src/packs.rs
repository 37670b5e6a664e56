//! Registering packs, and how long listings and searches take with all of them in the store.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, binary};

use crate::events::Servers;

/// What is generated.
const PACKS: usize = 100;
const ACTIONS: usize = 25;
const SENSORS: usize = 2;
/// Requests of each kind that are timed.
const REQUESTS: usize = 200;
/// What users ask for with a pack more or less in mind.
const REQUESTED: [(&str, &str); 12] = [
    ("a page of actions", "/v1/actions?limit=50"),
    (
        "the last page of actions",
        "/v1/actions?limit=50&offset=2450",
    ),
    (
        "a page of the actions' overview",
        "/v1/actions/views/overview?limit=50",
    ),
    ("the actions of a pack", "/v1/actions?pack=bench42&limit=50"),
    ("an action by name", "/v1/actions?name=act7&limit=50"),
    ("an action", "/v1/actions/bench42.act7"),
    ("a page of rules", "/v1/rules?limit=50"),
    (
        "the rules of an action",
        "/v1/rules?action=bench42.act1&limit=50",
    ),
    (
        "the rules of a trigger",
        "/v1/rules?trigger=bench42.seen0&limit=50",
    ),
    ("all packs", "/v1/packs?limit=-1"),
    ("a pack", "/v1/packs/bench42"),
    ("a page of sensors", "/v1/sensortypes?limit=50"),
];

/// `given`: a folder of packs beside those that are generated.
pub(crate) fn measure(
    backend: Backend,
    given: Option<&Path>,
    print: impl Fn(&Value),
) -> Result<()> {
    let generated = tempfile::tempdir()?;
    for number in 0..PACKS {
        write_pack(&generated.path().join(format!("bench{number}")), number)?;
    }
    let servers = Servers::of(backend)?;
    let mut options = EngineOptions::new(backend);
    options.packs = Vec::new();
    // Sensors of packs that have no configuration fail and are started again: that is not what is timed.
    let configuration = generated.path().join("petrel.toml");
    fs::write(&configuration, "[sensors]\nonly = []\n")?;
    options
        .arguments
        .push(format!("--config={}", configuration.display()));
    options.servers = servers.as_ref().map(Servers::urls).transpose()?;
    let engine = Engine::start(&options)?;
    let name = format!("{backend:?}").to_lowercase();
    let database = options
        .servers
        .as_ref()
        .map(|(database, _)| database.as_str());
    let register = |what: &str, folder: &Path| -> Result<()> {
        for run in ["first", "again"] {
            let (took, said) = register(&engine, database, folder)?;
            print(&json!({
                "bench": "packs", "backend": name, "what": format!("{what} registered, {run}"),
                "ms": took.as_millis(), "said": said,
            }));
        }
        Ok(())
    };
    register("100 packs of 25 actions and 2 sensors", generated.path())?;
    if let Some(given) = given {
        register("the packs given", given)?;
    }
    for (what, path) in REQUESTED {
        print(&json!({
            "bench": "packs", "backend": name, "what": what, "answers": timed(&engine, path)?,
        }));
    }
    Ok(())
}

/// Its sensors are switched off: a bench of registering is not to run 200 processes.
fn write_pack(folder: &Path, number: usize) -> Result<()> {
    let write = |path: String, text: String| -> Result<()> {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        Ok(fs::write(path, text)?)
    };
    write(
        "pack.yaml".into(),
        format!(
            "ref: bench{number}\nname: bench{number}\ndescription: A pack.\nversion: 1.0.0\nauthor: Ada\n\
             email: ada@example.com\n"
        ),
    )?;
    for action in 0..ACTIONS {
        let mut text = format!(
            "name: act{action}\nrunner_type: python-script\nentry_point: act.py\nenabled: true\n\
             description: Does thing {action} of pack {number}.\nparameters:\n"
        );
        let parameter = |number: usize| {
            format!(
                "  parameter{number}:\n    type: string\n    description: The parameter number {number}.\n    \
                 default: \"{{{{ config_context.value{number} }}}}\"\n"
            )
        };
        text.extend((0..6).map(parameter));
        write(format!("actions/act{action}.yaml"), text)?;
    }
    write(
        "actions/act.py".into(),
        "class Act:\n    def run(self, **given):\n        return given\n".into(),
    )?;
    for sensor in 0..SENSORS {
        write(
            format!("sensors/sensor{sensor}.yaml"),
            format!(
                "class_name: Sensor{sensor}\nentry_point: sensor.py\nenabled: false\npoll_interval: 30\n\
                 trigger_types:\n  - name: seen{sensor}\n    payload_schema:\n      type: object\n      \
                 properties:\n        what: {{type: string}}\n"
            ),
        )?;
    }
    write(
        "rules/on_seen.yaml".into(),
        format!(
            "name: on_seen\nenabled: true\ntrigger: {{type: bench{number}.seen0}}\ncriteria:\n  trigger.what:\n    \
             type: equals\n    pattern: this\naction:\n  ref: bench{number}.act1\n  parameters:\n    \
             parameter0: \"{{{{ trigger.what }}}}\"\n"
        ),
    )
}

fn register(engine: &Engine, database: Option<&str>, folder: &Path) -> Result<(Duration, String)> {
    let mut command = Command::new(binary());
    command.args(["pack", "register"]).arg(folder);
    command.arg("--data-dir").arg(engine.folder().join("data"));
    if let Some(database) = database {
        command.arg(format!("--database-url={database}"));
    }
    let start = Instant::now();
    let output = command.output()?;
    let took = start.elapsed();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = said.lines().last().unwrap_or_default().to_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    // Files that are refused make it fail; how many is in its last line.
    ensure!(!last.is_empty(), "{complaint}");
    Ok((took, last))
}

fn timed(engine: &Engine, path: &str) -> Result<Value> {
    let mut times = Vec::with_capacity(REQUESTS);
    let mut count = None;
    for _ in 0..REQUESTS {
        let start = Instant::now();
        let answer = engine.http.get(path)?;
        times.push(start.elapsed());
        count = answer.total;
        answer.expect(200)?;
    }
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_micros();
    Ok(json!({ "total": count, "p50_us": at(50), "p99_us": at(99) }))
}
