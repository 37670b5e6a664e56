//! Actions, rules, triggers and the like: made, shown, changed and removed.

use http::StatusCode;
use model::Page;
use serde_json::{Value, json};
use store::AuditFilter;

use crate::harness::App;

fn rule(name: &str, parameters: &Value) -> Value {
    json!({
        "name": name, "pack": "demo", "enabled": true,
        "trigger": {"type": "core.st2.webhook", "parameters": {"url": name}},
        "action": {"ref": "core.echo", "parameters": parameters},
    })
}

async fn audited(app: &App) -> Vec<(String, String)> {
    let page = Page {
        limit: 10,
        offset: 0,
    };
    let entries = app
        .api
        .store
        .audit_entries(&AuditFilter::default(), page)
        .await
        .unwrap();
    entries
        .items
        .into_iter()
        .map(|entry| {
            (
                format!("{:?} {}", entry.action, entry.resource_kind),
                entry.resource,
            )
        })
        .collect()
}

#[tokio::test]
async fn mistakes_in_expressions_are_told_beside_the_answer() {
    let app = App::new().await;

    let made = app
        .post(
            "/v1/rules",
            rule(
                "deploy",
                &json!({"message": "{{ trigger.body.x | to_json_strng }}"}),
            ),
        )
        .await;
    let changed = app
        .put(
            "/v1/rules/demo.deploy",
            rule("deploy", &json!({"message": "{{ trigger.body.x"})),
        )
        .await;
    let sound = app
        .put(
            "/v1/rules/demo.deploy",
            rule("deploy", &json!({"message": "{{ trigger.body.x }}"})),
        )
        .await;

    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(
        made.headers["petrel-warning"],
        "`action.parameters.message`: there is no filter called `to_json_strng` (column 21); did you mean `to_json_string`?"
    );
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(
        changed.headers["petrel-warning"],
        "`action.parameters.message`: the `{{` here is not closed (column 1); add `}}` where the expression ends"
    );
    assert_eq!(sound.headers.get("petrel-warning"), None);
    assert!(made.body.get("warnings").is_none(), "{}", made.body);
}

#[tokio::test]
async fn a_rule_is_made_with_its_trigger_and_goes_with_it() {
    let app = App::new().await;

    let made = app
        .post("/v1/rules", rule("deploy", &json!({"message": "x"})))
        .await;
    let triggers = app.get("/v1/triggers?type=core.st2.webhook").await.body;
    let accepted = app.post("/v1/webhooks/deploy", json!({})).await;
    let removed = app.delete("/v1/rules/demo.deploy").await;

    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.body["context"], json!({"user": "root"}));
    assert_eq!(triggers[0]["ref"], made.body["trigger"]["ref"]);
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(
        app.get("/v1/triggers?type=core.st2.webhook").await.body,
        json!([])
    );
    assert_eq!(
        app.get("/v1/rules/demo.deploy").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    let app = App::new().await;
    app.post("/v1/rules", rule("deploy", &json!({"message": "x"})))
        .await;

    app.put(
        "/v1/rules/demo.deploy",
        rule("deploy", &json!({"message": "y"})),
    )
    .await;
    app.delete("/v1/rules/demo.deploy").await;

    let mut audited = audited(&app).await;
    audited.sort();
    let entry = |what: &str| (format!("{what} rule"), "demo.deploy".to_owned());
    assert_eq!(audited, [entry("Create"), entry("Delete"), entry("Update")]);
}

#[tokio::test]
async fn a_taken_reference_is_a_conflict_that_names_who_has_it() {
    let app = App::new().await;
    let first = app.post("/v1/rules", rule("deploy", &json!({}))).await;

    let second = app.post("/v1/rules", rule("deploy", &json!({}))).await;

    assert_eq!(second.status, StatusCode::CONFLICT);
    assert_eq!(second.body["conflict-id"], first.body["id"]);
    assert_eq!(second.fault(), "`demo.deploy` exists already");
}

#[tokio::test]
async fn secret_parameters_of_a_rule_are_masked_and_survive_being_sent_back() {
    let app = App::new().await;
    let made = app
        .post(
            "/v1/rules",
            rule("deploy", &json!({"message": "x", "password": "hunter2"})),
        )
        .await;

    let shown = app.get("/v1/rules/demo.deploy").await.body;
    let sent_back = app.put("/v1/rules/demo.deploy", shown.clone()).await;
    let opened = app
        .get("/v1/rules/demo.deploy?show_secrets=true")
        .await
        .body;

    assert_eq!(made.body["action"]["parameters"]["password"], "********");
    assert_eq!(shown["action"]["parameters"]["password"], "********");
    assert_eq!(
        (sent_back.status, &sent_back.body),
        (StatusCode::OK, &shown)
    );
    assert_eq!(
        opened["action"]["parameters"],
        json!({"message": "x", "password": "hunter2"})
    );
}

#[tokio::test]
async fn a_rule_that_cannot_work_is_refused_with_the_reason() {
    let app = App::new().await;
    let refused = async |change: Value| {
        let mut body = rule("bad", &json!({}));
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let answer = app.post("/v1/rules", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{change}");
        answer.fault().to_owned()
    };

    let unknown = refused(json!({"trigger": {"type": "demo.nothing"}})).await;
    let operator =
        refused(json!({"criteria": {"trigger.body": {"type": "equal", "pattern": 1}}})).await;
    let no_url = refused(json!({"trigger": {"type": "core.st2.webhook", "parameters": {}}})).await;
    let hour = json!({"type": "core.st2.CronTimer", "parameters": {"hour": "25"}});
    let hour = refused(json!({"trigger": hour})).await;

    assert!(
        unknown.starts_with("there is no trigger type \"demo.nothing\""),
        "{unknown}"
    );
    assert!(
        operator.contains("unknown operator \"equal\" (did you mean \"equals\"?)"),
        "{operator}"
    );
    assert!(no_url.contains("url"), "{no_url}");
    assert!(hour.contains("25"), "{hour}");
}

#[tokio::test]
async fn views_of_rules_say_what_trigger_and_action_are_for() {
    let app = App::new().await;
    app.post("/v1/rules", rule("deploy", &json!({"message": "x"})))
        .await;

    let view = app.get("/v1/rules/views/demo.deploy").await.body;
    let listed = app.get("/v1/rules/views?action=core.echo").await;

    assert_eq!(view["trigger"]["description"], "");
    assert_eq!(listed.body, json!([view]));
    assert_eq!(listed.header("x-total-count"), "1");
    assert_eq!(app.get("/v1/rules?action=core.noop").await.body, json!([]));
}

#[tokio::test]
async fn an_action_is_made_disabled_and_removed() {
    let app = App::new().await;
    app.add_pack("demo").await;
    let body = json!({"name": "hello", "pack": "demo", "runner_type": "noop", "output_schema": {"type": "object"}});

    let made = app.post("/v1/actions", body.clone()).await;
    let mut changed = made.body.clone();
    changed["enabled"] = json!(false);
    let changed = app.put("/v1/actions/demo.hello", changed).await;

    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.body["output_schema"]["uniqueItems"], false);
    assert!(made.body.get("description").is_none());
    assert_eq!(
        (changed.status, &changed.body["enabled"]),
        (StatusCode::OK, &json!(false))
    );
    assert_eq!(changed.body["id"], made.body["id"]);
    assert_eq!(
        app.delete("/v1/actions/demo.hello").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        app.delete("/v1/actions/demo.hello").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn actions_of_the_engines_own_packs_stay_as_they_are() {
    let app = App::new().await;
    let mut body = app.get("/v1/actions/core.noop").await.body;
    body["enabled"] = json!(false);

    let answers = [
        app.put("/v1/actions/core.noop", body.clone()).await,
        app.post("/v1/actions", body).await,
        app.delete("/v1/actions/core.noop").await,
    ];

    for answer in answers {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(
            answer.fault(),
            "Resources belonging to system level packs can't be manipulated"
        );
    }
}

#[tokio::test]
async fn overviews_show_what_an_action_takes_from_its_runner() {
    let app = App::new().await;

    let parameters = app.get("/v1/actions/views/parameters/core.echo").await.body;
    let overview = app.get("/v1/actions/views/overview/core.echo").await.body;
    let listed = app.get("/v1/actions/views/overview?name=echo").await.body;

    assert_eq!(parameters["parameters"]["sudo"]["type"], "boolean");
    assert_eq!(parameters["parameters"]["cmd"]["immutable"], true);
    assert_eq!(overview["parameters"], parameters["parameters"]);
    assert_eq!(listed, json!([overview]));
}

#[tokio::test]
async fn a_trigger_type_brings_its_trigger_and_takes_it_away() {
    let app = App::new().await;

    let made = app
        .post("/v1/triggertypes", json!({"name": "event", "pack": "demo"}))
        .await;
    let triggers = app.get("/v1/triggers?type=demo.event").await.body;
    let removed = app.delete("/v1/triggertypes/demo.event").await;

    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(triggers[0]["ref"], "demo.event");
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(
        app.get("/v1/triggers?type=demo.event").await.body,
        json!([])
    );
}

#[tokio::test]
async fn timers_are_the_triggers_of_three_types() {
    let app = App::new().await;
    let mut body = rule("tick", &json!({"message": "x"}));
    body["trigger"] =
        json!({"type": "core.st2.IntervalTimer", "parameters": {"unit": "days", "delta": 9}});
    let made = app.post("/v1/rules", body).await.body;
    let reference = made["trigger"]["ref"].as_str().unwrap().to_owned();

    let timer = app.get(&format!("/v1/timers/{reference}")).await.body;

    assert_eq!(timer["parameters"], json!({"unit": "days", "delta": 9}));
    assert_eq!(
        app.get("/v1/timers?timer_type=core.st2.IntervalTimer")
            .await
            .body,
        json!([timer])
    );
    assert_eq!(
        app.get("/v1/timers?timer_type=core.st2.CronTimer")
            .await
            .body,
        json!([])
    );
    assert_eq!(
        app.get("/v1/timers?timer_type=none").await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        app.get("/v1/timers/core.st2.webhook").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn policies_and_aliases_are_made_changed_and_removed() {
    let app = App::new().await;
    let policy = json!({
        "name": "one", "pack": "demo", "resource_ref": "core.echo", "policy_type": "action.concurrency",
        "parameters": {"threshold": 1},
    });
    let alias = json!({"name": "say", "pack": "demo", "action_ref": "core.echo", "formats": ["say {{ message }}"]});

    for (path, body, key) in [("policies", policy, "one"), ("actionalias", alias, "say")] {
        let made = app.post(&format!("/v1/{path}"), body.clone()).await;
        let mut changed = made.body.clone();
        changed["description"] = json!("changed");
        let changed = app.put(&format!("/v1/{path}/demo.{key}"), changed).await;
        let listed = app.get(&format!("/v1/{path}?pack=demo")).await.body;

        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(
            (changed.status, &listed),
            (StatusCode::OK, &json!([changed.body]))
        );
        assert_eq!(
            app.post(&format!("/v1/{path}"), body).await.status,
            StatusCode::CONFLICT
        );
        assert_eq!(
            app.delete(&format!("/v1/{path}/demo.{key}")).await.status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(
            app.get(&format!("/v1/{path}/demo.{key}")).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn what_can_be_said_in_chat_is_told() {
    let app = App::new().await;
    let formats = json!(["say {{ message }}", {"display": "tell x", "representation": ["tell {{ message }}"]}]);
    let alias =
        json!({"name": "say", "pack": "demo", "action_ref": "core.echo", "formats": formats});
    app.post("/v1/actionalias", alias).await;

    let all = app.get("/v1/actionalias/help").await.body;
    let some = app.get("/v1/actionalias/help?filter=%5ETELL").await.body;

    assert_eq!(all["available"], 2);
    let line = json!({"pack": "demo", "display": "tell x", "description": null});
    assert_eq!(some, json!({"available": 1, "helpstrings": [line]}));
}

#[tokio::test]
async fn what_the_engine_brings_is_listed() {
    let app = App::new().await;

    let policies = app
        .get("/v1/policytypes?resource_type=action&include_attributes=ref")
        .await;
    let rules = app.get("/v1/ruletypes").await;

    assert_eq!(policies.header("x-total-count"), "3");
    assert_eq!(policies.body[0]["ref"], "action.concurrency");
    assert_eq!(
        app.get("/v1/policytypes/action.retry").await.body["uid"],
        "policy_type:action:retry"
    );
    assert_eq!(rules.header("x-total-count"), "2");
    assert_eq!(
        app.get("/v1/ruletypes/backstop").await.body["name"],
        "backstop"
    );
    assert_eq!(
        app.get("/v1/service_registry/groups").await.body,
        json!({"groups": []})
    );
    assert_eq!(
        app.get("/v1/policytypes/action.none").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn parameters_of_a_trigger_must_meet_what_its_type_asks_for() {
    let app = App::new().await;
    let posted = async |kind: &str, parameters: Value| {
        app.post(
            "/v1/triggers",
            json!({"type": kind, "parameters": parameters}),
        )
        .await
        .status
    };

    let bad_unit = posted(
        "core.st2.IntervalTimer",
        json!({"unit": "moons", "delta": 1}),
    )
    .await;
    let bad_hour = posted("core.st2.CronTimer", json!({"hour": "25"})).await;
    let good = posted("core.st2.CronTimer", json!({"hour": "5"})).await;

    assert_eq!(bad_unit, StatusCode::BAD_REQUEST);
    assert_eq!(bad_hour, StatusCode::BAD_REQUEST);
    assert_eq!(good, StatusCode::CREATED);
}

#[tokio::test]
async fn an_action_belongs_to_a_pack_that_is_there() {
    let app = App::new().await;
    app.add_pack("default").await;

    let made = app
        .post(
            "/v1/actions",
            json!({"name": "hello", "runner_type": "noop"}),
        )
        .await;
    let lost = app
        .post(
            "/v1/actions",
            json!({"name": "hello", "pack": "nowhere", "runner_type": "noop"}),
        )
        .await;

    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.body["ref"], "default.hello");
    assert_eq!(lost.status, StatusCode::BAD_REQUEST);
    assert!(
        lost.fault()
            .starts_with("Content pack \"nowhere\" is not found")
    );
}

#[tokio::test]
async fn what_comes_in_packs_is_listed_with_its_reference_always() {
    let app = App::new().await;

    let listed = app
        .get("/v1/actions?name=noop&include_attributes=description")
        .await;

    let keys: Vec<&String> = listed.body[0].as_object().unwrap().keys().collect();
    assert_eq!(listed.body[0]["ref"], "core.noop");
    assert!(
        keys.iter()
            .all(|key| ["id", "ref", "description"].contains(&key.as_str()))
    );
}

#[tokio::test]
async fn several_can_be_named_and_turned_around() {
    let app = App::new().await;
    let names = |body: Value| -> Vec<String> {
        let items = body.as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let ids: Vec<String> = ["noop", "echo"]
        .iter()
        .map(|name| format!("core.{name}"))
        .collect();
    let noop = app.get(&format!("/v1/actions/{}", ids[0])).await.body;
    let echo = app.get(&format!("/v1/actions/{}", ids[1])).await.body;
    let both = format!(
        "/v1/actions?id={},{}",
        noop["id"].as_str().unwrap(),
        echo["id"].as_str().unwrap()
    );

    assert_eq!(
        names(app.get("/v1/runnertypes?name=orquesta,noop").await.body),
        ["noop", "orquesta"]
    );
    assert_eq!(
        names(
            app.get("/v1/runnertypes?name=orquesta,noop&sort=-name")
                .await
                .body
        ),
        ["orquesta", "noop"]
    );
    assert_eq!(names(app.get(&both).await.body), ["echo", "noop"]);
}

#[tokio::test]
async fn a_filter_that_says_neither_yes_nor_no_is_refused() {
    let app = App::new().await;

    for path in [
        "/v1/rules?enabled=maybe",
        "/v1/sensortypes?enabled=maybe",
        "/v1/executions?show_secrets=maybe",
        "/v1/keys?decrypt=maybe",
    ] {
        assert_eq!(
            app.get(path).await.status,
            StatusCode::BAD_REQUEST,
            "{path}"
        );
    }
}
