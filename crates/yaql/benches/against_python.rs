//! Parsing and evaluation against the Python original, and a long pipeline's time and memory.
//!
//! `PETREL_PYTHON_ORIGINALS` names a Python that has orquesta; without it, only this side is measured. The expressions
//! are those that the conformance vectors took from real workflows.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot run has nothing to say"
)]

use std::hint::black_box;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pyvalue::{Limits, Value};
use serde_json::{Value as Json, json};
use yaql::{Call, Engine, Expression, Fault, Function, Input, Outcome, Param};

/// The engine's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PIPELINE: &str = "range(1000000).select($ * 2).where($ mod 3 = 0).sum()";
const SHORT_PIPELINE: &str = "range(1000).select($ * 2).where($ mod 3 = 0).sum()";
/// What both sides run; a million items take the original minutes.
const COMPARED_PIPELINE: &str = "range(20000).select($ * 2).where($ mod 3 = 0).sum()";
const PARSING_GOAL: f64 = 30.0;
const EVALUATION_GOAL: f64 = 50.0;
const MEASURE_FOR: Duration = Duration::from_secs(2);

/// An expression and what it is evaluated on.
struct Case {
    expression: Expression,
    context: Value,
    data: Value,
}

/// Nanoseconds.
struct Times {
    parse: f64,
    evaluate: f64,
    pipeline: f64,
}

fn main() {
    let engine = engine();
    memory(&engine);
    let Some(vectors) = vectors() else {
        say("SKIPPED: yaql.jsonl is not in ../shared/conformance/yaql");
        return;
    };
    for (which, real) in [("real", true), ("other", false)] {
        let (cases, given) = cases(&engine, &vectors, real);
        run(&engine, &cases, &given, which);
    }
}

/// Measures both sides.
fn run(engine: &Engine, cases: &[Case], given: &[Json], which: &str) {
    let ours = measure(engine, cases);
    say(&format!(
        "{} {which} expressions: parsed in {:.2} us each, evaluated in {:.2} us each; {COMPARED_PIPELINE} in {:.1} ms",
        cases.len(),
        ours.parse / 1e3 / count(cases.len()),
        ours.evaluate / 1e3 / count(cases.len()),
        ours.pipeline / 1e6,
    ));
    let Some(theirs) = python(&json!({"cases": given, "pipeline": COMPARED_PIPELINE})) else {
        return;
    };
    compare("parsing", theirs.parse / ours.parse, PARSING_GOAL);
    compare(
        "evaluation",
        theirs.evaluate / ours.evaluate,
        EVALUATION_GOAL,
    );
    compare(
        "a long pipeline",
        theirs.pipeline / ours.pipeline,
        EVALUATION_GOAL,
    );
}

fn say(line: &str) {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}").unwrap();
}

fn compare(what: &str, ratio: f64, goal: f64) {
    let verdict = if ratio >= goal { "reached" } else { "MISSED" };
    say(&format!(
        "{what}: {ratio:.0} times as fast as the Python original (goal {goal:.0}: {verdict})"
    ));
}

#[expect(clippy::cast_precision_loss, reason = "counts of cases are small")]
fn count(cases: usize) -> f64 {
    cases as f64
}

/// The library, and `ctx` as Orquesta adds it.
fn engine() -> Engine {
    Engine::standard().with(Function::function(
        "ctx",
        const { &[Param::any("key").or_null()] },
        ctx,
    ))
}

fn ctx(call: &Call<'_>) -> Outcome {
    let context: &Value = call.host().ok_or_else(|| Fault::undefined("no context"))?;
    let key = call.arg(0);
    if key.is_none() {
        return Ok(context.clone());
    }
    let found = context.as_dict().and_then(|dict| dict.get(key.as_str()?));
    found
        .cloned()
        .ok_or_else(|| Fault::undefined("no such variable"))
}

/// How much the peak memory of the process grows when a pipeline gets a thousand times longer.
fn memory(engine: &Engine) {
    let mut peaks = Vec::new();
    for text in [SHORT_PIPELINE, PIPELINE] {
        run_pipeline(engine, &Expression::parse(text).unwrap());
        peaks.push(peak_kilobytes());
    }
    match peaks[..] {
        [Some(short), Some(long)] => say(&format!(
            "a pipeline over a million items instead of a thousand: {} KiB more at the peak",
            long - short
        )),
        _ => say("SKIPPED: peak memory, which this system does not tell"),
    }
}

/// The most memory this process ever had, as Linux tells it.
fn peak_kilobytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn run_pipeline(engine: &Engine, pipeline: &Expression) {
    let limits = Limits {
        steps: u64::MAX,
        ..Limits::default()
    };
    let input = Input {
        limits,
        ..Input::default()
    };
    black_box(engine.evaluate(pipeline, &input).unwrap());
}

fn vectors() -> Option<Vec<Json>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/yaql/yaql.jsonl");
    let text = std::fs::read_to_string(path).ok()?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// The expressions, from real workflows or not, that need nothing but `ctx` and succeed; compiled, and as given to the
/// other side.
fn cases(engine: &Engine, vectors: &[Json], real: bool) -> (Vec<Case>, Vec<Json>) {
    let is_real = |vector: &Json| {
        let features = vector["features"].as_array();
        features.is_some_and(|features| features.iter().any(|feature| feature == "real"))
    };
    vectors
        .iter()
        .filter(|vector| is_real(vector) == real && vector.get("result").is_some())
        .filter_map(|vector| {
            let case = Case {
                expression: Expression::parse(vector["expr"].as_str()?).ok()?,
                context: Value::from_json(&vector["ctx"]),
                data: Value::from_json(&vector["data"]),
            };
            engine.evaluate(&case.expression, &case.input()).ok()?;
            Some((case, vector.clone()))
        })
        .unzip()
}

impl Case {
    fn input(&self) -> Input<'_> {
        Input {
            data: self.data.clone(),
            host: Some(&self.context),
            ..Input::default()
        }
    }
}

fn measure(engine: &Engine, cases: &[Case]) -> Times {
    let pipeline = Expression::parse(COMPARED_PIPELINE).unwrap();
    Times {
        parse: best(|| {
            for case in cases {
                let text: &str = case.expression.source();
                black_box(Expression::parse(black_box(text)).unwrap());
            }
        }),
        evaluate: best(|| {
            for case in cases {
                black_box(engine.evaluate(&case.expression, &case.input()).unwrap());
            }
        }),
        pipeline: best(|| run_pipeline(engine, &pipeline)),
    }
}

/// The nanoseconds of the fastest of many runs.
fn best(mut work: impl FnMut()) -> f64 {
    let mut fastest = Duration::MAX;
    let begin = Instant::now();
    while begin.elapsed() < MEASURE_FOR {
        let start = Instant::now();
        work();
        fastest = fastest.min(start.elapsed());
    }
    fastest.as_secs_f64() * 1e9
}

/// The times of the Python original.
fn python(asked: &Json) -> Option<Times> {
    let Ok(python) = std::env::var("PETREL_PYTHON_ORIGINALS") else {
        say("SKIPPED: the Python original; PETREL_PYTHON_ORIGINALS names no interpreter");
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
    let times: Json = serde_json::from_slice(&output.stdout).unwrap();
    let time = |name: &str| times[name].as_f64().unwrap();
    Some(Times {
        parse: time("parse"),
        evaluate: time("evaluate"),
        pipeline: time("pipeline"),
    })
}
