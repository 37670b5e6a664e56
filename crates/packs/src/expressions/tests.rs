//! What is found in definitions, and what is not.

use serde_json::json;

use super::*;

fn findings(kind: FileKind, document: &Value) -> Vec<String> {
    let found = check_expressions(kind, document, &Catalog::built_in());
    found.iter().map(ToString::to_string).collect()
}

fn rule(pattern: &str, parameter: &Value) -> Value {
    json!({
        "trigger": { "type": "core.st2.webhook" },
        "criteria": { "trigger.body.x": { "type": "eq", "pattern": pattern } },
        "action": { "ref": "core.local", "parameters": { "cmd": parameter } },
    })
}

#[test]
fn the_likeliest_mistakes_in_rules_are_found_and_told_apart() {
    for (pattern, parameter, expected) in [
        (
            "{{ trigger.body.y",
            json!("x"),
            "`criteria.trigger.body.x.pattern`: ",
        ),
        (
            "{{ trigger.body.y | to_json_strng }}",
            json!("x"),
            "`criteria.trigger.body.x.pattern`: ",
        ),
        (
            "{{ tigger.body.y }}",
            json!("x"),
            "`criteria.trigger.body.x.pattern`: `tigger` has no value here (column 4); did you mean `trigger`?",
        ),
        (
            "{{ body.y }}",
            json!("x"),
            "`criteria.trigger.body.x.pattern`: `body` has no value here (column 4); a criterion's pattern can name `trigger` (the payload) and `st2kv`",
        ),
        (
            "{{ trigger.bdoy.y }}",
            json!("x"),
            "`criteria.trigger.body.x.pattern`: the payload of `core.st2.webhook` is described without `bdoy` (column 12); did you mean `body`?",
        ),
        (
            "x",
            json!("echo {{ trigger.body.y }"),
            "`action.parameters.cmd`: ",
        ),
        (
            "x",
            json!("echo {{ st2kv.sytem.y }} {{ other }}"),
            "`action.parameters.cmd`: `st2kv` has no `sytem`, only `system` and `user` (column 15); did you mean `st2kv.system`?",
        ),
        (
            "x",
            json!("echo {{ st2kv.token }}"),
            "`action.parameters.cmd`: `st2kv` has no `token`, only `system` and `user` (column 15); write `st2kv.system.token`, or `st2kv.user.token` for the user's own",
        ),
        (
            "x",
            json!(["{{ trigger.body[\"y\"] }}"]),
            "`action.parameters.cmd.0`: an expression inside a list or an object is rendered as JSON, so it can hold neither `\"`, nor backslashes, nor line ends (column 17); quote with `'` inside the expression, and write it on one line",
        ),
    ] {
        let found = findings(FileKind::Rule, &rule(pattern, &parameter));

        assert_eq!(found.len(), 1, "{pattern} {parameter}: {found:#?}");
        assert!(found[0].starts_with(expected), "{}", found[0]);
    }
}

#[test]
fn expressions_without_mistakes_are_not_mentioned() {
    for (pattern, parameter) in [
        ("{{ trigger.body.y }}", json!("{{ trigger.headers['X'] }}")),
        ("{{ st2kv.system.a.b }}", json!("{{ st2kv.items() }}")),
        ("}} {", json!("{{ host }} {{ config_context.x }}")),
        (
            "{{ [1] | first }}",
            json!({ "k": ["{{ trigger.body['y'] }}", "a \"b\""] }),
        ),
        ("x", json!("{% for x in trigger.list %}{{ x }}{% endfor %}")),
        ("x", json!(null)),
    ] {
        let found = findings(FileKind::Rule, &rule(pattern, &parameter));

        assert_eq!(found, [""; 0], "{pattern} {parameter}");
    }
}

#[test]
fn a_criterion_that_looks_beside_the_payload_is_found() {
    let document = json!({
        "trigger": { "type": "core.st2.webhook" },
        "criteria": {
            "trigger.bdy.x": { "type": "exists", "pattern": true },
            "trigger.anything": { "type": "search", "condition": "any", "pattern": { "item.a": { "type": "eq", "pattern": "{{ itm.b }}" } } },
        },
    });

    assert_eq!(
        findings(FileKind::Rule, &document),
        [
            "`criteria.trigger.bdy.x`: the payload of `core.st2.webhook` is described without `bdy` (column 9); did you mean `body`?",
            "`criteria.trigger.anything.pattern.item.a.pattern`: `itm` has no value here (column 4); did you mean `item`?",
        ]
    );
}

#[test]
fn defaults_of_parameters_see_each_other() {
    let document = json!({
        "runner_type": "local-shell-cmd",
        "parameters": {
            "a": { "default": "{{ b }} {{ cwd }} {{ config_context.x }}" },
            "b": { "default": "{{ system.x }}" },
            "c": { "default": "{{ config_contxt.x }}" },
            "d": { "default": ["{{ nobody }}"] },
        },
        "notify": { "on-complete": { "message": "{{ anything | uper }}" } },
    });

    let found = findings(FileKind::Action, &document);

    assert_eq!(
        found[..3],
        [
            "`parameters.b.default`: `system` has no value here (column 4); the datastore is `st2kv`: write `st2kv.system`",
            "`parameters.c.default`: `config_contxt` has no value here (column 4); did you mean `config_context`?",
            "`parameters.d.default.0`: `nobody` has no value here (column 4); a default can name parameters of the action or its runner, `config_context`, `action_context` and `st2kv`",
        ]
    );
    assert!(found[3].contains("did you mean `upper`?"), "{found:#?}");
    assert_eq!(found.len(), 4);
}

#[test]
fn workflows_of_both_kinds_are_looked_through() {
    let orquesta = json!({
        "version": 1.0,
        "description": "<% not evaluated",
        "tasks": { "t": { "action": "core.echo message=<% ctx(x) >", "next": [{ "when": "<% suceeded() %>" }] } },
        "output": [{ "{{ ctx().a }": 1 }],
    });
    let chain = json!({
        "chain": [{ "name": "a", "ref": "core.local", "params": { "cmd": "{{ x | uper }}" }, "on-success": "{{ b" }],
        "vars": { "v": "{{ y" },
    });

    let found = [
        findings(FileKind::Workflow, &orquesta),
        findings(FileKind::Workflow, &chain),
    ]
    .concat();

    for (found, expected) in found.iter().zip([
        "`output.0.{{ ctx().a }`: this `{{` is never closed",
        "`tasks.t.action`: this `<%` is never closed (column 19)",
        "`tasks.t.next.0.when`: ",
        "`vars.v`: ",
        "`chain.0.params.cmd`: ",
    ]) {
        assert!(found.starts_with(expected), "{found}");
    }
    assert_eq!(found.len(), 5, "{found:#?}");
}

#[test]
fn chat_and_configurations_are_looked_through() {
    let alias = json!({
        "ack": { "format": "{{ execution.id", "extra": { "slack": { "color": "{{ execution.x | uper }}" } } },
        "result": { "format": "{% if execution.ok %}x" },
        "immutable_parameters": { "p": "{{ st2kv.x }}" },
    });
    let config =
        json!({ "deep": { "key": "{{ st2kv.system.a }} {{ stkv.system.b }}" }, "plain": "\"{\"" });

    let of_alias = findings(FileKind::Alias, &alias);
    let of_config = findings(FileKind::Config, &config);

    assert_eq!(of_alias.len(), 4, "{of_alias:#?}");
    assert_eq!(
        of_config,
        ["`deep.key`: `stkv` has no value here (column 25); did you mean `st2kv`?"]
    );
}

#[test]
fn hardly_anybody_reads_more_than_some_findings() {
    let parameters: Vec<&str> = vec!["{{ x"; 1000];

    let found = findings(FileKind::Rule, &rule("x", &json!(parameters)));

    assert_eq!(found.len(), MOST);
}
