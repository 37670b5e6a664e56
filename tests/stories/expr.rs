//! An author tries expressions, with no server around.

mod documentation;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::binary;

/// What most of the expressions here look at.
const DATA: &str =
    r#"{"host": "db1", "hosts": [{"name": "a", "up": true}, {"name": "b", "up": false}]}"#;

/// What a command printed and how it ended.
#[derive(Debug, PartialEq)]
struct Ran {
    out: String,
    err: String,
    code: Option<i32>,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("expr").args(arguments);
    command
}

fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    Ran {
        out: text(&output.stdout),
        err: text(&output.stderr),
        code: output.status.code(),
    }
}

fn run(arguments: &[&str]) -> Result<Ran> {
    Ok(ran(&command(arguments).output()?))
}

fn run_with_input(arguments: &[&str], input: &str) -> Result<Ran> {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("there is no standard input")?;
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    Ok(ran(&child.wait_with_output()?))
}

fn value(text: &str) -> Ran {
    Ran {
        out: text.to_owned(),
        err: String::new(),
        code: Some(0),
    }
}

fn failure(text: &str) -> Ran {
    Ran {
        out: String::new(),
        err: text.to_owned(),
        code: Some(1),
    }
}

#[test]
fn values_keep_their_types_and_texts_are_printed_as_they_are() -> Result<()> {
    for (expression, expected) in [
        ("<% ctx().host %>", "db1"),
        ("on <% ctx().host %>: <% ctx().hosts.len() %>", "on db1: 2"),
        (
            "<% ctx().hosts.where($.up) %>",
            r#"[{"name":"a","up":true}]"#,
        ),
        ("<% set(1) %>", "[1]"),
        ("<% null %>", "null"),
        ("<% 0.1 + 0.2 %>", "0.30000000000000004"),
        ("{{ ctx().hosts | length }}", "2"),
        ("{{ hosts | length }} hosts", "2 hosts"),
        ("{{ hosts[0].up }}", "True"),
        ("$.hosts.name", r#"["a","b"]"#),
        ("host | upper", "DB1"),
    ] {
        assert_eq!(
            run(&[expression, "--data", DATA])?,
            value(expected),
            "{expression}"
        );
    }
    assert_eq!(
        run(&["<% ctx().host %>", "--data", DATA, "--json"])?,
        value("\"db1\"")
    );
    assert_eq!(
        run(&["hosts[0].up", "--lang", "jinja", "--data", DATA])?,
        value("true")
    );
    assert_eq!(
        run(&["{{ host }}", "--as", "template", "--data", DATA])?,
        value("db1")
    );
    Ok(())
}

#[test]
fn data_comes_from_files_and_standard_input() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, text) in [
        ("data.yaml", "n: 1\n"),
        ("data.yml", "n: 1"),
        ("data.json", "{\"n\": 1}"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text)?;
        let path = path.to_string_lossy();
        assert_eq!(
            run(&["<% ctx().n + 1 %>", "--data", &path])?,
            value("2"),
            "{name}"
        );
    }

    assert_eq!(
        run_with_input(&["-", "--data", "{\"n\": 1}"], "<% ctx().n %>\n")?,
        value("1")
    );
    assert_eq!(
        run_with_input(&["$.n", "--data", "-"], "n: 1\n")?,
        value("1")
    );
    Ok(())
}

#[test]
fn a_task_an_item_and_the_datastore_are_made_up() -> Result<()> {
    let arguments: &[(&[&str], &str)] = &[
        (&["<% item().a %>", "--item", r#"{"a": 1}"#], "1"),
        (&["{{ result().a }}", "--result", r#"{"a": 1}"#], "1"),
        (&["<% succeeded() %>"], "true"),
        (
            &["<% completed() and failed() %>", "--status", "timeout"],
            "false",
        ),
        (
            &["<% st2kv('system.a') %>", "--kv", "a=1", "--kv", "b=2"],
            "1",
        ),
        (&["{{ st2kv.system.b }}", "--kv", "a=1", "--kv", "b=2"], "2"),
        (&["<% st2kv('system.c', default => none) %>"], "none"),
    ];
    for (arguments, expected) in arguments {
        assert_eq!(run(arguments)?, value(expected), "{arguments:?}");
    }
    Ok(())
}

#[test]
fn the_three_likeliest_mistakes_are_shown_with_what_to_do() -> Result<()> {
    for (expression, expected) in [
        (
            "on <% ctx().host",
            "this `<%` is never closed\n    1 | on <% ctx().host\n      |    ^^\n  = close it with `%>`, or it stays a plain text",
        ),
        (
            "on {{ host",
            "the `{{` here is not closed\n    1 | on {{ host\n      |    ^^\n  = add `}}` where the expression ends",
        ),
        (
            "on {{ host }",
            "this `}` closes nothing\n    1 | on {{ host }\n      |            ^\n  = an expression ends with `}}`, a statement with `%}`",
        ),
        (
            "on {{ host | uper }}",
            "there is no filter called `uper`\n    1 | on {{ host | uper }}\n      |              ^^^^\n  = did you mean `upper`?",
        ),
        (
            "<% ctx().host.toUper() %>",
            "there is no method `toUper`\n    1 | <% ctx().host.toUper() %>\n      |               ^^^^^^\n  = did you mean `toUpper`?",
        ),
        (
            "on <% ctx().hst %>",
            "the dictionary has no key `hst`\n    1 | on <% ctx().hst %>\n      |             ^^^\n  = did you mean `host`?",
        ),
        (
            "{{ hst }}",
            "`hst` is undefined\n    1 | {{ hst }}\n      |    ^^^\n  = did you mean `host`?",
        ),
    ] {
        assert_eq!(
            run(&[expression, "--data", DATA])?,
            failure(expected),
            "{expression}"
        );
    }
    Ok(())
}

#[test]
fn an_explanation_shows_how_a_value_comes_about() -> Result<()> {
    let shown = run(&[
        "on <% ctx().hosts.where($.up).len() %> of <% ctx().hst %>",
        "--data",
        DATA,
        "--explain",
    ])?;

    assert_eq!(shown.code, Some(1));
    assert_eq!(
        shown.out,
        r#"YAQL in a text of a workflow
  there is more in the text than one expression: the values become text
reads
  ctx().hosts  given
  ctx().hst    not given, did you mean `ctx().host`?
steps
  ctx()                          object    {"host":"db1","hosts":[{"name":"a","up":true},{"name":"b"...
  ctx().hosts                    array     [{"name":"a","up":true},{"name":"b","up":false}]
  ctx().hosts.where($.up)        array     [{"name":"a","up":true}]
  ctx().hosts.where($.up).len()  integer   1
  ctx().hst                      no value: the dictionary has no key `hst`
result
  none"#
    );
    ensure!(
        shown.err.starts_with("the dictionary has no key `hst`"),
        "{}",
        shown.err
    );

    let guessed = run(&["host | upper", "--data", DATA, "--explain"])?;
    assert_eq!(
        guessed,
        value(
            "Jinja by itself, with the names and filters of rules and parameters (a guess: it has no delimiters)
  the value keeps its type
reads
  host  given
steps
  host  string    \"db1\"
result
  string    \"DB1\""
        )
    );
    Ok(())
}

#[test]
fn programs_get_json_whatever_comes_out() -> Result<()> {
    let error = run(&["on {{ host | uper }}", "--json", "--data", DATA])?;
    assert_eq!(error.code, Some(1));
    assert_eq!(
        serde_json::from_str::<Value>(&error.out)?,
        json!({
            "kind": "unknown_function", "message": "there is no filter called `uper`",
            "line": 1, "column": 14, "notes": ["did you mean `upper`?"],
        })
    );

    let explained = run(&[
        "<% ctx().hosts.len() %>",
        "--json",
        "--explain",
        "--data",
        DATA,
    ])?;
    let explained: Value = serde_json::from_str(&explained.out)?;
    assert_eq!(explained["language"], "yaql");
    assert_eq!(explained["form"], "whole");
    assert_eq!(
        explained["reads"],
        json!([{ "name": "ctx().hosts", "given": true }])
    );
    assert_eq!(explained["steps"][1]["expression"], "ctx().hosts");
    assert_eq!(
        (&explained["type"], &explained["value"]),
        (&json!("integer"), &json!(2))
    );
    Ok(())
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused() -> Result<()> {
    let wrong: &[(&[&str], &str)] = &[
        (
            &["$", "--data", "nowhere.yaml"],
            "file `nowhere.yaml` cannot be read",
        ),
        (&["$", "--data", "{"], "--data is neither JSON"),
        (&["-", "--data", "-"], "standard input can be read once"),
        (&["$", "--lang", "yaql", "--as", "template"], "know no YAQL"),
        (&["$", "--kv", "a"], "NAME=VALUE"),
        (&["$", "--status", "great"], "a status is one of requested"),
        (&[], "EXPR"),
    ];
    for (arguments, expected) in wrong {
        let ran = run(arguments)?;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        ensure!(ran.err.contains(expected), "{arguments:?}: {}", ran.err);
    }
    Ok(())
}

#[test]
fn a_text_that_mixes_languages_is_warned_about() -> Result<()> {
    let ran = run(&["{{ ctx().host }} <% ctx().host %>", "--data", DATA])?;

    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "db1 <% ctx().host %>")
    );
    ensure!(
        ran.err
            .starts_with("warning: a text cannot hold expressions of both languages"),
        "{}",
        ran.err
    );
    Ok(())
}

/// Runs a line of a shell in a folder, with `petrel` being the binary under test.
fn shell(line: &str, folder: &Path) -> Result<Output> {
    let binary = binary();
    let folders = binary
        .parent()
        .context("the binary is in no folder")?
        .to_path_buf();
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let path =
        std::env::join_paths(std::iter::once(folders).chain(std::env::split_paths(&inherited)))?;
    Ok(Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .output()?)
}
