//! `petrel key`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::http::{Client, Query, add, segment};
use super::listing::{self, ListArgs};
use super::output::{print, print_json, text_at};
use super::usage::{UsageError, read_document, read_text};

const PATH: &str = "/v1/keys";
const COLUMNS: &[&str] = &[
    "name",
    "value",
    "secret",
    "encrypted",
    "scope",
    "user",
    "expire_timestamp",
];
const FIRST: &[&str] = &[
    "name",
    "value",
    "secret",
    "encrypted",
    "scope",
    "user",
    "expire_timestamp",
];

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List keys.
    List {
        /// `system`, `user` or `all`.
        #[arg(short, long, default_value = "all")]
        scope: String,
        /// Whose names begin like this.
        #[arg(long)]
        prefix: Option<String>,
        /// Of this user (for those who may).
        #[arg(short, long)]
        user: Option<String>,
        /// Decrypt secret values (for those who may).
        #[arg(short, long)]
        decrypt: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one.
    Get {
        #[command(flatten)]
        key: KeyArgs,
        /// Decrypt a secret value (for those who may).
        #[arg(short, long)]
        decrypt: bool,
        /// Print the value alone.
        #[arg(long, conflicts_with = "json")]
        value: bool,
    },
    /// Set one.
    Set(SetArgs),
    /// Delete one.
    Delete(KeyArgs),
    /// Set many from a JSON or YAML file: a list of `{name, value, scope, secret, ttl, ...}`.
    Load {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// Turn values that are no text into JSON.
        #[arg(short, long)]
        convert: bool,
        /// Print JSON.
        #[arg(short, long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct KeyArgs {
    /// Its name.
    name: String,
    /// `system` or `user`.
    #[arg(short, long, default_value = "system")]
    scope: String,
    /// Whose (for those who may).
    #[arg(short, long)]
    user: Option<String>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SetArgs {
    /// Its name.
    name: String,
    /// Its value; `-` reads standard input.
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// `system` or `user`.
    #[arg(short, long, default_value = "system")]
    scope: String,
    /// Whose (for those who may).
    #[arg(short, long)]
    user: Option<String>,
    /// Keep it encrypted.
    #[arg(short, long)]
    encrypt: bool,
    /// The value is encrypted already.
    #[arg(long, conflicts_with = "encrypt")]
    encrypted: bool,
    /// Seconds until it is deleted by itself.
    #[arg(short = 'l', long, value_name = "SECONDS")]
    ttl: Option<u64>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(crate) async fn run(command: KeyCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::List {
            scope,
            prefix,
            user,
            decrypt,
            list,
        } => {
            let mut query: Query = vec![("scope", scope)];
            add(&mut query, "prefix", prefix);
            add(&mut query, "user", user);
            add(&mut query, "decrypt", decrypt.then_some("true"));
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        KeyCommand::Get {
            key,
            decrypt,
            value,
        } => get(&key, decrypt, value).await,
        KeyCommand::Set(args) => set(args).await,
        KeyCommand::Delete(args) => {
            let answer = Client::from_environment()?
                .delete(&path_of(&args.name), &of(&args))
                .await?;
            listing::done(&answer, &format!("{} is deleted", args.name), args.json)
        }
        KeyCommand::Load {
            file,
            convert,
            json,
        } => load(&file, convert, json).await,
    }
}

fn path_of(name: &str) -> String {
    format!("{PATH}/{}", segment(name))
}

fn of(args: &KeyArgs) -> Query {
    let mut query: Query = vec![("scope", args.scope.clone())];
    add(&mut query, "user", args.user.as_deref());
    query
}

async fn get(args: &KeyArgs, decrypt: bool, is_value_only: bool) -> anyhow::Result<ExitCode> {
    let mut query = of(args);
    add(&mut query, "decrypt", decrypt.then_some("true"));
    let key = Client::from_environment()?
        .get(&path_of(&args.name), &query)
        .await?;
    if is_value_only {
        print(text_at(&key, "value"))?;
        return Ok(ExitCode::SUCCESS);
    }
    listing::show_one(&key, FIRST, args.json)
}

async fn set(mut args: SetArgs) -> anyhow::Result<ExitCode> {
    if args.value == "-" {
        args.value = read_text("-".as_ref())?;
    }
    let answer = Client::from_environment()?
        .put(&path_of(&args.name), &set_body(&args))
        .await?;
    listing::show_one(&answer, FIRST, args.json)
}

fn set_body(args: &SetArgs) -> Value {
    let mut body = json!({ "name": args.name, "value": args.value, "scope": args.scope });
    if let Some(user) = &args.user {
        body["user"] = user.as_str().into();
    }
    if args.encrypt || args.encrypted {
        body["secret"] = true.into();
    }
    if args.encrypted {
        body["encrypted"] = true.into();
    }
    if let Some(ttl) = args.ttl {
        body["ttl"] = ttl.into();
    }
    body
}

async fn load(file: &std::path::Path, convert: bool, json: bool) -> anyhow::Result<ExitCode> {
    let bodies = load_bodies(read_document(file)?, convert)?;
    let client = Client::from_environment()?;
    let mut answers = Vec::new();
    for body in bodies {
        answers.push(client.put(&path_of(text_at(&body, "name")), &body).await?);
    }
    if json {
        print_json(&Value::Array(answers))?;
    } else {
        let names: Vec<&str> = answers.iter().map(|key| text_at(key, "name")).collect();
        print(&format!("set: {}", names.join(", ")))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is sent for each entry of a file. Nothing is sent if any of them is wrong.
fn load_bodies(document: Value, convert: bool) -> Result<Vec<Value>, UsageError> {
    let entries = match document {
        Value::Array(entries) => entries,
        one @ Value::Object(_) => vec![one],
        _ => {
            return Err(UsageError::new(
                "a file of keys is a list of {name, value} objects",
            ));
        }
    };
    entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| load_body(index + 1, entry, convert))
        .collect()
}

fn load_body(number: usize, entry: Value, convert: bool) -> Result<Value, UsageError> {
    let Value::Object(mut members) = entry else {
        return Err(UsageError::new(format!(
            "key {number} of the file is no object with `name` and `value`"
        )));
    };
    let name = members
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if name.is_empty() {
        return Err(UsageError::new(format!(
            "key {number} of the file has no `name`"
        )));
    }
    let value = match members.remove("value") {
        Some(Value::String(text)) => text,
        Some(other) if convert => other.to_string(),
        Some(_) => {
            return Err(UsageError::new(format!(
                "the value of key `{name}` is no text: --convert makes it JSON"
            )));
        }
        None => return Err(UsageError::new(format!("key `{name}` has no `value`"))),
    };
    Ok(Value::Object(with_value(members, value)))
}

/// The entry with its value, without what only the server sets.
fn with_value(mut members: Map<String, Value>, value: String) -> Map<String, Value> {
    members.retain(|name, value| {
        !matches!(name.as_str(), "id" | "uid" | "expire_timestamp") && !value.is_null()
    });
    members.insert("value".to_owned(), value.into());
    members.entry("scope").or_insert("system".into());
    members
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: KeyCommand,
    }

    #[test]
    fn sets_a_secret_that_expires() {
        let line = [
            "key",
            "set",
            "token",
            "-x",
            "--encrypt",
            "--ttl",
            "60",
            "-s",
            "user",
        ];
        let KeyCommand::Set(args) = Line::try_parse_from(line).unwrap().command else {
            panic!("another command")
        };

        assert_eq!(
            set_body(&args),
            json!({ "name": "token", "value": "-x", "scope": "user", "secret": true, "ttl": 60 })
        );
    }

    #[test]
    fn loads_entries_as_an_export_has_them() {
        let document = json!([
            { "name": "a", "value": "1", "scope": "user", "id": "5", "uid": "x", "secret": false },
            { "name": "b", "value": { "n": 1 } },
        ]);

        let bodies = load_bodies(document, true).unwrap();

        assert_eq!(
            bodies,
            [
                json!({ "name": "a", "scope": "user", "secret": false, "value": "1" }),
                json!({ "name": "b", "value": "{\"n\":1}", "scope": "system" }),
            ]
        );
    }

    #[test]
    fn sends_nothing_if_an_entry_is_wrong() {
        let error = load_bodies(
            json!([{ "name": "a", "value": "1" }, { "name": "b", "value": 2 }]),
            false,
        );

        assert_eq!(
            error.unwrap_err().to_string(),
            "the value of key `b` is no text: --convert makes it JSON"
        );
        assert_eq!(
            load_bodies(json!([{ "value": "1" }]), false)
                .unwrap_err()
                .to_string(),
            "key 1 of the file has no `name`"
        );
    }
}
