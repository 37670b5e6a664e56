//! How the outcome of tests looks to people.

use rehearsal::{Mismatch, Run, Story};
use serde_json::{Map, Value};

use super::{Tested, TestedCase};
use crate::client::{Style, shown};

/// Values longer than this are shown from where they begin to differ.
const LONG: usize = 160;
/// How much is shown before that.
const BEFORE: usize = 20;

pub(super) fn report(tested: &[Tested], is_verbose: bool, style: Style) -> String {
    let mut lines = Vec::new();
    for one in tested {
        lines.push(style.strong(&one.file));
        for problem in &one.problems {
            let mut rendered = problem.rendered.lines();
            let first = rendered.next().unwrap_or_default();
            lines.push(format!(
                "  {} {}",
                style.verdict("WRONG", false),
                shown(first)
            ));
            lines.extend(rendered.map(|line| format!("        {line}")));
        }
        for case in &one.cases {
            push_case(&mut lines, &one.file, case, is_verbose, style);
        }
    }
    lines.push(summary(tested, style));
    lines.join("\n")
}

fn summary(tested: &[Tested], style: Style) -> String {
    let cases = || tested.iter().flat_map(|one| &one.cases);
    let passed = cases().filter(|case| case.verdict.passed()).count();
    let failed = cases().count() - passed;
    let wrong = tested.iter().filter(|one| !one.problems.is_empty()).count();
    let mut text = format!("{} passed, {failed} failed", amount(passed, "case"));
    if wrong > 0 {
        text = format!("{text}, {} could not be run", amount(wrong, "file"));
    }
    style.verdict(&text, failed == 0 && wrong == 0)
}

fn amount(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

fn push_case(
    lines: &mut Vec<String>,
    file: &str,
    case: &TestedCase,
    is_verbose: bool,
    style: Style,
) {
    let verdict = &case.verdict;
    let word = if verdict.passed() { "ok" } else { "FAIL" };
    let word = style.verdict(&format!("{word:5}"), verdict.passed());
    lines.push(format!("  {word} {}", shown(&case.name)));
    for mismatch in &verdict.mismatches {
        push_mismatch(lines, file, mismatch, style);
    }
    if is_verbose || !verdict.passed() {
        push_story(lines, &verdict.story, is_verbose, style);
    }
}

fn push_mismatch(lines: &mut Vec<String>, file: &str, mismatch: &Mismatch, style: Style) {
    let Mismatch {
        position,
        subject,
        expected,
        actual,
        notes,
    } = mismatch;
    let place = format!("{file}:{}:{}:", position.line, position.column);
    lines.push(format!(
        "        {} {}",
        style.faint(&place),
        shown(subject)
    ));
    if expected.is_some() || actual.is_some() {
        let (expected, actual) = pair(expected.as_ref(), actual.as_ref());
        let expected = style.verdict(&expected, true);
        let actual = style.verdict(&actual, false);
        lines.push(format!("          expected  {expected}"));
        lines.push(format!("          actual    {actual}"));
    }
    lines.extend(
        notes
            .iter()
            .map(|note| format!("          = {}", shown(note))),
    );
}

/// Two values in a line each, long ones from where they begin to differ.
fn pair(expected: Option<&Value>, actual: Option<&Value>) -> (String, String) {
    let text = |value: Option<&Value>| {
        value.map_or_else(|| "nothing".to_owned(), |value| shown(&value.to_string()))
    };
    let (expected, actual) = (text(expected), text(actual));
    let same = expected
        .chars()
        .zip(actual.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let from = |text: &str| {
        if text.chars().count() <= LONG {
            return text.to_owned();
        }
        let start = same.saturating_sub(BEFORE);
        let part: String = text.chars().skip(start).take(LONG).collect();
        let before = if start > 0 { "..." } else { "" };
        let after = if start + LONG < text.chars().count() {
            "..."
        } else {
            ""
        };
        format!("{before}{part}{after}")
    };
    (from(&expected), from(&actual))
}

/// What ran: of cases that failed the tasks alone.
fn push_story(lines: &mut Vec<String>, story: &Story, is_verbose: bool, style: Style) {
    if !is_verbose {
        let course: Vec<String> = story
            .runs
            .iter()
            .map(|run| match run.status.as_str() {
                "succeeded" => run.task.clone(),
                status => format!("{} ({status})", run.task),
            })
            .collect();
        let ran = if course.is_empty() {
            "nothing".to_owned()
        } else {
            course.join(", ")
        };
        lines.push(style.faint(&format!("        ran: {}", cut(&ran))));
        return;
    }
    for (number, run) in story.runs.iter().enumerate() {
        push_run(lines, number + 1, run, style);
    }
    let status = style.status(story.status.as_str());
    let output = match &story.output {
        Value::Null => String::new(),
        output => format!(", output {}", cut(&output.to_string())),
    };
    lines.push(format!(
        "        {status} after {}{output}",
        amount(usize::try_from(story.takes).unwrap_or(usize::MAX), "second")
    ));
    for error in &story.errors {
        let task = error.task.as_ref().map(|task| format!("task {task}: "));
        let message = shown(&error.message);
        lines.push(format!(
            "        error: {}{message}",
            task.unwrap_or_default()
        ));
    }
}

fn push_run(lines: &mut Vec<String>, number: usize, run: &Run, style: Style) {
    let status = style.status(run.status.as_str());
    let action = run.action.as_str().map(|action| format!(" {action}"));
    let delay = match run.delay {
        0 => String::new(),
        delay => format!(
            " after {}",
            amount(usize::try_from(delay).unwrap_or(usize::MAX), "second")
        ),
    };
    let action = action.unwrap_or_default();
    lines.push(format!(
        "        {number}. {} {status}{delay}{}",
        run.task,
        shown(&action)
    ));
    let mut detail = |name: &str, value: String| {
        lines.push(format!("           {name} {}", cut(&value)));
    };
    if !run.input.is_null() {
        detail("input", run.input.to_string());
    }
    for item in run.items.iter().flatten() {
        let status = style.status(item.status.as_str());
        detail(
            &format!("item {} {status}", shown(&item.text)),
            item.input.to_string(),
        );
    }
    if run.published != Map::new() {
        detail(
            "published",
            Value::Object(run.published.clone()).to_string(),
        );
    }
}

fn cut(text: &str) -> String {
    crate::client::cut(&shown(text), LONG)
}
