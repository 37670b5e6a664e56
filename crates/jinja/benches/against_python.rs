//! Parsing and rendering templates, and evaluating expressions, against Jinja2.
//!
//! `PETREL_PYTHON_ORIGINALS` names a Python that has Jinja2 and orquesta; without it, only this side is measured. The
//! templates are those that the conformance vectors took from real packs, the expressions those of real workflows; what
//! fails, and what calls functions of `StackStorm`'s own beside `ctx`, is left out.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot run has nothing to say"
)]

use std::hint::black_box;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jinja::{Environment, Error, Expression, Function, Input, Template};
use pyvalue::{Dict, Limits, Value};
use serde_json::{Value as Json, json};

/// The engine's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PARSING_GOAL: f64 = 30.0;
const RENDERING_GOAL: f64 = 50.0;
const EVALUATION_GOAL: f64 = 50.0;
/// Templates that change what they are given cannot be rendered twice by Jinja2.
const CHANGING: &[&str] = &[".append(", ".extend(", ".insert(", ".pop(", ".update("];
const MEASURE_FOR: Duration = Duration::from_secs(2);

/// A template or expression and what it is evaluated with.
struct Case<T> {
    text: String,
    parsed: T,
    context: Dict,
}

/// What is measured of both sides, and what Python is given.
struct Measured {
    parse: f64,
    evaluate: f64,
    cases: usize,
    given: Vec<Json>,
}

impl<T> Case<T> {
    fn input(&self) -> Input<'_> {
        Input {
            names: &self.context,
            host: Some(&self.context),
            limits: Limits::default(),
            seed: 0,
        }
    }
}

fn main() {
    let (Some(templates), Some(expressions)) = (
        vectors("jinja/jinja.jsonl"),
        vectors("orquesta_expr/orquesta_expr.jsonl"),
    ) else {
        say("SKIPPED: the vectors are not in ../shared/conformance");
        return;
    };
    let templates = measure_templates(&templates);
    let expressions = measure_expressions(&expressions);
    let Some(theirs) =
        python(&json!({"templates": templates.given, "expressions": expressions.given}))
    else {
        return;
    };
    let their = |what: &str| theirs[what].as_f64().unwrap();
    let each = |what: &str, cases: usize| their(what) / count(cases);
    say(&format!(
        "Jinja2: templates parsed in {:.0} ns each, parsed and compiled in {:.0} ns each, rendered in {:.0} ns each; \
         expressions evaluated in {:.0} ns each",
        each("parse", templates.cases),
        each("compile", templates.cases),
        each("render", templates.cases),
        each("evaluate", expressions.cases)
    ));
    compare("parsing", their("parse") / templates.parse, PARSING_GOAL);
    compare(
        "parsing, to something that can be rendered",
        their("compile") / templates.parse,
        PARSING_GOAL,
    );
    compare(
        "rendering",
        their("render") / templates.evaluate,
        RENDERING_GOAL,
    );
    compare(
        "evaluating expressions",
        their("evaluate") / expressions.evaluate,
        EVALUATION_GOAL,
    );
}

fn measure_templates(vectors: &[Json]) -> Measured {
    let environment = Environment::standard();
    let real: Vec<&Json> = vectors.iter().filter(|case| is_real(case)).collect();
    let (cases, given) = templates(&environment, &real);
    let parse = best(|| {
        for case in &cases {
            black_box(Template::parse(&case.text, &environment).unwrap());
        }
    });
    let inputs: Vec<Input<'_>> = cases.iter().map(Case::input).collect();
    let render = best(|| {
        for (case, input) in cases.iter().zip(&inputs) {
            black_box(&case.parsed.render(&environment, input));
        }
    });
    let measured = Measured {
        parse,
        evaluate: render,
        cases: cases.len(),
        given,
    };
    report("templates", &measured, real.len());
    measured
}

fn measure_expressions(vectors: &[Json]) -> Measured {
    let environment = Environment::standard().with_global("ctx", ctx());
    let real: Vec<(&Json, &str)> = vectors.iter().filter_map(expression_of).collect();
    let (cases, given) = expressions(&environment, &real);
    let parse = best(|| {
        for case in &cases {
            black_box(Expression::parse(&case.text, &environment).unwrap());
        }
    });
    let inputs: Vec<Input<'_>> = cases.iter().map(Case::input).collect();
    let evaluate = best(|| {
        for (case, input) in cases.iter().zip(&inputs) {
            black_box(&case.parsed.evaluate(&environment, input));
        }
    });
    let measured = Measured {
        parse,
        evaluate,
        cases: cases.len(),
        given,
    };
    report("expressions", &measured, real.len());
    measured
}

fn report(what: &str, measured: &Measured, real: usize) {
    let cases = measured.cases;
    say(&format!(
        "{cases} of {real} real {what}: parsed in {:.0} ns each, evaluated in {:.0} ns each",
        measured.parse / count(cases),
        measured.evaluate / count(cases)
    ));
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

fn templates(environment: &Environment, real: &[&Json]) -> (Vec<Case<Template>>, Vec<Json>) {
    let mut cases = Vec::new();
    let mut given = Vec::new();
    for case in real {
        let text = case["template"].as_str().unwrap();
        if CHANGING.iter().any(|method| text.contains(method)) {
            continue;
        }
        let Ok(parsed) = Template::parse(text, environment) else {
            continue;
        };
        let Some(ours) = given_with(text, parsed, &case["context"]) else {
            continue;
        };
        let rendered = ours.parsed.render(environment, &ours.input()).ok();
        if rendered.is_none() || rendered.as_deref() != case["result"].as_str() {
            continue;
        }
        cases.push(ours);
        given.push(json!({"text": text, "context": case["context"]}));
    }
    (cases, given)
}

fn expressions(
    environment: &Environment,
    real: &[(&Json, &str)],
) -> (Vec<Case<Expression>>, Vec<Json>) {
    let mut cases = Vec::new();
    let mut given = Vec::new();
    for (case, text) in real {
        let Ok(parsed) = Expression::parse(text, environment) else {
            continue;
        };
        let Some(ours) = given_with(text, parsed, &case["ctx"]) else {
            continue;
        };
        let value = ours.parsed.evaluate(environment, &ours.input()).ok();
        if value.is_none_or(|value| jinja::is_undefined(&value)) {
            continue;
        }
        cases.push(ours);
        given.push(json!({"text": text, "context": case["ctx"]}));
    }
    (cases, given)
}

fn given_with<T>(text: &str, parsed: T, context: &Json) -> Option<Case<T>> {
    let Value::Dict(context) = Value::from_json(context) else {
        return None;
    };
    Some(Case {
        text: text.to_owned(),
        parsed,
        context,
    })
}

/// The first expression of a text that Orquesta evaluates.
fn expression_of(case: &Json) -> Option<(&Json, &str)> {
    let features = case["features"].as_array()?;
    let is_real = case["op"] == "evaluate" && features.iter().any(|feature| feature == "real");
    let (_, behind) = case["input"].as_str()?.split_once("{{")?;
    let (text, _) = behind.split_once("}}")?;
    (is_real && case.get("error").is_none()).then_some((case, text.trim()))
}

/// Orquesta's function: all variables, or one of them.
fn ctx() -> Function {
    let body = |call: &jinja::Call<'_>| -> Result<Value, Error> {
        let variables: &Dict = call
            .host()
            .and_then(|host| host.downcast_ref())
            .ok_or_else(|| Error::other("there are no variables"))?;
        match call.arg(0) {
            Value::Str(name) => match variables.get(name) {
                Some(value) => Ok(value.clone()),
                None => Err(Error::other("the variable does not exist")),
            },
            _ => Ok(Value::Dict(variables.clone())),
        }
    };
    Function::new("ctx", body).optional("key", Value::None)
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

fn vectors(file: &str) -> Option<Vec<Json>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance")
        .join(file);
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
