//! What inspection says, and where.

use serde_json::json;

use super::*;

/// `LINE:COLUMN PATH: MESSAGE` of each finding.
fn told(text: &str) -> Vec<String> {
    inspect(text, &["st2"])
        .findings()
        .map(|finding| {
            let at = finding.position.expect("findings have a place");
            let path = finding.spec_path.as_deref().unwrap_or("-");
            format!("{}:{} {path}: {}", at.line, at.column, finding.message)
        })
        .collect()
}

fn chain(length: usize, task: impl Fn(usize) -> String) -> String {
    let tasks: String = (0..length).map(task).collect();
    format!("version: 1.0\ntasks:\n{tasks}")
}

#[test]
fn every_finding_has_its_place_in_the_text() {
    let table: [(&str, &[&str]); 10] = [
        ("{", &["2:1 -: a value was expected here"]),
        (
            "- a\n",
            &["1:1 -: a workflow is a mapping with `version` and `tasks`"],
        ),
        (
            "tasks:\n  t: &t\n    action: core.noop\n  u:\n    <<: *t\n",
            &["5:5 -: a workflow cannot merge mappings with `<<`; write the keys out"],
        ),
        (
            "version: 2\nextra: 1\ntasks:\n  a-b: {}\n  t: {}\n",
            &[
                "2:1 -: Additional properties are not allowed ('extra' was unexpected)",
                "4:3 tasks: 'a-b' does not match any of the regexes: '^\\w+$'",
                "5:6 tasks.t: {} should be non-empty",
                "1:10 version: 2 is not one of ['1.0', 1.0]",
            ],
        ),
        (
            "version: 1.0\ntasks:\n  t:\n    action: x=1\n",
            &["4:13 tasks.t.action: there is no blank between the action and its parameters"],
        ),
        (
            "version: 1.0\nvars:\n  - day: 2020-01-02\n  - 1: a\ntasks:\n  t:\n    action: a.b\n",
            &[
                "4:5 vars[1]: 1 does not match any of the regexes: '^\\w+$'",
                "3:10 vars[0].day: datetime.date(2020, 1, 2) is not valid under any of the given schemas",
            ],
        ),
        (
            "version: 1.0\ntasks:\n  noop:\n    action: a.b\n  t:\n    with: <% ctx(st2) %>\n    next:\n      - do: t, u\n",
            &[
                "3:3 tasks.noop: The task name \"noop\" is reserved with special function.",
                "5:3 tasks.t: The action property is required for with items task.",
            ],
        ),
        (
            "version: 1.0\ntasks:\n  s:\n    action: a.b\n    next:\n      - do: [s, u]\n  t:\n    action: a.b\n    next:\n      - do: t2\n",
            &["10:13 tasks.t.next[0].do: The task \"t2\" is not defined."],
        ),
        (
            "version: 1.0\ntasks:\n  t:\n    action: a.b\n    input:\n      k: 1\n      \"<% ctx(x) %>\": 2\n      long: |\n        one\n        {{ ctx().y }}\n",
            &[
                "10:12 tasks.t.input: Variable \"y\" is referenced before assignment.",
                "7:8 tasks.t.input: Variable \"x\" is referenced before assignment.",
            ],
        ),
        (
            "version: 1.0\ntasks:\n  t:\n    action: a.b x=<% ctx(__p) %>\n",
            &[
                "4:19 tasks.t.input: Variable \"__p\" is referenced before assignment.",
                "4:19 tasks.t.input: Variable \"__p\" that is prefixed with double underscores is considered a private \
                 variable and cannot be referenced.",
                "4:19 tasks.t.input: `__p` begins with two underscores, which a word cannot",
            ],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn stackstorm_has_one_list() {
    let text = "version: 1.0\ntasks:\n  t:\n    action: a.b x=<% ctx(y) %>\n    join: -1\n";

    let inspection = inspect(text, &[]);

    let properties = r"properties.tasks.patternProperties.^\w+$.properties";
    assert_eq!(
        inspection.flattened(),
        json!([
            {
                "type": "context",
                "language": "yaql",
                "expression": "<% ctx(y) %>",
                "message": "Variable \"y\" is referenced before assignment.",
                "spec_path": "tasks.t.input",
                "schema_path": format!("{properties}.input"),
            },
            {
                "type": "syntax",
                "message": "-1 is not valid under any of the given schemas",
                "spec_path": "tasks.t.join",
                "schema_path": format!("{properties}.join.oneOf"),
            },
        ])
    );
}

#[test]
fn a_join_sees_what_its_branches_publish_and_the_end_what_any_task_does() {
    let text = "version: 1.0\ntasks:
  a: {action: a.b, next: [{publish: x=1, do: j}]}
  b: {action: a.b, next: [{publish: y=1, do: j}]}
  j: {action: 'a.b m=<% ctx(x) + ctx(y) %>', join: all, next: [{publish: z=1, do: noop}]}
output:
  - o: <% ctx(x) + ctx(z) + ctx(w) %>\n";

    assert_eq!(
        told(text),
        ["7:8 output[0]: Variable \"w\" is referenced before assignment."]
    );
}

/// Upstream walks a graph like this path by path, of which there are too many.
#[test]
fn graphs_with_many_paths_end_soon() {
    let layers = |index: usize, more: &str| {
        let (layer, side) = (index / 2, index % 2);
        let next = layer + 1;
        format!(
            "  t{layer}_{side}:\n    action: a.b\n{more}    next:\n      - publish: v{index}=1\n        do: t{next}_0, t{next}_1\n"
        )
    };

    let splits = told(&chain(400, |index| layers(index, "")));
    let joins = told(&chain(400, |index| {
        let is_first = index < 2;
        layers(index, if is_first { "" } else { "    join: all\n" })
    }));

    // The last layer leads to tasks that are not there.
    assert!(
        splits
            .iter()
            .chain(&joins)
            .any(|one| one.contains("t200_0"))
    );
}

#[test]
fn a_cycle_through_a_thousand_tasks_ends() {
    let text = chain(1000, |index| {
        let next = (index + 1) % 1000;
        format!("  t{index}:\n    action: a.b m=<% ctx(x) %>\n    next:\n      - do: t{next}\n")
    });

    assert_eq!(
        told(&text),
        [
            "2:1 tasks: Unable to identify any tasks to start the workflow. If the workflow has a loop, please add a \
             task that serves as an entry point (or lead) into the loop."
        ]
    );
}
