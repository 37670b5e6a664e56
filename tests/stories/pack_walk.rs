//! The walk of `docs/python.md`, from an empty folder to a pack that is tested, registered, changed and installed: its
//! files and commands are taken from the page, and print what it shows.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use stories::author::Author;
use stories::engine::{DEADLINE, repository};
use stories::servers::wait_until;

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
    let mut reader = Reader::new()?;

    for step in steps {
        match step {
            Step::Write { path, text } => reader.write(&path, &text)?,
            Step::Type { line, shown } => reader.type_in(&line, &shown)?,
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

/// What somebody types and sees, whose pages have folders of this machine.
struct Reader(Author);

impl Reader {
    fn new() -> Result<Self> {
        Ok(Self(Author::new()?))
    }

    /// The text with the folders that are the test's own.
    fn here(&self, text: &str) -> String {
        text.replace(SHARED, &format!("{}/tmp/", self.0.folder().display()))
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        self.0.write(path, &self.here(text))
    }

    fn type_in(&mut self, line: &str, shown: &[String]) -> Result<()> {
        if let Some(arguments) = line.strip_prefix("petrel up") {
            return self.0.start(arguments);
        }
        let may_wait = LOOKS.iter().any(|word| line.contains(word));
        // A rule that does not fire is what that command is there to say, by its exit code too.
        let fails = shown.iter().any(|line| line.contains("does not fire"));
        let mut last = String::new();
        let seen = wait_until(line, DEADLINE, || {
            let (printed, succeeded) = self.0.run(&self.here(line))?;
            let is_so = succeeded != fails && self.shows(shown, &printed);
            last = printed;
            ensure!(is_so || may_wait, "`{line}` prints something else");
            Ok(is_so.then_some(()))
        });
        seen.with_context(|| {
            let wanted = shown.join("\n");
            let engine = self.0.log();
            format!("the page shows\n{wanted}\nafter `{line}`, which printed\n{last}\n{engine}")
        })
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
