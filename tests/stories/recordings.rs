//! Conversations recorded from a real StackStorm are replayed: what does not agree yet stands in a list that only
//! shrinks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use stories::engine::{Backend, Engine, EngineOptions, conformance, repository};
use stories::st2::St2;

crate::on_both_backends![rest_answers_agree, the_official_client_prints_the_same];

/// Areas of the REST recordings that this version is about, and those beside them that agree already.
const AREAS: [&str; 18] = [
    "root",
    "runners",
    "packs",
    "actions",
    "executions",
    "workflows",
    "rules",
    "webhooks",
    "triggers",
    "traces",
    "keys",
    "stream",
    "sensors",
    "policies",
    "configs",
    "aliases",
    "inquiries",
    "misc",
];
/// Areas of the client's recordings that this version is about.
const CLIENT_AREAS: [&str; 9] = [
    "cli-general",
    "cli-action",
    "cli-run",
    "cli-execution",
    "cli-rule",
    "cli-key",
    "cli-pack",
    "cli-trigger",
    "cli-other",
];
/// What does not count yet, as `scenario` or `scenario/step`. (What needs authentication says so in its row.)
const LATER: [&str; 1] = [
    // The pack chatops, whose actions are in Python, words the result
    "cli-alias/test",
];

/// Which part of the recordings a story is about.
struct Recordings {
    file: &'static str,
    areas: &'static [&'static str],
    /// A scenario of the REST recordings without whose traces a step of this file cannot agree.
    earlier: Option<&'static str>,
    /// How many of the steps must agree.
    percent: usize,
}

fn rest_answers_agree(backend: Backend) -> Result<()> {
    let recordings = Recordings {
        file: "rest.jsonl",
        areas: &AREAS,
        earlier: None,
        percent: 90,
    };
    recordings.replay(backend)
}

fn the_official_client_prints_the_same(backend: Backend) -> Result<()> {
    let recordings = Recordings {
        file: "cli.jsonl",
        areas: &CLIENT_AREAS,
        // The client says that a list is cut short where there is more: another execution of `gold.script`.
        earlier: Some("exec-script"),
        percent: 85,
    };
    recordings.replay(backend)
}

impl Recordings {
    /// Replays the areas; enough of the steps must agree, and those that do not must be listed.
    fn replay(&self, backend: Backend) -> Result<()> {
        let Some(folder) = conformance().map(|folder| folder.join("rest")) else {
            return Ok(());
        };
        let options = EngineOptions::new(backend)
            .with_packs(folder.join("packs"))
            .with_configuration("gold", "region: us-1\napi_key: a secret of nobody\n");
        let engine = Engine::start(&options)?;
        if let Some(scenario) = self.earlier {
            replay_part(&engine, &folder, "rest.jsonl", scenario)?;
        }
        let steps = steps(&folder.join(self.file), self.areas)?;
        let mut differences = Differences::new();
        for area in self.areas {
            differences.extend(replay_part(&engine, &folder, self.file, area)?);
        }
        differences.retain(|id, _| steps.contains_key(id));
        self.judge(backend, &steps, &differences)
    }

    fn judge(
        &self,
        backend: Backend,
        steps: &BTreeMap<String, String>,
        differences: &Differences,
    ) -> Result<()> {
        let (file, agreed, all) = (self.file, steps.len() - differences.len(), steps.len());
        eprintln!("{file} on {backend:?}: {agreed}/{all} steps agree");
        let listed = listed(file, steps)?;
        let new: Vec<_> = differences
            .iter()
            .filter(|(id, _)| !listed.contains(*id))
            .map(|(id, why)| format!("{id} {}\n    {}", steps[id], why.join("\n    ")))
            .collect();
        ensure!(
            new.is_empty(),
            "{} steps do not agree any more:\n{}",
            new.len(),
            new.join("\n")
        );
        let mended: Vec<_> = listed
            .iter()
            .filter(|id| !differences.contains_key(*id))
            .collect();
        ensure!(
            mended.is_empty(),
            "these steps agree now, take them off the list: {mended:?}"
        );
        ensure!(
            agreed * 100 >= self.percent * all,
            "only {agreed} of {all} steps agree"
        );
        Ok(())
    }
}

/// What each step that does not agree says, by the step's id.
type Differences = BTreeMap<String, Vec<String>>;

/// Id and name of each step that counts.
fn steps(file: &Path, areas: &[&str]) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(file)?;
    let rows = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Value>, _>>()?;
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let name = |row: &Value| format!("{}/{}", text(row, "scenario"), text(row, "step"));
    let counts = |row: &Value| {
        areas.iter().any(|area| row["area"] == *area)
            && row["auth"].is_null()
            && !LATER
                .iter()
                .any(|later| row["scenario"] == *later || name(row) == *later)
    };
    Ok(rows
        .iter()
        .filter(|row| counts(row))
        .map(|row| (text(row, "id"), name(row)))
        .collect())
}

/// Replays one area or scenario; gives the differences of each step that does not agree.
fn replay_part(engine: &Engine, folder: &Path, file: &str, part: &str) -> Result<Differences> {
    let st2 = St2::of(engine)?;
    let home = tempfile::tempdir()?;
    let user =
        nix::unistd::User::from_uid(nix::unistd::getuid())?.context("nobody has this user id")?;
    let output = Command::new("python3")
        .arg(folder.join("replay.py"))
        .args([
            "--base-url",
            engine.http.base(),
            "--auth",
            "none",
            "--json",
            "--scenario",
            part,
        ])
        .args(["--user", &user.name])
        .arg("--st2")
        .arg(st2.program())
        .arg("--home")
        .arg(home.path())
        .arg(folder.join(file))
        .output()?;
    let stdout = String::from_utf8(output.stdout)?;
    ensure!(
        stdout.contains("rest "),
        "replay.py failed: {stdout}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut differences = Differences::new();
    for line in stdout.lines().filter(|line| line.starts_with('{')) {
        let difference: Value = serde_json::from_str(line)?;
        let id = difference["id"].as_str().unwrap_or_default().to_owned();
        differences.entry(id).or_default().push(format!(
            "{} {}: expected {}, got {}",
            difference["kind"], difference["path"], difference["expected"], difference["actual"]
        ));
    }
    Ok(differences)
}

/// Ids of the steps that do not agree yet. Each line that is no comment has an id, the name of that step and a reason.
fn listed(file: &str, steps: &BTreeMap<String, String>) -> Result<BTreeSet<String>> {
    let path = repository()
        .join("tests/stories")
        .join(file.replace(".jsonl", "-disagreements.txt"));
    let text =
        fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    let mut ids = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.splitn(3, ' ').collect();
        let [id, name, _reason] = words[..] else {
            bail!("{}: no reason is given in `{line}`", path.display());
        };
        ensure!(
            steps.get(id).is_some_and(|step| step == name),
            "{}: no step that counts is called `{id} {name}`",
            path.display()
        );
        ids.insert(id.to_owned());
    }
    Ok(ids)
}
