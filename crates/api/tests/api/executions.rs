//! Executions.

use http::StatusCode;
use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn an_execution_is_requested_and_shown_as_stackstorm_shows_it() {
    let app = App::new().await;

    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;

    assert_eq!(made.status, StatusCode::CREATED);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.body["action"]["ref"], "core.noop");
    assert_eq!(made.body["runner"]["name"], "noop");
    assert_eq!(made.body["status"], "requested");
    assert_eq!(
        made.body["context"],
        json!({"user": "root", "pack": "core"})
    );
    assert_eq!(
        made.body["log"],
        json!([{"timestamp": "2026-01-01T12:00:00.000000Z", "status": "requested"}])
    );
    assert_eq!(
        made.body["liveaction"],
        json!({
            "action": "core.noop", "action_is_workflow": false, "parameters": {}, "callback": {}, "runner_info": {},
            "id": id,
        })
    );
    assert_eq!(
        app.get(&format!("/v1/executions/{id}")).await.body,
        made.body
    );
    assert_eq!(
        app.get("/v1/executions/last").await.body["id"],
        made.body["id"]
    );
}

#[tokio::test]
async fn secrets_are_masked_unless_they_are_asked_for() {
    let app = App::new().await;
    let body =
        json!({"action": "core.echo", "parameters": {"message": "x", "password": "hunter2"}});

    let made = app.post("/v1/executions", body).await;

    assert_eq!(
        made.body["parameters"],
        json!({"message": "x", "password": "********"})
    );
    assert_eq!(
        made.body["liveaction"]["parameters"]["password"],
        "********"
    );
    let path = format!("/v1/executions/{}", made.body["id"].as_str().unwrap());
    let shown = app.get(&format!("{path}?show_secrets=true")).await;
    assert_eq!(shown.body["parameters"]["password"], "hunter2");
    assert!(!app.get(&path).await.body.to_string().contains("hunter2"));
    assert!(
        !app.get("/v1/executions")
            .await
            .body
            .to_string()
            .contains("hunter2")
    );
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let app = App::new().await;

    for body in [
        json!({"action": "core.nothing"}),
        json!({"action": "core.echo", "parameters": {}}),
        json!({"action": "core.echo", "parameters": {"message": "x", "nonsense": 1}}),
        json!({"action": "core.echo", "parameters": {"message": "x", "count": "many"}}),
        json!({"action": "core.noop", "delay": "soon"}),
        json!({"action": "core.noop", "delay": -5}),
    ] {
        let answer = app.post("/v1/executions", body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(!answer.fault().is_empty(), "{body}");
    }
}

#[tokio::test]
async fn lists_are_filtered_and_ordered() {
    let app = App::new().await;
    let first = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await
        .body;
    app.api.clock.advance(std::time::Duration::from_secs(1));
    let second = app
        .post(
            "/v1/executions",
            json!({"action": "core.echo", "parameters": {"message": "m"}}),
        )
        .await
        .body;
    let ids = async |query: String| {
        let answer = app
            .get(&format!("/v1/executions?include_attributes=status&{query}"))
            .await;
        let ids: Vec<_> = answer
            .body
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect();
        assert_eq!(
            answer.header("x-total-count"),
            ids.len().to_string(),
            "{query}"
        );
        ids
    };
    let (one, two) = (first["id"].clone(), second["id"].clone());
    let start = first["start_timestamp"].as_str().unwrap();

    for (query, expected) in [
        (String::new(), vec![two.clone(), one.clone()]),
        ("sort_asc=True".into(), vec![one.clone(), two.clone()]),
        ("action=core.noop".into(), vec![one.clone()]),
        ("runner=local-shell-cmd".into(), vec![two.clone()]),
        ("status=requested".into(), vec![two.clone(), one.clone()]),
        ("status=nothing".into(), vec![]),
        ("user=nobody".into(), vec![]),
        (format!("id={}", one.as_str().unwrap()), vec![one.clone()]),
        (format!("timestamp_gt={start}"), vec![two.clone()]),
        (format!("timestamp={start}..{start}"), vec![one.clone()]),
        ("parent=null".into(), vec![two, one]),
        ("parent=000000000000000000000000".into(), vec![]),
        ("rule=none".into(), vec![]),
        ("trigger_type=nothing".into(), vec![]),
    ] {
        assert_eq!(ids(query.clone()).await, expected, "{query}");
    }
    assert_eq!(
        app.get("/v1/executions?timestamp_gt=yesterday")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        app.get("/v1/executions?exclude_attributes=action")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        app.get("/v1/executions?include_attributes=result.a")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn an_execution_that_nobody_runs_is_cancelled_at_once() {
    let app = App::new().await;
    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let path = format!("/v1/executions/{}", made.body["id"].as_str().unwrap());

    let cancelled = app.delete(&path).await;
    let again = app.delete(&path).await;
    let put = app.put(&path, json!({"status": "canceled"})).await;

    assert_eq!(
        (cancelled.status, &cancelled.body["status"]),
        (StatusCode::OK, &json!("canceled"))
    );
    assert_eq!(
        (again.status, again.fault()),
        (
            StatusCode::OK,
            "Action cannot be canceled. State = canceled."
        )
    );
    assert_eq!(
        (put.status, put.fault()),
        (
            StatusCode::BAD_REQUEST,
            "Execution is already in completed state."
        )
    );
}

#[tokio::test]
async fn a_status_is_set_only_where_that_makes_sense() {
    let app = App::new().await;
    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let path = format!("/v1/executions/{}", made.body["id"].as_str().unwrap());

    for status in [
        json!("pausing"),
        json!("resuming"),
        json!("nothing"),
        json!("running"),
        json!(null),
    ] {
        assert_eq!(
            app.put(&path, json!({"status": status})).await.status,
            StatusCode::BAD_REQUEST,
            "{status}"
        );
    }
    let ended = app
        .put(
            &path,
            json!({"status": "failed", "result": {"why": "by hand"}}),
        )
        .await;
    assert_eq!(
        (&ended.body["status"], &ended.body["result"]),
        (&json!("failed"), &json!({"why": "by hand"}))
    );
    assert_eq!(
        app.get(&format!("{path}/attribute/status")).await.body,
        "failed"
    );
    assert_eq!(
        app.get(&format!("{path}/result")).await.body,
        json!({"why": "by hand"})
    );
    assert_eq!(
        app.get(&format!("{path}/attribute/parameters"))
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_run_can_be_repeated_with_other_parameters() {
    let app = App::new().await;
    let parameters = json!({"message": "x", "password": "hunter2"});
    let made = app
        .post(
            "/v1/executions",
            json!({"action": "core.echo", "parameters": parameters}),
        )
        .await;
    let path = format!(
        "/v1/executions/{}/re_run",
        made.body["id"].as_str().unwrap()
    );

    let again = app
        .post(&path, json!({"parameters": {"message": "y"}, "delay": 100}))
        .await;

    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(
        again.body["parameters"],
        json!({"message": "y", "password": "********"})
    );
    assert_eq!(
        again.body["context"]["re-run"],
        json!({"ref": made.body["id"]})
    );
    assert_eq!(again.body["delay"], 100);
    assert_eq!(
        app.post(&path, json!({"tasks": ["a"]})).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        app.post(&path, json!({"reset": ["a"]})).await.status,
        StatusCode::BAD_REQUEST
    );
    let unknown = app
        .post("/v1/executions/000000000000000000000000/re_run", json!({}))
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_values_of_filters_are_listed() {
    let app = App::new().await;
    app.post("/v1/executions", json!({"action": "core.noop"}))
        .await;

    let answer = app
        .get("/v1/executions/views/filters?types=status,action")
        .await;

    assert_eq!(
        answer.body,
        json!({"action": ["core.noop"], "status": ["requested"]})
    );
}

#[tokio::test]
async fn changes_stand_in_the_audit_log() {
    let app = App::new().await;
    app.post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    app.put("/v1/keys/k", json!({"name": "k", "value": "v"}))
        .await;

    let page = model::Page {
        limit: 10,
        offset: 0,
    };
    let entries = app
        .api
        .store
        .audit_entries(&store::AuditFilter::default(), page)
        .await
        .unwrap()
        .items;

    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.user.as_str(), entry.resource.as_str()))
        .collect();
    assert_eq!(told, [("root", "st2kv.system:k"), ("root", "core.noop")]);
}

#[tokio::test]
async fn a_request_says_nothing_beside_what_is_known() {
    let app = App::new().await;

    for body in [
        json!({"action": "core.noop", "notify": {"on-never": {}}}),
        json!({"action": "core.noop", "notify": {"on-complete": {"routes": "x"}}}),
        json!({"action": "core.noop", "status": "nothing"}),
    ] {
        let answer = app.post("/v1/executions", body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let notified = json!({"action": "core.noop", "notify": {"on-complete": {"routes": ["x"]}}});
    let made = app.post("/v1/executions", notified).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let path = format!("/v1/executions/{}", made.body["id"].as_str().unwrap());
    let changed = app.put(&path, json!({"status": "failed", "nonsense": 1}));
    assert_eq!(changed.await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_result_can_be_left_out_for_its_size() {
    let app = App::new().await;
    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let path = format!("/v1/executions/{}", made.body["id"].as_str().unwrap());
    app.put(
        &path,
        json!({"status": "succeeded", "result": {"why": "by hand"}}),
    )
    .await;

    let small = app.get(&format!("{path}?max_result_size=5")).await;
    let large = app.get(&format!("{path}?max_result_size=5000")).await;
    let result = app.get(&format!("{path}/result")).await;

    assert_eq!(
        (small.status, small.body.get("result")),
        (StatusCode::OK, None)
    );
    assert_eq!(large.body["result"], json!({"why": "by hand"}));
    assert_eq!(result.header("content-type"), "text/json");
    for size in ["-1", "15000000", "much"] {
        let answer = app.get(&format!("{path}?max_result_size={size}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{size}");
    }
}
