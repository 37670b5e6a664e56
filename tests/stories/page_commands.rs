//! The commands that stand in `docs/packs.md` and `docs/workflows.md` work as they are written, on the files of these
//! pages: each line that begins with `petrel` is run, in the order of the page.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use stories::author::Author;
use stories::engine::{DEADLINE, repository};
use stories::published::{commit, run};
use stories::servers::wait_until;

/// Where the pages have their pack from: a repository of the test's own here.
const ELSEWHERE: &str = "https://git.example.com/ops/hello.git";
/// What zips a pack as version 1.2.0.
const ZIP: &str = "import shutil; shutil.make_archive('hello-1.2.0', 'zip', '.', 'hello')";

#[test]
fn the_commands_of_the_page_of_packs_work() -> Result<()> {
    let page = page("docs/packs.md")?;
    let lines = lines(&page);
    ensure!(lines.len() >= 15, "{lines:#?}");
    let mut author = Author::new()?;
    write_pack(&author, &page)?;
    publish(&author)?;
    let settings = author.folder().join("petrel.toml");
    author.start(&format!(
        "--insecure-no-auth --config {}",
        settings.display()
    ))?;

    for line in &lines {
        let repository = format!("file://{}", author.folder().join("hello.git").display());
        type_in(&author, &line.replace(ELSEWHERE, &repository))?;
        if line.starts_with("petrel pack remove") {
            // What the page goes on with is there again.
            type_in(&author, "petrel pack register hello")?;
        }
    }
    let (sensors, _) = author.run("petrel sensor list")?;
    for instance in ["hello.Lamps@attic", "hello.Lamps@cellar"] {
        ensure!(sensors.contains(instance), "{sensors}\n{}", author.log());
    }
    Ok(())
}

#[test]
fn the_commands_of_the_page_of_workflows_work() -> Result<()> {
    let page = page("docs/workflows.md")?;
    let lines = lines(&page);
    ensure!(lines.len() >= 7, "{lines:#?}");
    let mut author = Author::new()?;
    write_named(&author, &page, "")?;
    let packs = self::page("docs/packs.md")?;
    let (_, pack) = named(&packs)
        .into_iter()
        .find(|(path, _)| path == "pack.yaml")
        .context("the page of packs has a pack.yaml")?;
    author.write("hello/pack.yaml", &pack)?;
    write_question(&author, &page)?;
    author.start("--insecure-no-auth")?;

    for line in &lines {
        let is_answered = line.starts_with("petrel inquiry respond");
        let id = if is_answered {
            Some(ask(&author)?)
        } else if line.contains(" ID") {
            Some(
                author
                    .run("petrel execution list --action hello.hello -n 1 -q")?
                    .0,
            )
        } else {
            None
        };
        type_in(&author, &line.replace("ID", id.unwrap_or_default().trim()))?;
    }
    Ok(())
}

fn page(path: &str) -> Result<String> {
    Ok(fs::read_to_string(repository().join(path))?)
}

/// The lines of the shell, without what is said of them.
fn lines(page: &str) -> Vec<String> {
    page.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with("petrel "))
        .map(|line| {
            let end = line.find("  #").unwrap_or(line.len());
            line[..end].trim_end().to_owned()
        })
        .collect()
}

/// The blocks that name the file which they are in their first line: path and text.
fn named(page: &str) -> Vec<(String, String)> {
    let blocks = page.split("\n```").skip(1).step_by(2);
    let named = blocks.filter_map(|block| {
        let (_, text) = block.split_once('\n')?;
        let path = text.lines().next()?.strip_prefix("# ")?;
        let path = path.split(',').next()?;
        let is_file = [".yaml", ".py"].iter().any(|end| path.ends_with(end));
        (is_file && !path.contains(' ')).then(|| (path.to_owned(), format!("{text}\n")))
    });
    named.collect()
}

fn write_named(author: &Author, page: &str, folder: &str) -> Result<()> {
    for (path, text) in named(page) {
        author.write(&format!("{folder}{path}"), &text)?;
    }
    Ok(())
}

/// The page's pack, `hello`, and its configuration in the data folder.
fn write_pack(author: &Author, page: &str) -> Result<()> {
    for (path, text) in named(page) {
        let folder = if path.starts_with("configs/") {
            author.data_folder()
        } else {
            author.folder().join("hello")
        };
        let path = folder.join(path);
        author.write(&path.display().to_string(), &text)?;
    }
    Ok(())
}

/// The pack as a repository with a version 1.2.0, as an archive, and in an index that `petrel.toml` names.
fn publish(author: &Author) -> Result<()> {
    let folder = author.folder();
    run(folder, "cp", &["-r", "hello", "hello.git"])?;
    commit(&folder.join("hello.git"), "v1.2.0")?;
    run(folder, "python3", &["-c", ZIP])?;
    let hello = json!({
        "name": "hello", "description": "Says hello in chat.", "version": "1.2.0", "author": "Ada",
        "email": "ada@example.com", "keywords": ["chat"],
        "repo_url": format!("file://{}", folder.join("hello.git").display()),
    });
    let index = folder.join("index.json");
    fs::write(&index, json!({ "packs": { "hello": hello } }).to_string())?;
    let settings = format!("pack_indexes = ['{}']\n", index.display());
    author.write("petrel.toml", &settings)
}

/// The page's workflow that asks, which everybody may answer here.
fn write_question(author: &Author, page: &str) -> Result<()> {
    let (_, rest) = page
        .split_once("```yaml workflow=inquiry\n")
        .context("the page has a workflow that asks")?;
    let text = rest.split("\n```").next().unwrap_or_default();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("users:"))
        .collect();
    let action =
        "name: ask\nrunner_type: orquesta\nentry_point: workflows/ask.yaml\nenabled: true\n";
    author.write("hello/actions/ask.yaml", action)?;
    author.write("hello/actions/workflows/ask.yaml", &lines.join("\n"))
}

/// Runs that workflow until it asks, and returns the question's id.
fn ask(author: &Author) -> Result<String> {
    type_in(author, "petrel run hello.ask -a")?;
    wait_until("the question", DEADLINE, || {
        let (ids, _) = author.run("petrel inquiry list -q")?;
        let id = ids.lines().next().map(str::trim).unwrap_or_default();
        let is_id = id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(is_id.then(|| id.to_owned()))
    })
}

fn type_in(author: &Author, line: &str) -> Result<()> {
    let (printed, succeeded) = author.run(line)?;
    ensure!(
        succeeded && !printed.contains("nothing to do"),
        "`{line}` prints\n{printed}\n{}",
        author.log()
    );
    Ok(())
}
