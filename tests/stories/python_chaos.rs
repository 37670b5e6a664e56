//! Runners, warm interpreters and actions in flight are killed: every execution ends, and no process is left.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use stories::engine::{Backend, DEADLINE, Engine, EngineOptions, repository};
use stories::servers::wait_until;

crate::on_both_backends![
    a_killed_runner_takes_its_actions_along_and_they_run_again,
    a_killed_action_or_interpreter_harms_nobody_else,
    whatever_is_killed_at_once_every_execution_ends,
];

/// How long it takes until leases have run out and what was lost has run again.
const PATIENCE: Duration = Duration::from_mins(2);

/// An engine with the pack `snakes`, and the folder that its naps share.
struct World {
    engine: Engine,
    folder: tempfile::TempDir,
}

/// The processes of a nap.
#[derive(Debug, Clone, Copy)]
struct Nap {
    parent: i32,
    fork: i32,
    below: i32,
}

impl World {
    fn new(backend: Backend) -> Result<Self> {
        let packs = repository().join("tests/stories/python/packs");
        let options = EngineOptions::new(backend)
            .with_packs(packs)
            .with_configuration("snakes", "token: open sesame\n");
        let engine = Engine::start(&options)?;
        Ok(Self {
            engine,
            folder: tempfile::tempdir()?,
        })
    }

    fn request(&self) -> Result<String> {
        let body = json!({"action": "snakes.nap", "parameters": {"folder": self.folder.path()}});
        let execution = self
            .engine
            .http
            .post("/v1/executions", &body)?
            .expect(201)?;
        let id = execution["id"].as_str().context("an execution has an id")?;
        Ok(id.to_owned())
    }

    /// The processes of naps that have begun, once there are so many.
    fn naps(&self, count: usize) -> Result<Vec<Nap>> {
        let note = self.folder.path().join("pids");
        wait_until(&format!("{count} naps having begun"), DEADLINE, || {
            let text = fs::read_to_string(&note).unwrap_or_default();
            let naps: Vec<Nap> = text.lines().filter_map(Nap::of).collect();
            Ok((naps.len() >= count).then_some(naps))
        })
        .with_context(|| self.engine.logs())
    }

    fn open_the_gate(&self) -> Result<()> {
        Ok(fs::write(self.folder.path().join("gate"), "")?)
    }

    fn close_the_gate(&self) -> Result<()> {
        Ok(fs::remove_file(self.folder.path().join("gate"))?)
    }

    /// All naps, once all of them have ended: how many in which state.
    fn ends(&self) -> Result<BTreeMap<String, usize>> {
        let ended = ["succeeded", "failed", "abandoned"];
        let path = "/v1/executions?action=snakes.nap&limit=100";
        let all = wait_until("the end of all naps", PATIENCE, || {
            let answer = self.engine.http.get(path)?.body;
            let all = answer.as_array().context("executions are a list")?.clone();
            // What is to run again is requested together with the end of what was lost.
            let have_ended = all.iter().all(|one| {
                one["status"]
                    .as_str()
                    .is_some_and(|one| ended.contains(&one))
            });
            Ok(have_ended.then_some(all))
        })
        .with_context(|| self.engine.logs())?;
        let mut counts = BTreeMap::new();
        for one in all {
            let status = one["status"].as_str().unwrap_or_default().to_owned();
            *counts.entry(status).or_insert(0) += 1;
        }
        Ok(counts)
    }

    /// A Python action works, and says which warm interpreter it is a fork of.
    fn works(&self) -> Result<i64> {
        let body = json!({"action": "snakes.ways", "parameters": {"how": "process"}});
        let execution = self
            .engine
            .http
            .post("/v1/executions", &body)?
            .expect(201)?;
        let id = execution["id"].as_str().context("an execution has an id")?;
        let ended = self.engine.wait_for_end(id)?;
        ensure!(ended["status"] == "succeeded", "{ended}");
        ended["result"]["result"].as_i64().context("a process id")
    }

    /// Ends the engine; nothing of its Python may be there then.
    fn leave_nothing(mut self) -> Result<()> {
        for process in &mut self.engine.processes {
            process.terminate()?;
        }
        let folder = self.engine.folder().display().to_string();
        wait_until(
            "no process of the engine's Python being left",
            DEADLINE,
            || {
                let mut left = Vec::new();
                for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
                    let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                    let line = String::from_utf8_lossy(&line).replace('\0', " ");
                    if line.contains(&folder) && line.contains("/python/worker-") {
                        left.push(line);
                    }
                }
                Ok(left.is_empty().then_some(()))
            },
        )
    }
}

impl Nap {
    fn of(line: &str) -> Option<Self> {
        let mut pids = line.split(' ').map(str::parse);
        Some(Self {
            parent: pids.next()?.ok()?,
            fork: pids.next()?.ok()?,
            below: pids.next()?.ok()?,
        })
    }

    fn until_gone(self) -> Result<()> {
        until_gone(self.fork)?;
        until_gone(self.below)
    }
}

fn until_gone(pid: i32) -> Result<()> {
    wait_until(&format!("process {pid} being gone"), DEADLINE, || {
        let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
        let is_there = stat.is_ok_and(|stat| !stat.contains(") Z "));
        Ok((!is_there).then_some(()))
    })
}

fn kill9(pid: i32) -> Result<()> {
    Ok(kill(Pid::from_raw(pid), Signal::SIGKILL)?)
}

/// Kills the process that runs actions, and brings it back once all that ran in it is gone.
fn lose_the_runner(world: &mut World, naps: &[Nap]) -> Result<()> {
    world.engine.process("runner").kill9()?;
    for nap in naps {
        nap.until_gone()?;
        until_gone(nap.parent)?;
    }
    world.open_the_gate()?;
    world.engine.process("runner").run()?;
    world.engine.wait_until_ready()
}

fn a_killed_runner_takes_its_actions_along_and_they_run_again(backend: Backend) -> Result<()> {
    let mut world = World::new(backend)?;
    let ids = [world.request()?, world.request()?, world.request()?];
    let naps = world.naps(3)?;

    lose_the_runner(&mut world, &naps)?;

    let expected = BTreeMap::from([("abandoned".to_owned(), 3), ("succeeded".to_owned(), 3)]);
    assert_eq!(world.ends()?, expected);
    for id in ids {
        let lost = world.engine.wait_for_end(&id)?;
        assert_eq!(lost["status"], "abandoned", "{lost}");
        let error = lost["result"]["error"].as_str().unwrap_or_default();
        assert!(error.contains("runner"), "{lost}");
    }
    world.works()?;
    world.leave_nothing()
}

fn a_killed_action_or_interpreter_harms_nobody_else(backend: Backend) -> Result<()> {
    let world = World::new(backend)?;
    let mut ids = Vec::new();
    for count in 1..=3 {
        ids.push(world.request()?);
        world.naps(count)?;
    }
    let naps = world.naps(3)?;

    kill9(naps[0].fork)?;
    let ended = world.engine.wait_for_end(&ids[0])?;
    assert_eq!(ended["status"], "failed", "{ended}");
    assert_eq!(ended["result"]["exit_code"], -9, "{ended}");
    naps[0].until_gone()?;
    let parent = world.works()?;
    assert_eq!(parent, i64::from(naps[0].parent));

    kill9(naps[1].parent)?;
    for (id, nap) in ids.iter().zip(&naps).skip(1) {
        let ended = world.engine.wait_for_end(id)?;
        assert_eq!(ended["status"], "failed", "{ended}");
        let error = ended["result"]["error"].as_str().unwrap_or_default();
        assert!(error.contains("Python process"), "{ended}");
        nap.until_gone()?;
    }
    assert_ne!(world.works()?, parent);
    assert_eq!(world.ends()?, BTreeMap::from([("failed".to_owned(), 3)]));
    world.leave_nothing()
}

fn whatever_is_killed_at_once_every_execution_ends(backend: Backend) -> Result<()> {
    let mut world = World::new(backend)?;
    let mut begun = 0;
    for round in 0..2 {
        for _ in 0..6 {
            world.request()?;
        }
        let naps = world.naps(begun + 6)?.split_off(begun);

        kill9(naps[0].fork)?;
        if round > 0 {
            kill9(naps[0].parent)?;
            // The runner is there to kill what they have started.
            for nap in &naps {
                nap.until_gone()?;
            }
        }
        lose_the_runner(&mut world, &naps)?;

        let counts = world.ends()?;
        eprintln!("python chaos, round {round}: {counts:?}");
        world.close_the_gate()?;
        begun = world.naps(0)?.len();
    }
    world.works()?;
    world.leave_nothing()
}
