//! The command: replays a folder of recorded cases.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Parser;
use conformance::{Case, Differences, Report, SETS, Set, Wrong, files, replay};
use serde_json::{Value, json};

/// Where the recordings are if nothing is said, seen from the repository's root.
const RECORDINGS: &str = "../shared/conformance";

/// Characters of an input that are shown of a failed case.
const LONGEST_INPUT: usize = 600;

/// Replays recorded cases of StackStorm's languages, and prints `NAME passed/total` for each set.
#[derive(Debug, Parser)]
struct Options {
    /// Folder that is searched for files of the sets (`yaql.jsonl`, `jinja.jsonl`, ...), at any depth
    /// [default: ../shared/conformance]
    dir: Option<PathBuf>,

    /// Only this set; may be given several times
    #[arg(long = "set", value_name = "NAME")]
    sets: Vec<String>,

    /// List the cases that are answered otherwise, with what was recorded and what we say
    #[arg(long)]
    failures: bool,

    /// List the numbers of each feature
    #[arg(long)]
    features: bool,

    /// Print JSON, a line per set
    #[arg(long)]
    json: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(unknown) = options
        .sets
        .iter()
        .find(|name| SETS.iter().all(|set| set.name != **name))
    {
        let known: Vec<_> = SETS.iter().map(|set| set.name).collect();
        bail!(
            "there is no set `{unknown}`; the sets are {}",
            known.join(", ")
        );
    }
    let dir = options
        .dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(RECORDINGS));
    if !dir.is_dir() {
        if options.dir.is_some() {
            bail!("there is no folder `{}`", dir.display());
        }
        eprintln!("SKIPPED: there is no folder `{RECORDINGS}`, name the one with the recordings");
        return Ok(ExitCode::SUCCESS);
    }
    let all_passed = run(&options, &dir)?;
    Ok(if all_passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Replays all sets that are wanted and there. Whether every case passed.
fn run(options: &Options, dir: &Path) -> anyhow::Result<bool> {
    let found =
        files(dir).with_context(|| format!("cannot read the folder `{}`", dir.display()))?;
    let differences = Differences::kept().context("the list of differences is malformed")?;
    let kept = differences.by_case();
    let is_wanted =
        |set: &Set| options.sets.is_empty() || options.sets.iter().any(|name| name == set.name);
    let mut all_passed = true;
    for set in SETS.iter().filter(|set| is_wanted(set)) {
        let Some(paths) = found.get(set.name) else {
            if options.sets.is_empty() {
                continue;
            }
            bail!(
                "there is no file `{}.jsonl` in `{}`",
                set.name,
                dir.display()
            );
        };
        let report = replay(set, cases(paths)?);
        all_passed &= report.wrong.is_empty();
        let reason = |wrong: &Wrong| kept.get(wrong.case.id()).copied();
        if options.json {
            line(&json(options, set, &report, &reason).to_string())?;
        } else {
            text(options, set, &report, &reason)?;
        }
    }
    Ok(all_passed)
}

fn cases(paths: &[PathBuf]) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for path in paths {
        eprintln!("{}", path.display());
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        for (index, line) in text.lines().enumerate() {
            let case = Case::parse(line)
                .with_context(|| format!("`{}`, line {}", path.display(), index + 1))?;
            cases.push(case);
        }
    }
    Ok(cases)
}

/// Why a failed case is let pass, if it is.
type Reason<'r> = dyn Fn(&Wrong) -> Option<&'r str> + 'r;

fn text(options: &Options, set: &Set, report: &Report, reason: &Reason<'_>) -> anyhow::Result<()> {
    line(&format!(
        "{} {}/{}",
        set.name,
        report.passed(),
        report.total
    ))?;
    if options.features {
        for (name, feature) in &report.features {
            line(&format!("  {name} {}/{}", feature.passed, feature.total))?;
        }
    }
    if options.failures {
        for (name, wishes) in &report.wishes {
            let met = wishes.total - wishes.unmet.len();
            line(&format!("  wanted: {name} {met}/{}", wishes.total))?;
            for (case, wish) in &wishes.unmet {
                line(&format!(
                    "    {case}\n      recorded {}\n      ours     {}",
                    wish.recorded, wish.ours
                ))?;
            }
        }
        for wrong in &report.wrong {
            let expected = wrong.case.expected();
            let features: Vec<_> = wrong.case.features().collect();
            line(&format!("\n{}  [{}]", wrong.case.id(), features.join(", ")))?;
            line(&format!("  inputs   {}", shortened(&wrong.case.inputs())))?;
            line(&format!("  recorded {}", recorded(&expected)))?;
            line(&format!("  ours     {}", wrong.actual()))?;
            if let Some(reason) = reason(wrong) {
                line(&format!("  kept     {reason}"))?;
            }
        }
    }
    Ok(())
}

/// Inputs for reading: long ones, such as contexts, are cut; `--json` has them whole.
fn shortened(inputs: &Value) -> String {
    let members = inputs.as_object().into_iter().flatten();
    let texts = members.map(|(name, value)| {
        let text = value.to_string();
        let short: String = text.chars().take(LONGEST_INPUT).collect();
        let dots = if short.len() < text.len() { "..." } else { "" };
        format!("{name}: {short}{dots}")
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn json(options: &Options, set: &Set, report: &Report, reason: &Reason<'_>) -> Value {
    let mut summary = json!({ "set": set.name, "passed": report.passed(), "total": report.total });
    if options.features {
        let features = report.features.iter();
        summary["features"] = features
            .map(|(name, feature)| {
                (
                    name.clone(),
                    json!({ "passed": feature.passed, "total": feature.total }),
                )
            })
            .collect();
    }
    if options.failures {
        let failures = report.wrong.iter().map(|wrong| {
            json!({
                "id": wrong.case.id(),
                "inputs": wrong.case.inputs(),
                "recorded": recorded(&wrong.case.expected()),
                "ours": wrong.actual(),
                "kept": reason(wrong),
            })
        });
        summary["failures"] = failures.collect();
    }
    summary
}

fn recorded(expected: &conformance::Expected<'_>) -> Value {
    let members = [
        ("intended", expected.intended),
        ("result", expected.result),
        ("error", expected.error),
    ];
    let there = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())));
    Value::Object(there.collect())
}

/// A line of output; a reader that has gone is no failure of ours to report, but the end.
fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("cannot print")
}
