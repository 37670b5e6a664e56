//! Tasks per second against the Python original, and the time of a task in small and in large workflows.
//!
//! `PETREL_PYTHON_ORIGINALS` names a Python that has orquesta; without it, only this side is measured. Both sides keep
//! the state in memory.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot run has nothing to say"
)]

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use conductor::{Conductor, Definition, ItemReport, Report, State, Status, Surroundings, TaskKey};
use pyvalue::{Dict, Value};
use serde_json::{Value as Json, json};

/// The engine's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GOAL: f64 = 100.0;
const STEADY: f64 = 2.0;
const RUNS: usize = 7;

/// A workflow, and how many tasks and items it runs.
struct Case {
    definition: String,
    inputs: Json,
    tasks: usize,
}

/// What a kind of workflow is called, and how one of a size is made.
type Shape = (&'static str, fn(usize) -> Case);

const SHAPES: [Shape; 5] = [
    ("sequence", sequence),
    ("parallel and join", parallel),
    ("items", items),
    ("loop", turns),
    ("loop of splits and joins", diamonds),
];

fn main() {
    for (name, shape) in SHAPES {
        steadiness(name, shape);
    }
    against_python();
}

fn sequence(size: usize) -> Case {
    let mut tasks = String::new();
    for at in 0..size {
        write!(
            tasks,
            "  t{at}:\n    action: core.echo message=<% ctx(x) %>\n"
        )
        .unwrap();
        if at + 1 < size {
            let next = at + 1;
            write!(tasks, "    next:\n      - when: <% succeeded() %>\n        publish: x=<% result() %>\n        do: t{next}\n").unwrap();
        }
    }
    case(&tasks, size, size)
}

fn parallel(size: usize) -> Case {
    let mut tasks = String::new();
    for at in 0..size {
        write!(tasks, "  t{at}:\n    action: core.echo message=<% ctx(x) %>\n    next:\n      - when: <% succeeded() %>\n        publish: x=<% result() %>\n        do: last\n").unwrap();
    }
    tasks.push_str("  last:\n    join: all\n    action: core.noop\n");
    case(&tasks, size, size + 1)
}

fn items(size: usize) -> Case {
    let tasks = "  t1:\n    with:\n      items: i in <% range(ctx(n)).toList() %>\n      concurrency: 8\n    action: core.echo message=<% item(i) %>\n";
    case(tasks, size, size)
}

fn turns(size: usize) -> Case {
    let tasks = "  begin:\n    next:\n      - do: t1\n  t1:\n    action: core.echo message=<% ctx(x) %>\n    next:\n      - when: <% ctx(x) < ctx(n) %>\n        publish: x=<% ctx(x) + 1 %>\n        do: t1\n";
    case(tasks, size - 1, size + 1)
}

/// Three tasks a turn.
fn diamonds(size: usize) -> Case {
    let tasks = "
  begin:
    action: core.noop
    next:
      - do: a, b
  a:
    action: core.noop
    next:
      - publish: seen=<% ctx(x) %>
        do: both
  b:
    action: core.noop
    next:
      - do: both
  both:
    join: all
    action: core.noop
    next:
      - when: <% ctx(x) < ctx(n) %>
        publish: x=<% ctx(x) + 1 %>
        do: a, b
";
    let turns = (size / 3).max(1);
    case(tasks, turns - 1, turns * 3 + 1)
}

fn case(tasks: &str, number: usize, count: usize) -> Case {
    Case {
        definition: format!(
            "version: 1.0\ninput:\n  - n\nvars:\n  - x: 0\n  - seen: 0\noutput:\n  - x: <% ctx(x) %>\ntasks:\n{tasks}"
        ),
        inputs: json!({"n": number}),
        tasks: count,
    }
}

/// The time of a task in small and in large workflows.
fn steadiness(name: &str, shape: fn(usize) -> Case) {
    let mut times = Vec::new();
    for size in [10, 100, 1_000, 10_000] {
        let case = shape(size);
        let conductor = read(&case);
        // Small ones are run more often: what is measured takes as long.
        let again = (2_000 / size).max(1);
        let best = (0..RUNS)
            .map(|_| {
                let start = Instant::now();
                (0..again).for_each(|_| run(&conductor, &case));
                start.elapsed().as_secs_f64() / count(again)
            })
            .fold(f64::INFINITY, f64::min);
        times.push(best / count(case.tasks) * 1e6);
    }
    let shown: Vec<String> = times.iter().map(|time| format!("{time:.1}")).collect();
    let largest = times.iter().copied().fold(0.0, f64::max);
    let ratio = largest / times.iter().copied().fold(f64::INFINITY, f64::min);
    let verdict = if ratio <= STEADY { "reached" } else { "MISSED" };
    say(&format!(
        "{name}: {} us a task at 10, 100, 1,000 and 10,000 tasks; {:.0} tasks/s; within {ratio:.1} times (goal {STEADY}: {verdict})",
        shown.join(", "),
        1e6 / times[2],
    ));
}

fn against_python() {
    let cases: Vec<(&str, Case)> = SHAPES
        .iter()
        .map(|(name, shape)| (*name, shape(if name.contains("splits") { 12 } else { 50 })))
        .collect();
    let given: Vec<Json> = cases
        .iter()
        .map(|(_, case)| json!({"definition": case.definition, "inputs": case.inputs, "tasks": case.tasks}))
        .collect();
    let Some(theirs) = python(&json!(given)) else {
        return;
    };
    for ((name, case), theirs) in cases.iter().zip(theirs) {
        let again = 20;
        let start = Instant::now();
        for _ in 0..again {
            // The original reads and composes the definition in its time too.
            run(&read(case), case);
        }
        let ours = start.elapsed().as_secs_f64() * 1e9 / count(again);
        let ratio = theirs / ours;
        let verdict = if ratio >= GOAL { "reached" } else { "MISSED" };
        say(&format!(
            "{name} of {} tasks: {:.0} tasks/s, {ratio:.0} times as fast as the Python original at {:.0} tasks/s (goal {GOAL:.0}: {verdict})",
            case.tasks,
            count(case.tasks) / ours * 1e9,
            count(case.tasks) / theirs * 1e9,
        ));
    }
}

fn read(case: &Case) -> Conductor {
    let document = yaml::to_json(&case.definition).unwrap();
    let definition = Definition::from_json(&document).unwrap();
    Conductor::new(Arc::new(definition), Surroundings::default())
}

/// Everything that is offered is run and succeeds, first come first served.
fn run(conductor: &Conductor, case: &Case) {
    let inputs = Value::from_json(&case.inputs);
    let inputs = inputs.as_dict().cloned().unwrap_or_default();
    let (mut state, _) = conductor.start(&inputs, &Dict::default());
    conductor.request(&mut state, Status::Running).unwrap();
    let mut waiting = VecDeque::new();
    loop {
        let (offers, _) = conductor.next(&mut state).unwrap();
        for offer in offers {
            for action in &offer.actions {
                report(
                    conductor,
                    &mut state,
                    &offer.task,
                    Status::Running,
                    action.item,
                );
                waiting.push_back((offer.task.clone(), action.item));
            }
        }
        let Some((task, item)) = waiting.pop_front() else {
            break;
        };
        report(conductor, &mut state, &task, Status::Succeeded, item);
    }
    assert_eq!(state.status(), Status::Succeeded);
}

fn report(
    conductor: &Conductor,
    state: &mut State,
    task: &TaskKey,
    status: Status,
    item: Option<usize>,
) {
    let report = Report {
        task: task.clone(),
        status,
        result: Value::Int(1),
        item: item.map(|item| ItemReport {
            item,
            results: Value::list(vec![Value::Int(1)]),
        }),
    };
    conductor.report(state, &report).unwrap();
}

/// Nanoseconds of each case.
fn python(cases: &Json) -> Option<Vec<f64>> {
    let Some(python) = std::env::var_os("PETREL_PYTHON_ORIGINALS") else {
        say("SKIPPED: the Python original, as PETREL_PYTHON_ORIGINALS names no Python");
        return None;
    };
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/against_python.py");
    let mut child = Command::new(python)
        .arg("-W")
        .arg("ignore")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(cases.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn say(line: &str) {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}").unwrap();
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn count(number: usize) -> f64 {
    number as f64
}
