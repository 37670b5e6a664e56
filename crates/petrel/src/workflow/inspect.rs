//! `petrel workflow inspect`: what a server would refuse a workflow for, with places.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chain::Severity;
use clap::Args;
use serde_json::{Value, json};
use yaml::Position;

use super::source::{NoWorkflow, Source};
use crate::client::{Style, print, print_json, shown};

/// Which workflows.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code 0 if nothing is wrong, 1 if something is (warnings alone are nothing wrong)."
)]
pub(crate) struct InspectArgs {
    /// Workflows, action chains, or the metadata files of their actions.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

/// What was found in a file.
struct Inspected {
    file: String,
    text: String,
    findings: Vec<Finding>,
}

struct Finding {
    position: Position,
    message: String,
    is_error: bool,
    /// What else programs may want to know.
    more: Value,
}

/// Inspects the files. Exit code 1 if anything is wrong with one.
pub(super) fn run(args: &InspectArgs) -> anyhow::Result<ExitCode> {
    let inspected = args
        .files
        .iter()
        .map(|file| inspect(file))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if args.json {
        print_json(&inspected.iter().map(as_json).collect())?;
    } else {
        print(&as_text(&inspected, Style::of_stdout()))?;
    }
    let is_sound = inspected.iter().all(|one| one.errors() == 0);
    Ok(if is_sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Inspected {
    fn errors(&self) -> usize {
        self.findings.iter().filter(|one| one.is_error).count()
    }
}

fn inspect(file: &Path) -> anyhow::Result<Inspected> {
    let source = match Source::read(file)? {
        Ok(source) => source,
        Err(NoWorkflow {
            text,
            position,
            message,
        }) => {
            let finding = Finding {
                position,
                message,
                is_error: true,
                more: json!({}),
            };
            return Ok(Inspected {
                file: file.display().to_string(),
                text,
                findings: vec![finding],
            });
        }
    };
    Ok(Inspected {
        file: source.file.display().to_string(),
        findings: findings(&source.text),
        text: source.text,
    })
}

fn findings(text: &str) -> Vec<Finding> {
    let is_chain = yaml::to_json(text).is_ok_and(|json| json.get("chain").is_some());
    let mut findings: Vec<Finding> = if is_chain {
        let found = chain::inspect(text).into_iter();
        found
            .map(|finding| Finding {
                position: finding.position,
                message: finding.message,
                is_error: finding.severity == Severity::Error,
                more: json!({}),
            })
            .collect()
    } else {
        let start = Position { line: 1, column: 1 };
        conductor::inspect(text, &["st2", "parent"])
            .findings()
            .map(|finding| Finding {
                position: finding.position.unwrap_or(start),
                message: finding.message.clone(),
                is_error: true,
                more: json!({
                    "category": finding.category.name(),
                    "spec_path": finding.spec_path,
                    "expression": finding.expression,
                }),
            })
            .collect()
    };
    // One mistake is found on each way that leads to it.
    findings
        .sort_by(|one, other| (one.position, &one.message).cmp(&(other.position, &other.message)));
    findings.dedup_by(|one, other| one.position == other.position && one.message == other.message);
    findings
}

fn as_text(inspected: &[Inspected], style: Style) -> String {
    let mut lines = Vec::new();
    for one in inspected {
        for finding in &one.findings {
            let (line, column) = (finding.position.line, finding.position.column);
            let message = if finding.is_error {
                style.verdict(&finding.message, false)
            } else {
                format!("warning: {}", finding.message)
            };
            lines.push(yaml::excerpt(
                &one.file,
                &one.text,
                line,
                column,
                &shown(&message),
            ));
        }
        let verdict = match (one.errors(), one.findings.len()) {
            (0, 0) => "nothing is wrong".to_owned(),
            (0, 1) => "nothing is wrong, 1 warning".to_owned(),
            (0, warnings) => format!("nothing is wrong, {warnings} warnings"),
            (1, _) => "1 thing is wrong".to_owned(),
            (errors, _) => format!("{errors} things are wrong"),
        };
        let verdict = style.verdict(&verdict, one.errors() == 0);
        lines.push(format!("{}: {verdict}", one.file));
    }
    lines.join("\n")
}

fn as_json(inspected: &Inspected) -> Value {
    let finding = |finding: &Finding| {
        let mut value = json!({
            "line": finding.position.line,
            "column": finding.position.column,
            "severity": if finding.is_error { "error" } else { "warning" },
            "message": finding.message,
        });
        for (name, more) in finding.more.as_object().into_iter().flatten() {
            value[name] = more.clone();
        }
        value
    };
    json!({
        "file": inspected.file,
        "findings": inspected.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(text: &str) -> Inspected {
        Inspected {
            file: "w.yaml".to_owned(),
            text: text.to_owned(),
            findings: findings(text),
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_a_caret() {
        let broken = inspected(
            "version: 1.0\ntasks:\n  a:\n    action: core.echo message=<% ctx(x) %>\n    next:\n      - do: bb\n",
        );

        assert_eq!(
            as_text(&[broken], Style::Plain),
            "\
w.yaml:4:31: Variable \"x\" is referenced before assignment.
  |     action: core.echo message=<% ctx(x) %>
  |                               ^
w.yaml:6:13: The task \"bb\" is not defined.
  |       - do: bb
  |             ^
w.yaml: 2 things are wrong"
        );
    }

    #[test]
    fn a_chain_is_inspected_as_one() {
        let chain = inspected("chain:\n  - name: a\n    ref: core.noop\n    on-success: b\n");

        assert_eq!(chain.errors(), 1);
        let json = as_json(&chain);
        assert_eq!(json["findings"][0]["line"], 4);
        assert_eq!(json["findings"][0]["severity"], "error");
    }

    #[test]
    fn programs_are_told_the_pass_and_the_path() {
        let json = as_json(&inspected("version: 1.0\ntasks: {a: {next: [{do: b}]}}\n"));

        assert_eq!(json["findings"][0]["category"], "semantics");
        assert_eq!(json["findings"][0]["spec_path"], "tasks.a.next[0].do");
    }

    #[test]
    fn a_sound_workflow_is_said_to_be_so() {
        let sound = inspected("version: 1.0\ntasks: {a: {action: core.noop}}\n");

        assert_eq!(as_text(&[sound], Style::Plain), "w.yaml: nothing is wrong");
    }
}
