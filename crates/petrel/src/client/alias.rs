//! `petrel alias`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::definition::{self, ALIAS, DeletableCommand};
use super::http::Client;
use super::output::{Style, at, print, print_json, shown, text_at};
use super::{details::details, run as run_command, wait};
use crate::alias_test::{self, AliasTestArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum AliasCommand {
    #[command(flatten)]
    Definition(DeletableCommand),
    /// Say which alias a chat line means.
    Match {
        /// What is said in chat.
        text: String,
        /// Print JSON.
        #[arg(short, long)]
        json: bool,
    },
    /// Run what a chat line means, and wait for its result.
    Execute(ExecuteArgs),
    /// Say which format of an alias's file a chat line fits, without a server. Exit code 0 if one does.
    Test(AliasTestArgs),
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code 0 if everything succeeded, 1 if not, 2 if the command line makes no sense."
)]
pub(crate) struct ExecuteArgs {
    /// What is said in chat.
    text: String,
    /// Who says it (default: who is logged in).
    #[arg(short, long)]
    user: Option<String>,
    /// Where it is said.
    #[arg(long, value_name = "CHANNEL", default_value = "cli")]
    channel: String,
    /// Do not wait for the end.
    #[arg(short = 'a', long = "async")]
    is_async: bool,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(crate) async fn run(command: AliasCommand) -> anyhow::Result<ExitCode> {
    match command {
        AliasCommand::Definition(command) => definition::run_deletable(ALIAS, command).await,
        AliasCommand::Match { text, json } => {
            matched(&Client::from_environment()?, &text, json).await
        }
        AliasCommand::Execute(args) => execute(&Client::from_environment()?, &args).await,
        AliasCommand::Test(args) => alias_test::run(&args),
    }
}

async fn matched(client: &Client, text: &str, json: bool) -> anyhow::Result<ExitCode> {
    let body = json!({ "command": text });
    let found = client.post("/v1/actionalias/match", &body).await?;
    if json {
        print_json(&found)?;
    } else {
        print(&details(&meaning(&found), &[], Style::of_stdout()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn meaning(found: &Value) -> Value {
    json!({
        "alias": at(found, "actionalias.ref"),
        "description": at(found, "actionalias.description"),
        "action": at(found, "actionalias.action_ref"),
        "display": found["display"],
        "representation": found["representation"],
    })
}

async fn execute(client: &Client, args: &ExecuteArgs) -> anyhow::Result<ExitCode> {
    let mut body = json!({ "command": args.text, "source_channel": args.channel });
    if let Some(user) = &args.user {
        body["user"] = json!(user);
    }
    let answer = client
        .post("/v1/aliasexecution/match_and_execute", &body)
        .await?;
    let mut results = match answer {
        Value::Object(mut members) => members.remove("results"),
        _ => None,
    };
    let mut has_succeeded = true;
    for result in results.iter_mut().filter_map(Value::as_array_mut).flatten() {
        if !args.json {
            print(&acknowledged(result))?;
        }
        if args.is_async {
            continue;
        }
        let id = text_at(result, "execution.id").to_owned();
        result["execution"] = wait::until_final(client, &id).await?;
        has_succeeded &= wait::has_succeeded(&result["execution"]);
        if !args.json {
            print(&told(result, Style::of_stdout()))?;
        }
    }
    if args.json {
        print_json(&json!({ "results": results }))?;
    }
    Ok(if has_succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What chat is told at once.
fn acknowledged(result: &Value) -> String {
    let id = text_at(result, "execution.id");
    match text_at(result, "message") {
        "" => format!(
            "{} runs as {}",
            text_at(result, "actionalias.action_ref"),
            shown(id)
        ),
        message => shown(message),
    }
}

/// What chat is told at the end: in the alias's words where it has some, else all there is to know.
fn told(result: &Value, style: Style) -> String {
    let execution = &result["execution"];
    let wording = &result["actionalias"]["result"];
    let format = wording["format"]
        .as_str()
        .filter(|_| wording["enabled"] != false);
    let worded = format.and_then(|format| worded(format, execution));
    worded.map_or_else(|| run_command::shown(execution, style), |text| shown(&text))
}

/// The format over the execution; `None` where it does not fit what came out.
fn worded(format: &str, execution: &Value) -> Option<String> {
    let variables = expr::Variables {
        values: vec![("execution".to_owned(), execution.clone().into())],
        datastore: None,
    };
    expr::Template::compile(format)
        .ok()?
        .render(&variables)
        .ok()
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use axum::{Json, Router};

    use super::*;
    use crate::client::test_server::client_of;

    #[test]
    fn the_result_is_told_in_the_words_of_the_alias() {
        let result = |wording: Value| {
            json!({
                "execution": { "id": "1", "status": "succeeded", "result": { "stdout": "hi" } },
                "actionalias": { "result": wording },
            })
        };
        let told = |wording: Value| told(&result(wording), Style::Plain);
        let plain = "id: 1\nstatus: succeeded\nresult:\n  stdout: hi";

        assert_eq!(
            told(json!({ "format": "it said {{ execution.result.stdout }}" })),
            "it said hi"
        );
        assert_eq!(told(json!({ "format": "x", "enabled": false })), plain);
        assert_eq!(
            told(json!({ "format": "{{ execution.result.body.a }}" })),
            plain
        );
        assert_eq!(told(json!({})), plain);
    }

    #[tokio::test]
    async fn fails_where_one_of_the_executions_did() {
        let request = post(|Json(body): Json<Value>| async move {
            assert_eq!(
                body,
                json!({ "command": "go", "source_channel": "cli", "user": "ada" })
            );
            Json(
                json!({ "results": [{ "execution": { "id": "1" } }, { "execution": { "id": "2" } }] }),
            )
        });
        let look = get(
            |axum::extract::Path(id): axum::extract::Path<String>| async move {
                let status = if id == "1" { "failed" } else { "succeeded" };
                Json(json!({ "id": id, "status": status }))
            },
        );
        let router = Router::new()
            .route("/v1/aliasexecution/match_and_execute", request)
            .route("/v1/executions/{id}", look);
        let client = client_of(router).await;
        let args = |is_async| ExecuteArgs {
            text: "go".to_owned(),
            user: Some("ada".to_owned()),
            channel: "cli".to_owned(),
            is_async,
            json: false,
        };

        let waited = execute(&client, &args(false)).await.unwrap();
        let requested = execute(&client, &args(true)).await.unwrap();

        assert_eq!((waited, requested), (ExitCode::FAILURE, ExitCode::SUCCESS));
    }
}
