//! Who may call what.

use std::fmt::Write as _;

use api::{Access, ApiOptions};
use auth::Authenticator;
use axum::body::Body;
use http::StatusCode;

use crate::harness::App;

#[tokio::test]
async fn nothing_but_what_is_open_on_purpose_answers_a_stranger() {
    let app = App::with(Authenticator::Closed, ApiOptions::default()).await;

    for operation in api::operations(&app.api) {
        let path = operation
            .path
            .replace("{*", "{")
            .replace('{', "a")
            .replace('}', "b");
        for method in &operation.methods {
            let answer = app.send(method.clone(), &path, Body::empty(), None).await;
            let is_refused = answer.status == StatusCode::UNAUTHORIZED;
            assert_eq!(
                is_refused,
                operation.access != Access::Anybody,
                "{method} {path}: {}",
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn every_operation_has_its_permission() {
    let app = App::new().await;
    let mut lines: Vec<String> = Vec::new();
    for operation in api::operations(&app.api) {
        let access = match operation.access {
            Access::Anybody => "anybody".to_owned(),
            Access::Known => "known".to_owned(),
            Access::Needs(permission) => permission.to_string(),
        };
        lines.extend(
            operation
                .methods
                .iter()
                .map(|method| format!("{} {method} {access}", operation.path)),
        );
    }
    lines.sort();
    let mut list = String::new();
    for line in lines {
        writeln!(list, "{line}").unwrap();
    }

    insta::assert_snapshot!("operations", list);
}

#[tokio::test]
async fn the_document_names_every_operation() {
    let app = App::new().await;
    let document = app.get("/openapi.json").await.body;

    for operation in api::operations(&app.api) {
        let path = operation.path.replace("{*", "{");
        for method in operation.methods {
            let method = method.as_str().to_ascii_lowercase();
            assert!(
                document["paths"][&path][&method].is_object(),
                "{method} {path}"
            );
        }
    }
}
