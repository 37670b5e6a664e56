//! `petrel expr`: what an expression yields, on data that its author makes up.
//!
//! The code that runs workflows and rules evaluates; nothing asks a server.

mod attempt;
mod given;
mod json;
mod shown;

use std::process::ExitCode;

use ::expr::explain::Reading;
use clap::{Args, ValueEnum};
use lifecycle::Clock;
use model::ExecutionStatus;

use crate::client::{Style, UsageError, reported};

/// Which expression, and what it is evaluated against.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code 0 with a value, 1 if there is none, 2 if the command line makes no sense.

  petrel expr '<% ctx().hosts.where($.up).select($.name) %>' --data hosts.yaml
  petrel expr '{{ trigger.body.host | upper }}' --data '{\"trigger\": {\"body\": {\"host\": \"db1\"}}}'
  petrel expr '$.len()' --data '[1, 2]' --explain"
)]
pub(crate) struct ExprArgs {
    /// A text with `<% %>` or `{{ }}`, as it would stand in YAML, or an expression alone; `-` reads standard input.
    #[arg(value_name = "EXPR")]
    expression: String,
    /// What `ctx()`, a template's names and `$` are: JSON, a JSON or YAML file, or `-` for standard input.
    #[arg(short, long, value_name = "FILE|JSON")]
    data: Option<String>,
    /// Language of an expression without delimiters (default: YAQL if it parses as such, else Jinja).
    #[arg(short, long, value_enum)]
    lang: Option<Lang>,
    /// Where the text would stand (default: `template` for Jinja that calls no function of workflows).
    #[arg(long = "as", value_enum, value_name = "PLACE")]
    place: Option<Place>,
    /// The item that `item()` gives.
    #[arg(long, value_name = "JSON")]
    item: Option<String>,
    /// The result of the current task, which `result()` gives.
    #[arg(long, value_name = "JSON")]
    result: Option<String>,
    /// The status of the current task, for `succeeded()`, `failed()`, `completed()`.
    #[arg(long, value_name = "STATUS", default_value = "succeeded", value_parser = status)]
    status: ExecutionStatus,
    /// An item of the datastore's system scope, for `st2kv`; may be given more than once.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    kv: Vec<(String, String)>,
    /// Show how the text is read, and what each part of it yields.
    #[arg(short, long)]
    explain: bool,
    /// Print JSON whatever comes out, errors too.
    #[arg(short, long)]
    json: bool,
}

/// The languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    Yaql,
    Jinja,
}

/// Where texts with expressions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    /// In a workflow.
    Workflow,
    /// In a rule, a parameter or an alias.
    Template,
}

fn status(text: &str) -> Result<ExecutionStatus, String> {
    text.parse().map_err(|_| {
        let all: Vec<&str> = ExecutionStatus::ALL.iter().map(|s| s.as_str()).collect();
        format!("a status is one of {}", all.join(", "))
    })
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "write NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Evaluates, and prints what comes out. Exit code 1 if there is no value.
pub(crate) fn run(args: &ExprArgs) -> anyhow::Result<ExitCode> {
    reported(evaluated(args))
}

fn evaluated(args: &ExprArgs) -> anyhow::Result<ExitCode> {
    let inputs = [
        Some(&args.expression),
        args.data.as_ref(),
        args.item.as_ref(),
        args.result.as_ref(),
    ];
    if inputs
        .into_iter()
        .flatten()
        .filter(|input| *input == "-")
        .count()
        > 1
    {
        return Err(UsageError::new("standard input can be read once: only one `-`").into());
    }
    let text = given::expression(&args.expression)?;
    let (reading, is_guess) = reading(&text, args.lang, args.place)?;
    let given = given::of(args, &text, Clock::system().now())?;
    let attempt = attempt::Attempt::of(reading, &text, is_guess, args, &given);
    if args.json {
        json::print(&attempt)?;
    } else {
        shown::print(&attempt, Style::of_stdout())?;
    }
    Ok(if attempt.outcome.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How a text is read, and whether nothing but its look says so.
fn reading(
    text: &str,
    lang: Option<Lang>,
    place: Option<Place>,
) -> Result<(Reading, bool), UsageError> {
    let has_any = |delimiters: &[&str]| delimiters.iter().any(|open| text.contains(open));
    let (yaql, jinja) = (has_any(&["<%"]), has_any(&["{{", "{%", "{#"]));
    let is_text = match lang {
        None => yaql || jinja || place.is_some(),
        Some(Lang::Yaql) => yaql,
        Some(Lang::Jinja) => jinja,
    };
    if is_text {
        return Ok(match place {
            Some(Place::Workflow) => (Reading::Workflow, false),
            Some(Place::Template) => (Reading::Template, false),
            None => (Reading::of_text(text).unwrap_or(Reading::Workflow), false),
        });
    }
    match (lang, place) {
        (None, _) => Ok((Reading::of_bare(text), true)),
        (Some(Lang::Yaql), Some(Place::Template)) => Err(UsageError::new(
            "rules, parameters and aliases know no YAQL: leave out `--as template`",
        )),
        (Some(Lang::Yaql), _) => Ok((Reading::Yaql, false)),
        (Some(Lang::Jinja), None) => Ok((Reading::of_jinja(text), false)),
        (Some(Lang::Jinja), Some(Place::Workflow)) => Ok((Reading::WorkflowJinja, false)),
        (Some(Lang::Jinja), Some(Place::Template)) => Ok((Reading::TemplateJinja, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_text_as_its_author_most_likely_means_it() {
        use Lang::{Jinja, Yaql};
        for (text, lang, place, expected) in [
            ("<% ctx().a %>", None, None, Reading::Workflow),
            ("{{ a }}", None, None, Reading::Template),
            ("{{ ctx().a }}", None, None, Reading::Workflow),
            ("{{ a }}", None, Some(Place::Workflow), Reading::Workflow),
            ("plain", None, Some(Place::Template), Reading::Template),
            ("$.a", None, None, Reading::Yaql),
            ("a | upper", None, None, Reading::TemplateJinja),
            ("{a => {b => 1}}", Some(Yaql), None, Reading::Yaql),
            ("<% ctx().a %>", Some(Yaql), None, Reading::Workflow),
            ("ctx().a", Some(Jinja), None, Reading::WorkflowJinja),
            ("a.b", Some(Jinja), None, Reading::TemplateJinja),
            (
                "a.b",
                Some(Jinja),
                Some(Place::Workflow),
                Reading::WorkflowJinja,
            ),
        ] {
            let (found, is_guess) = reading(text, lang, place).unwrap();

            assert_eq!(found, expected, "{text}");
            let has_reason = lang.is_some() || place.is_some() || text.contains(['<', '{']);
            assert_eq!(is_guess, !has_reason, "{text}");
        }
        assert!(reading("$.a", Some(Yaql), Some(Place::Template)).is_err());
    }

    #[test]
    fn an_item_of_the_datastore_has_a_name() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(pair("a").is_err() && pair("=a").is_err());
    }
}
