//! Aliases: what a chat line means, and what is run by it.

use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, App};

/// An API that hears `alias`, completed with a pack and an action.
async fn hearing(alias: Value) -> App {
    let app = App::new().await;
    hear(&app, alias).await;
    app
}

async fn hear(app: &App, alias: Value) {
    let mut body = json!({ "name": "say", "pack": "demo", "action_ref": "core.echo" });
    body.as_object_mut()
        .unwrap()
        .extend(alias.as_object().unwrap().clone());
    let made = app.post("/v1/actionalias", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
}

async fn matched(app: &App, command: &str) -> Answer {
    app.post("/v1/actionalias/match", json!({ "command": command }))
        .await
}

async fn said(app: &App, command: &str) -> Answer {
    let body = json!({ "command": command, "user": "ada", "source_channel": "#ops", "notification_route": "irc" });
    app.post("/v1/aliasexecution/match_and_execute", body).await
}

/// An alias that is meant by every line with tickets in it, once for each.
fn tickets() -> Value {
    let format = json!({
        "display": "any line with tickets",
        "representation": [r"(?:\b|^)JIRA-(?P<count>\w+)(?:\b|$)"],
        "match_multiple": true,
    });
    json!({ "formats": [format], "immutable_parameters": { "message": "m" } })
}

fn parameters(answer: &Answer) -> Vec<&Value> {
    let results = answer.body["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| &result["execution"]["parameters"])
        .collect()
}

#[tokio::test]
async fn a_line_means_the_alias_whose_format_it_fits() {
    let formats = json!([{ "display": "say <text>", "representation": ["say {{ message }}", "tell {{ message }}"] }]);
    let app = hearing(json!({ "formats": formats })).await;

    let found = matched(&app, "tell \"me more\"").await;

    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(found.body["actionalias"]["ref"], "demo.say");
    assert_eq!(found.body["display"], "say <text>");
    assert_eq!(found.body["representation"], "tell {{ message }}");
}

#[tokio::test]
async fn a_line_that_means_none_or_several_is_refused_with_a_hint() {
    let app = hearing(json!({ "formats": ["say {{ message }}"] })).await;
    hear(
        &app,
        json!({ "name": "too", "formats": ["say {{ what }}", "shout {{ message }}"] }),
    )
    .await;

    let [none, several, empty] = [
        matched(&app, "shuot x").await,
        matched(&app, "say x").await,
        app.post("/v1/actionalias/match", json!({})).await,
    ];

    assert_eq!(
        [none.status, several.status, empty.status],
        [StatusCode::BAD_REQUEST; 3]
    );
    assert_eq!(
        none.fault(),
        "Command 'shuot x' matched no patterns; did you mean `shout {{ message }}`?"
    );
    assert_eq!(
        several.fault(),
        "Command 'say x' matched more than 1 pattern: `say {{ message }}`, `say {{ what }}`"
    );
    assert_eq!(empty.fault(), "'command' is a required property");
}

#[tokio::test]
async fn a_changed_alias_is_heard_at_once() {
    let app = hearing(json!({ "formats": ["say {{ message }}"] })).await;
    assert_eq!(matched(&app, "say x").await.status, StatusCode::OK);

    let changed = json!({
        "name": "say", "pack": "demo", "action_ref": "core.echo", "formats": ["tell {{ message }}"],
    });
    app.put("/v1/actionalias/demo.say", changed.clone()).await;
    let (old, new) = (matched(&app, "say x").await, matched(&app, "tell x").await);
    let mut disabled = changed;
    disabled["enabled"] = json!(false);
    app.put("/v1/actionalias/demo.say", disabled).await;

    assert_eq!(
        (old.status, new.status),
        (StatusCode::BAD_REQUEST, StatusCode::OK)
    );
    assert_eq!(
        matched(&app, "tell x").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_command_runs_the_action_for_who_said_it() {
    let ack = json!({ "format": "on it: {{ execution.id }}", "extra": { "color": "{{ actionalias.name }}" } });
    let app = hearing(json!({ "formats": ["say {{ message }}"], "ack": ack })).await;

    let answer = said(&app, "say hello count=3").await;

    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let result = &answer.body["results"][0];
    let execution = &result["execution"];
    assert_eq!(
        execution["parameters"],
        json!({ "message": "hello", "count": 3 })
    );
    assert_eq!(
        execution["context"],
        json!({
            "action_alias_ref": { "id": result["actionalias"]["id"], "name": "say" },
            "api_user": "ada", "source_channel": "#ops", "user": "root", "pack": "core",
        })
    );
    assert_eq!(
        execution["liveaction"]["notify"],
        json!({ "on-complete": {
            "data": { "user": "ada", "source_channel": "#ops", "source_context": null }, "routes": ["irc"],
        } })
    );
    let id = execution["id"].as_str().unwrap();
    assert_eq!(result["message"], format!("on it: {id}"));
    assert_eq!(result["extra"], json!({ "color": "say" }));
    let stored = app.get(&format!("/v1/executions/{id}")).await;
    assert_eq!(stored.body, *execution);
}

#[tokio::test]
async fn a_format_that_fits_several_places_runs_the_action_for_each() {
    let app = hearing(tickets()).await;

    let answer = said(&app, "see JIRA-1 and JIRA-22").await;

    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(
        parameters(&answer),
        [
            &json!({ "count": 1, "message": "m" }),
            &json!({ "count": 22, "message": "m" })
        ]
    );
    let line = "JIRA-1 ".repeat(101);
    let flood = said(&app, &line).await;
    assert_eq!(
        flood.fault(),
        "The command asks for 101 executions at once, but at most 100 are allowed; say less at a time"
    );
}

#[tokio::test]
async fn of_several_executions_all_or_none_are_requested() {
    let app = hearing(tickets()).await;

    let answer = said(&app, "see JIRA-1 and JIRA-many").await;

    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        answer.fault(),
        "parameter `count`: invalid literal for int() with base 10: 'many'"
    );
    assert_eq!(app.get("/v1/executions").await.body, json!([]));
}

#[tokio::test]
async fn immutable_parameters_are_rendered_and_cannot_be_said() {
    let immutable =
        json!({ "message": "{{ api_user }} in {{ source_channel }} of {{ st2kv.system.city }}" });
    let app =
        hearing(json!({ "formats": ["say {{ count }}"], "immutable_parameters": immutable })).await;
    let key = json!({ "name": "city", "value": "Kiel", "scope": "st2kv.system" });
    app.put("/v1/keys/city", key).await;

    let fine = said(&app, "say 2").await;
    let refused = said(&app, "say 2 message=x").await;

    assert_eq!(fine.status, StatusCode::CREATED, "{}", fine.body);
    assert_eq!(
        parameters(&fine),
        [&json!({ "count": 2, "message": "ada in #ops of Kiel" })]
    );
    assert_eq!(
        (refused.status, refused.fault()),
        (
            StatusCode::BAD_REQUEST,
            "the alias fixes `message`; leave it out"
        )
    );
}

#[tokio::test]
async fn the_text_of_an_array_is_split_at_commas() {
    let app = hearing(json!({ "action_ref": "demo.on", "formats": ["on {{ hosts }}"] })).await;
    app.add_pack("demo").await;
    let action = json!({
        "name": "on", "pack": "demo", "runner_type": "noop", "enabled": true, "entry_point": "",
        "parameters": { "hosts": { "type": "array" } },
    });
    let made = app.post("/v1/actions", action).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);

    let answer = said(&app, "on a, b,c").await;

    assert_eq!(
        parameters(&answer),
        [&json!({ "hosts": ["a", "b", "c"] })],
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn a_named_alias_runs_with_one_of_its_formats() {
    let app = hearing(json!({ "formats": ["say {{ message }}", "tell {{ message }}"] })).await;
    hear(
        &app,
        json!({ "name": "off", "enabled": false, "formats": ["off"] }),
    )
    .await;
    hear(
        &app,
        json!({ "name": "lost", "action_ref": "demo.nothing", "formats": ["lost"] }),
    )
    .await;
    let run = async |name: &str, format: &str, command: &str| {
        let body =
            json!({ "name": name, "format": format, "command": command, "source_channel": "c" });
        app.post("/v1/aliasexecution", body).await
    };

    let fine = run("say", "tell {{ message }}", "tell x").await;
    let by_reference = run("demo.say", "tell {{ message }}", "tell x").await;

    assert_eq!(fine.status, StatusCode::CREATED, "{}", fine.body);
    assert_eq!(
        fine.body["execution"]["parameters"],
        json!({ "message": "x" })
    );
    assert_eq!(fine.body["execution"]["context"]["api_user"], "root");
    assert_eq!(fine.body.get("message"), None);
    assert_eq!(by_reference.status, StatusCode::CREATED);
    for (name, format, command, status, fault) in [
        (
            "none",
            "x",
            "x",
            404,
            "Unable to identify action alias with name \"none\".",
        ),
        ("", "x", "x", 400, "Alias execution \"name\" is required"),
        (
            "off",
            "off",
            "off",
            400,
            "Action alias with name \"off\" is disabled.",
        ),
        (
            "lost",
            "lost",
            "lost",
            404,
            "Action with ref \"demo.nothing\" not found",
        ),
        (
            "say",
            "shout",
            "shout",
            400,
            "Format string \"shout\" is not available on the alias \"say\"",
        ),
        (
            "say",
            "say {{ message }}",
            "tell x",
            400,
            "Command \"tell x\" doesn't match format string \"say {{ message }}\"",
        ),
    ] {
        let answer = run(name, format, command).await;

        assert_eq!(
            (answer.status.as_u16(), answer.fault()),
            (status, fault),
            "{name} {format}"
        );
    }
}

#[tokio::test]
async fn of_aliases_with_the_same_name_the_one_with_the_format_runs() {
    let app = hearing(json!({ "formats": ["say {{ message }}", "both"] })).await;
    let other = json!({ "pack": "other", "action_ref": "core.noop", "formats": ["hush", "both"] });
    hear(&app, other).await;
    let run = async |format: &str| {
        let body =
            json!({ "name": "say", "format": format, "command": format, "source_channel": "c" });
        app.post("/v1/aliasexecution", body).await
    };

    let (hush, both) = (run("hush").await, run("both").await);

    assert_eq!(hush.body["actionalias"]["ref"], "other.say");
    assert_eq!(
        both.fault(),
        "Several action aliases with name \"say\" have this format; name one of \"demo.say\", \"other.say\""
    );
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused() {
    let app = hearing(json!({ "formats": ["say {{ message }}"] })).await;

    for (body, fault) in [
        (
            json!({ "command": "say x" }),
            "'source_channel' is a required property",
        ),
        (
            json!({ "source_channel": "c" }),
            "'command' is a required property",
        ),
        (
            json!({ "command": "say x", "source_channel": "c", "chanel": "c" }),
            "Additional properties are not allowed ('chanel' was unexpected)",
        ),
        (
            json!({ "command": "say x", "source_channel": "c", "source_context": "c" }),
            "'c' is not of type 'object'",
        ),
    ] {
        let answer = app.post("/v1/aliasexecution/match_and_execute", body).await;

        assert_eq!(
            (answer.status, answer.fault()),
            (StatusCode::BAD_REQUEST, fault)
        );
    }
}
