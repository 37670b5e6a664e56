//! Content of packs: stored, put in force, taken out again.

use std::time::Duration;

use api::ApiOptions;
use archive::Content;
use auth::Authenticator;
use http::{Request, StatusCode};
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Answer, App};

const ACTION: &str = "name: hello\nrunner_type: local-shell-cmd\n";

async fn app() -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options = ApiOptions {
        installed_packs: Some(folder.path().join("installed")),
        pack_folders: vec![folder.path().join("packs")],
        ..ApiOptions::default()
    };
    let authenticator = Authenticator::Insecure {
        user: "root".into(),
    };
    (App::with(authenticator, options).await, folder)
}

/// A pack with one action, as an archive.
fn archive(version: &str, more: &str) -> Vec<u8> {
    archive_of("sent", version, more)
}

fn archive_of(name: &str, version: &str, more: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let head =
        format!("ref: {name}\nname: {name}\ndescription: d\nauthor: a\nemail: a@example.com\n");
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    std::fs::create_dir(folder.path().join("actions")).unwrap();
    write("pack.yaml", &format!("{head}version: {version}\n{more}"));
    write("actions/hello.yaml", ACTION);
    let content = Content::of_folder(folder.path()).unwrap();
    content.to_archive().unwrap()
}

/// Stores content, a second after whatever was stored before.
async fn store(app: &App, query: &str, body: Vec<u8>) -> Answer {
    app.api.clock.advance(Duration::from_secs(1));
    let request = Request::post(format!("/v1/packs/archives?{query}"));
    app.call(request.body(body.into()).unwrap()).await
}

async fn load(app: &App) -> Answer {
    app.post("/v1/packs/register", json!({"packs": ["sent"]}))
        .await
}

#[tokio::test]
async fn content_comes_in_force_when_its_pack_is_registered() {
    let (app, folder) = app().await;

    let stored = store(&app, "source=here", archive("1.0.0", "")).await;
    let before = app.get("/v1/packs/sent").await.status;
    let loaded = load(&app).await;
    let pack = app.get("/v1/packs/sent").await.body;
    store(&app, "", archive("2.0.0", "")).await;
    let kept = app.get("/v1/packs/sent").await.body["version"].clone();
    load(&app).await;
    let updated = app.get("/v1/packs/sent").await.body;

    assert_eq!(stored.body["ref"], "sent", "{}", stored.body);
    assert_eq!(before, StatusCode::NOT_FOUND);
    assert_eq!(loaded.body["actions"], 1, "{}", loaded.body);
    let at = folder.path().join("installed");
    let at = at.join(stored.body["hash"].as_str().unwrap()).join("sent");
    assert_eq!(pack["path"], at.display().to_string());
    assert_eq!(
        (&kept, &updated["version"]),
        (&json!("1.0.0"), &json!("2.0.0"))
    );
    assert_eq!(
        app.get("/v1/actions/sent.hello").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_installed_pack_hides_one_in_a_folder() {
    let (app, folder) = app().await;
    let beside = folder.path().join("packs/sent");
    let content = Content::of_archive(&archive("0.5.0", "")).unwrap();
    content.write_to(&beside).unwrap();
    load(&app).await;
    assert_eq!(app.get("/v1/packs/sent").await.body["version"], "0.5.0");

    store(&app, "", archive("1.0.0", "")).await;
    load(&app).await;
    let all = app.post("/v1/packs/register", json!({})).await;

    assert_eq!(all.status, StatusCode::OK, "{}", all.body);
    assert_eq!(app.get("/v1/packs/sent").await.body["version"], "1.0.0");
    app.delete("/v1/packs/sent").await;
    load(&app).await;
    assert_eq!(app.get("/v1/packs/sent").await.body["version"], "0.5.0");
}

#[tokio::test]
async fn what_was_taken_out_of_force_can_come_back_until_it_is_forgotten() {
    let (app, folder) = app().await;
    store(&app, "", archive("1.0.0", "")).await;
    load(&app).await;

    let in_force = app.delete("/v1/packs/archives/sent").await;
    let unloaded = app.delete("/v1/packs/sent?keep_content=true").await.status;
    assert_eq!(
        app.get("/v1/actions/sent.hello").await.status,
        StatusCode::NOT_FOUND
    );
    load(&app).await;
    assert_eq!(app.get("/v1/packs/sent").await.status, StatusCode::OK);
    app.delete("/v1/packs/sent?keep_content=true").await;
    let forgotten = app.delete("/v1/packs/archives/sent").await.status;

    assert!(
        in_force.fault().contains("is in force"),
        "{}",
        in_force.body
    );
    assert_eq!(unloaded, StatusCode::NO_CONTENT);
    assert_eq!(forgotten, StatusCode::NO_CONTENT);
    assert!(load(&app).await.fault().contains("not found on disk"));
    let left = folder.path().join("installed");
    let left = std::fs::read_dir(left).unwrap().filter_map(Result::ok);
    assert!(
        left.into_iter()
            .all(|hash| !hash.path().join("sent").exists())
    );
}

#[tokio::test]
async fn content_that_does_not_work_here_is_refused_unless_forced() {
    let (app, _folder) = app().await;
    let old = archive("1.0.0", "python_versions: ['2']\n");

    let refused = store(&app, "", old.clone()).await;
    let forced = store(&app, "force=true", old).await;
    let nonsense = store(&app, "", b"name: demo\n".to_vec()).await;

    assert!(
        refused
            .fault()
            .starts_with("Pack \"sent\" requires Python 2")
    );
    assert_eq!(forced.status, StatusCode::OK);
    assert_eq!(
        nonsense.fault(),
        "the pack cannot be read: this is no archive: a tar (gzipped or not) or a zip is expected"
    );
}

#[tokio::test]
async fn says_what_content_is_and_keeps_its_first_versions() {
    let (app, _folder) = app().await;
    let more = "dependencies: [base]\n";
    store(&app, "", archive("1.0.0", more)).await;

    let about = app.get("/v1/packs/archives/sent?about=true").await.body;
    let path = "/v1/packs/archives/sent";
    for pins in ["six==1", "six==2"] {
        let kept = app.post(path, json!({"pins": pins})).await.status;
        assert_eq!(kept, StatusCode::NO_CONTENT);
    }
    load(&app).await;
    let install = app.api.store.pack_install("sent").await.unwrap().unwrap();

    assert_eq!(about["dependencies"], json!(["base"]));
    assert_eq!(install.pins.as_deref(), Some("six==1"));
    let none = app.get("/v1/packs/archives/none").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_everything_stands_on_is_not_removed() {
    let (app, _folder) = app().await;
    store(&app, "", archive_of("core", "3.9.0", "")).await;
    app.post("/v1/packs/register", json!({"packs": ["core"]}))
        .await;

    let answer = app.delete("/v1/packs/core").await;

    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.fault().contains("cannot be removed"));
}
