//! What listings of every kind of thing have in common.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::details::{details, picked};
use super::http::{Client, Listed, Query, segment};
use super::output::{Column, Style, columns, print, print_json, table};

/// How much of a listing is wanted, and how it is shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListArgs {
    /// How many to show at most; -1 shows all.
    #[arg(
        short = 'n',
        long = "last",
        value_name = "N",
        default_value_t = 50,
        allow_negative_numbers = true
    )]
    pub(crate) count: i64,
    /// Members to show, as dotted paths.
    #[arg(short, long = "attr", value_name = "PATH", value_delimiter = ',', num_args = 1..)]
    pub(crate) attr: Vec<String>,
    /// Print JSON.
    #[arg(short, long)]
    pub(crate) json: bool,
    /// Print only ids, one a line, as other commands take them.
    #[arg(short, long, conflicts_with_all = ["attr", "json"])]
    pub(crate) quiet: bool,
}

impl ListArgs {
    /// How many are wanted; `None` for all.
    pub(crate) fn wanted(&self) -> Option<usize> {
        usize::try_from(self.count).ok().filter(|count| *count > 0)
    }
}

/// Which one thing is wanted, and how it is shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct GetArgs {
    /// Reference or id.
    #[arg(value_name = "REF_OR_ID")]
    pub(crate) id: String,
    /// Print JSON.
    #[arg(short, long)]
    pub(crate) json: bool,
}

/// Lists what the API has at `path`.
pub(crate) async fn list(
    path: &str,
    query: &Query,
    shown: &[&str],
    args: &ListArgs,
) -> anyhow::Result<ExitCode> {
    let listed = Client::from_environment()?
        .list(path, query, args.wanted())
        .await?;
    show(&listed, &columns(shown), args)
}

/// Prints a listing; what was left out is said on standard error.
pub(crate) fn show(
    listed: &Listed,
    shown: &[Column<'_>],
    args: &ListArgs,
) -> anyhow::Result<ExitCode> {
    if args.json {
        print_json(&as_json(&listed.items, &args.attr))?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.quiet {
        print(&ids(&listed.items))?;
        return Ok(ExitCode::SUCCESS);
    }
    let style = Style::of_stdout();
    if args.attr.is_empty() {
        print(&table(shown, &listed.items, style))?;
    } else {
        let paths: Vec<&str> = args.attr.iter().map(String::as_str).collect();
        print(&table(&columns(&paths), &listed.items, style))?;
    }
    if let (Style::Terminal, Some(note)) = (style, left_out(listed)) {
        anstream::eprintln!("{note}");
    }
    Ok(ExitCode::SUCCESS)
}

/// What names each item, one a line: its id, or its name where it has none.
fn ids(items: &[Value]) -> String {
    items
        .iter()
        .filter_map(|item| item.get("id").or_else(|| item.get("name"))?.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

fn as_json(items: &[Value], attr: &[String]) -> Value {
    if attr.is_empty() {
        return Value::Array(items.to_vec());
    }
    items.iter().map(|item| picked(item, attr)).collect()
}

fn left_out(listed: &Listed) -> Option<String> {
    let shown = listed.items.len() as u64;
    let total = listed.total.filter(|total| *total > shown)?;
    Some(format!(
        "{shown} of {total} shown: -n shows more, -n -1 all"
    ))
}

/// Shows the thing at `path` with all its members, those in `first` before the others.
pub(crate) async fn get(path: &str, first: &[&str], args: &GetArgs) -> anyhow::Result<ExitCode> {
    let value = Client::from_environment()?
        .get(&format!("{path}/{}", segment(&args.id)), &Query::new())
        .await?;
    show_one(&value, first, args.json)
}

/// Prints one thing.
pub(crate) fn show_one(value: &Value, first: &[&str], json: bool) -> anyhow::Result<ExitCode> {
    if json {
        print_json(value)?;
    } else {
        print(&details(value, first, Style::of_stdout()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Switches a thing on or off, as StackStorm's client does: read it, change `enabled`, write it back.
pub(crate) async fn set_enabled(
    path: &str,
    is_enabled: bool,
    args: &GetArgs,
) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("{path}/{}", segment(&args.id));
    let mut value = client.get(&path, &Query::new()).await?;
    value["enabled"] = Value::Bool(is_enabled);
    let changed = client.put(&path, &value).await?;
    let word = if is_enabled { "enabled" } else { "disabled" };
    done(&changed, &format!("{} is {word}", args.id), args.json)
}

/// Deletes a thing.
pub(crate) async fn delete(path: &str, args: &GetArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let answer = client
        .delete(&format!("{path}/{}", segment(&args.id)), &Query::new())
        .await?;
    done(&answer, &format!("{} is deleted", args.id), args.json)
}

/// Prints the server's answer as JSON, or what it means.
pub(crate) fn done(answer: &Value, text: &str, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        print_json(answer)?;
    } else {
        print(text)?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn args(count: i64) -> ListArgs {
        ListArgs {
            count,
            attr: vec![],
            json: false,
            quiet: false,
        }
    }

    #[test]
    fn takes_minus_one_for_all() {
        assert_eq!(args(-1).wanted(), None);
        assert_eq!(args(0).wanted(), None);
        assert_eq!(args(7).wanted(), Some(7));
    }

    #[test]
    fn says_what_was_left_out() {
        let listed = |total| Listed {
            items: vec![json!(1), json!(2)],
            total,
        };

        assert_eq!(
            left_out(&listed(Some(9))).unwrap(),
            "2 of 9 shown: -n shows more, -n -1 all"
        );
        assert_eq!(left_out(&listed(Some(2))), None);
        assert_eq!(left_out(&listed(None)), None);
    }

    #[test]
    fn names_items_by_id_or_else_by_name() {
        let items = [
            json!({ "id": "1", "name": "one" }),
            json!({ "name": "two" }),
        ];

        assert_eq!(ids(&items), "1\ntwo");
    }

    #[test]
    fn gives_only_the_wanted_members_as_json() {
        let items = [json!({ "id": "1", "status": "failed" })];

        assert_eq!(
            as_json(&items, &["status".to_owned()]),
            json!([{ "status": "failed" }])
        );
        assert_eq!(as_json(&items, &[]), json!(items));
    }
}
