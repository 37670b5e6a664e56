//! Inquiries.

use http::StatusCode;
use model::{AuditAction, Execution, ExecutionId, Page};
use serde_json::{Value, json};
use store::AuditFilter;

use crate::harness::App;

/// An execution of `core.ask` that stands so, with this question.
async fn stored(app: &App, status: &str, users: Value) -> ExecutionId {
    let id: ExecutionId = app.api.ids.next(app.api.clock.now());
    let schema = json!({ "type": "object", "properties": {
        "approved": { "type": "boolean", "required": true }, "password": { "secret": true },
    } });
    let execution: Execution = serde_json::from_value(json!({
        "id": id, "action_ref": "core.ask", "runner": "inquirer", "snapshot": "s", "status": status,
        "parameters": {}, "context": { "user": "root", "pack": "core", "extra": {} },
        "start_timestamp": app.api.clock.now(), "log": [],
        "result": { "schema": schema, "roles": [], "users": users, "route": "ops", "ttl": 5 },
    }))
    .unwrap();
    app.api
        .store
        .request_executions(&[execution])
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn those_that_wait_are_listed_newest_first() {
    let app = App::new().await;
    let first = stored(&app, "pending", json!(["ann"])).await;
    stored(&app, "timeout", json!([])).await;
    let last = stored(&app, "pending", json!([])).await;

    let listed = app.get("/v1/inquiries?limit=1").await;
    let all = app.get("/v1/inquiries?exclude_attributes=schema").await;

    assert_eq!(
        (listed.header("x-total-count"), listed.header("x-limit")),
        ("2", "1")
    );
    assert_eq!(listed.body[0]["id"], json!(last));
    assert_eq!(listed.body[0]["schema"]["type"], "object");
    assert_eq!(
        all.body,
        json!([
            { "id": last, "route": "ops", "ttl": 5, "users": [], "roles": [] },
            { "id": first, "route": "ops", "ttl": 5, "users": ["ann"], "roles": [] },
        ])
    );
}

#[tokio::test]
async fn an_answer_is_taken_once_masked_and_audited() {
    let app = App::new().await;
    let id = stored(&app, "pending", json!(["root"])).await;
    let path = format!("/v1/inquiries/{id}");
    let body = json!({ "id": id, "response": { "approved": true, "password": "hunter2" } });

    let shown = app.get(&path).await;
    let taken = app.put(&path, body.clone()).await;
    let again = app.put(&path, body).await;

    assert_eq!(shown.body["users"], json!(["root"]));
    assert_eq!(taken.status, StatusCode::OK);
    assert_eq!(
        taken.body,
        json!({ "id": id, "response": { "approved": true, "password": "********" } })
    );
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        again.fault(),
        format!("Inquiry \"{id}\" has already been responded to.")
    );
    let page = Page {
        limit: 10,
        offset: 0,
    };
    let entries = app
        .api
        .store
        .audit_entries(&AuditFilter::default(), page)
        .await
        .unwrap()
        .items;
    let made: Vec<_> = entries
        .iter()
        .map(|entry| (entry.action, &*entry.resource_kind, &*entry.resource))
        .collect();
    assert_eq!(made, [(AuditAction::Execute, "inquiry", &*id.to_string())]);
}

#[tokio::test]
async fn answers_that_make_no_sense_are_refused() {
    let app = App::new().await;
    let mine = stored(&app, "pending", json!([])).await;
    let theirs = stored(&app, "pending", json!(["ann"])).await;
    let put = async |id: &str, body: Value| app.put(&format!("/v1/inquiries/{id}"), body).await;
    let mine = mine.to_string();
    let fine = json!({ "response": { "approved": true } });

    let faults = [
        put(&mine, json!({})).await,
        put(&mine, json!({ "response": "yes" })).await,
        put(&mine, json!({ "response": { "approved": "perhaps" } })).await,
        put(&theirs.to_string(), fine.clone()).await,
        put("000000000000000000000000", fine).await,
    ];

    let statuses = faults.each_ref().map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [400, 400, 400, 403, 404]);
    let words = [
        "'response' is a required property",
        "'yes' is not of type 'object'",
        "did not pass schema validation. In `approved`: ",
        "User \"root\" does not have permission to respond to inquiry",
        "Inquiry with id \"000000000000000000000000\" not found.",
    ];
    for (answer, words) in faults.iter().zip(words) {
        assert!(answer.fault().contains(words), "{}", answer.fault());
    }
}

#[tokio::test]
async fn a_question_is_taken_back_by_its_status_alone() {
    let app = App::new().await;
    let id = stored(&app, "pending", json!([])).await;
    let path = format!("/v1/executions/{id}");

    let refused = app.delete(&path).await;
    let cancelled = app.put(&path, json!({ "status": "canceled" })).await;

    assert_eq!(refused.status, StatusCode::OK, "as in StackStorm");
    assert_eq!(
        refused.fault(),
        "Action cannot be canceled. State = pending."
    );
    assert_eq!(cancelled.body["status"], "canceled");
    assert_eq!(app.get("/v1/inquiries").await.body, json!([]));
}
