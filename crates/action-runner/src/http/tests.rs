//! Requests over real connections.

use executions::FinalParameters;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers connections one after the other; gives back what was asked.
struct Server {
    listener: TcpListener,
    answers: Vec<String>,
}

impl Server {
    async fn new(answers: &[&str]) -> Self {
        // What `main` does at start.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            listener,
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listener.local_addr().unwrap())
    }

    async fn serve(self) -> Vec<String> {
        let mut asked = Vec::new();
        for answer in self.answers {
            let (mut stream, _) = self.listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                let mut piece = [0; 4096];
                let count = stream.read(&mut piece).await.unwrap();
                request.extend_from_slice(&piece[..count]);
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            asked.push(String::from_utf8(request).unwrap());
        }
        asked
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn request(runner: Value, own: Value) -> HttpRequest {
    let (Value::Object(runner), Value::Object(action)) = (runner, own) else {
        panic!("objects are wanted")
    };
    request::read(&FinalParameters { runner, action }, "http").unwrap()
}

async fn send(server: Server, request: &HttpRequest) -> (Result<Ended, Failure>, Vec<String>) {
    let clients = HttpClients::default();
    tokio::join!(exchange(&clients, request, 1000), server.serve())
}

#[tokio::test]
async fn gives_back_status_body_and_headers() {
    let server = Server::new(&[&answer(
        "200 OK",
        "Content-Type: application/json\r\n",
        "{\"a\": 1}",
    )])
    .await;
    let request = request(
        json!({ "url": server.url("/x?y=1") }),
        json!({ "method": "GET" }),
    );

    let (ended, asked) = send(server, &request).await;

    let Ok(Ended::Told(status, result)) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(status, ExecutionStatus::Succeeded);
    let headers =
        json!({ "Content-Type": "application/json", "Content-Length": "8", "Connection": "close" });
    assert_eq!(
        result,
        json!({ "status_code": 200, "body": { "a": 1 }, "parsed": true, "headers": headers })
    );
    assert!(
        asked[0].starts_with("GET /x?y=1 HTTP/1.1\r\n"),
        "{}",
        asked[0]
    );
    assert!(
        asked[0].contains("x-stanley-action: http\r\n"),
        "{}",
        asked[0]
    );
}

#[tokio::test]
async fn fails_when_the_server_says_so_and_keeps_what_it_said() {
    let server = Server::new(&[&answer("500 Internal Server Error", "", "broken")]).await;
    let request = request(json!({ "url": server.url("/fail") }), json!({}));

    let (ended, _) = send(server, &request).await;

    let Ok(Ended::Told(status, result)) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(status, ExecutionStatus::Failed);
    assert_eq!(
        (&result["status_code"], &result["body"]),
        (&json!(500), &json!("broken"))
    );
}

#[tokio::test]
async fn sends_credentials_and_a_form() {
    let server = Server::new(&[&answer("201 Created", "", "")]).await;
    let runner = json!({ "url": server.url("/"), "username": "u", "password": "p" });
    let request = request(runner, json!({ "body": { "a": "x y" } }));

    let (_, asked) = send(server, &request).await;

    assert!(asked[0].starts_with("POST / "), "{}", asked[0]);
    assert!(
        asked[0].contains("authorization: Basic dTpw\r\n"),
        "{}",
        asked[0]
    );
    assert!(
        asked[0].contains("content-type: application/x-www-form-urlencoded\r\n"),
        "{}",
        asked[0]
    );
    assert!(asked[0].ends_with("\r\n\r\na=x+y"), "{}", asked[0]);
}

#[tokio::test]
async fn follows_redirects_only_where_it_may() {
    let moved = answer("302 Found", "Location: /there\r\n", "");
    let server = Server::new(&[&moved]).await;
    let stays = request(json!({ "url": server.url("/") }), json!({}));
    let (ended, _) = send(server, &stays).await;
    assert!(
        matches!(ended, Ok(Ended::Told(ExecutionStatus::Failed, result)) if result["status_code"] == 302)
    );

    let server = Server::new(&[&moved, &answer("200 OK", "", "there")]).await;
    let follows = request(
        json!({ "url": server.url("/"), "allow_redirects": true }),
        json!({}),
    );
    let (ended, _) = send(server, &follows).await;
    assert!(
        matches!(ended, Ok(Ended::Told(ExecutionStatus::Succeeded, result)) if result["body"] == "there")
    );
}

#[tokio::test]
async fn does_not_follow_a_redirect_to_a_host_that_is_not_allowed() {
    let server = Server::new(&[&answer(
        "302 Found",
        "Location: http://localhost:1/\r\n",
        "",
    )])
    .await;
    let runner = json!({
        "url": server.url("/"), "allow_redirects": true, "url_hosts_whitelist": ["127.0.0.1"],
    });

    let (ended, _) = send(server, &request(runner, json!({}))).await;

    let error = ended.unwrap_err().to_string();
    assert!(
        error.contains("URL \"http://localhost:1/\" is not whitelisted"),
        "{error}"
    );
}

#[tokio::test]
async fn refuses_an_answer_that_does_not_fit_into_a_result() {
    let server = Server::new(&[&answer("200 OK", "", &"x".repeat(2000))]).await;
    let request = request(json!({ "url": server.url("/") }), json!({}));

    let (ended, _) = send(server, &request).await;

    assert!(
        ended
            .unwrap_err()
            .to_string()
            .starts_with("the answer (status 200) is longer than 1000 bytes")
    );
}

#[tokio::test]
async fn says_why_nobody_answered() {
    let server = Server::new(&[]).await;
    let request = request(json!({ "url": server.url("/") }), json!({}));
    drop(server);

    let error = exchange(&HttpClients::default(), &request, 1000)
        .await
        .unwrap_err()
        .to_string();

    assert!(
        error.starts_with("the request to `127.0.0.1` failed: "),
        "{error}"
    );
    assert!(error.contains("refused"), "{error}");
}
