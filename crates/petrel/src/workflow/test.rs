//! `petrel workflow test`: cases of `*.test.yaml` files, run in this process.

mod files;
mod json;
mod shown;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use rehearsal::{Suite, Unusable, Verdict, Workflow, rehearse};
use yaml::Position;

use super::source::Source;
use crate::client::{Style, UsageError, print, print_json, read_text};

/// Which tests.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code 0 if all cases pass, 1 if not, 2 if the command line makes no sense.

A test file, NAME.test.yaml beside the workflow NAME.yaml (or in the pack's tests/workflows/):

  cases:
    - name: greets
      input: {name: Ann}
      tasks:
        greet: {result: {stdout: hello Ann}}
      expect:
        order: [greet]
        tasks:
          greet: {input: {message: hello Ann}}
        output: {greeting: hello Ann}

All of it is described in docs/workflow-tests.md."
)]
pub(crate) struct TestArgs {
    /// Test files (`*.test.yaml`), workflows that have one, or folders.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only cases with this in their name.
    #[arg(short, long, value_name = "TEXT")]
    case: Option<String>,
    /// Show what ran, also of cases that pass.
    #[arg(short, long)]
    verbose: bool,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

/// What came of a test file.
struct Tested {
    file: String,
    /// The workflow's file, where it is known.
    workflow: Option<String>,
    /// Why cases could not be run.
    problems: Vec<Fault>,
    cases: Vec<TestedCase>,
}

/// Something that is wrong with a file.
struct Fault {
    file: String,
    position: Position,
    message: String,
    /// With the line and a caret.
    rendered: String,
}

/// What came of a case.
struct TestedCase {
    name: String,
    line: usize,
    verdict: Verdict,
}

/// Runs the cases. Exit code 1 if any does not pass.
pub(super) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let wanted = args.case.as_deref().unwrap_or_default();
    let mut tested = Vec::new();
    for file in files::find(&args.paths)? {
        let one = test(&file, wanted)?;
        if wanted.is_empty() || !one.cases.is_empty() || !one.problems.is_empty() {
            tested.push(one);
        }
    }
    if tested.is_empty() {
        return Err(UsageError::new(format!("no case has `{wanted}` in its name")).into());
    }
    if args.json {
        print_json(&json::of(&tested))?;
    } else {
        print(&shown::report(&tested, args.verbose, Style::of_stdout()))?;
    }
    Ok(if tested.iter().all(Tested::passed) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Tested {
    fn passed(&self) -> bool {
        self.problems.is_empty() && self.cases.iter().all(|case| case.verdict.passed())
    }
}

impl Fault {
    fn new(file: &Path, text: &str, position: Position, message: impl Into<String>) -> Self {
        let (file, message) = (file.display().to_string(), message.into());
        let (line, column) = (position.line, position.column);
        Self {
            rendered: yaml::excerpt(&file, text, line, column, &message),
            file,
            position,
            message,
        }
    }
}

/// Runs the cases of a file that have `wanted` in their names.
fn test(file: &Path, wanted: &str) -> anyhow::Result<Tested> {
    let text = read_text(file)?;
    let mut tested = Tested {
        file: file.display().to_string(),
        workflow: None,
        problems: Vec::new(),
        cases: Vec::new(),
    };
    let fault = |position, message: String| Fault::new(file, &text, position, message);
    let suite = match Suite::read(&text) {
        Ok(suite) => suite,
        Err(problems) => {
            let faults = problems.into_iter();
            tested.problems = faults
                .map(|problem| fault(problem.position, problem.message))
                .collect();
            return Ok(tested);
        }
    };
    let workflow_file = match files::workflow_of(file, &suite) {
        Ok(found) => found,
        Err((position, message)) => {
            tested.problems.push(fault(position, message));
            return Ok(tested);
        }
    };
    tested.workflow = Some(workflow_file.display().to_string());
    let workflow = match load(&workflow_file)? {
        Ok(workflow) => workflow,
        Err(faults) => {
            tested.problems = faults;
            return Ok(tested);
        }
    };
    let unknown = suite.check(&workflow);
    tested.problems = unknown
        .into_iter()
        .map(|problem| fault(problem.position, problem.message))
        .collect();
    if !tested.problems.is_empty() {
        return Ok(tested);
    }
    for case in suite.cases.iter().filter(|case| case.name.contains(wanted)) {
        tested.cases.push(TestedCase {
            name: case.name.clone(),
            line: case.position.line,
            verdict: rehearse(&workflow, case),
        });
    }
    Ok(tested)
}

/// The workflow of a file: its own, or the metadata file of its action.
fn load(file: &Path) -> anyhow::Result<Result<Workflow, Vec<Fault>>> {
    Ok(match Source::read(file)? {
        Ok(source) => parse(&source.file, &source.text)
            .map(|workflow| workflow.with_parameters(&source.parameters)),
        Err(none) => Err(vec![Fault::new(
            file,
            &none.text,
            none.position,
            none.message,
        )]),
    })
}

fn parse(file: &Path, text: &str) -> Result<Workflow, Vec<Fault>> {
    let start = Position { line: 1, column: 1 };
    Workflow::read(text).map_err(|error| match error {
        Unusable::Findings(findings) => findings
            .into_iter()
            .map(|finding| Fault::new(file, text, finding.position, finding.message))
            .collect(),
        other => vec![Fault::new(file, text, start, other.to_string())],
    })
}

#[cfg(test)]
mod tests;
