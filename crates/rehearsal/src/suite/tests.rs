use super::*;

fn problems(text: &str) -> Vec<String> {
    let problems = Suite::read(text).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn says_what_is_wrong_and_what_was_meant() {
    let text = "\
datastor: {}
cases:
  - name: a
    task: {}
    tasks:
      build: {stats: failed, takes: -1}
      ask: {answer: {}, status: failed}
      deploy: {status: sucess, items: 3}
      none: []
    expect:
      statuss: failed
      errors: [{tsk: a}]
      tasks:
        build: {inputs: {}}
        deploy: [{runs: 2}]
  - name: a
";
    assert_eq!(
        problems(text),
        [
            "line 1, column 1: a test file has no key `datastor`; did you mean `datastore`?",
            "line 4, column 5: a case has no key `task`; did you mean `tasks`?",
            "line 6, column 15: what task `build` comes to has no key `stats`; did you mean `status`?",
            "line 6, column 37: `takes` must be a whole number, 0 or more",
            "line 7, column 25: an inquiry with an `answer` has no other `status`",
            "line 8, column 24: there is no status `sucess`; statuses are succeeded, failed, timeout, abandoned, \
             canceled, pending",
            "line 8, column 39: `items` must be a list (by position) or a mapping (by item)",
            "line 9, column 13: what task `none` comes to is an empty list; write a mapping for each run",
            "line 11, column 7: `expect` has no key `statuss`; did you mean `status`?",
            "line 12, column 17: an error has no key `tsk`; did you mean `task`?",
            "line 14, column 17: what is expected of task `build` has no key `inputs`; did you mean `input`?",
            "line 15, column 19: what is expected of task `deploy` has no key `runs`; keys are status, action, \
             input, published, delay, items",
            "line 16, column 5: two cases are called `a`",
        ]
    );
}

#[test]
fn a_file_without_cases_is_none() {
    for text in ["", "cases: []", "workflow: a.yaml"] {
        assert!(
            problems(text)[0].contains("a test file has `cases`: a list of at least one"),
            "{text}"
        );
    }
    assert_eq!(
        problems("- a\n"),
        [
            "line 1, column 1: a test file has `cases`: a list of at least one",
            "line 1, column 1: a test file must be a mapping"
        ]
    );
    assert_eq!(
        problems("cases: [\n"),
        ["line 2, column 1: a value was expected here"]
    );
}

#[test]
fn a_case_wins_over_its_file() {
    let suite = Suite::read(
        "strict: true\ncontext: {user: ann, pack: web}\ndatastore: {system.n: 1}\nlimit: 5\n\
         cases:\n  - {name: a, context: {user: bob}, strict: false}\n  - {name: b, limit: 7}\n",
    )
    .unwrap();

    let [a, b] = suite.cases.as_slice() else {
        panic!("two cases")
    };
    assert_eq!((a.is_strict, a.limit), (false, 5));
    assert_eq!((b.is_strict, b.limit), (true, 7));
    assert_eq!(
        Json::from(a.context.clone()),
        serde_json::json!({"user": "bob", "pack": "web"})
    );
    assert_eq!(a.datastore["system.n"], "1");
}

#[test]
fn names_that_the_workflow_does_not_have_are_found() {
    let workflow = crate::Workflow::read(
        "version: 1.0\ninput: [hosts]\ntasks:\n  build:\n    action: core.noop\n",
    )
    .unwrap();
    let suite = Suite::read(
        "input: {host: a}\ntasks: {bild: {}}\ncases:\n  - name: a\n    expect: {not_run: [deploy], order: [noop]}\n",
    )
    .unwrap();

    let problems: Vec<String> = suite
        .check(&workflow)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        problems,
        [
            "line 1, column 9: the workflow has no input `host`; did you mean `hosts`?",
            "line 2, column 9: the workflow has no task `bild`; did you mean `build`?",
            "line 5, column 24: the workflow has no task `deploy`; tasks are build",
            "line 5, column 41: `noop` is a command, and no task: see the workflow's status",
        ]
    );
}
