//! Parsing and rendering against Jinja2.
//!
//! `PETREL_PYTHON_ORIGINALS` names a Python that has Jinja2; without it, only this side is measured. The templates are
//! those that the conformance vectors took from real packs; those that fail, and those with filters of `StackStorm`'s
//! own, are left out.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot run has nothing to say"
)]

use std::hint::black_box;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jinja::{Environment, Input, Template};
use pyvalue::{Dict, Limits, Value};
use serde_json::{Value as Json, json};

const PARSING_GOAL: f64 = 30.0;
const RENDERING_GOAL: f64 = 50.0;
/// Templates that change what they are given cannot be rendered twice by Jinja2.
const CHANGING: &[&str] = &[".append(", ".extend(", ".insert(", ".pop(", ".update("];
const MEASURE_FOR: Duration = Duration::from_secs(2);

/// A template and what it is rendered with.
struct Case {
    text: String,
    template: Template,
    context: Dict,
}

fn main() {
    let environment = Environment::standard();
    let Some(vectors) = vectors() else {
        say("SKIPPED: jinja.jsonl is not in ../shared/conformance/jinja");
        return;
    };
    let real: Vec<&Json> = vectors.iter().filter(|case| is_real(case)).collect();
    let (cases, given) = cases(&environment, &real);
    say(&format!(
        "{} of {} real templates (the others fail, change what they are given, or use filters that are not Jinja2's)",
        cases.len(),
        real.len()
    ));
    let parse = best(|| {
        for case in &cases {
            black_box(Template::parse(&case.text, &environment).unwrap());
        }
    });
    let render = best(|| {
        for case in &cases {
            black_box(render(case, &environment));
        }
    });
    let each = |nanoseconds: f64| nanoseconds / count(cases.len());
    say(&format!(
        "parsed in {:.0} ns each, rendered in {:.0} ns each",
        each(parse),
        each(render)
    ));
    let Some(theirs) = python(&Json::Array(given)) else {
        return;
    };
    let their = |what: &str| theirs[what].as_f64().unwrap();
    say(&format!(
        "Jinja2: parsed in {:.0} ns each, parsed and compiled in {:.0} ns each, rendered in {:.0} ns each",
        each(their("parse")),
        each(their("compile")),
        each(their("render"))
    ));
    compare("parsing", their("parse") / parse, PARSING_GOAL);
    compare(
        "parsing, to something that can be rendered",
        their("compile") / parse,
        PARSING_GOAL,
    );
    compare("rendering", their("render") / render, RENDERING_GOAL);
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}

fn compare(what: &str, ratio: f64, goal: f64) {
    let verdict = if ratio >= goal { "reached" } else { "MISSED" };
    say(&format!(
        "{what}: {ratio:.0} times as fast as Jinja2 (goal {goal:.0}: {verdict})"
    ));
}

#[expect(clippy::cast_precision_loss, reason = "counts of cases are small")]
fn count(cases: usize) -> f64 {
    cases as f64
}

fn is_real(case: &Json) -> bool {
    let features = case["features"].as_array();
    case["mode"] == "strict"
        && features.is_some_and(|features| features.iter().any(|feature| feature == "real"))
}

fn cases(environment: &Environment, real: &[&Json]) -> (Vec<Case>, Vec<Json>) {
    let mut cases = Vec::new();
    let mut given = Vec::new();
    for case in real {
        let text = case["template"].as_str().unwrap();
        if CHANGING.iter().any(|method| text.contains(method)) {
            continue;
        }
        let Ok(template) = Template::parse(text, environment) else {
            continue;
        };
        let Value::Dict(context) = Value::from_json(&case["context"]) else {
            continue;
        };
        let case_of_ours = Case {
            text: text.to_owned(),
            template,
            context,
        };
        let rendered = render(&case_of_ours, environment);
        if rendered.is_none() || rendered.as_deref() != case["result"].as_str() {
            continue;
        }
        cases.push(case_of_ours);
        given.push(json!({"template": text, "context": case["context"]}));
    }
    (cases, given)
}

fn render(case: &Case, environment: &Environment) -> Option<String> {
    let input = Input {
        names: &case.context,
        host: None,
        limits: Limits::default(),
        seed: 0,
    };
    case.template.render(environment, &input).ok()
}

/// The nanoseconds of the fastest of many runs.
fn best(mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut fastest = f64::INFINITY;
    while begin.elapsed() < MEASURE_FOR {
        let start = Instant::now();
        work();
        fastest = fastest.min(start.elapsed().as_secs_f64() * 1e9);
    }
    fastest
}

fn vectors() -> Option<Vec<Json>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/jinja/jinja.jsonl");
    let text = std::fs::read_to_string(path).ok()?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// What the Python original takes for the same.
fn python(asked: &Json) -> Option<Json> {
    let Some(python) = std::env::var_os("PETREL_PYTHON_ORIGINALS") else {
        say("SKIPPED: the Python original, as PETREL_PYTHON_ORIGINALS names no Python");
        return None;
    };
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/against_python.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(asked.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
