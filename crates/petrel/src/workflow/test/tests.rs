use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;

const WORKFLOW: &str = "version: 1.0
input: [name, size]
tasks:
  greet:
    action: core.echo message=<% ctx(name) %> size=<% ctx(size) %>
    next:
      - when: <% succeeded() %>
        publish: said=<% result().stdout %>
        do: tell
  tell:
    action: core.echo message=<% ctx(said) %>
output:
  - said: <% ctx(said) %>
";

const ACTION: &str = "name: greet
runner_type: orquesta
entry_point: workflows/greet.yaml
parameters:
  name: {type: string}
  size: {type: integer, default: 3}
  count: {type: integer}
";

/// A pack with a workflow and these test files.
fn pack(tests: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("actions/workflows/greet.yaml", WORKFLOW),
        ("actions/greet.yaml", ACTION),
    ];
    for (name, text) in files.iter().chain(tests) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The report, with the folder's name taken out.
fn reported(folder: &TempDir, path: &str, is_verbose: bool) -> String {
    let tested: Vec<Tested> = files::find(&[folder.path().join(path)])
        .unwrap()
        .iter()
        .map(|file| test(file, "").unwrap())
        .collect();
    let text = shown::report(&tested, is_verbose, Style::Plain);
    text.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn failures_stand_at_the_line_of_what_was_expected() {
    let folder = pack(&[(
        "actions/workflows/greet.test.yaml",
        "cases:
  - name: greets
    input: {name: Ann}
    tasks: {greet: {result: {stdout: hi}}}
    expect:
      order: [greet, tell]
      output: {said: hi}
  - name: says it louder
    input: {name: Ann}
    tasks: {greet: {result: {stdout: hi}}}
    expect:
      tasks:
        tell: {input: {message: HI}, delay: 3}
      output: {loud: true}
  - name: fails
    tasks: {greet: {status: failed, result: {stderr: no}}}
",
    )]);

    assert_eq!(
        reported(&folder, "", false),
        "\
actions/workflows/greet.test.yaml
  ok    greets
  FAIL  says it louder
        actions/workflows/greet.test.yaml:14:16: output.loud
          expected  true
          actual    nothing
        actions/workflows/greet.test.yaml:13:33: task tell, input.message
          expected  \"HI\"
          actual    \"hi\"
        actions/workflows/greet.test.yaml:13:45: task tell, delay (seconds)
          expected  3
          actual    0
        ran: greet, tell
  FAIL  fails
        actions/workflows/greet.test.yaml:15:5: status
          expected  \"succeeded\"
          actual    \"failed\"
          = task greet: Execution failed. See result for details.
          = YaqlEvaluationException: Unable to evaluate expression '<% ctx(said) %>'. the variable `said` is undefined \
(column 1) (in `output`, `said`)
        ran: greet (failed)
1 case passed, 2 failed"
    );
}

#[test]
fn shows_what_ran_step_by_step() {
    let folder = pack(&[(
        "tests/workflows/greet.test.yaml",
        "workflow: ../../actions/greet.yaml
cases:
  - name: greets
    input: {name: Ann}
    tasks: {greet: {result: {stdout: hi}, takes: 2}}
",
    )]);

    assert_eq!(
        reported(&folder, "actions/workflows/greet.yaml", true),
        "\
tests/workflows/greet.test.yaml
  ok    greets
        1. greet succeeded core.echo
           input {\"message\":\"Ann\",\"size\":3}
           published {\"said\":\"hi\"}
        2. tell succeeded core.echo
           input {\"message\":\"hi\"}
        succeeded after 2 seconds, output {\"said\":\"hi\"}
1 case passed, 0 failed"
    );
}

#[test]
fn what_is_wrong_with_files_is_shown_with_a_caret() {
    let folder = pack(&[
        ("tests/workflows/greet.test.yaml", "cases:\n  - nam: a\n"),
        ("tests/workflows/part.test.yaml", "cases: [{name: a}]\n"),
        (
            "tests/other.test.yaml",
            "workflow: no.yaml\ncases: [{name: a}]\n",
        ),
        (
            "tests/task.test.yaml",
            "workflow: ../actions/workflows/greet.yaml\ncases: [{name: a, tasks: {great: {}}}]\n",
        ),
        ("tests/broken.test.yaml", "cases: [{name: a}]\n"),
        (
            "tests/broken.yaml",
            "version: 1.0\ntasks:\n  a:\n    action: core.echo m=<% ctx(x) %>\n",
        ),
    ]);

    assert_eq!(
        reported(&folder, "tests", false),
        "\
tests/broken.test.yaml
  WRONG tests/broken.yaml:4:25: Variable \"x\" is referenced before assignment.
          |     action: core.echo m=<% ctx(x) %>
          |                         ^
tests/other.test.yaml
  WRONG tests/other.test.yaml:1:11: there is no file `tests/no.yaml`
          | workflow: no.yaml
          |           ^
tests/task.test.yaml
  WRONG tests/task.test.yaml:2:27: the workflow has no task `great`; did you mean `greet`?
          | cases: [{name: a, tasks: {great: {}}}]
          |                           ^
tests/workflows/greet.test.yaml
  WRONG tests/workflows/greet.test.yaml:2:5: a case has a `name`
          |   - nam: a
          |     ^
  WRONG tests/workflows/greet.test.yaml:2:5: a case has no key `nam`; did you mean `name`?
          |   - nam: a
          |     ^
tests/workflows/part.test.yaml
  WRONG tests/workflows/part.test.yaml:1:1: there is no workflow `tests/workflows/part.yaml` or \
`actions/workflows/part.yaml`: name the workflow's file with `workflow: PATH`
          | cases: [{name: a}]
          | ^
0 cases passed, 0 failed, 5 files could not be run"
    );
}

#[test]
fn programs_get_json() {
    let folder = pack(&[(
        "actions/workflows/greet.test.yaml",
        "cases: [{name: a, expect: {takes: 1, status: failed, errors: [no such]}}]\n",
    )]);
    let tested = test(&folder.path().join("actions/workflows/greet.test.yaml"), "").unwrap();

    let value = json::of(&[tested]);

    assert_eq!(value["cases"], json!({ "passed": 0, "failed": 1 }));
    let case = &value["files"][0]["cases"][0];
    assert_eq!(case["story"]["runs"][0]["task"], "greet");
    assert_eq!(case["mismatches"][1]["subject"], "takes (seconds)");
    assert_eq!(case["mismatches"][1]["expected"], 1);
    assert_eq!(case["mismatches"][1]["line"], 1);
}

#[test]
fn says_where_tests_would_stand() {
    let folder = pack(&[]);
    let error = |path: &str| {
        let error = files::find(&[folder.path().join(path)]).unwrap_err();
        error
            .to_string()
            .replace(&format!("{}", folder.path().display()), "P")
    };

    assert_eq!(
        error("actions"),
        "no file below `P/actions` is called *.test.yaml"
    );
    assert_eq!(
        error("actions/workflows/greet.yaml"),
        "`P/actions/workflows/greet.yaml` has no tests: write them in `P/actions/workflows/greet.test.yaml`"
    );
    assert_eq!(error("no.yaml"), "there is no file `P/no.yaml`");
}
