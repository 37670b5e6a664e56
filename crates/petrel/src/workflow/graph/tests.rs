use axum::extract::{Path as Segments, Query as Parameters};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::client::test_server::client_of;

const WORKFLOW: &str = r#"
version: 1.0
input: [hosts]
vars: [{n: 0}]
tasks:
  begin:
    action: core.noop
    next:
      - do: [check, build]
  check:
    action: core.local cmd="df -h"
    retry: {count: 3, delay: 10}
    next:
      - when: <% succeeded() %>
        publish: free=<% result().stdout %>
        do: deploy
      - when: <% failed() and ctx(n) < 3 %>
        do: check_again
  check_again:
    action: core.noop
    delay: 5
    next: [{do: check}]
  build:
    action: demo.build
    next: [{when: <% succeeded() %>, do: deploy}, {when: <% failed() %>, do: fail}]
  deploy:
    join: all
    with: {items: host in <% ctx(hosts) %>, concurrency: 2}
    action: demo.deploy
    input: {host: <% item(host) %>}
"#;

fn chart() -> Chart {
    Chart::read("deploy.yaml", WORKFLOW).unwrap()
}

#[test]
fn a_terminal_shows_splits_joins_and_cycles() {
    assert_eq!(
        text::draw(&chart(), Style::Plain),
        "\
deploy.yaml

● begin  core.noop
└─▶ check, build

● check  core.local
│  after begin, check_again
│  retries: 3, 10 s apart
├─ succeeded ─▶ deploy  sets free
└─ failed() and ctx(n) < 3 ─▶ check_again

● build  demo.build
├─ succeeded ─▶ deploy
└─ failed ─▶ fail

● check_again  core.noop
│  delay 5 s
└─▶ check ↺

● deploy  demo.deploy
│  after check, build
│  join all
│  for each host in ctx(hosts), 2 at once"
    );
}

#[test]
fn graphviz_gets_its_language() {
    let dot = dot::draw(
        &Chart::read(
            "a \"b\".yaml",
            "version: 1.0\ntasks:\n  a:\n    action: x.y\n    next:\n      - when: <% result() = \"q\\\\\" %>\n        do: fail\n",
        )
        .unwrap(),
    );

    assert_eq!(
        dot,
        r#"digraph "a \"b\".yaml" {
  node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
  n0 [label="a\nx.y"];
  n1 [label="fail", shape=plaintext, style=""];
  n0 -> n1 [label="result() = \"q\\\\\""];
}"#
    );
}

#[test]
fn a_picture_holds_texts_as_texts() {
    let svg = svg::draw(&chart());

    assert!(svg.contains("failed() and ctx(n) &lt; 3"), "{svg}");
    assert!(!svg.contains("ctx(n) < 3"));
    assert_eq!(svg.matches("class=\"name\"").count(), 6);
    assert_eq!(svg.matches("class=\"edge").count(), 7);
    assert_eq!(svg.matches(" back\"").count(), 1);
    assert_eq!(svg, svg::draw(&chart()));
    let small = svg::draw(&Chart::read("t", "version: 1.0\ntasks: {a: {action: x.y}}\n").unwrap());
    let drawn: String = small.split("</style>\n").nth(1).unwrap().to_owned();
    assert_eq!(
        drawn.split("fill=\"#ffffff\"/>\n").nth(1).unwrap(),
        "<g><title>a\nx.y</title><rect class=\"box\" x=\"24.0\" y=\"24.0\" width=\"96.0\" height=\"46.0\" rx=\"7\"/>\n\
         <text class=\"name\" x=\"72.0\" y=\"43.0\">a</text>\n<text x=\"72.0\" y=\"59.0\">x.y</text>\n</g>\n</svg>"
    );
}

#[test]
fn boxes_do_not_overlap_and_stand_below_what_leads_to_them() {
    let chart = chart();
    let sizes = vec![
        layout::Size {
            width: 100.0,
            height: 40.0
        };
        chart.nodes.len()
    ];
    let layout = layout::Layout::of(&chart, &sizes);
    let layers = layout::Layers::of(&chart);

    for (at, one) in layout.boxes.iter().enumerate() {
        for other in &layout.boxes[at + 1..] {
            let is_apart = (one.corner.x - other.corner.x).abs() >= 100.0
                || (one.corner.y - other.corner.y).abs() >= 40.0;
            assert!(is_apart, "{one:?} {other:?}");
        }
        assert!(one.corner.x >= 0.0 && one.corner.x + 100.0 <= layout.size.width);
    }
    for edge in chart.edges.iter().filter(|edge| !layers.is_back(edge)) {
        let (from, to) = (&layout.boxes[edge.from], &layout.boxes[edge.to]);
        assert!(from.corner.y < to.corner.y, "{edge:?}");
    }
}

#[test]
fn a_task_may_follow_itself_and_nothing_may_be_there() {
    let chart = Chart::read(
        "t",
        "version: 1.0\ntasks:\n  a:\n    next: [{do: b}]\n  b:\n    next: [{when: <% ctx(n) %>, do: b}, {do: retry}]\n",
    )
    .unwrap();

    assert!(svg::draw(&chart).contains("edge back"));
    assert!(
        text::draw(&chart, Style::Plain).contains("● b\n│  after a, b\n│  retry\n└─ ctx(n) ─▶ b ↺")
    );
    let empty = Chart::default();
    assert!(svg::draw(&empty).ends_with("</svg>"));
    assert_eq!(text::draw(&empty, Style::Plain), "");
}

#[test]
fn chains_are_drawn_too() {
    let chain = "chain:\n  - {name: undo, ref: core.noop}\n  - {name: go, ref: x.y, on-success: tell, on-failure: undo}\n  - {name: tell, ref: x.z}\ndefault: go\n";

    assert_eq!(
        text::draw(&Chart::read("c", chain).unwrap(), Style::Plain),
        "c\n\n● go  x.y\n├─ succeeded ─▶ tell\n└─ failed ─▶ undo\n\n● undo  core.noop\n\n● tell  x.z"
    );
}

#[test]
fn what_is_no_workflow_is_said_to_be_none() {
    let error = Chart::read("t.yaml", "a: 1\n").unwrap_err();

    assert_eq!(
        format!("{error:#}"),
        "`t.yaml` cannot be drawn (see `petrel workflow inspect`): tasks: tasks are missing"
    );
}

/// An execution of a task.
fn child(task: &str, item: Option<usize>, status: &str, second: u32) -> Value {
    let ended =
        (status != "running").then(|| format!("2026-01-01T00:00:{:02}.500000Z", second + 1));
    json!({
        "status": status,
        "start_timestamp": format!("2026-01-01T00:00:{second:02}.000000Z"),
        "end_timestamp": ended,
        "context": { "orquesta": { "task_id": task, "task_route": 0, "item_id": item } },
    })
}

async fn server() -> Client {
    let execution = |Segments(id): Segments<String>| async move {
        let runner = if id.starts_with('b') {
            "local-shell-cmd"
        } else {
            "orquesta"
        };
        Json(json!({
            "id": id,
            "status": "running",
            "action": { "ref": "demo.deploy", "pack": "demo", "entry_point": "workflows/deploy.yaml",
                        "runner_type": runner },
        }))
    };
    // The one with `c` has not begun.
    let definition = |Segments(id): Segments<String>| async move {
        if id.starts_with('c') {
            (
                StatusCode::NOT_FOUND,
                r#"{"faultstring": "it has not begun"}"#,
            )
        } else {
            (StatusCode::OK, WORKFLOW)
        }
    };
    let file = |Segments(path): Segments<String>| async move {
        assert_eq!(path, "demo/actions/workflows/deploy.yaml");
        "version: 1.0\ntasks:\n  to_come:\n    action: core.noop\n"
    };
    let children = |Parameters(query): Parameters<std::collections::HashMap<String, String>>| async move {
        if query["parent"].starts_with('c') {
            return Json(json!([]));
        }
        Json(json!([
            child("deploy", Some(1), "running", 9),
            child("deploy", Some(0), "succeeded", 8),
            child("build", None, "succeeded", 1),
            child("check", None, "succeeded", 5),
            child("check", None, "failed", 1),
        ]))
    };
    client_of(
        Router::new()
            .route("/v1/executions/{id}", get(execution))
            .route("/v1/executions/{id}/definition", get(definition))
            .route("/v1/executions", get(children))
            .route("/v1/packs/views/file/{*path}", get(file)),
    )
    .await
}

#[tokio::test]
async fn an_execution_shows_how_far_it_has_come() {
    let chart = live::chart(&server().await, "aaaaaaaaaaaaaaaaaaaaaaaa")
        .await
        .unwrap();

    let drawn = text::draw(&chart, Style::Plain);
    assert!(
        drawn.starts_with("demo.deploy aaaaaaaaaaaaaaaaaaaaaaaa: running\n"),
        "{drawn}"
    );
    assert!(
        drawn.contains("✓ check  core.local  succeeded in 5.5 s, 2 runs\n"),
        "{drawn}"
    );
    assert!(
        drawn.contains("✓ build  demo.build  succeeded in 1.5 s\n"),
        "{drawn}"
    );
    assert!(
        drawn.contains("▸ deploy  demo.deploy  running, 2 items\n"),
        "{drawn}"
    );
    assert!(drawn.contains("● begin  core.noop\n"), "{drawn}");
    assert!(svg::draw(&chart).contains("fill:#dafbe1"));
    assert!(dot::draw(&chart).contains("fillcolor=\"#ddf4ff\""));
    let json = json::of(&chart);
    assert_eq!(json["tasks"][1]["progress"]["runs"], 2);
    assert_eq!(
        json["transitions"][0],
        json!({ "from": "begin", "to": "check", "when": null, "publish": [] })
    );
}

#[tokio::test]
async fn what_has_not_begun_is_drawn_as_it_will_begin() {
    let chart = live::chart(&server().await, "cccccccccccccccccccccccc")
        .await
        .unwrap();

    let drawn = text::draw(&chart, Style::Plain);
    assert!(drawn.contains("to_come  core.noop"), "{drawn}");
}

#[tokio::test]
async fn an_execution_of_something_else_is_no_graph() {
    let error = live::chart(&server().await, "bbbbbbbbbbbbbbbbbbbbbbbb")
        .await
        .unwrap_err();

    assert_eq!(
        error.to_string(),
        "execution bbbbbbbbbbbbbbbbbbbbbbbb is of `demo.deploy`, which is no workflow"
    );
}

#[test]
fn ids_are_told_from_files() {
    assert!(is_execution("6560f0a1b2c3d4e5f6a7b8c9"));
    assert!(!is_execution("deploy.yaml") && !is_execution("6560f0a1b2c3d4e5f6a7b8cz"));
}
