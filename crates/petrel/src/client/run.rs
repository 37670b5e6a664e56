//! `petrel run`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::details::{details, member};
use super::http::{Client, Query, segment};
use super::output::{Style, at, print, print_json, text_at};
use super::parameters;
use super::{tail, tail_workflow, task_tree, wait};

/// The members that `petrel run` shows of an execution, in this order.
const SHOWN: &[(&str, &str)] = &[
    ("id", "id"),
    ("action.ref", "action.ref"),
    ("context.user", "context.user"),
    ("parameters", "parameters"),
    ("status", "status"),
    ("start_timestamp", "start_timestamp"),
    ("end_timestamp", "end_timestamp"),
    ("result", "result"),
];

/// Runs an action. Exit code 0 only if it succeeded (or, with `--async`, was requested).
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code 0 if it succeeded, 1 if not, 2 if the command line makes no sense."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are flags of a command line"
)]
pub(crate) struct RunArgs {
    /// The action.
    #[arg(value_name = "REF")]
    action: String,
    /// Parameters: `name=value`, `@name=file`, arrays as `a,b` or JSON, objects as `a:b,c:d` or JSON; words without a
    /// name are positional, or the command of `core.local` and its like.
    #[arg(value_name = "NAME=VALUE")]
    words: Vec<String>,
    /// Do not wait for the end.
    #[arg(short = 'a', long = "async")]
    is_async: bool,
    /// Print its output while it runs.
    #[arg(long, conflicts_with_all = ["is_async", "json"])]
    tail: bool,
    /// Tag of the trace that this begins.
    #[arg(long, value_name = "TAG")]
    trace_tag: Option<String>,
    /// Trace that this belongs to.
    #[arg(long, value_name = "ID", conflicts_with = "trace_tag")]
    trace_id: Option<String>,
    /// Milliseconds to wait before it runs.
    #[arg(long, value_name = "MS")]
    delay: Option<u64>,
    /// Run as this user (for those who may).
    #[arg(short, long)]
    user: Option<String>,
    /// Give it this process's environment (its parameter `env`).
    #[arg(short = 'e', long)]
    inherit_env: bool,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(crate) async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let mut parameters = converted(&client, &args.action, &args.words).await?;
    if args.inherit_env {
        parameters.insert(
            "env".to_owned(),
            std::env::vars()
                .collect::<Vec<_>>()
                .into_iter()
                .map(pair)
                .collect(),
        );
    }
    let execution = client
        .post("/v1/executions", &body(&args, &parameters))
        .await?;
    if args.tail {
        follow(&client, &execution, None).await?;
    }
    finish(&client, execution, args.is_async, args.json).await
}

/// Prints the output of an execution while it runs; of a workflow, that of its tasks.
pub(crate) async fn follow(
    client: &Client,
    execution: &Value,
    output_type: Option<&str>,
) -> anyhow::Result<Value> {
    let id = text_at(execution, "id");
    if task_tree::is_workflow(execution) {
        let mut printer = tail_workflow::Printer::default();
        let mut sink = |told| printer.print(&told);
        if wait::is_final(execution) {
            tail_workflow::replay(client, execution, output_type, &mut sink).await?;
            return Ok(execution.clone());
        }
        if let Some(ended) = tail_workflow::follow(client, id, output_type, sink).await? {
            return Ok(ended);
        }
    }
    tail::follow(client, id, output_type, tail::as_text).await
}

fn pair((name, value): (String, String)) -> (String, Value) {
    (name, value.into())
}

/// Parameters typed by the action's schema. The server is only asked for it where there is something to type.
pub(crate) async fn converted(
    client: &Client,
    action: &str,
    words: &[String],
) -> anyhow::Result<Map<String, Value>> {
    if words.is_empty() {
        return Ok(Map::new());
    }
    let view = client
        .get(
            &format!("/v1/actions/views/parameters/{}", segment(action)),
            &Query::new(),
        )
        .await?;
    let schema = view
        .get("parameters")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    parameters::convert(action, words, &schema)
}

fn body(args: &RunArgs, parameters: &Map<String, Value>) -> Value {
    let mut body = json!({ "action": args.action, "parameters": parameters });
    if let Some(tag) = &args.trace_tag {
        body["context"] = json!({ "trace_context": { "trace_tag": tag } });
    }
    if let Some(id) = &args.trace_id {
        body["context"] = json!({ "trace_context": { "id_": id } });
    }
    if let Some(delay) = args.delay {
        body["delay"] = delay.into();
    }
    if let Some(user) = &args.user {
        body["user"] = user.as_str().into();
    }
    body
}

/// Waits for an execution that was requested, and shows it.
pub(crate) async fn finish(
    client: &Client,
    execution: Value,
    is_async: bool,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let id = text_at(&execution, "id");
    if is_async {
        if json {
            print_json(&execution)?;
        } else {
            print(&format!(
                "{id}\nresult: petrel execution get {id}\noutput: petrel execution tail {id}"
            ))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let execution = wait::until_at_rest(client, id).await?;
    print_with_tasks(client, execution.clone(), json, shown).await?;
    Ok(if wait::has_succeeded(&execution) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints an execution, and the tasks of a workflow.
pub(crate) async fn print_with_tasks(
    client: &Client,
    mut execution: Value,
    json: bool,
    shown: fn(&Value, Style) -> String,
) -> anyhow::Result<()> {
    let tasks = task_tree::of(client, &execution).await?;
    if json {
        if !tasks.is_empty() {
            execution["tasks"] = task_tree::as_json(&tasks);
        }
        return print_json(&execution);
    }
    let style = Style::of_stdout();
    print(&shown(&execution, style))?;
    task_tree::shown(&tasks, style).map_or(Ok(()), |tree| print(&tree))
}

/// What an execution came to.
pub(crate) fn shown(execution: &Value, style: Style) -> String {
    let lines: Vec<String> = SHOWN
        .iter()
        .filter_map(|(name, path)| member(name, at(execution, path)?, style))
        .collect();
    if lines.is_empty() {
        details(execution, &[], style)
    } else {
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: RunArgs,
    }

    fn args(line: &[&str]) -> RunArgs {
        Line::try_parse_from([&["run"], line].concat())
            .unwrap()
            .args
    }

    #[test]
    fn takes_flags_before_and_after_parameters() {
        let args = args(&[
            "core.local",
            "-a",
            "cmd=echo -n hi",
            "timeout=5",
            "--trace-tag",
            "x",
        ]);

        assert!(args.is_async);
        assert_eq!(args.words, ["cmd=echo -n hi", "timeout=5"]);
        assert_eq!(
            body(&args, &Map::new()),
            json!({
                "action": "core.local",
                "parameters": {},
                "context": { "trace_context": { "trace_tag": "x" } },
            })
        );
    }

    #[test]
    fn shows_what_an_execution_came_to() {
        let execution = json!({
            "action": { "ref": "gold.fail_cmd", "pack": "gold" },
            "liveaction": { "id": "2" },
            "status": "failed",
            "start_timestamp": "2026-11-21T20:00:00.000000Z",
            "end_timestamp": "2026-11-21T20:00:01.000000Z",
            "context": { "user": "testu", "pack": "gold" },
            "log": [{ "timestamp": "2026-11-21T20:00:00.000000Z", "status": "requested" }],
            "id": "1",
            "result": {
                "failed": true, "succeeded": false, "return_code": 3, "stdout": "to-out", "stderr": "a\nb",
            },
        });

        assert_eq!(
            shown(&execution, Style::Plain),
            "id: 1\n\
             action.ref: gold.fail_cmd\n\
             context.user: testu\n\
             status: failed\n\
             start_timestamp: 2026-11-21T20:00:00.000000Z\n\
             end_timestamp: 2026-11-21T20:00:01.000000Z\n\
             result:\n  failed: true\n  succeeded: false\n  return_code: 3\n  stdout: to-out\n  stderr: |\n    a\n    b"
        );
    }
}
