//! `petrel inquiry`.

pub(super) mod form;
pub(super) mod terminal;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::http::{Client, Query, segment};
use super::listing::{self, GetArgs, ListArgs};
use super::parameters::{convert, named};
use super::usage::{UsageError, inline_or_file};
use form::Form;
use terminal::Terminal;

const PATH: &str = "/v1/inquiries";
const COLUMNS: &[&str] = &["id", "roles", "users", "route", "ttl"];
const FIRST: &[&str] = &["id", "route", "users", "roles", "ttl", "schema"];

#[derive(Debug, Subcommand)]
pub(crate) enum InquiryCommand {
    /// List those that wait for an answer, newest first.
    List(ListArgs),
    /// Show what one asks, and whom.
    Get(GetArgs),
    /// Answer one. On a terminal, what is not given is asked for.
    Respond(RespondArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RespondArgs {
    /// The inquiry: its execution's id.
    id: String,
    /// The answer's members: `name=value` as the inquiry's schema types them, `@name=path` the text of a file.
    #[arg(value_name = "NAME=VALUE", conflicts_with = "response")]
    words: Vec<String>,
    /// The whole answer: JSON, or `@` and a JSON or YAML file.
    #[arg(short, long, value_name = "JSON")]
    response: Option<String>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(crate) async fn run(command: InquiryCommand) -> anyhow::Result<ExitCode> {
    match command {
        InquiryCommand::List(args) => listing::list(PATH, &Query::new(), COLUMNS, &args).await,
        InquiryCommand::Get(args) => listing::get(PATH, FIRST, &args).await,
        InquiryCommand::Respond(args) => respond(&args).await,
    }
}

async fn respond(args: &RespondArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("{PATH}/{}", segment(&args.id));
    let response = if let Some(text) = &args.response {
        inline_or_file("--response", text)?
    } else {
        let inquiry = client.get(&path, &Query::new()).await?;
        Value::Object(answer(&inquiry, &args.words)?)
    };
    let body = json!({ "id": args.id, "response": response });
    let taken = client.put(&path, &body).await?;
    listing::done(
        &taken,
        &format!("response accepted for inquiry {}", args.id),
        args.json,
    )
}

/// The answer that words on the command line, or else a person at the terminal, give.
fn answer(inquiry: &Value, words: &[String]) -> anyhow::Result<Map<String, Value>> {
    let nothing = Map::new();
    let properties = inquiry["schema"]["properties"].as_object();
    let properties = properties.unwrap_or(&nothing);
    if !words.is_empty() {
        return from_words(words, properties);
    }
    if !std::io::stdin().is_terminal() {
        return Err(UsageError::new(format!(
            "no response is given: write NAME=VALUE ({}), or -r JSON",
            properties.keys().cloned().collect::<Vec<_>>().join(", ")
        ))
        .into());
    }
    Form::new(&mut Terminal).fill(properties)
}

fn from_words(
    words: &[String],
    properties: &Map<String, Value>,
) -> anyhow::Result<Map<String, Value>> {
    if let Some(word) = words.iter().find(|word| named(word).is_none()) {
        let text = format!("`{word}` is no part of a response: write NAME=VALUE");
        return Err(UsageError::new(text).into());
    }
    convert("inquiry", words, properties)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inquiry() -> Value {
        json!({ "schema": { "type": "object", "properties": {
            "approved": { "type": "boolean", "required": true }, "hosts": { "type": "array" }, "note": { "type": "string" },
        } } })
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn words_are_typed_by_the_schema() {
        let words = words(&["approved=yes", "hosts=a,b", "note=5"]);

        let answer = answer(&inquiry(), &words).unwrap();

        assert_eq!(
            Value::Object(answer),
            json!({ "approved": true, "hosts": ["a", "b"], "note": "5" })
        );
    }

    #[test]
    fn a_word_without_a_name_is_refused() {
        let error = answer(&inquiry(), &words(&["approved=yes", "please"])).unwrap_err();

        assert!(error.is::<UsageError>());
        assert_eq!(
            error.to_string(),
            "`please` is no part of a response: write NAME=VALUE"
        );
    }
}
