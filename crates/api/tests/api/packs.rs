//! Packs: registered from folders, shown, configured, and written to.

use std::path::Path;

use api::ApiOptions;
use auth::Authenticator;
use http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::App;

const PACK: &str =
    "ref: demo\nname: demo\ndescription: d\nversion: 1.0.0\nauthor: a\nemail: a@example.com\n";
const SCHEMA: &str = "region:\n  type: string\nkey:\n  type: string\n  secret: true\n";
const HELLO: &str = "name: hello\nrunner_type: local-shell-script\nentry_point: hello.sh\n\
                     parameters:\n  on:\n    type: string\n    default: \"a: b\"\n";

fn write(folder: &Path, file: &str, content: &str) {
    let path = folder.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// An API whose packs are in a folder of their own: `demo`, with an action and a configuration.
async fn app() -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("packs/demo");
    write(&demo, "pack.yaml", PACK);
    write(&demo, "config.schema.yaml", SCHEMA);
    write(&demo, "actions/hello.yaml", HELLO);
    write(&demo, "actions/hello.sh", "echo hello\n");
    write(
        folder.path(),
        "configs/demo.yaml",
        "region: eu\nkey: sesame\n",
    );
    let options = ApiOptions {
        pack_folders: vec![folder.path().join("packs")],
        config_folder: Some(folder.path().join("configs")),
        ..ApiOptions::default()
    };
    let app = App::with(
        Authenticator::Insecure {
            user: "root".into(),
        },
        options,
    )
    .await;
    (app, folder)
}

async fn registered() -> (App, TempDir) {
    let (app, folder) = app().await;
    let answer = app.post("/v1/packs/register", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    (app, folder)
}

#[tokio::test]
async fn registering_counts_what_was_read() {
    let (app, _folder) = app().await;

    let all = app
        .post("/v1/packs/register", json!({"packs": ["demo"]}))
        .await;
    let actions = app
        .post("/v1/packs/register", json!({"types": ["actions"]}))
        .await;

    assert_eq!(
        (all.status, &all.body["actions"], &all.body["configs"]),
        (StatusCode::OK, &json!(1), &json!(1))
    );
    assert_eq!(actions.body, json!({"runners": 14, "actions": 1}));
    assert_eq!(app.get("/v1/packs/demo").await.body["version"], "1.0.0");
}

#[tokio::test]
async fn registering_says_what_it_cannot_do() {
    let (app, folder) = app().await;
    write(
        &folder.path().join("packs/demo"),
        "actions/broken.yaml",
        "name: [",
    );

    let broken = app.post("/v1/packs/register", json!({})).await;
    let allowed = app
        .post("/v1/packs/register", json!({"fail_on_failure": false}))
        .await;
    let missing = app
        .post("/v1/packs/register", json!({"packs": ["none"]}))
        .await;
    let kind = app
        .post("/v1/packs/register", json!({"types": ["none"]}))
        .await;

    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert!(
        broken.fault().contains("demo/actions/broken.yaml:"),
        "{}",
        broken.fault()
    );
    assert_eq!(
        (allowed.status, &allowed.body["actions"]),
        (StatusCode::OK, &json!(1))
    );
    assert!(
        missing
            .fault()
            .starts_with("Pack \"none\" not found on disk")
    );
    assert_eq!(kind.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn files_of_a_pack_are_shown_and_nothing_else() {
    let (app, _folder) = registered().await;

    let files = app.get("/v1/packs/views/files/demo").await.body;
    let script = app.get("/v1/packs/views/file/demo/actions/hello.sh").await;
    let entry_point = app.get("/v1/actions/views/entry_point/demo.hello").await;

    assert!(
        files
            .as_array()
            .unwrap()
            .contains(&json!({"file_path": "actions/hello.sh", "content": "echo hello\n"}))
    );
    assert_eq!(
        (script.header("content-type"), &script.body),
        ("application/x-sh", &json!("echo hello\n"))
    );
    assert_eq!(entry_point.body, script.body);
    assert_eq!(
        app.get("/v1/packs/views/file/demo/none").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        app.get("/v1/packs/views/file/demo/..%2f..%2fx")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn secrets_of_a_configuration_are_masked_and_survive_being_sent_back() {
    let (app, _folder) = registered().await;

    let shown = app.get("/v1/configs/demo").await.body;
    let changed = app
        .put(
            "/v1/configs/demo",
            json!({"region": "us", "key": shown["values"]["key"]}),
        )
        .await;
    let opened = app.get("/v1/configs/demo?show_secrets=true").await.body;
    let wrong = app.put("/v1/configs/demo", json!({"region": 5})).await;

    assert_eq!(shown["values"], json!({"region": "eu", "key": "********"}));
    assert_eq!(
        (changed.status, &changed.body["id"]),
        (StatusCode::OK, &shown["id"])
    );
    assert_eq!(opened["values"], json!({"region": "us", "key": "sesame"}));
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        app.get("/v1/config_schemas/demo").await.body["attributes"]["key"]["secret"],
        true
    );
    assert_eq!(
        app.get("/v1/configs/none").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_copy_of_an_action_is_what_registering_reads() {
    let (app, folder) = registered().await;

    let made = app
        .post(
            "/v1/actions/demo.hello/clone",
            json!({"dest_pack": "demo", "dest_action": "copy"}),
        )
        .await;
    let again = app
        .post(
            "/v1/actions/demo.hello/clone",
            json!({"dest_pack": "demo", "dest_action": "copy"}),
        )
        .await;
    app.post("/v1/packs/register", json!({"packs": ["demo"]}))
        .await;
    let read = app.get("/v1/actions/demo.copy").await.body;

    assert_eq!(
        (made.status, &made.body["entry_point"]),
        (StatusCode::CREATED, &json!("copy.sh"))
    );
    assert_eq!(read, made.body);
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    let script = folder.path().join("packs/demo/actions/copy.sh");
    assert_eq!(std::fs::read_to_string(script).unwrap(), "echo hello\n");
}

#[tokio::test]
async fn files_that_come_with_an_action_are_written_and_removed() {
    let (app, folder) = registered().await;
    let action = |path: &str| {
        json!({
            "name": "filed", "pack": "demo", "runner_type": "local-shell-script", "entry_point": "filed.sh",
            "data_files": [{"file_path": path, "content": "exit 0\n"}],
        })
    };
    let script = folder.path().join("packs/demo/actions/filed.sh");

    let outside = app.post("/v1/actions", action("../../x.sh")).await;
    let made = app.post("/v1/actions", action("filed.sh")).await;
    let is_written = script.exists();
    let files = app.get("/v1/packs/demo").await.body["files"].clone();
    let request =
        http::Request::delete("/v1/actions/demo.filed").header("content-type", "application/json");
    let removed = app
        .call(
            request
                .body(json!({"remove_files": true}).to_string().into())
                .unwrap(),
        )
        .await;

    assert_eq!(outside.status, StatusCode::BAD_REQUEST);
    assert_eq!((made.status, is_written), (StatusCode::CREATED, true));
    assert!(
        files
            .as_array()
            .unwrap()
            .contains(&Value::from("actions/filed.sh"))
    );
    assert_eq!(
        (removed.status, script.exists()),
        (StatusCode::NO_CONTENT, false)
    );
}

#[tokio::test]
async fn what_installs_packs_must_be_there() {
    let (app, _folder) = app().await;

    for path in ["/v1/packs/install", "/v1/packs/uninstall"] {
        let empty = app.post(path, json!({"packs": []})).await;
        let answer = app.post(path, json!({"packs": ["x"]})).await;
        assert!(empty.fault().starts_with("\"packs\" must be a list"));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.fault().contains("packs."), "{}", answer.fault());
    }
    let search = app
        .post("/v1/packs/index/search", json!({"pack": "x"}))
        .await;
    assert!(search.fault().contains("no pack index is configured"));
    assert_eq!(
        app.get("/v1/packs/index").await.body,
        json!({"status": [], "index": {}})
    );
}
