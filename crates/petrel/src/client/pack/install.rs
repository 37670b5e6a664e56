//! Installing, fetching and removing packs: executions of the pack `packs`, which are waited for.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use archive::Content;
use clap::Args;
use serde_json::{Value, json};

use crate::client::http::{Client, Query, segment};
use crate::client::output::{print, print_json, text_at};
use crate::client::{run, wait};

/// Where packs may come from, as help says it.
const SOURCES: &str = "A pack is a folder or archive of this machine (./path, /path, ~/path), a git URL, an archive's URL, or the name of a pack in an index; `=VERSION` after one of the latter names a branch, tag or commit. `file:///path` is a path on the server.";

#[derive(Debug, Clone, Args)]
#[command(after_help = SOURCES)]
pub(crate) struct InstallArgs {
    /// What is to be installed.
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// Take packs that say that they do not work here.
    #[arg(long)]
    force: bool,
    /// Leave alone packs that these depend on.
    #[arg(long)]
    skip_dependencies: bool,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RemoveArgs {
    /// The packs.
    #[arg(required = true, value_name = "PACK")]
    packs: Vec<String>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(super) async fn install(args: &InstallArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let body = json!({
        "packs": stored(&client, args).await?,
        "force": args.force,
        "skip_dependencies": args.skip_dependencies,
    });
    let ended = ended(&client, "/v1/packs/install", &body).await?;
    let output = &ended["result"]["output"];
    let packs = texts(&output["packs_list"]).join(", ");
    let warnings = texts(&output["warning_list"]);
    let warnings = warnings.iter().map(|text| format!("warning: {text}"));
    let told: Vec<String> = warnings.chain([format!("installed: {packs}")]).collect();
    tell(&client, &ended, &told.join("\n"), args.json).await
}

pub(super) async fn download(args: &InstallArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let packs = stored(&client, args).await?;
    let parameters = json!({ "packs": packs, "force": args.force });
    let body = json!({ "action": "packs.download", "parameters": parameters });
    let ended = ended(&client, "/v1/executions", &body).await?;
    let fetched = ended["result"]["result"].as_object();
    let fetched: Vec<&str> = fetched
        .into_iter()
        .flat_map(|packs| packs.keys().map(String::as_str))
        .collect();
    let told = format!("fetched: {}", fetched.join(", "));
    tell(&client, &ended, &told, args.json).await
}

pub(super) async fn remove(args: &RemoveArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let mut told = vec![format!("removed: {}", args.packs.join(", "))];
    for pack in &args.packs {
        let path = format!("/v1/packs/{}", segment(pack));
        if client.find(&path, &Query::new()).await?.is_none() {
            // It may have been fetched all the same, and then its content goes.
            told.push(format!("warning: there was no pack `{pack}` in force"));
        }
    }
    let body = json!({ "packs": args.packs });
    let ended = ended(&client, "/v1/packs/uninstall", &body).await?;
    tell(&client, &ended, &told.join("\n"), args.json).await
}

/// The sources as the server can use them: what lies on this machine is sent to it.
async fn stored(client: &Client, args: &InstallArgs) -> anyhow::Result<Vec<String>> {
    let mut sources = Vec::new();
    for source in &args.sources {
        if let Some(path) = local(source) {
            sources.push(send(client, &path, args.force).await?);
            continue;
        }
        if has_password(source) {
            eprintln!(
                "petrel: warning: the password in this URL stays readable among the execution's parameters; git's credential helpers keep it to themselves"
            );
        }
        sources.push(source.clone());
    }
    Ok(sources)
}

/// Whether a URL has somebody's password or token in it. The user of `ssh` is no secret.
fn has_password(source: &str) -> bool {
    let rest = source.split_once("://").map(|(scheme, rest)| {
        let authority = rest.split('/').next().unwrap_or_default();
        (scheme, authority.rsplit_once('@').map(|(user, _)| user))
    });
    match rest {
        Some((scheme, Some(user))) => scheme.starts_with("http") || user.contains(':'),
        _ => false,
    }
}

/// The file or folder of this machine that a source names. A folder with a git repository in it is taken as it is, with
/// what is not committed yet.
fn local(source: &str) -> Option<PathBuf> {
    if let Some(rest) = source.strip_prefix("~/") {
        return Some(PathBuf::from(std::env::var_os("HOME")?).join(rest));
    }
    let is_path = source == "."
        || source == ".."
        || source.starts_with(['/'])
        || source.starts_with("./")
        || source.starts_with("../");
    is_path.then(|| PathBuf::from(source))
}

/// Sends the content of a pack; what it then is to the server.
async fn send(client: &Client, path: &Path, force: bool) -> anyhow::Result<String> {
    let shown = path.display();
    let body = if path.is_dir() {
        let content = Content::of_folder(path);
        let content = content.with_context(|| format!("pack `{shown}` cannot be read"))?;
        for left_out in content.left_out() {
            eprintln!("petrel: warning: {left_out}");
        }
        content.to_archive()?
    } else {
        tokio::fs::read(path)
            .await
            .with_context(|| format!("`{shown}` cannot be read"))?
    };
    let query: Query = vec![("source", shown.to_string()), ("force", force.to_string())];
    let pack = client.upload("/v1/packs/archives", &query, body).await;
    let pack = pack.with_context(|| format!("`{shown}` is not taken"))?;
    for warning in texts(&pack["warnings"]) {
        eprintln!("petrel: warning: {warning}");
    }
    Ok(format!("archive:{}", text_at(&pack, "ref")))
}

/// The execution that a request leads to, once it has ended.
async fn ended(client: &Client, path: &str, body: &Value) -> anyhow::Result<Value> {
    let requested = client.post(path, body).await?;
    let id = match text_at(&requested, "execution_id") {
        "" => text_at(&requested, "id"),
        id => id,
    };
    Ok(wait::until_final(client, id).await?)
}

/// Says what came of it; where it failed, with its tasks.
async fn tell(client: &Client, ended: &Value, well: &str, json: bool) -> anyhow::Result<ExitCode> {
    let has_succeeded = wait::has_succeeded(ended);
    if json {
        print_json(ended)?;
    } else if has_succeeded {
        print(well)?;
    } else {
        run::print_with_tasks(client, ended.clone(), false, run::shown).await?;
        for reason in reasons(client, ended).await? {
            eprintln!("petrel: {reason}");
        }
    }
    Ok(if has_succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What each task that failed has said: its result, where that is a text, else the Python exception.
async fn reasons(client: &Client, ended: &Value) -> anyhow::Result<Vec<String>> {
    let path = format!("/v1/executions/{}/children", text_at(ended, "id"));
    let children = client.get(&path, &Query::new()).await?;
    let children = children.as_array().cloned().unwrap_or_default();
    let failed = children
        .iter()
        .chain([ended])
        .filter(|child| text_at(child, "status") == "failed");
    let said = failed.filter_map(|child| match text_at(child, "result.result") {
        "" => exception(text_at(child, "result.stderr")),
        said => Some(said.to_owned()),
    });
    Ok(said.collect())
}

/// The message of the exception that a traceback ends with.
fn exception(stderr: &str) -> Option<String> {
    let lines: Vec<&str> = stderr.trim_end().lines().collect();
    let last_frame = lines
        .iter()
        .rposition(|line| line.starts_with("  File \""))?;
    let after = lines.get(last_frame + 1..)?.iter();
    // What stands there in the file, and marks below it.
    let message: Vec<&str> = after
        .copied()
        .skip_while(|line| line.starts_with("    "))
        .collect();
    Some(message.join("\n")).filter(|message| !message.is_empty())
}

fn texts(list: &Value) -> Vec<&str> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_as_a_path_lies_on_this_machine() {
        for path in ["/srv/demo", "./demo", "../demo.zip", "."] {
            assert_eq!(local(path), Some(PathBuf::from(path)), "{path}");
        }
        for other in [
            "demo",
            "demo=1.0.0",
            "ada/demo",
            "https://h/demo.git",
            "file:///demo",
        ] {
            assert_eq!(local(other), None, "{other}");
        }
    }

    #[test]
    fn passwords_in_urls_are_noticed() {
        for url in ["https://ada:p@h/d.git", "https://token@h/d.git=v1"] {
            assert!(has_password(url), "{url}");
        }
        for url in [
            "https://h/a@b.git",
            "ssh://git@h/d.git",
            "git@h:d.git",
            "demo",
        ] {
            assert!(!has_password(url), "{url}");
        }
    }

    #[test]
    fn an_exception_is_what_follows_the_last_frame() {
        let stderr = "building\nTraceback (most recent call last):\n  File \"x.py\", line 1\n    boom()\n    ~~~~^^\n\
                      ValueError: no\n- more\n    | shown\n    | ^\n";

        assert_eq!(
            exception(stderr).as_deref(),
            Some("ValueError: no\n- more\n    | shown\n    | ^")
        );
        assert_eq!(exception("nothing of the kind"), None);
    }
}
