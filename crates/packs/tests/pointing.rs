//! What authors are told about names in one file that stand for nothing in another.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

mod scratch;

use scratch::{by_file, pack, warnings, write};

#[test]
fn warns_of_entry_points_that_are_not_there_where_scripts_are() {
    let python = "name: NAME\nrunner_type: python-script\nentry_point: NAME.py\n";
    let (_scratch, folder) = pack(&[
        ("actions/a.yaml", &python.replace("NAME", "a")),
        ("actions/b.yaml", &python.replace("NAME", "b")),
        (
            "actions/c.yaml",
            "name: c\nrunner_type: local-shell-cmd\nentry_point: none\n",
        ),
        ("sensors/s.yaml", "class_name: S\nentry_point: s.py\n"),
        ("sensors/t.yaml", "class_name: T\nentry_point: t.py\n"),
    ]);

    assert_eq!(warnings(&folder), [""; 0], "metadata alone");
    write(&folder, "actions/a.py", "");
    write(&folder, "sensors/t.py", "class T: pass\n");
    assert_eq!(
        warnings(&folder),
        [
            r#"sensors/s.yaml:2:14: the entry point "s.py" is not there"#,
            r#"actions/b.yaml:3:14: the entry point "b.py" is not there"#,
        ]
    );
}

#[test]
fn warns_of_an_action_without_the_file_that_its_runner_runs() {
    let (_scratch, folder) = pack(&[
        ("actions/a.yaml", "name: a\nrunner_type: python-script\n"),
        ("actions/b.yaml", "name: b\nrunner_type: noop\n"),
    ]);

    assert_eq!(
        warnings(&folder),
        [
            r#"actions/a.yaml:1:1: an action of the runner "python-script" needs an "entry_point": its file"#
        ]
    );
}

#[test]
fn warns_of_a_sensors_class_that_its_file_nowhere_names() {
    let (_scratch, folder) = pack(&[("sensors/s.yaml", "class_name: Poller\nentry_point: s.py\n")]);
    let told = |python: &str| {
        write(&folder, "sensors/s.py", python);
        warnings(&folder)
    };

    for python in [
        "class Poller(Sensor):\n    pass\n",
        "from elsewhere import Poller\n",
        "Poller = make()\n",
        "from elsewhere import *\n",
    ] {
        assert_eq!(told(python), [""; 0], "{python}");
    }
    assert_eq!(
        told("class Polller(Sensor):\n    pass\n"),
        [r#"sensors/s.yaml:1:13: there is no "Poller" in s.py (did you mean "Polller"?)"#]
    );
    assert_eq!(
        told("class PollerOfLamps:\n    pass\n"),
        [r#"sensors/s.yaml:1:13: there is no "Poller" in s.py"#]
    );
}

const SAY: &str = "name: say\nrunner_type: local-shell-cmd\nparameters:\n  words: {type: string}\n";

#[test]
fn warns_of_actions_of_the_pack_that_are_not_there_wherever_they_are_named() {
    let (_scratch, folder) = pack(&[
        ("actions/say.yaml", SAY),
        ("actions/broken.yaml", "name: [\n"),
        (
            "actions/w.yaml",
            "name: w\nrunner_type: orquesta\nentry_point: workflows/w.yaml\n",
        ),
        (
            "actions/workflows/w.yaml",
            "version: 1.0\ntasks:\n  a:\n    action: demo.sya words=x\n  b:\n    action: demo.<% ctx(st2).x %>\n  c:\n    action: other.sya\n",
        ),
        (
            "actions/c.yaml",
            "name: c\nrunner_type: action-chain\nentry_point: chains/c.yaml\n",
        ),
        (
            "actions/chains/c.yaml",
            "chain:\n  - name: a\n    ref: demo.sya\n",
        ),
        (
            "rules/r.yaml",
            "name: r\ntrigger: {type: core.st2.generic.actiontrigger}\naction:\n  ref: demo.sya\n",
        ),
        (
            "rules/of_broken.yaml",
            "name: of_broken\ntrigger: {type: core.st2.generic.actiontrigger}\naction: {ref: demo.broken}\n",
        ),
        (
            "aliases/a.yaml",
            "name: a\naction_ref: demo.frobnicate\nformats: [do it]\n",
        ),
        (
            "policies/p.yaml",
            "name: p\nresource_ref: demo.sya\npolicy_type: action.retry\n",
        ),
    ]);

    let meant = r#"this pack has no action "demo.sya" (did you mean "demo.say"?)"#;
    assert_eq!(
        warnings(&folder),
        [
            format!("rules/r.yaml:4:8: {meant}"),
            r#"aliases/a.yaml:2:13: this pack has no action "demo.frobnicate""#.to_owned(),
            format!("policies/p.yaml:2:15: {meant}"),
            format!("actions/chains/c.yaml:3:10: {meant}"),
            format!("actions/workflows/w.yaml:4:13: {meant}"),
        ]
    );
}

#[test]
fn warns_of_parameters_that_an_action_of_the_pack_does_not_take() {
    let (_scratch, folder) = pack(&[
        ("actions/say.yaml", SAY),
        (
            "actions/w.yaml",
            "name: w\nrunner_type: orquesta\nentry_point: workflows/w.yaml\n",
        ),
        (
            "actions/workflows/w.yaml",
            "version: 1.0\ntasks:\n  a:\n    action: demo.say\n    input:\n      cmd: x\n      wrods: x\n",
        ),
        (
            "rules/r.yaml",
            "name: r\ntrigger: {type: core.st2.generic.actiontrigger}\naction:\n  ref: demo.say\n  parameters:\n    word: x\n",
        ),
        (
            "rules/other.yaml",
            "name: other\ntrigger: {type: core.st2.generic.actiontrigger}\naction:\n  ref: other.say\n  parameters: {word: x}\n",
        ),
        (
            "aliases/a.yaml",
            "name: a\naction_ref: demo.say\nformats:\n  - say {{ words }}\n  - tell {{ wordz }}\n  - display: d\n    representation:\n      - \"talk {{ colour }}\"\n",
        ),
    ]);

    let unknown = |name: &str| format!("the action \"demo.say\" has no parameter \"{name}\"");
    assert_eq!(
        warnings(&folder),
        [
            format!(
                "rules/r.yaml:6:5: {} (did you mean \"words\"?)",
                unknown("word")
            ),
            format!(
                "aliases/a.yaml:5:13: {} (did you mean \"words\"?)",
                unknown("wordz")
            ),
            format!("aliases/a.yaml:8:18: {}", unknown("colour")),
            format!(
                "actions/workflows/w.yaml:7:7: {} (did you mean \"words\"?)",
                unknown("wrods")
            ),
        ]
    );
}

#[test]
fn warns_of_formats_that_nobody_can_say() {
    let told = |format: &str| {
        let alias = format!("name: a\naction_ref: core.local\nformats:\n  - '{format}'\n");
        let (_scratch, folder) = pack(&[("aliases/a.yaml", &alias)]);
        let said = packs::lint(std::slice::from_ref(&folder));
        assert_eq!(by_file(&said, "aliases/a.yaml").ok, Some(true), "as there");
        warnings(&folder)
    };
    for sound in [
        "run {{ cmd }}",
        "run {{cmd=ls}} on {{ hosts = [\"a\"] }}",
        "run {{ cmd = {\"a\": {\"b\": 1}} }}",
        "wait \\d{2} {{ cmd }}",
    ] {
        assert_eq!(told(sound), [""; 0], "{sound}");
    }

    for (format, column, words) in [
        (
            "run {{ cmd",
            10,
            "this `{{` is taken as it is, not as a part of a parameter: the `}}` of a parameter is missing, or its name has a blank in it",
        ),
        (
            "run {{ the cmd }}",
            10,
            "this `{{` is taken as it is, not as a part of a parameter: the `}}` of a parameter is missing, or its name has a blank in it",
        ),
        (
            "run { cmd }} now",
            16,
            "this `}}` is taken as it is, not as a part of a parameter: no `{{` stands before it",
        ),
    ] {
        assert_eq!(
            told(format),
            [format!("aliases/a.yaml:4:{column}: {words}")],
            "{format}"
        );
    }
    assert_eq!(
        told("from {{ a }} to {{ a }}"),
        [r#"aliases/a.yaml:4:6: nobody can say this: the parameter "a" stands in it twice"#]
    );
    let told = told("run ({{ cmd }}");
    assert!(
        told[0].starts_with("aliases/a.yaml:4:6: nobody can say this: format `run ({{ cmd }}` is no valid regular expression: "),
        "{told:?}"
    );
}
