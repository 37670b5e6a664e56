//! The README's tour: its commands work as they are written, and print what it shows.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use stories::engine::{Backend, Engine, binary, repository};

/// How the tour's address and folder stand in the README.
const ADDRESS: &str = "http://127.0.0.1:9101";
const FOLDER: &str = "$PWD/target/release";
/// What the shell says after each block, with the number of its commands that failed.
const END: &str = "::the block has ended::";

#[test]
fn the_tour_of_the_readme_works_as_it_is_written() -> Result<()> {
    let readme = std::fs::read_to_string(repository().join("README.md"))?;
    let tour = section(&readme, "## A tour in five minutes")?;
    let mut engine = Engine::on(Backend::Embedded)?;
    let mut shell = Shell::start(&engine)?;

    let steps = steps(tour);
    ensure!(steps.len() >= 8, "the tour has only {} steps", steps.len());
    for step in steps {
        if step.intro.contains("Pull the plug") {
            engine.process("up").kill9()?;
            engine.process("up").run()?;
            engine.wait_until_ready()?;
        }
        let (printed, failures) = shell.run(&here(&step.commands, engine.http.base()))?;
        // A rule that does not fire is what this command is there to say, by its exit code too.
        let meant = usize::from(step.commands.contains("petrel rule test"));
        ensure!(
            failures == meant,
            "{failures} commands failed:\n{}\n{printed}",
            step.commands
        );
        check_output(&step, &printed)?;
        if step.commands.contains("curl") {
            wait_for_greeting(&engine)?;
        }
    }
    Ok(())
}

/// Commands that stand together, the text before them, and what they are said to print.
#[derive(Debug, Default)]
struct Step {
    intro: String,
    commands: String,
    output: Vec<String>,
}

/// The section of a text that begins with this heading.
fn section<'a>(text: &'a str, heading: &str) -> Result<&'a str> {
    let (_, rest) = text
        .split_once(heading)
        .with_context(|| format!("README.md has no section `{heading}`"))?;
    Ok(rest.split("\n## ").next().unwrap_or(rest))
}

/// Indented lines are commands, fenced ones the output of those before them.
fn steps(text: &str) -> Vec<Step> {
    let (mut steps, mut step, mut is_fenced) = (Vec::new(), Step::default(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
        } else if is_fenced {
            step.output.push(line.to_owned());
        } else if let Some(command) = line.strip_prefix("    ") {
            if !step.output.is_empty() {
                steps.push(std::mem::take(&mut step));
            }
            step.commands.extend([command, "\n"]);
        } else if !line.is_empty() {
            if !step.commands.is_empty() {
                steps.push(std::mem::take(&mut step));
            }
            step.intro += line;
        }
    }
    steps.push(step);
    steps.retain(|step| !step.commands.is_empty());
    steps
}

/// The commands as they are for the engine and the binary under test.
fn here(commands: &str, base: &str) -> String {
    let binary = binary();
    let folder = binary.parent().unwrap_or(&binary).display().to_string();
    commands.replace(ADDRESS, base).replace(FOLDER, &folder)
}

/// The lines that the README shows are printed, in this order; ids, times and durations are others each time.
fn check_output(step: &Step, printed: &str) -> Result<()> {
    let mut lines = printed.lines().map(general);
    for shown in &step.output {
        let wanted = general(shown);
        ensure!(
            lines.any(|line| line == wanted),
            "README.md shows\n{shown}\nafter\n{}which printed\n{printed}",
            step.commands
        );
    }
    Ok(())
}

fn general(line: &str) -> String {
    let replaced = [
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"[0-9a-f]{24}", "ID"),
        (r"\d+\.\d+ s", "SECONDS"),
        (r"\s+$", ""),
    ];
    replaced
        .iter()
        .fold(line.to_owned(), |line, (pattern, word)| {
            let pattern = Regex::new(pattern).expect("the pattern is sound");
            pattern.replace_all(&line, *word).into_owned()
        })
}

/// What a reader takes a second for: the rule's action has run.
fn wait_for_greeting(engine: &Engine) -> Result<()> {
    let executions = engine.wait_for_list("/v1/executions?action=demo.greet", 1)?;
    engine
        .wait_for_end(executions[0]["id"].as_str().unwrap_or_default())
        .map(drop)
}

/// A shell that keeps its variables from block to block.
struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Shell {
    fn start(engine: &Engine) -> Result<Self> {
        let mut child = Command::new("bash")
            .args(["--norc", "-s"])
            .current_dir(repository())
            .env("PETREL_URL", engine.http.base())
            .env("XDG_DATA_HOME", engine.folder().join("share"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("bash cannot be started")?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("bash has no pipes");
        };
        writeln!(
            input,
            "exec 2>&1; set -o pipefail; trap 'failed=$((failed+1))' ERR"
        )?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// What the commands printed, and how many of them failed.
    fn run(&mut self, commands: &str) -> Result<(String, usize)> {
        writeln!(
            self.input,
            "failed=0\n{commands}\nprintf '\\n{END}%s\\n' \"$failed\""
        )?;
        let mut printed = String::new();
        loop {
            let mut line = String::new();
            ensure!(
                self.output.read_line(&mut line)? > 0,
                "the shell ended after\n{commands}\n{printed}"
            );
            if let Some(failures) = line.strip_prefix(END) {
                return Ok((printed, failures.trim().parse()?));
            }
            printed += &line;
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
