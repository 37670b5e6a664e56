//! The engine is killed while a pack is installed: what is seen is the old version or the new one, never half of one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE, Engine};
use stories::published::commit;
use stories::servers::wait_until;

use super::world::World;

crate::on_both_backends![half_an_install_is_never_seen];

/// Actions that a version brings; each says which version it is of.
const ACTIONS: usize = 150;
/// When the engine is killed: after so many of an installation's tasks, and so many answers more; what is put in force
/// by the last task is hit before, meanwhile and after.
const BLOWS: [Blow; 6] = [
    Blow::After(1, 0),
    Blow::After(4, 0),
    Blow::After(6, 10),
    Blow::After(6, 60),
    Blow::After(6, 120),
    Blow::Seen,
];

#[derive(Debug, Clone, Copy)]
enum Blow {
    /// After tasks, and answers to a request.
    After(usize, usize),
    /// As soon as the new version is seen.
    Seen,
}

/// Publishes the versions of the pack `many`, one after the other.
fn publish(folder: &Path, versions: usize) -> Result<()> {
    fs::create_dir_all(folder.join("actions"))?;
    for version in 0..versions {
        let version = format!("1.{version}.0");
        let about = format!(
            "ref: many\nname: many\ndescription: Many actions.\nversion: {version}\nauthor: Ada\n\
             email: ada@example.com\n"
        );
        fs::write(folder.join("pack.yaml"), about)?;
        let tell = format!("class Tell:\n    def run(self):\n        return \"{version}\"\n");
        fs::write(folder.join("actions/tell.py"), tell)?;
        for number in 0..ACTIONS {
            let action = format!(
                "name: tell{number}\nrunner_type: python-script\nentry_point: tell.py\ndescription: of {version}\n"
            );
            fs::write(folder.join(format!("actions/tell{number}.yaml")), action)?;
        }
        commit(folder, &format!("v{version}"))?;
    }
    Ok(())
}

/// The version of the pack, which all that is seen of it must be of.
fn whole_version(world: &World) -> Result<String> {
    let actions = world.get("/v1/actions?pack=many&limit=1000")?;
    let pack = world.get("/v1/packs/many")?;
    let version = pack["version"].as_str().context("a version")?.to_owned();
    let actions = actions.as_array().context("a list")?;
    ensure!(actions.len() == ACTIONS, "{} actions", actions.len());
    for action in actions {
        let description = action["description"].as_str();
        ensure!(
            description == Some(format!("of {version}").as_str()),
            "{version}: {action}"
        );
    }
    let told = world.returned(&["many.tell7"])?;
    ensure!(told == version.as_str(), "{version}: {told}");
    Ok(version)
}

fn tasks_of(engine: &Engine, install: &str) -> Result<usize> {
    let path = format!("/v1/executions?parent={install}&limit=100&include_attributes=id");
    let tasks = engine.http.get(&path)?.body;
    Ok(tasks.as_array().map_or(0, Vec::len))
}

fn wait_for(world: &World, blow: Blow, install: &str, next: &str) -> Result<()> {
    let has_come =
        |tasks: usize| -> Result<bool> { Ok(tasks_of(&world.engine, install)? >= tasks) };
    let version = || -> Result<Value> { Ok(world.get("/v1/packs/many")?["version"].clone()) };
    match blow {
        Blow::After(tasks, answers) => {
            wait_until("tasks of the installation", DEADLINE, || {
                Ok(has_come(tasks)?.then_some(()))
            })?;
            for _ in 0..answers {
                version()?;
            }
            Ok(())
        }
        Blow::Seen => wait_until("the new version", DEADLINE, || {
            Ok((version()? == next).then_some(()))
        }),
    }
}

fn half_an_install_is_never_seen(backend: Backend) -> Result<()> {
    let mut world = World::on(backend)?;
    let folder = world.file("many");
    publish(&folder, BLOWS.len() + 1)?;
    let url = format!("file://{}", folder.display());
    world.install(&url, "1.0.0")?;
    let mut now = whole_version(&world)?;
    let mut killed_early = 0;

    for (round, blow) in BLOWS.into_iter().enumerate() {
        let next = format!("1.{}.0", round + 1);
        let packs = json!({ "packs": [format!("{url}={next}")] });
        let install = world.engine.http.post("/v1/packs/install", &packs)?;
        let install = install.expect(200)?["execution_id"]
            .as_str()
            .context("an id")?
            .to_owned();
        wait_for(&world, blow, &install, &next).with_context(|| world.engine.logs())?;
        for process in &mut world.engine.processes {
            process.kill9()?;
        }
        for process in &mut world.engine.processes {
            process.run()?;
        }
        world.engine.wait_until_ready()?;

        let seen = whole_version(&world).with_context(|| world.engine.logs())?;
        ensure!(seen == now || seen == next, "{seen}");
        killed_early += usize::from(seen == now);
        // Whatever came of the installation: the same again works.
        let ended = world.engine.wait_for_end(&install)?;
        ensure!(ended["status"] != Value::Null, "{ended}");
        let seen = whole_version(&world)?;
        ensure!(seen == now || seen == next, "{seen}");
        world.install(&url, &next)?;
        now = whole_version(&world)?;
        assert_eq!(now, next);
    }
    eprintln!(
        "killed: {killed_early} of {} installations before they counted",
        BLOWS.len()
    );
    ensure!(killed_early > 0 && killed_early < BLOWS.len());
    world.remove("many")
}
