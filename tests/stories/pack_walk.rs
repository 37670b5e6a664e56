//! The walk of `docs/python.md`, from an empty folder to a pack that is tested, registered, changed and installed: its
//! files and commands are taken from the page, and print what it shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use stories::engine::{DEADLINE, EngineProcess, Http, binary, repository};
use stories::servers::{free_port, wait_until};

/// Where the walk puts the files that its pack watches: a folder of the test's own here.
const SHARED: &str = "/tmp/";
/// What says that a command only looks: it is repeated until it shows what is to come.
const LOOKS: [&str; 2] = [" list ", " get "];

/// What a reader does.
#[derive(Debug)]
enum Step {
    /// Writes this file.
    Write { path: String, text: String },
    /// Types this command, and sees these lines.
    Type { line: String, shown: Vec<String> },
}

#[test]
fn the_walk_takes_an_author_to_a_pack_that_works() -> Result<()> {
    let page = fs::read_to_string(repository().join("docs/python.md"))?;
    let steps = steps(section(&page, "## A pack in ten minutes")?)?;
    let written = steps
        .iter()
        .filter(|step| matches!(step, Step::Write { .. }));
    ensure!(written.count() >= 10 && steps.len() >= 30, "{steps:#?}");
    let mut author = Author::new()?;

    for step in steps {
        match step {
            Step::Write { path, text } => author.write(&path, &text)?,
            Step::Type { line, shown } => author.type_in(&line, &shown)?,
        }
    }
    Ok(())
}

fn section<'a>(page: &'a str, heading: &str) -> Result<&'a str> {
    let (_, rest) = page
        .split_once(heading)
        .with_context(|| format!("the page has no section `{heading}`"))?;
    Ok(rest.split("\n## ").next().unwrap_or(rest))
}

/// Blocks of YAML and Python are files, named in their first line; blocks of the console have commands after `$ `, and
/// what they print.
fn steps(section: &str) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for block in section.split("\n```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').context("a block has lines")?;
        match kind {
            "yaml" | "python" => {
                let path = text.lines().next().and_then(|line| line.strip_prefix("# "));
                let path = path.with_context(|| format!("a block names no file:\n{text}"))?;
                steps.push(Step::Write {
                    path: path.to_owned(),
                    text: format!("{text}\n"),
                });
            }
            "console" => steps.extend(commands(text)?),
            other => bail!("blocks of `{other}` are neither files nor commands"),
        }
    }
    Ok(steps)
}

fn commands(text: &str) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        if let Some(line) = line.strip_prefix("$ ") {
            let (line, shown) = (line.to_owned(), Vec::new());
            steps.push(Step::Type { line, shown });
        } else if let Some(Step::Type { shown, .. }) = steps.last_mut() {
            shown.push(line.to_owned());
        } else {
            bail!("nobody has typed anything that prints `{line}`");
        }
    }
    Ok(steps)
}

/// Somebody with an empty folder, and a data folder of their own.
struct Author {
    folder: tempfile::TempDir,
    port: u16,
    engine: Option<EngineProcess>,
}

impl Author {
    fn new() -> Result<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            port: free_port()?,
            engine: None,
        })
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("share")
    }

    /// The text with the folders that are the test's own.
    fn here(&self, text: &str) -> String {
        text.replace(SHARED, &format!("{}/tmp/", self.folder.path().display()))
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        Ok(fs::write(path, self.here(text))?)
    }

    fn type_in(&mut self, line: &str, shown: &[String]) -> Result<()> {
        if let Some(arguments) = line.strip_prefix("petrel up") {
            return self.start(arguments);
        }
        let may_wait = LOOKS.iter().any(|word| line.contains(word));
        // A rule that does not fire is what that command is there to say, by its exit code too.
        let fails = shown.iter().any(|line| line.contains("does not fire"));
        let mut last = String::new();
        let seen = wait_until(line, DEADLINE, || {
            let (printed, succeeded) = self.run(line)?;
            let is_so = succeeded != fails && self.shows(shown, &printed);
            last = printed;
            ensure!(is_so || may_wait, "`{line}` prints something else");
            Ok(is_so.then_some(()))
        });
        let engine = self.engine.as_ref().map(EngineProcess::log);
        seen.with_context(|| {
            let wanted = shown.join("\n");
            let engine = engine.unwrap_or_default();
            format!("the page shows\n{wanted}\nafter `{line}`, which printed\n{last}\n{engine}")
        })
    }

    /// The engine, as the page starts it, at an address and with a data folder of its own.
    fn start(&mut self, arguments: &str) -> Result<()> {
        let mut words = vec!["up".to_owned()];
        words.extend(arguments.split_whitespace().map(str::to_owned));
        words.push(format!("--listen=127.0.0.1:{}", self.port));
        words.push(format!(
            "--data-dir={}",
            self.home().join("petrel").display()
        ));
        let mut engine = EngineProcess::new("up", self.folder.path(), words);
        engine.run()?;
        let http = Http::new(self.url())?;
        let ready = wait_until("the engine", DEADLINE, || {
            engine.check_alive()?;
            let answers = http
                .get("/healthz")
                .is_ok_and(|answer| answer.status == 200);
            Ok((engine.is_ready() && answers).then_some(()))
        });
        ready.with_context(|| engine.log())?;
        self.engine = Some(engine);
        Ok(())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the command prints, and whether it succeeds.
    fn run(&self, line: &str) -> Result<(String, bool)> {
        let binary = binary();
        let programs = binary.parent().unwrap_or(Path::new("/")).to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(programs).chain(std::env::split_paths(&path));
        let output = Command::new("bash")
            .args(["-c", &format!("exec 2>&1; {}", self.here(line))])
            .current_dir(self.folder.path())
            .env("PATH", std::env::join_paths(path)?)
            .env("XDG_DATA_HOME", self.home())
            .env("PETREL_URL", self.url())
            .env_remove("PETREL_DATA_DIR")
            .output()?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((printed, output.status.success()))
    }

    /// Whether these lines are printed, in this order; ids, times and widths of columns are others each time.
    fn shows(&self, shown: &[String], printed: &str) -> bool {
        let mut lines = printed.lines().map(general);
        let mut wanted = shown.iter().map(|line| general(&self.here(line)));
        wanted.all(|wanted| lines.any(|line| line == wanted))
    }
}

fn general(line: &str) -> String {
    let replaced = [
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"[0-9a-f]{24}", "ID"),
        (r"\d+\.\d+ ?s", "SECONDS"),
        (r"\s+$", ""),
        (r"(\S)\s{2,}", "$1  "),
    ];
    replaced
        .iter()
        .fold(line.to_owned(), |line, (pattern, word)| {
            let pattern = Regex::new(pattern).expect("the pattern is sound");
            pattern.replace_all(&line, *word).into_owned()
        })
}
