use crate::{Suite, Workflow, rehearse};

const WORKFLOW: &str = "
version: 1.0
input: [hosts]
vars:
  - n: 0
tasks:
  count:
    action: core.local cmd=\"wc\"
    retry: {count: 2, delay: 10}
    next:
      - when: <% succeeded() %>
        publish: n=<% result().n %>
        do: greet
  greet:
    with: <% ctx(hosts) %>
    action: core.echo message=<% item() %>
output:
  - n: <% ctx(n) %>
  - more: {a: [1, 2], b: x}
";

/// Differences of a case with this body, each in a line: line, subject, expected, actual, notes.
fn mismatches(expect: &str) -> Vec<String> {
    let text = format!(
        "cases:\n  - name: a\n    input: {{hosts: [x, y]}}\n    tasks:\n      count: [{{status: failed}}, {{result: {{n: 3}}}}]\n    expect:\n{expect}"
    );
    let suite = Suite::read(&text).unwrap();
    let workflow = Workflow::read(WORKFLOW).unwrap();
    assert_eq!(suite.check(&workflow), []);
    let shown = |value: &Option<serde_json::Value>| {
        value
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string)
    };
    rehearse(&workflow, &suite.cases[0])
        .mismatches
        .iter()
        .map(|one| {
            let (expected, actual) = (shown(&one.expected), shown(&one.actual));
            let notes: Vec<String> = one.notes.iter().map(|note| format!(" ({note})")).collect();
            let notes = notes.concat();
            format!(
                "{}:{} {}: {expected} | {actual}{notes}",
                one.position.line, one.position.column, one.subject
            )
        })
        .collect()
}

#[test]
fn what_is_as_expected_is_no_difference() {
    assert_eq!(
        mismatches(
            "
      order: [count, count, greet]
      ran: [greet, count]
      output: {n: 3.0, more: {b: x, a: [1, 2]}, other: null}
      vars: {n: 3}
      takes: 10
      errors: [{task: count, message: failed}]
      tasks:
        count:
          - {status: failed, input: {cmd: wc}, delay: 0}
          - {status: succeeded, published: {n: 3}, delay: 10, action: core.local}
        greet:
          runs: 1
          items: [{input: {message: x}}, null]
"
        ),
        [""; 0]
    );
}

#[test]
fn each_difference_stands_at_its_line() {
    assert_eq!(
        mismatches(
            "      status: failed
      order: [count, greet]
      ran: [count]
      not_run: [greet]
      output:
        n: 4
        more: {a: [1, 3], c: 1}
        other: 1
      vars: {n: true}
      takes: 11
      errors: []
      tasks:
        count: [{status: failed, input: {cmd: ls}}, {published: {n: 4}, delay: 1}, {}]
        greet:
          runs: 2
          input: {message: x}
          items:
            y: {status: failed, input: {message: x}}
            z: {}
"
        ),
        [
            r#"7:15 status: "failed" | "succeeded" (task count: Execution failed. See result for details.)"#,
            "12:12 output.n: 4 | 3",
            "13:23 output.more.a[1]: 3 | 2",
            "13:27 output.more.c: 1 | -",
            r#"13:15 output.more.b: - | "x""#,
            "14:9 output.other: 1 | -",
            "15:17 vars.n: true | 3",
            r#"17:7 errors: [] | [{"task":"count","message":"Execution failed. See result for details."}]"#,
            r#"8:7 order: ["count","greet"] | ["count","count","greet"]"#,
            r#"9:7 ran: ["count"] | ["count","greet"] (ran too: greet)"#,
            "10:17 task greet, runs: 0 | 1",
            "19:16 task count, runs: 3 | 2",
            r#"19:47 task count, run 1, input.cmd: "ls" | "wc""#,
            "19:69 task count, run 2, published.n: 4 | 3",
            "19:80 task count, run 2, delay (seconds): 1 | 10",
            "21:17 task greet, runs: 2 | 1",
            "22:18 task greet has items, each with an input of its own: write them under `items`: - | -",
            r#"24:25 task greet, item y, status: "failed" | "succeeded""#,
            r#"24:50 task greet, item y, input.message: "x" | "y""#,
            "25:13 task greet, item z did not run: - | - (items: x, y)",
            "16:14 takes (seconds): 11 | 10",
        ]
    );
}

#[test]
fn a_list_of_items_is_of_all_of_them() {
    assert_eq!(
        mismatches("      tasks: {greet: {items: [{}]}, count: {items: []}}\n"),
        [
            "7:30 task greet, number of items: 1 | 2 (items: x, y)",
            "7:44 task count, run 2 has no items: - | -",
        ]
    );
}
