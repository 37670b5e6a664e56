//! What `deploy/` says is what the binary takes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::json;
use stories::engine::{Backend, Engine, binary, repository};

#[test]
fn deployment_files_use_only_flags_and_variables_that_exist() -> Result<()> {
    let known = known_words()?;
    let mut unknown = Vec::new();
    for file in files(&repository().join("deploy"))? {
        let text = fs::read_to_string(&file)?;
        let words = words(&text, "--")
            .into_iter()
            .chain(words(&text, "PETREL_"));
        unknown.extend(
            words
                .filter(|word| !known.contains(word))
                .map(|word| format!("{}: {word}", file.display())),
        );
    }
    ensure!(unknown.is_empty(), "the binary does not know {unknown:#?}");
    Ok(())
}

#[test]
fn the_operators_guide_names_what_exists() -> Result<()> {
    let guide = fs::read_to_string(repository().join("docs/operations.md"))?;
    let known = known_words()?;

    // The table of configuration; other flags of the guide belong to other commands.
    let table: String = guide
        .lines()
        .skip_while(|line| !line.starts_with("| `petrel.toml` |"))
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let unknown: Vec<String> = words(&table, "--")
        .into_iter()
        .chain(words(&table, "PETREL_"))
        .filter(|word| !word.trim_matches('-').is_empty() && !known.contains(word))
        .collect();
    ensure!(unknown.is_empty(), "the binary does not know {unknown:#?}");
    let left_out: Vec<&String> = known
        .iter()
        .filter(|word| word.starts_with("PETREL_") && !table.contains(word.as_str()))
        .filter(|word| *word != "PETREL_CONFIG")
        .collect();
    ensure!(left_out.is_empty(), "the guide leaves out {left_out:#?}");
    Ok(())
}

#[test]
fn the_operators_guide_explains_every_metric() -> Result<()> {
    let guide = fs::read_to_string(repository().join("docs/operations.md"))?;
    let engine = Engine::on(Backend::Embedded)?;
    let body = json!({"kind": "greeting", "name": "Ada"});
    engine.http.post("/v1/webhooks/demo", &body)?.expect(202)?;
    engine.wait_for_list("/v1/executions?action=demo.greet", 1)?;

    let exposed = reqwest::blocking::get(format!("{}/metrics", engine.http.base()))?.text()?;

    let names: Vec<&str> = exposed
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    ensure!(names.len() >= 5, "few metrics: {names:?}");
    for name in names {
        ensure!(
            guide.contains(&format!("| `{name}` |")),
            "`{name}` is not explained"
        );
    }
    Ok(())
}

/// Flags and variables of the commands that serve.
fn known_words() -> Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for command in ["up", "serve", "migrate", "doctor"] {
        let output = Command::new(binary()).args([command, "--help"]).output()?;
        let help = String::from_utf8(output.stdout)?;
        known.extend(words(&help, "--"));
        known.extend(words(&help, "PETREL_"));
    }
    ensure!(
        known.contains("--roles") && known.contains("PETREL_DATABASE_URL"),
        "no help: {known:?}"
    );
    Ok(known)
}

/// The words of a text that begin so, in lines that concern Petrel (other programs have flags, too).
fn words(text: &str, prefix: &str) -> BTreeSet<String> {
    let of_others = [
        "apt-get",
        "cargo ",
        "useradd",
        "adduser",
        "groupadd",
        "systemctl",
        "docker ",
        "install ",
        "FROM",
        "--mount=",
        "COPY",
    ];
    text.lines()
        .filter(|line| {
            !line.trim_start().starts_with('#')
                && !of_others.iter().any(|other| line.contains(other))
        })
        .flat_map(|line| {
            line.split(|letter: char| {
                !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
            })
        })
        .filter(|word| word.starts_with(prefix) && word.len() > prefix.len())
        .map(str::to_owned)
        .collect()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.extension().is_none_or(|extension| extension != "md") {
            all.push(path);
        }
    }
    Ok(all)
}
