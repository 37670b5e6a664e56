//! `petrel webhook`.

use std::process::ExitCode;

use clap::Subcommand;

use super::http::{Client, Listed, Query, segment};
use super::listing::{self, GetArgs, ListArgs};
use super::output::Column;
use super::usage::inline_or_file;

const PATH: &str = "/v1/webhooks";
const COLUMNS: &[Column<'_>] = &[
    Column {
        title: "url",
        path: "parameters.url",
    },
    Column {
        title: "type",
        path: "type",
    },
    Column {
        title: "trigger",
        path: "ref",
    },
];
const FIRST: &[&str] = &["id", "ref", "type", "parameters"];

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// List the webhooks that rules listen to.
    List(ListArgs),
    /// Show one.
    Get(GetArgs),
    /// Post to one.
    Post {
        /// Its url, as rules name it, such as `deploy/finished`.
        url: String,
        /// The body: JSON, or a JSON or YAML file as `@FILE`.
        #[arg(short, long, value_name = "JSON|@FILE", default_value = "{}")]
        data: String,
        /// Tag of the trace that this begins.
        #[arg(long, value_name = "TAG")]
        trace_tag: Option<String>,
        /// Print JSON.
        #[arg(short, long)]
        json: bool,
    },
}

pub(crate) async fn run(command: WebhookCommand) -> anyhow::Result<ExitCode> {
    match command {
        WebhookCommand::List(args) => list(&args).await,
        WebhookCommand::Get(args) => {
            let value = Client::from_environment()?
                .get(&path_of(&args.id), &Query::new())
                .await?;
            listing::show_one(&value, FIRST, args.json)
        }
        WebhookCommand::Post {
            url,
            data,
            trace_tag,
            json,
        } => {
            let body = inline_or_file("--data", &data)?;
            let client = Client::from_environment()?;
            let answer = match &trace_tag {
                Some(tag) => {
                    client
                        .post_with(&path_of(&url), ("St2-Trace-Tag", tag), &body)
                        .await?
                }
                None => client.post(&path_of(&url), &body).await?,
            };
            listing::done(&answer, &format!("webhook {url} has taken it"), json)
        }
    }
}

/// This listing has no pages.
async fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let mut items = match Client::from_environment()?.get(PATH, &Query::new()).await? {
        serde_json::Value::Array(items) => items,
        other => vec![other],
    };
    let total = Some(items.len() as u64);
    items.truncate(args.wanted().unwrap_or(usize::MAX));
    listing::show(&Listed { items, total }, COLUMNS, args)
}

/// The slashes of a webhook's url are part of the path.
fn path_of(url: &str) -> String {
    let segments: Vec<String> = url.trim_matches('/').split('/').map(segment).collect();
    format!("{PATH}/{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_slashes_of_a_url() {
        assert_eq!(
            path_of("/deploy/finished now"),
            "/v1/webhooks/deploy/finished%20now"
        );
    }
}
