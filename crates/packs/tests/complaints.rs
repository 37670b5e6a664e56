//! What authors are told about broken files, and where.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

mod scratch;

use std::path::Path;

use packs::{FileWarning, lint, render};

use scratch::{by_file, pack, placed, warnings};

/// What is said about one file: `line:column: message`.
fn told(file: &str, text: &str) -> String {
    let (_scratch, folder) = pack(&[(file, text)]);
    let result = lint(&[folder])
        .into_iter()
        .find(|result| result.file == file)
        .unwrap();
    match (result.error, result.line, result.column) {
        (Some(error), Some(line), Some(column)) => format!("{line}:{column}: {error}"),
        (Some(error), ..) => error,
        (None, ..) => "ok".to_owned(),
    }
}

#[test]
fn says_what_is_wrong_with_an_action_and_where() {
    let cases = [
        (
            "name: a\nrunner_typ: noop\n",
            r#"2:1: unknown key "runner_typ" (did you mean "runner_type"?)"#,
        ),
        (
            "name: a\nrunner_type: noop\nenabeld: true\n",
            r#"3:1: unknown key "enabeld" (did you mean "enabled"?)"#,
        ),
        (
            "name: a\nrunner_type: noop\nenabled: maybe\n",
            r#"3:10: "enabled" must be true or false, not "maybe""#,
        ),
        (
            "name: a\nrunner_type: nop\n",
            r#"2:14: there is no runner "nop" (did you mean "noop"?)"#,
        ),
        (
            "name: a\nrunner_type: python\n",
            r#"2:14: there is no runner "python" (did you mean "python-script"?)"#,
        ),
        (
            "name: a\nrunner_type: Local\n",
            r#"2:14: there is no runner "Local" (did you mean "local-shell-cmd" or "local-shell-script"?)"#,
        ),
        (
            "name: a\nrunner_type: ansible\n",
            r#"2:14: there is no runner "ansible"; there are action-chain, announcement, http-request, inquirer, local-shell-cmd, local-shell-script, noop, orchestra, orquesta, python-script, remote-shell-cmd, remote-shell-script, winrm-cmd, winrm-ps-cmd, winrm-ps-script"#,
        ),
        (
            "name: a\nrunner_type: mistral-v2\n",
            r#"2:14: there is no runner "mistral-v2"; Mistral was removed from StackStorm in 3.3, write the workflow for "orquesta""#,
        ),
        (
            "name: a\nrunner_type: noop\nparameters:\n  x:\n    type: str\n",
            r#"5:11: "parameters.x.type" must be one of array, boolean, integer, null, number, object, string, not "str" (did you mean "string"?)"#,
        ),
        (
            "name: a\nrunner_type: noop\nparameters:\n  x:\n    typ: string\n",
            r#"5:5: unknown key "typ" in "parameters.x" (did you mean "type"?)"#,
        ),
        (
            "name: a\nrunner_type: noop\nparameters:\n  a-b: {}\n",
            r#"4:3: "a-b" cannot be a name here: letters, digits and underscores are allowed"#,
        ),
        (
            "name: a\nrunner_type: local-shell-cmd\nparameters:\n  cmd:\n    secret: true\n",
            r#"5:5: "cmd" is a parameter of the runner, so "secret" cannot be changed here (only default, description, enum, immutable and required can)"#,
        ),
        (
            "name: a\nrunner_type: noop\nparameters:\n  x: {position: 0}\n  y: {position: 2}\n",
            "5:17: the positions leave a gap: 2 follows 0",
        ),
        (
            "name: a\nrunner_type: noop\nparameters:\n  x: {immutable: true}\n",
            r#"4:7: the parameter "x" states "immutable" and therefore needs a "default""#,
        ),
        (
            "name: a\nrunner_type: noop\nparameters:\n",
            r#"3:12: "parameters" is empty; give a mapping or leave it out"#,
        ),
        (
            "name: a\npack: other\nrunner_type: noop\n",
            r#"2:7: "pack" is "other", but the file lies in the pack "demo"; leave it out"#,
        ),
        (
            "- name: a\n",
            r#"1:1: this file must hold a mapping, not [{"name":"a"}]"#,
        ),
        ("", "1:1: this file must hold a mapping, not empty"),
        (
            "name: a: b\n",
            "1:8: a `:` cannot stand here; quote the value if it contains `: `, or check the indentation",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(told("actions/a.yaml", text), message, "{text}");
    }
}

#[test]
fn says_what_is_wrong_with_a_rule_and_where() {
    let with_trigger =
        |trigger: &str| format!("name: r\ntrigger:\n  {trigger}\naction:\n  ref: core.noop\n");
    let cases = [
        (
            with_trigger("type: core.st2.webhok"),
            r#"3:9: there is no trigger type "core.st2.webhok" (did you mean "core.st2.webhook"?); is the pack that brings it registered?"#,
        ),
        (
            with_trigger("type: core.st2.webhook\n  parameters:\n    urls: x"),
            r#"5:5: unknown key "urls" in "trigger.parameters" (did you mean "url"?)"#,
        ),
        (
            with_trigger("type: webhook"),
            r#"3:9: "webhook" is not a reference; write "pack.trigger""#,
        ),
        (
            with_trigger(
                "type: core.st2.IntervalTimer\n  parameters:\n    unit: second\n    delta: 5",
            ),
            r#"5:11: "trigger.parameters.unit" must be one of weeks, days, hours, minutes, seconds, not "second" (did you mean "seconds"?)"#,
        ),
        (
            with_trigger("type: core.st2.CronTimer\n  parameters:\n    hour: '25'"),
            r#"5:11: "hour": 25 is more than 23"#,
        ),
        (
            with_trigger("type: core.st2.CronTimer\n  parameters:\n    hour: 24"),
            r#"5:11: "trigger.parameters.hour" must be at most 23, not 24"#,
        ),
        (
            with_trigger(
                "type: core.st2.generic.actiontrigger\ncriteria:\n  trigger.x:\n    type: equal\n    pattern: a",
            ),
            r#"6:11: the criterion "trigger.x" has the unknown operator "equal" (did you mean "equals"?)"#,
        ),
        (
            with_trigger(
                "type: core.st2.generic.actiontrigger\ncriteria:\n  trigger.x:\n    type: exists",
            ),
            r#"5:3: the criterion "trigger.x" has no "pattern" (every operator needs one, even exists)"#,
        ),
        (
            "name: r\naction:\n  ref: core.noop\n".to_owned(),
            r#"1:1: "trigger" is missing"#,
        ),
        (
            "name: r\ntrigger: {type: a.b}\naction: {}\n".to_owned(),
            r#"3:1: "ref" is missing in "action""#,
        ),
    ];
    for (text, message) in cases {
        assert_eq!(told("rules/r.yaml", &text), message, "{text}");
    }
}

#[test]
fn says_what_is_wrong_with_the_other_kinds() {
    let cases = [
        (
            "pack.yaml",
            "name: demo\ndescription: d\nversion: 1.0\nauthor: A\nemail: ''\n",
            r#"3:10: "version" must be a semantic version such as 0.1.0 or 1.2.0-beta.1, not 1.0"#,
        ),
        (
            "pack.yaml",
            "name: demo\ndescription: d\nversion: 1.0.0\nauthor: A\n",
            r#"1:1: "email" is missing (it may be null)"#,
        ),
        (
            "pack.yaml",
            "name: demo\ndescription: d\nversion: 1.0.0\nauthor: A\nemail: me\n",
            r#"5:8: "me" is not an e-mail address"#,
        ),
        (
            "pack.yaml",
            "name: demo\nref: De-mo\ndescription: d\nversion: 1.0.0\nauthor: A\nemail:\n",
            r#"2:6: "ref" may hold lower-case letters, digits and underscores, so "De-mo" cannot be one"#,
        ),
        (
            "config.schema.yaml",
            "key:\n  type: strng\n",
            r#"2:9: "key.type" must be one of array, boolean, integer, null, number, object, string, not "strng" (did you mean "string"?)"#,
        ),
        (
            "sensors/s.yaml",
            "class_name: S\nentry_point: s.py\npoll_interval: 2\n",
            r#"3:16: "poll_interval" must be at least 4 seconds, not 2"#,
        ),
        (
            "sensors/s.yaml",
            "class_name: S\nentry_point: s.py\ntrigger_types:\n  - description: d\n",
            r#"4:5: "name" is missing"#,
        ),
        (
            "aliases/a.yaml",
            "name: a\naction_ref: local\nformats: []\n",
            r#"2:13: "local" is not a reference; write "pack.action""#,
        ),
        (
            "aliases/a.yaml",
            "name: a\naction: core.local\nformats: []\n",
            r#"2:1: unknown key "action" (did you mean "action_ref"?)"#,
        ),
        (
            "policies/p.yaml",
            "name: p\nresource_ref: a.b\npolicy_type: action.concurrency\nparameters:\n  treshold: 1\n",
            r#"5:3: unknown key "treshold" in "parameters" (did you mean "threshold"?)"#,
        ),
        (
            "policies/p.yaml",
            "name: p\nresource_ref: a.b\npolicy_type: retry\n",
            r#"3:14: there is no policy type "retry" (did you mean "action.retry"?); there are action.concurrency, action.concurrency.attr, action.retry"#,
        ),
        (
            "policies/p.yaml",
            "name: p\nresource_ref: a.b\npolicy_type: action.retry\nparameters:\n  retry_on: fail\n",
            r#"5:13: "parameters.retry_on" must be one of failure, timeout, not "fail""#,
        ),
        (
            "policies/p.yaml",
            "name: p\nresource_ref: a.b\npolicy_type: action.concurency\n",
            r#"3:14: there is no policy type "action.concurency" (did you mean "action.concurrency"?); there are action.concurrency, action.concurrency.attr, action.retry"#,
        ),
        (
            "actions/workflows/c.yaml",
            "chain:\n  - name: a\n    ref: core.noop\n    on-success: bb\n",
            r#"4:17: Unable to find node with name "bb" referenced in "on-success" in task "a"."#,
        ),
    ];
    for (file, text, message) in cases {
        assert_eq!(told(file, text), message, "{file} {text}");
    }
}

#[test]
fn warns_of_keys_that_are_ignored_though_much_like_some_that_count() {
    let (_scratch, folder) = pack(&[
        (
            "sensors/s.yaml",
            "class_name: S\nentry_point: s.py\ntrigger_type: []\ncolour: red\n",
        ),
        ("triggers/t.yaml", "name: t\nparameter_schema: {}\n"),
        (
            "pack.yaml",
            "name: demo\ndescription: d\nversion: 1.0.0\nauthor: A\nemail:\npython_version: ['3']\n",
        ),
    ]);

    assert_eq!(
        warnings(&folder),
        [
            r#"pack.yaml:6:1: the unknown key "python_version" is ignored (did you mean "python_versions"?)"#,
            r#"triggers/t.yaml:2:1: the unknown key "parameter_schema" is ignored (did you mean "parameters_schema"?)"#,
            r#"sensors/s.yaml:3:1: the unknown key "trigger_type" is ignored (did you mean "trigger_types"?)"#,
        ]
    );
}

#[test]
fn everything_wrong_with_a_workflow_is_told_once() {
    let text = "version: 1.0
tasks:
  t1:
    action: core.echo message=<% ctx().x + %>
    next:
      - do: t2
      - do: t3
  t3:
    action: core.echo message=\"<% nonesuch() %>\"
";
    let (_scratch, folder) = pack(&[("actions/workflows/w.yaml", text)]);

    let results = lint(std::slice::from_ref(&folder));

    let workflow = by_file(&results, "actions/workflows/w.yaml");
    let places = |list: &[FileWarning]| -> Vec<String> { list.iter().map(placed).collect() };
    assert_eq!(
        workflow.error.as_deref(),
        Some(r#"`tasks.t1.input`: Variable "x" is referenced before assignment."#)
    );
    assert_eq!((workflow.line, workflow.column), (Some(4), Some(31)));
    assert_eq!(
        places(&workflow.more_errors),
        [
            "4:31: `tasks.t1.input`: a value is missing behind `+`",
            r#"6:13: `tasks.t1.next[0].do`: The task "t2" is not defined."#,
        ]
    );
    assert_eq!(
        places(&workflow.warnings),
        ["9:35: `tasks.t3.action`: there is no function `nonesuch`"]
    );
    let shown = render(&results);
    assert!(
        shown.contains("w.yaml:6:13: `tasks.t1.next[0].do`: The task \"t2\" is not defined.\n"),
        "{shown}"
    );
}

#[test]
fn everything_wrong_with_a_chain_is_told_once() {
    let text = "chain:
  - name: a
    ref: core.local
    params: {cmd: '{{ x | uper }}'}
    on-success: bb
  - name: b
    reff: core.noop
    ref: core.noop
default: aa
";
    let (_scratch, folder) = pack(&[("actions/chains/c.yaml", text)]);

    let results = lint(std::slice::from_ref(&folder));

    let chain = by_file(&results, "actions/chains/c.yaml");
    let places = |list: &[FileWarning]| -> Vec<String> { list.iter().map(placed).collect() };
    assert_eq!(
        (chain.ok, chain.line, chain.column),
        (Some(false), Some(5), Some(17))
    );
    assert_eq!(
        places(&chain.more_errors),
        [r#"9:10: Unable to find node with name "aa" referenced in "default"."#]
    );
    assert_eq!(
        places(&chain.warnings),
        [
            r#"7:5: unknown key "reff" in task "b" (did you mean "ref"?); it is ignored"#,
            "4:27: `chain.0.params.cmd`: there is no filter called `uper`; did you mean `upper`?",
        ]
    );
}

#[test]
fn a_config_example_must_meet_the_schema() {
    let (_scratch, folder) = pack(&[
        (
            "config.schema.yaml",
            "port:\n  type: integer\nkey:\n  type: string\n  secret: true\n",
        ),
        ("demo.yaml.example", "port: many\n"),
    ]);

    let results = lint(std::slice::from_ref(&folder));

    let example = by_file(&results, "demo.yaml.example");
    assert_eq!(
        example.error.as_deref(),
        Some(r#""port" must be a whole number, not "many""#)
    );
    assert_eq!((example.line, example.column), (Some(1), Some(7)));
}

#[test]
fn instances_of_a_sensor_that_there_is_not_are_told_of() {
    let sensor = "class_name: Watch\nentry_point: watch.py\nenabled: false\n";
    let (_scratch, folder) = pack(&[
        ("config.schema.yaml", "port:\n  type: integer\n"),
        ("sensors/watch.yaml", sensor),
        ("sensors/watch.py", "class Watch:\n    pass\n"),
        (
            "demo.yaml.example",
            "port: 1\nsensor_instances:\n  Watch: []\n  Wach:\n    - name: a\n",
        ),
    ]);

    let results = lint(std::slice::from_ref(&folder));

    let example = by_file(&results, "demo.yaml.example");
    let warnings = example.warnings.iter();
    let said: Vec<_> = warnings
        .map(|one| (one.line, one.column, one.message.as_str()))
        .collect();
    let expected = "`sensor_instances.Wach` runs nothing: no sensor of the pack has the `class_name` \"Wach\" (did you \
                    mean \"Watch\"?)";
    assert_eq!(said, [(4, 3, expected)]);
}

#[test]
fn a_broken_file_stops_none_of_its_neighbours() {
    let sound = "name: NAME\nrunner_type: noop\n";
    let (_scratch, folder) = pack(&[
        ("actions/a.yaml", "{{{"),
        ("actions/b.yml", &sound.replace("NAME", "b")),
        (
            "rules/r.yaml",
            "name: r\ntrigger: {type: demo.seen}\naction: {ref: demo.b}\n",
        ),
        ("triggers/seen.yaml", "name: seen\n"),
        ("pack.yaml", "name: [\n"),
    ]);

    let results = lint(&[folder]);

    let verdict = |file: &str| by_file(&results, file).ok;
    assert_eq!(
        (verdict("pack.yaml"), verdict("actions/a.yaml")),
        (Some(false), Some(false))
    );
    assert_eq!(
        (verdict("actions/b.yml"), verdict("rules/r.yaml")),
        (Some(true), Some(true))
    );
    assert_eq!(
        by_file(&results, "rules/r.yaml").reference.as_deref(),
        Some("demo.r")
    );
}

#[test]
fn bytes_that_are_not_text_are_told_with_their_place() {
    let (_scratch, folder) = pack(&[]);
    std::fs::create_dir_all(folder.join("actions")).unwrap();
    std::fs::write(folder.join("actions/a.yaml"), b"name: a\nx: \xff\n").unwrap();

    let results = lint(&[folder]);

    let action = by_file(&results, "actions/a.yaml");
    assert_eq!(
        action.error.as_deref(),
        Some("the file is not UTF-8 from here on")
    );
    assert_eq!((action.line, action.column), (Some(2), Some(4)));
}

#[test]
fn shows_the_line_with_a_caret_and_counts() {
    let (_scratch, folder) = pack(&[("actions/a.yaml", "name: a\nname: b\nrunner_type: nop\n")]);

    let shown = render(&lint(std::slice::from_ref(&folder)));

    let file = folder.join("actions/a.yaml").display().to_string();
    let expected = format!(
        "{file}:3:14: there is no runner \"nop\" (did you mean \"noop\"?)\n  | runner_type: nop\n  |              ^\n\
         {file}:2:1: warning: the key `name` stands in line 1 already; the value in line 2 is the one that counts\n  \
         | name: b\n  | ^\n2 files: 1 ok, 1 with errors, 1 warnings\n"
    );
    assert_eq!(shown, expected);
}

#[test]
fn takes_a_pack_a_folder_of_packs_and_a_single_file() {
    let (scratch, folder) = pack(&[
        ("actions/a.yaml", "name: a\nrunner_type: noop\n"),
        ("rules/deep/r.yaml", "name: r\n"),
    ]);
    let files = |path: &Path| {
        lint(&[path.to_owned()])
            .into_iter()
            .map(|result| result.file)
            .collect::<Vec<_>>()
    };

    assert_eq!(files(&folder), ["pack.yaml", "actions/a.yaml"]);
    assert_eq!(files(scratch.path()), ["pack.yaml", "actions/a.yaml"]);
    assert_eq!(files(&folder.join("actions/a.yaml")), ["actions/a.yaml"]);
    let never_registered = &lint(&[folder.join("rules/deep/r.yaml")])[0];
    assert_eq!(
        (never_registered.ok, never_registered.warnings.len()),
        (None, 1)
    );
    let nothing = &lint(&[scratch.path().join("nothing")])[0];
    assert_eq!(
        nothing.error.as_deref(),
        Some("there is no such file or folder")
    );
}

#[test]
fn the_later_of_two_files_with_one_reference_counts_and_is_told_so() {
    let (_scratch, folder) = pack(&[
        ("actions/a.yaml", "name: a\nrunner_type: noop\n"),
        (
            "actions/b.yaml",
            "name: a\nrunner_type: noop\ndescription: second\n",
        ),
    ]);

    assert_eq!(
        warnings(&folder),
        [
            "actions/b.yaml:1:7: `demo.a` is defined in actions/a.yaml too; this file is the one that counts"
        ]
    );
}

#[test]
fn points_at_mistakes_in_expressions_however_the_text_is_written() {
    let files = [
        (
            "rules/a.yaml",
            "name: a\ntrigger:\n  type: core.st2.webhook\n  parameters:\n    url: x\ncriteria:\n  trigger.body.name:\n    type: eq\n    pattern: 'it''s {{ trigger.body.y | uper }}'\naction:\n  ref: core.local\n  parameters:\n    cmd: >-\n      echo a\n      {{ trigger.body.y\n",
        ),
        (
            "actions/w.yaml",
            "name: w\nrunner_type: orquesta\nentry_point: workflows/w.yaml\n",
        ),
        (
            "actions/workflows/w.yaml",
            "version: 1.0\ntasks:\n  t:\n    action: core.echo message=<% ctx(x) >\n    next:\n      - when: \"\\t<% suceeded() %>\"\n",
        ),
    ];
    let (_scratch, folder) = pack(&files);

    let results = lint(std::slice::from_ref(&folder));

    let shown = render(&results).replace(&format!("{}/", folder.display()), "");
    assert_eq!(
        shown,
        "\
rules/a.yaml:9:41: warning: `criteria.trigger.body.name.pattern`: there is no filter called `uper`; did you mean `upper`?
  |     pattern: 'it''s {{ trigger.body.y | uper }}'
  |                                         ^
rules/a.yaml:15:7: warning: `action.parameters.cmd`: the `{{` here is not closed; add `}}` where the expression ends
  |       {{ trigger.body.y
  |       ^
actions/workflows/w.yaml:4:31: warning: `tasks.t.action`: this `<%` is never closed; close it with `%>`, or it stays a plain text
  |     action: core.echo message=<% ctx(x) >
  |                               ^
actions/workflows/w.yaml:6:21: warning: `tasks.t.next.0.when`: there is no function `suceeded`; did you mean `succeeded`?
  |       - when: \"\\t<% suceeded() %>\"
  |                     ^
4 files: 4 ok, 0 with errors, 4 warnings
"
    );
    assert!(results.iter().all(|result| result.ok == Some(true)));
}
