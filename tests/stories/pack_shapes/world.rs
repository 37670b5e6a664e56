//! An engine, the official client, and git repositories of packs that are published twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use stories::engine::{Backend, DEADLINE, Engine, EngineOptions, binary, repository};
use stories::published::{commit, make_wheels};
use stories::servers::{Postgres, RabbitMq, wait_until};
use stories::st2::St2;

/// What a pack brings, beside itself.
const KINDS: [&str; 9] = [
    "actions",
    "rules",
    "sensortypes",
    "triggertypes",
    "triggers",
    "actionalias",
    "policies",
    "configs",
    "config_schemas",
];

/// An engine with the packs of the repository alone, and where other packs are published.
pub(super) struct World {
    pub(super) engine: Engine,
    st2: St2,
    /// Repositories of packs, a folder each.
    published: tempfile::TempDir,
    /// What the engine alone uses, where it stands on servers: its database, and its broker.
    servers: Option<(String, RabbitMq)>,
}

impl World {
    pub(super) fn on(backend: Backend) -> Result<Self> {
        let mut options = EngineOptions::new(backend);
        let servers = if backend == Backend::Clustered {
            let (database, broker) = (Postgres::shared().fresh_database()?, RabbitMq::start()?);
            options.servers = Some((database.clone(), broker.url()));
            Some((database, broker))
        } else {
            None
        };
        let engine = Engine::start(&options)?;
        Ok(Self {
            st2: St2::of(&engine)?,
            engine,
            published: tempfile::tempdir()?,
            servers,
        })
    }

    /// Publishes versions 1.0.0 and 1.1.0 of a pack in a git repository; gives its URL.
    pub(super) fn publish(&self, pack: &str) -> Result<String> {
        let shapes = repository().join("tests/stories/pack_shapes");
        let folder = self.published.path().join(pack);
        self.lay(&shapes.join("packs").join(pack), &folder)?;
        commit(&folder, "v1.0.0")?;
        let about = folder.join("pack.yaml");
        let first = fs::read_to_string(&about)?;
        fs::write(&about, first.replace("version: 1.0.0", "version: 1.1.0"))?;
        let update = shapes.join("updates").join(pack);
        self.lay(&update, &folder)?;
        for gone in fs::read_to_string(folder.join(".removed"))
            .unwrap_or_default()
            .lines()
        {
            fs::remove_file(folder.join(gone))?;
        }
        commit(&folder, "v1.1.0")?;
        Ok(format!("file://{}", folder.display()))
    }

    /// Copies a folder; where its files name `REPOSITORIES`, the published packs are meant.
    fn lay(&self, from: &Path, to: &Path) -> Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
            let source = entry?.path();
            let target = to.join(source.file_name().context("an entry has a name")?);
            if source.is_dir() {
                self.lay(&source, &target)?;
                continue;
            }
            let repositories = format!("file://{}", self.published.path().display());
            let text = fs::read_to_string(&source)?.replace("REPOSITORIES", &repositories);
            fs::write(&target, text)?;
            fs::set_permissions(&target, fs::metadata(&source)?.permissions())?;
        }
        if to.ends_with("vendor") {
            make_wheels(to)?;
        }
        Ok(())
    }

    /// Runs the official client, which must end well.
    pub(super) fn st2(&self, arguments: &[&str]) -> Result<Value> {
        self.st2.json(arguments).with_context(|| self.engine.logs())
    }

    /// Runs the official client; gives its exit code and all that it printed.
    pub(super) fn tried(&self, arguments: &[&str]) -> Result<(i32, String)> {
        let ran = self.st2.run(arguments)?;
        Ok((ran.code, ran.stdout + &ran.stderr))
    }

    /// Runs our client, which must end well; gives what it printed.
    pub(super) fn petrel(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(binary())
            .args(arguments)
            .env("PETREL_URL", self.engine.http.base())
            .output()?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        ensure!(
            output.status.success(),
            "petrel {arguments:?}: {said}\n{}",
            self.engine.logs()
        );
        Ok(said)
    }

    /// Runs our client in a terminal, where a person answers what it asks; what the terminal showed.
    pub(super) fn at_terminal(
        &self,
        dialogue: &[(&str, &str)],
        arguments: &[&str],
    ) -> Result<String> {
        let script = repository().join("tests/stories/pack_shapes/terminal.py");
        let output = Command::new("python3")
            .arg(script)
            .arg(serde_json::to_string(dialogue)?)
            .arg(binary())
            .args(arguments)
            .env("PETREL_URL", self.engine.http.base())
            .output()?;
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.success(), "{shown}\n{}", self.engine.logs());
        Ok(shown)
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        self.engine.http.get(path)?.expect(200)
    }

    /// Installs, or updates to, one version of a published pack.
    pub(super) fn install(&self, url: &str, version: &str) -> Result<()> {
        let (code, said) = self.tried(&["pack", "install", &format!("{url}={version}")])?;
        ensure!(code == 0, "{said}\n{}", self.engine.logs());
        let pack = url.rsplit('/').next().unwrap_or_default();
        let shown = self.st2(&["pack", "get", pack])?;
        ensure!(shown["version"] == version, "{shown}");
        Ok(())
    }

    /// Runs an action to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<Value> {
        let ran = self.st2.run(&[&["run"], arguments, &["-j"]].concat())?;
        // Of a workflow, a list of its tasks follows.
        let mut printed = serde_json::Deserializer::from_str(&ran.stdout).into_iter::<Value>();
        let ended = printed.next().and_then(Result::ok);
        ended.with_context(|| format!("{arguments:?}: {ran:?}\n{}", self.engine.logs()))
    }

    /// Runs an action that must succeed; gives its result.
    pub(super) fn result(&self, arguments: &[&str]) -> Result<Value> {
        let ended = self.run(arguments)?;
        ensure!(
            ended["status"] == "succeeded",
            "{ended:#}\n{}",
            self.engine.logs()
        );
        Ok(ended["result"].clone())
    }

    /// Runs a Python action that must succeed; gives what it returned.
    pub(super) fn returned(&self, arguments: &[&str]) -> Result<Value> {
        Ok(self.result(arguments)?["result"].clone())
    }

    /// Removes a pack, and looks whether something is left of it.
    pub(super) fn remove(&self, pack: &str) -> Result<()> {
        let (code, said) = self.tried(&["pack", "remove", pack])?;
        ensure!(code == 0, "{said}\n{}", self.engine.logs());
        ensure!(self.engine.http.get(&format!("/v1/packs/{pack}"))?.status == 404);
        for kind in KINDS {
            let listed = self.get(&format!("/v1/{kind}?pack={pack}&limit=100"))?;
            let of_pack = |one: &&Value| one["pack"] == pack;
            let left = listed.as_array().into_iter().flatten().find(of_pack);
            ensure!(left.is_none(), "{kind} of {pack}: {left:?}");
        }
        let data = self.engine.folder().join("data");
        let left = data.join("virtualenvs").join(pack);
        ensure!(left.symlink_metadata().is_err(), "{}", left.display());
        for content in fs::read_dir(data.join("packs")).into_iter().flatten() {
            let unpacked = content?.path().join(pack);
            ensure!(!unpacked.exists(), "{}", unpacked.display());
        }
        // Its sensors and its warm interpreters end.
        wait_until(&format!("no process of {pack}"), DEADLINE, || {
            Ok(self.processes_of(pack)?.is_empty().then_some(()))
        })
        .with_context(|| format!("{:?}\n{}", self.processes_of(pack), self.engine.logs()))
    }

    /// The processes that run code of this pack: what they were started with names its folder or its virtualenv.
    pub(super) fn processes_of(&self, pack: &str) -> Result<Vec<String>> {
        let data = self.engine.folder().join("data").display().to_string();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let process = entry?.path();
            let read = |name: &str| fs::read(process.join(name)).unwrap_or_default();
            let started = [read("cmdline"), read("environ")].concat();
            let started = String::from_utf8_lossy(&started).replace(['\0', ':'], " ");
            let mut words = started.split([' ', '=']);
            let is_of_pack =
                |word: &str| word.starts_with(&data) && word.split('/').any(|part| part == pack);
            if words.any(is_of_pack) {
                found.push(started);
            }
        }
        Ok(found)
    }

    /// All that is stored, as bytes.
    pub(super) fn stored(&self) -> Result<Vec<u8>> {
        if let Some((database, _)) = &self.servers {
            let dump = Command::new("pg_dump").arg(database).output()?;
            let said = String::from_utf8_lossy(&dump.stderr);
            ensure!(dump.status.success(), "{said}");
            return Ok(dump.stdout);
        }
        let mut all = Vec::new();
        for entry in fs::read_dir(self.engine.folder().join("data"))? {
            let path = entry?.path();
            if path.is_file() {
                all.extend(fs::read(&path)?);
            }
        }
        Ok(all)
    }

    /// A file in the world's own folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.published.path().join(name)
    }
}

/// Whether bytes hold a text.
pub(super) fn holds(all: &[u8], text: &str) -> bool {
    all.windows(text.len())
        .any(|window| window == text.as_bytes())
}
