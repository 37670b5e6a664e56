use serde_json::json;

use crate::{Story, Suite, Unusable, Workflow, rehearse};

fn played(workflow: &str, case: &str) -> Story {
    let workflow = Workflow::read(workflow).unwrap();
    let suite = Suite::read(&format!("cases:\n  - name: a\n{case}")).unwrap();
    rehearse(&workflow, &suite.cases[0]).story
}

/// Tasks in the order of their starts, and what they came to.
fn course(story: &Story) -> String {
    let run = |run: &crate::Run| format!("{}:{}", run.task, run.status);
    story.runs.iter().map(run).collect::<Vec<_>>().join(" ")
}

const LOOP: &str = "
version: 1.0
vars:
  - n: 0
tasks:
  begin:
    next: [{do: step}]
  step:
    action: core.local cmd=step
    next:
      - when: <% ctx(n) < 2 %>
        publish: n=<% ctx(n) + result() %>
        do: step
output:
  - n: <% ctx(n) %>
";

#[test]
fn runs_of_a_loop_come_to_what_their_list_says() {
    let story = played(LOOP, "    tasks: {step: [{result: 0}, {result: 1}]}\n");

    assert_eq!(
        course(&story),
        "begin:succeeded step:succeeded step:succeeded step:succeeded step:succeeded"
    );
    assert_eq!(story.output, json!({ "n": 2 }));
}

#[test]
fn a_loop_without_end_is_stopped() {
    let story = played(LOOP, "    limit: 9\n    tasks: {step: {result: 0}}\n");

    let (position, reason) = story.stopped.unwrap();
    assert_eq!((position.line, story.runs.len()), (2, 9));
    assert_eq!(
        reason,
        "the workflow does not end: after 9 runs of tasks it goes on (last step, step, step, step, step, step); \
         look at the conditions of its loops, or give the case a higher `limit`"
    );
}

const PARALLEL: &str = "
version: 1.0
tasks:
  start:
    action: core.noop
    next: [{do: [slow, fast]}]
  slow:
    action: core.local cmd=slow
    next: [{publish: [{last: slow}], do: after_slow}]
  fast:
    action: core.local cmd=fast
    delay: 2
    next: [{publish: [{last: fast}], do: after_fast}]
  after_slow:
    action: core.local cmd=<% now().format('%H:%M:%S') %>
    next: [{do: end}]
  after_fast:
    action: core.local cmd=a
    next: [{do: end}]
  end:
    join: all
    action: core.local cmd=<% ctx(last) %>
";

#[test]
fn what_tasks_take_decides_who_is_first() {
    let slow = played(PARALLEL, "    tasks: {slow: {takes: 5}}\n");
    let fast = played(
        PARALLEL,
        "    now: 2025-06-01T12:00:00Z\n    tasks: {slow: {takes: 1}}\n",
    );

    let order = |story: &Story| {
        story
            .runs
            .iter()
            .map(|run| run.task.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(order(&slow)[3..], ["after_fast", "after_slow", "end"]);
    assert_eq!(order(&fast)[3..], ["after_slow", "after_fast", "end"]);
    assert_eq!((slow.takes, fast.takes), (5, 2));
    assert_eq!(fast.runs[3].input, json!({ "cmd": "12:00:01" }));
    assert_eq!(slow.runs.last().unwrap().input, json!({ "cmd": "slow" }));
    assert_eq!(fast.runs.last().unwrap().input, json!({ "cmd": "fast" }));
}

const ITEMS: &str = "
version: 1.0
tasks:
  deploy:
    with:
      items: <% [a, b, c, d] %>
      concurrency: 2
    action: core.local cmd=<% item() %>
    retry: {count: 1, delay: 3}
    next:
      - when: <% succeeded() %>
        publish:
          - all: <% result() %>
          - same: <% task(deploy).result.items.select($.result) %>
      - when: <% failed() %>
        do: undo
  undo:
    action: core.local cmd=undo
";

#[test]
fn items_come_to_what_is_said_by_name_or_position() {
    let by_name = played(
        ITEMS,
        "    tasks: {deploy: {result: 1, items: {b: {result: 2}, d: {takes: 4, result: 4}}}}\n",
    );
    let by_position = played(
        ITEMS,
        "    tasks: {deploy: [{items: [null, {status: failed}]}, {result: 7}]}\n",
    );
    let failed = played(ITEMS, "    tasks: {deploy: {status: timeout}}\n");

    assert_eq!(by_name.vars["all"], json!([1, 2, 1, 4]));
    assert_eq!(by_name.vars["same"], json!([1, 2, 1, 4]));
    assert_eq!(by_name.takes, 4);
    assert_eq!(course(&by_position), "deploy:failed deploy:succeeded");
    assert_eq!(by_position.vars["all"], json!([7, 7, 7, 7]));
    // Each item waits, two at once.
    assert_eq!(by_position.takes, 6);
    assert_eq!(
        course(&failed),
        "deploy:failed deploy:failed undo:succeeded"
    );
}

#[test]
fn an_item_that_is_not_there_is_a_difference() {
    let workflow = Workflow::read(ITEMS).unwrap();
    let suite =
        Suite::read("cases:\n  - name: a\n    tasks: {deploy: {items: {e: {result: 2}}}}\n")
            .unwrap();

    let verdict = rehearse(&workflow, &suite.cases[0]);

    assert!(!verdict.passed());
    assert_eq!(
        verdict.mismatches[0].subject,
        "task deploy has no item `e`; items are a, b, c, d"
    );
    assert_eq!(verdict.mismatches[0].position.line, 3);
}

const ASKING: &str = "
version: 1.0
tasks:
  one:
    action: core.ask
    next: [{when: <% result().response.go %>, do: ship}]
  two:
    action: core.ask
  ship:
    action: core.local cmd=ship
";

#[test]
fn answers_to_inquiries_let_the_workflow_go_on() {
    let answered = played(
        ASKING,
        "    tasks: {one: {answer: {go: true}, takes: 60}, two: {answer: {}}}\n",
    );
    let refused = played(
        ASKING,
        "    tasks: {one: {answer: {go: false}}, two: {status: timeout}}\n",
    );
    let silent = played(ASKING, "    input: {}\n");

    assert_eq!(
        course(&answered),
        "one:succeeded two:succeeded ship:succeeded"
    );
    assert_eq!(
        (answered.status.as_str(), answered.takes),
        ("succeeded", 60)
    );
    assert_eq!(refused.status.as_str(), "failed");
    assert_eq!(course(&silent), "one:pending two:pending");
    assert_eq!(silent.status.as_str(), "paused");
}

#[test]
fn a_status_that_is_not_as_expected_says_what_may_have_led_to_it() {
    let reading = "
version: 1.0
tasks:
  read:
    action: core.local cmd=a
    next: [{publish: text=<% result().stdout %>}]
  ask:
    action: core.ask
";
    let workflow = Workflow::read(reading).unwrap();
    let verdict = |case: &str| {
        let suite = Suite::read(&format!("cases:\n  - name: a\n{case}")).unwrap();
        rehearse(&workflow, &suite.cases[0]).mismatches.remove(0)
    };

    let failed = verdict("    expect: {}\n");
    assert_eq!(failed.subject, "status");
    assert_eq!(
        failed.notes[1],
        "the case does not say what task read comes to: the result was null"
    );
    assert!(
        failed.notes[0].starts_with("task read: YaqlEvaluationException: "),
        "{failed:?}"
    );
    let paused = verdict("    tasks: {read: {result: {stdout: a}}}\n");
    assert_eq!(
        paused.notes,
        ["nobody answers task ask: give it an `answer`"]
    );
    let strict = verdict("    strict: true\n    tasks: {read: {}}\n");
    assert_eq!(
        strict.subject,
        "task ask runs core.ask, and the case is strict, but does not say under `tasks` what it comes to"
    );
}

#[test]
fn expressions_see_the_datastore_the_context_and_the_defaults_of_parameters() {
    let story = {
        let workflow = Workflow::read(
            "
version: 1.0
input: [size]
tasks:
  show:
    action: core.local
    input:
      region: <% st2kv('system.region') %>
      color: <% st2kv(color) %>
      user: <% ctx(st2).user %>
      caller: <% ctx(parent).pack %>
      size: <% ctx(size) %>
",
        )
        .unwrap()
        .with_parameters(&json!({ "size": { "default": 3 }, "extra": { "type": "string" } }));
        let suite = Suite::read(
            "cases:\n  - name: a\n    datastore: {system.region: eu, color: blue}\n    \
             context: {user: ann}\n    parent: {pack: web}\n    input: {extra: 1}\n",
        )
        .unwrap();
        assert_eq!(suite.check(&workflow), []);
        rehearse(&workflow, &suite.cases[0]).story
    };

    assert_eq!(
        story.runs[0].input,
        json!({ "region": "eu", "color": "blue", "user": "ann", "caller": "web", "size": 3 })
    );
}

#[test]
fn workflows_that_cannot_run_are_refused() {
    let broken =
        Workflow::read("version: 1.0\ntasks:\n  a:\n    action: core.local cmd=<% ctx(x) %>\n");
    let Err(Unusable::Findings(findings)) = broken else {
        panic!("it is refused")
    };
    assert_eq!(
        findings[0].message,
        "Variable \"x\" is referenced before assignment."
    );
    let Err(Unusable::Findings(findings)) = Workflow::read("chain: []\n") else {
        panic!("it is refused")
    };
    assert_eq!(findings.len(), 1, "{findings:?}");
}

const CHAIN: &str = "
vars: {tool: wc}
chain:
  - name: count
    ref: core.local
    parameters: {cmd: \"{{ tool }} {{ file }}\"}
    publish: {n: \"{{ count.stdout }}\"}
    on-success: ask
    on-failure: undo
  - name: ask
    ref: core.ask
    on-success: tell
  - name: tell
    ref: core.echo
    parameters: {message: \"{{ n }} {{ st2kv.system.region }}\"}
  - name: undo
    ref: core.noop
";

#[test]
fn action_chains_are_run_too() {
    let told = played(
        CHAIN,
        "    input: {file: a}\n    datastore: {system.region: eu}\n    \
         tasks: {count: {result: {stdout: 7}, takes: 3}, ask: {answer: {}}}\n",
    );
    let silent = played(
        CHAIN,
        "    input: {file: a}\n    tasks: {count: {result: {stdout: 7}}}\n",
    );
    let undone = played(
        CHAIN,
        "    input: {file: a}\n    tasks: {count: {status: timeout, result: {stdout: 0}}}\n",
    );
    let broken = played(CHAIN, "    input: {}\n");

    assert_eq!(
        course(&told),
        "count:succeeded ask:succeeded tell:succeeded"
    );
    assert_eq!(told.runs[0].input, json!({ "cmd": "wc a" }));
    assert_eq!(
        told.runs[0].published,
        *json!({ "n": "7" }).as_object().unwrap()
    );
    assert_eq!(told.runs[2].input, json!({ "message": "7 eu" }));
    assert_eq!((told.takes, told.status.as_str()), (3, "succeeded"));
    assert_eq!(told.output["published"], json!({ "n": "7" }));
    assert_eq!(course(&silent), "count:succeeded ask:pending");
    assert_eq!(silent.status.as_str(), "paused");
    assert_eq!(course(&undone), "count:timeout undo:succeeded");
    assert_eq!(broken.status.as_str(), "failed");
    assert!(
        broken.errors[0]
            .message
            .starts_with("Failed to run task \"count\". "),
        "{broken:?}"
    );
}
