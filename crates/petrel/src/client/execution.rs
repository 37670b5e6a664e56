//! `petrel execution`.

use std::process::ExitCode;

use chrono::DateTime;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::details::member;
use super::http::{Client, Query, add, segment};
use super::listing::{self, GetArgs, ListArgs};
use super::moment::moment;
use super::output::{Column, Style, at, inline, print, print_json, text_at};
use super::tail_workflow::Told;
use super::{run as run_command, tail, tail_workflow, task_tree, wait};

const PATH: &str = "/v1/executions";
const COLUMNS: &[Column<'_>] = &[
    Column {
        title: "id",
        path: "id",
    },
    Column {
        title: "action",
        path: "action.ref",
    },
    Column {
        title: "user",
        path: "context.user",
    },
    Column {
        title: "status",
        path: "status",
    },
    Column {
        title: "started",
        path: "start_timestamp",
    },
    Column {
        title: "took",
        path: "took",
    },
];
/// What a listing asks the server for, so that results stay where they are.
const LISTED: &str = "id,action.ref,context.user,status,start_timestamp,end_timestamp";

#[derive(Debug, Subcommand)]
pub(crate) enum ExecutionCommand {
    /// List executions, newest first.
    List(ExecutionListArgs),
    /// Show one: parameters, result, how it came to be.
    Get {
        #[command(flatten)]
        get: GetArgs,
        /// Only this member of the result, such as `stdout`.
        #[arg(short, long, value_name = "PATH")]
        key: Option<String>,
        /// Show secret values (for those who may).
        #[arg(long)]
        show_secrets: bool,
    },
    /// Print the output of one while it runs.
    Tail {
        /// The execution.
        id: String,
        /// Only this output: `stdout` or `stderr`.
        #[arg(long = "type", value_name = "TYPE")]
        output_type: Option<String>,
        /// Print one JSON object a piece of output, and at the end one with the status.
        #[arg(short, long)]
        json: bool,
    },
    /// Cancel some.
    Cancel(SomeArgs),
    /// Pause some (workflows).
    Pause(SomeArgs),
    /// Resume some that were paused.
    Resume(SomeArgs),
    /// Run one again, with the same parameters or with some changed.
    #[command(name = "re-run", visible_alias = "rerun")]
    ReRun(ReRunArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ExecutionListArgs {
    /// Of this action.
    #[arg(long, value_name = "REF")]
    action: Option<String>,
    /// With this status.
    #[arg(long)]
    status: Option<String>,
    /// By this user.
    #[arg(long)]
    user: Option<String>,
    /// Requested by this rule.
    #[arg(long, value_name = "REF")]
    rule: Option<String>,
    /// Requested because of this trigger instance.
    #[arg(long, value_name = "ID")]
    trigger_instance: Option<String>,
    /// Started after this time, such as `2026-11-21T00:00:00Z`, or `2h` for two hours ago.
    #[arg(long, visible_alias = "timestamp-gt", value_name = "TIME", value_parser = moment)]
    since: Option<String>,
    /// Started before this time.
    #[arg(long, visible_alias = "timestamp-lt", value_name = "TIME", value_parser = moment)]
    until: Option<String>,
    /// Go on after this execution of an earlier page: only what started before it.
    #[arg(long, value_name = "ID", conflicts_with = "until")]
    after: Option<String>,
    /// Children of this workflow's execution.
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// The executions of workflows' tasks too.
    #[arg(long, conflicts_with = "parent")]
    children: bool,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SomeArgs {
    /// The executions.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ReRunArgs {
    /// The execution to run again.
    id: String,
    /// Parameters to change.
    #[arg(value_name = "NAME=VALUE")]
    words: Vec<String>,
    /// Tasks of a workflow to begin at.
    #[arg(long, value_name = "TASK", value_delimiter = ',')]
    tasks: Vec<String>,
    /// Of these tasks, those that keep what was done (with-items).
    #[arg(long, value_name = "TASK", value_delimiter = ',')]
    no_reset: Vec<String>,
    /// Milliseconds to wait before it runs.
    #[arg(long, value_name = "MS")]
    delay: Option<u64>,
    /// Do not wait for the end.
    #[arg(short = 'a', long = "async")]
    is_async: bool,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(crate) async fn run(command: ExecutionCommand) -> anyhow::Result<ExitCode> {
    match command {
        ExecutionCommand::List(args) => list(args).await,
        ExecutionCommand::Get {
            get,
            key,
            show_secrets,
        } => show(&get, key.as_deref(), show_secrets).await,
        ExecutionCommand::Tail {
            id,
            output_type,
            json,
        } => follow(&id, output_type.as_deref(), json).await,
        ExecutionCommand::Cancel(args) => steer(args, "canceled").await,
        ExecutionCommand::Pause(args) => steer(args, "pausing").await,
        ExecutionCommand::Resume(args) => steer(args, "resuming").await,
        ExecutionCommand::ReRun(args) => rerun(args).await,
    }
}

async fn list(args: ExecutionListArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let until = match &args.after {
        Some(id) => Some(start_of(&client, id).await?),
        None => args.until.clone(),
    };
    let mut listed = client
        .list(PATH, &filter(&args, until), args.list.wanted())
        .await?;
    if !args.list.json {
        listed.items.iter_mut().for_each(add_took);
    }
    listing::show(&listed, COLUMNS, &args.list)
}

async fn start_of(client: &Client, id: &str) -> anyhow::Result<String> {
    let execution = client
        .get(&format!("{PATH}/{}", segment(id)), &Query::new())
        .await?;
    Ok(text_at(&execution, "start_timestamp").to_owned())
}

fn filter(args: &ExecutionListArgs, until: Option<String>) -> Query {
    let mut query = Query::new();
    add(&mut query, "action", args.action.as_deref());
    add(&mut query, "status", args.status.as_deref());
    add(&mut query, "user", args.user.as_deref());
    add(&mut query, "rule", args.rule.as_deref().map(name_of));
    add(
        &mut query,
        "trigger_instance",
        args.trigger_instance.as_deref(),
    );
    add(&mut query, "timestamp_gt", args.since.as_deref());
    add(&mut query, "timestamp_lt", until);
    add(
        &mut query,
        "sort_desc",
        args.since.is_some().then_some("true"),
    );
    let parent = if args.children {
        None
    } else {
        Some(args.parent.as_deref().unwrap_or("null"))
    };
    add(&mut query, "parent", parent);
    if !args.list.json && args.list.attr.is_empty() {
        add(&mut query, "include_attributes", Some(LISTED));
    }
    query
}

/// The API filters by the name of a rule, not by its reference.
fn name_of(rule: &str) -> &str {
    rule.split_once('.').map_or(rule, |(_, name)| name)
}

fn add_took(execution: &mut Value) {
    if let Some(took) = duration_of(execution) {
        execution["took"] = took.into();
    }
}

/// How long an execution took, such as `0.3 s`; `None` if it has not ended.
pub(crate) fn duration_of(execution: &Value) -> Option<String> {
    let time = |name| DateTime::parse_from_rfc3339(text_at(execution, name)).ok();
    let milliseconds = (time("end_timestamp")? - time("start_timestamp")?).num_milliseconds();
    Some(format!(
        "{}.{:03} s",
        milliseconds / 1000,
        (milliseconds % 1000).abs()
    ))
}

async fn show(args: &GetArgs, key: Option<&str>, show_secrets: bool) -> anyhow::Result<ExitCode> {
    let mut query = Query::new();
    add(&mut query, "show_secrets", show_secrets.then_some("true"));
    let client = Client::from_environment()?;
    let execution = client
        .get(&format!("{PATH}/{}", segment(&args.id)), &query)
        .await?;
    match key {
        Some(key) => print(&member_of_result(&execution, key))?,
        None => run_command::print_with_tasks(&client, execution, args.json, shown).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn member_of_result(execution: &Value, key: &str) -> String {
    match execution.get("result").and_then(|result| at(result, key)) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => format!("{other:#}"),
    }
}

/// What an execution came to, and how.
fn shown(execution: &Value, style: Style) -> String {
    let mut lines = vec![run_command::shown(execution, style)];
    let more = [
        ("took", duration_of(execution).map(Value::from)),
        ("runner", at(execution, "runner.name").cloned()),
        (
            "host",
            at(execution, "liveaction.runner_info.hostname").cloned(),
        ),
        ("rule", at(execution, "rule.ref").cloned()),
        (
            "trigger_instance",
            at(execution, "trigger_instance.id").cloned(),
        ),
        ("enforcement", at(execution, "rule_enforcement.id").cloned()),
        ("parent", at(execution, "parent").cloned()),
    ];
    lines.extend(
        more.into_iter()
            .filter_map(|(name, value)| member(name, &value?, style)),
    );
    lines.extend(log(execution, style));
    lines.join("\n")
}

/// The statuses it passed, each with its time.
fn log(execution: &Value, style: Style) -> Option<String> {
    let entries = execution
        .get("log")?
        .as_array()
        .filter(|entries| !entries.is_empty())?;
    let line = |entry: &Value| {
        format!(
            "\n  {}  {}",
            text_at(entry, "timestamp"),
            style.status(&inline(entry.get("status")))
        )
    };
    Some(format!(
        "{}:{}",
        style.strong("log"),
        entries.iter().map(line).collect::<String>()
    ))
}

async fn follow(id: &str, output_type: Option<&str>, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("{PATH}/{}", segment(id));
    let execution = client.get(&path, &Query::new()).await?;
    // The word `last` means another one by now, perhaps.
    let id = text_at(&execution, "id").to_owned();
    let ended = if json {
        follow_as_json(&client, &execution, output_type).await?
    } else {
        run_command::follow(&client, &execution, output_type).await?
    };
    let status = text_at(&ended, "status");
    if json {
        print(&json!({ "execution_id": id, "status": status }).to_string())?;
    } else {
        print(&format!(
            "\nExecution {id} has completed (status={status})."
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn steer(args: SomeArgs, status: &str) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    for id in &args.ids {
        let answer = client
            .put(
                &format!("{PATH}/{}", segment(id)),
                &json!({ "status": status }),
            )
            .await?;
        told(&answer, id, args.json)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Each piece of output as a line, and of a workflow each change of a task too.
async fn follow_as_json(
    client: &Client,
    execution: &Value,
    output_type: Option<&str>,
) -> anyhow::Result<Value> {
    let id = text_at(execution, "id");
    if task_tree::is_workflow(execution) {
        let mut sink = |told| match told {
            Told::Task(line) | Told::Piece(line) => tail::as_json(&line),
        };
        if wait::is_final(execution) {
            tail_workflow::replay(client, execution, output_type, &mut sink).await?;
            return Ok(execution.clone());
        }
        if let Some(ended) = tail_workflow::follow(client, id, output_type, sink).await? {
            return Ok(ended);
        }
    }
    tail::follow(client, id, output_type, tail::as_json).await
}

/// What a request to change an execution led to. StackStorm says some refusals with status 200.
fn told(answer: &Value, id: &str, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(answer);
    }
    match (text_at(answer, "faultstring"), text_at(answer, "status")) {
        ("", status) => print(&format!("{id} {}", Style::of_stdout().status(status))),
        (fault, _) => anyhow::bail!("{id}: {fault}"),
    }
}

async fn rerun(args: ReRunArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("{PATH}/{}", segment(&args.id));
    let parameters = if args.words.is_empty() {
        serde_json::Map::new()
    } else {
        let execution = client.get(&path, &Query::new()).await?;
        run_command::converted(&client, text_at(&execution, "action.ref"), &args.words).await?
    };
    let execution = client
        .post(&format!("{path}/re_run"), &rerun_body(&args, &parameters))
        .await?;
    run_command::finish(&client, execution, args.is_async, args.json).await
}

fn rerun_body(args: &ReRunArgs, parameters: &serde_json::Map<String, Value>) -> Value {
    let mut body = json!({ "parameters": parameters });
    if !args.tasks.is_empty() {
        let reset: Vec<&String> = args
            .tasks
            .iter()
            .filter(|task| !args.no_reset.contains(task))
            .collect();
        body["tasks"] = json!(args.tasks);
        body["reset"] = json!(reset);
    }
    if let Some(delay) = args.delay {
        body["delay"] = delay.into();
    }
    body
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: ExecutionCommand,
    }

    fn parsed(line: &[&str]) -> ExecutionCommand {
        Line::try_parse_from([&["execution"], line].concat())
            .unwrap()
            .command
    }

    #[test]
    fn filters_as_the_api_does() {
        let ExecutionCommand::List(args) = parsed(&[
            "list",
            "--rule",
            "gold.on_hook",
            "--status",
            "failed",
            "-n",
            "-1",
        ]) else {
            panic!("another command")
        };

        assert_eq!(args.list.wanted(), None);
        assert_eq!(
            filter(&args, Some("2026-11-21T20:00:00Z".to_owned())),
            [
                ("status", "failed".to_owned()),
                ("rule", "on_hook".to_owned()),
                ("timestamp_lt", "2026-11-21T20:00:00Z".to_owned()),
                ("parent", "null".to_owned()),
                ("include_attributes", LISTED.to_owned()),
            ]
        );
    }

    #[test]
    fn tells_how_an_execution_came_to_be() {
        let execution = json!({
            "id": "1",
            "action": { "ref": "gold.echo" },
            "runner": { "name": "local-shell-cmd" },
            "liveaction": { "runner_info": { "hostname": "one", "pid": 7 } },
            "status": "succeeded",
            "start_timestamp": "2026-11-21T20:00:00.000000Z",
            "end_timestamp": "2026-11-21T20:00:01.250000Z",
            "parameters": { "message": "hello" },
            "rule": { "ref": "gold.on_hook" },
            "trigger_instance": { "id": "9" },
            "context": { "user": "stanley" },
            "log": [
                { "timestamp": "2026-11-21T20:00:00.000000Z", "status": "requested" },
                { "timestamp": "2026-11-21T20:00:01.250000Z", "status": "succeeded" },
            ],
            "result": { "stdout": "hello" },
        });

        assert_eq!(
            shown(&execution, Style::Plain),
            "id: 1\n\
             action.ref: gold.echo\n\
             context.user: stanley\n\
             parameters:\n  message: hello\n\
             status: succeeded\n\
             start_timestamp: 2026-11-21T20:00:00.000000Z\n\
             end_timestamp: 2026-11-21T20:00:01.250000Z\n\
             result:\n  stdout: hello\n\
             took: 1.250 s\n\
             runner: local-shell-cmd\n\
             host: one\n\
             rule: gold.on_hook\n\
             trigger_instance: 9\n\
             log:\n  2026-11-21T20:00:00.000000Z  requested\n  2026-11-21T20:00:01.250000Z  succeeded"
        );
    }

    #[test]
    fn gives_a_member_of_the_result() {
        let execution = json!({ "result": { "stdout": "a\nb", "body": { "n": [1] } } });

        assert_eq!(member_of_result(&execution, "stdout"), "a\nb");
        assert_eq!(member_of_result(&execution, "body.n"), "[\n  1\n]");
        assert_eq!(member_of_result(&execution, "nothing"), "");
    }

    #[test]
    fn resets_the_tasks_that_are_not_kept() {
        let ExecutionCommand::ReRun(args) =
            parsed(&["re-run", "1", "--tasks", "a,b", "--no-reset", "b"])
        else {
            panic!("another command")
        };

        assert_eq!(
            rerun_body(&args, &serde_json::Map::new()),
            json!({ "parameters": {}, "tasks": ["a", "b"], "reset": ["a"] })
        );
    }
}
