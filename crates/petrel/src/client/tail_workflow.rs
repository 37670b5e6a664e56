//! Following what the tasks of a workflow print, and those of the workflows inside it.

use std::collections::{HashMap, HashSet};

use futures::StreamExt;
use model::ExecutionStatus;
use serde_json::{Value, json};

use super::http::{Client, Query, add, segment};
use super::output::{Style, at, inline, print_raw, text_at};
use super::sse::{Event, EventReader};
use super::tail::{self, OUTPUT, broken};
use super::{task_tree, wait};

/// The name of the event that tells how an execution stands.
const UPDATE: &str = "st2.execution__update";

/// Something to tell of a workflow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// A task has come into a state: `{task, execution_id, status}`.
    Task(Value),
    /// A piece of output: `{task, execution_id, output_type, data, ...}`.
    Piece(Value),
}

/// Tells of a workflow until it has ended, and returns it then. `None` where the server has no stream of events.
pub(crate) async fn follow<S>(
    client: &Client,
    id: &str,
    output_type: Option<&str>,
    mut sink: S,
) -> anyhow::Result<Option<Value>>
where
    S: FnMut(Told) -> anyhow::Result<()>,
{
    let mut query = Query::new();
    add(&mut query, "events", Some(format!("{UPDATE},{OUTPUT}")));
    add(&mut query, "end_execution_id", Some(id));
    add(&mut query, "end_event", Some(UPDATE));
    // Listening begins before the tasks are asked for, so that none is missed.
    let Some(response) = client.stream("/v1/stream", &query).await? else {
        return Ok(None);
    };
    let mut follower = Follower::new(id, output_type);
    let path = format!("/v1/executions/{}", segment(id));
    let execution = client.get(&path, &Query::new()).await?;
    let nodes = task_tree::of(client, &execution).await?;
    follower.know(&nodes);
    tell(client, &nodes, &mut follower, &mut sink).await?;
    if wait::is_final(&execution) {
        return Ok(Some(execution));
    }
    let mut reader = EventReader::default();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        for event in reader.push(&chunk.map_err(broken)?) {
            if let Some(told) = follower.take(&event) {
                sink(told)?;
            }
            if follower.is_over {
                return Ok(Some(wait::until_final(client, id).await?));
            }
        }
    }
    Ok(Some(wait::until_final(client, id).await?))
}

/// Tells of a workflow that has ended: what its tasks printed, one after the other.
pub(crate) async fn replay<S>(
    client: &Client,
    execution: &Value,
    output_type: Option<&str>,
    sink: &mut S,
) -> anyhow::Result<()>
where
    S: FnMut(Told) -> anyhow::Result<()>,
{
    let mut follower = Follower::new(text_at(execution, "id"), output_type);
    let nodes = task_tree::of(client, execution).await?;
    follower.know(&nodes);
    tell(client, &nodes, &mut follower, sink).await
}

/// Tells how the tasks of a workflow stand, and what those that have ended printed, one after the other.
async fn tell<S>(
    client: &Client,
    nodes: &[task_tree::Node],
    follower: &mut Follower<'_>,
    sink: &mut S,
) -> anyhow::Result<()>
where
    S: FnMut(Told) -> anyhow::Result<()>,
{
    // Those beneath come after what asked for them; the first of the list is next.
    let mut waiting: Vec<&task_tree::Node> = nodes.iter().rev().collect();
    while let Some(node) = waiting.pop() {
        waiting.extend(node.children().iter().rev());
        let id = text_at(node.execution(), "id");
        if wait::is_final(node.execution()) && node.children().is_empty() {
            let task = follower.tasks.get(id).cloned().unwrap_or_default();
            let piece = |piece: &Value| {
                let mut piece = piece.clone();
                piece["task"] = task.as_str().into();
                piece["execution_id"] = id.into();
                sink(Told::Piece(piece))
            };
            tail::follow(client, id, follower.output_type, piece).await?;
            follower.printed.insert(id.to_owned());
        }
        if let Some(told) = follower.update(node.execution()) {
            sink(told)?;
        }
    }
    Ok(())
}

/// Prints what is told as lines for people: whose output follows is said wherever that changes.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    /// Whose output was printed last.
    source: String,
    is_in_line: bool,
}

impl Printer {
    pub(crate) fn print(&mut self, told: &Told) -> anyhow::Result<()> {
        print_raw(&self.text(told))
    }

    fn text(&mut self, told: &Told) -> String {
        let mut text = String::new();
        if self.is_in_line && !self.goes_on(told) {
            text.push('\n');
            self.is_in_line = false;
        }
        match told {
            Told::Task(task) => {
                let [name, id, status] =
                    ["task", "execution_id", "status"].map(|name| inline(task.get(name)));
                let status = Style::of_stdout().status(&status);
                text.extend(["-- ", &name, " ", &status, " (", &id, ")\n"]);
                self.source = id;
            }
            Told::Piece(piece) => {
                if !self.goes_on(told) {
                    text.extend(["-- ", &inline(piece.get("task")), "\n"]);
                    text_at(piece, "execution_id").clone_into(&mut self.source);
                }
                let data = text_at(piece, "data");
                text.push_str(data);
                self.is_in_line = !data.is_empty() && !data.ends_with('\n');
            }
        }
        text
    }

    fn goes_on(&self, told: &Told) -> bool {
        matches!(told, Told::Piece(piece) if text_at(piece, "execution_id") == self.source)
    }
}

/// What is known of a workflow that is followed.
struct Follower<'f> {
    root: &'f str,
    output_type: Option<&'f str>,
    /// What the tasks are called (`inner.one`), by the ids of their executions.
    tasks: HashMap<String, String>,
    /// What was told of these last: events of before the tasks were asked for come once more.
    told: HashMap<String, ExecutionStatus>,
    /// Executions of which everything was printed.
    printed: HashSet<String>,
    is_over: bool,
}

impl<'f> Follower<'f> {
    fn new(root: &'f str, output_type: Option<&'f str>) -> Self {
        Self {
            root,
            output_type: output_type.filter(|kind| *kind != "all"),
            tasks: HashMap::from([(root.to_owned(), String::new())]),
            told: HashMap::new(),
            printed: HashSet::new(),
            is_over: false,
        }
    }

    /// Takes in tasks that were asked for before.
    fn know(&mut self, nodes: &[task_tree::Node]) {
        for node in nodes {
            self.learn(node.execution());
            self.know(node.children());
        }
    }

    /// The name of a task's execution; `None` for what belongs to another workflow.
    fn learn(&mut self, execution: &Value) -> Option<String> {
        let id = text_at(execution, "id");
        if let Some(name) = self.tasks.get(id) {
            return Some(name.clone());
        }
        let above = self
            .tasks
            .get(text_at(execution, "context.parent.execution_id"))?;
        let own = task_tree::task_name(execution);
        let name = if above.is_empty() {
            own
        } else {
            format!("{above}.{own}")
        };
        self.tasks.insert(id.to_owned(), name.clone());
        Some(name)
    }

    fn take(&mut self, event: &Event) -> Option<Told> {
        let body: Value = serde_json::from_str(&event.data).ok()?;
        match event.name.as_str() {
            UPDATE => self.update(&body),
            OUTPUT => self.piece(body),
            _ => None,
        }
    }

    fn update(&mut self, execution: &Value) -> Option<Told> {
        let name = self.learn(execution)?;
        let (id, status) = (text_at(execution, "id"), text_at(execution, "status"));
        if id == self.root {
            self.is_over = wait::is_final(execution);
            return None;
        }
        let status: ExecutionStatus = status.parse().ok()?;
        let is_worth_it = status.is_final()
            || matches!(
                status,
                ExecutionStatus::Running | ExecutionStatus::Pending | ExecutionStatus::Paused
            );
        let last = self.told.get(id);
        if !is_worth_it || last.is_some_and(|last| *last == status || last.is_final()) {
            return None;
        }
        self.told.insert(id.to_owned(), status);
        Some(Told::Task(
            json!({ "task": name, "execution_id": id, "status": status.as_str() }),
        ))
    }

    fn piece(&self, mut body: Value) -> Option<Told> {
        let id = text_at(&body, "execution_id");
        let name = self.tasks.get(id)?;
        let is_wanted = self
            .output_type
            .is_none_or(|wanted| text_at(&body, "output_type") == wanted);
        body["task"] = name.as_str().into();
        let is_new = !self.printed.contains(text_at(&body, "execution_id"));
        (is_wanted && is_new && at(&body, "data").is_some()).then_some(Told::Piece(body))
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Json, Router};

    use super::*;
    use crate::client::test_server::client_of;

    fn update(id: &str, parent: &str, task: &str, status: &str) -> String {
        let body = json!({
            "id": id, "status": status,
            "context": {"parent": {"execution_id": parent}, "orquesta": {"task_name": task}},
        });
        format!("event: {UPDATE}\ndata: {body}\n\n")
    }

    fn output(id: &str, kind: &str, data: &str) -> String {
        let body = json!({"execution_id": id, "output_type": kind, "data": data});
        format!("event: {OUTPUT}\ndata: {body}\n\n")
    }

    fn server(events: String) -> Router {
        let known = json!([{
            "id": "2", "parent": "1", "status": "running",
            "context": {"parent": {"execution_id": "1"}, "orquesta": {"task_name": "inner"}},
        }]);
        server_knowing(known, events)
    }

    fn server_knowing(known: Value, events: String) -> Router {
        let mut looks = 0;
        let looked = std::sync::Arc::new(std::sync::Mutex::new(move || {
            looks += 1;
            if looks == 1 { "running" } else { "succeeded" }
        }));
        let execution = move || {
            let status = (looked.lock().unwrap())();
            async move {
                Json(
                    json!({"id": "1", "status": status, "liveaction": {"action_is_workflow": true}}),
                )
            }
        };
        Router::new()
            .route("/v1/executions/1", get(execution))
            .route(
                "/v1/executions/1/children",
                get(|| async move { Json(known) }),
            )
            .route(
                "/stream/v1/stream",
                get(|| async move { ([("content-type", "text/event-stream")], events) }),
            )
    }

    #[tokio::test]
    async fn tasks_of_sub_workflows_are_followed_and_others_are_not() {
        let events = [
            // Also known by now.
            update("2", "1", "inner", "running"),
            update("3", "2", "one", "running"),
            output("3", "stdout", "hello\n"),
            output("3", "stderr", "oh\n"),
            output("9", "stdout", "not ours\n"),
            update("9", "8", "other", "running"),
            update("3", "2", "one", "scheduled"),
            update("3", "2", "one", "failed"),
            update("1", "", "", "succeeded"),
            output("3", "stdout", "too late\n"),
        ];
        let client = client_of(server(events.concat())).await;
        let mut told = Vec::new();

        let sink = |one| {
            told.push(one);
            Ok(())
        };
        let ended = follow(&client, "1", Some("stdout"), sink).await.unwrap();

        assert_eq!(ended.unwrap()["status"], "succeeded");
        let inner = json!({"task": "inner", "execution_id": "2", "status": "running"});
        let task = |status: &str| {
            Told::Task(json!({"task": "inner.one", "execution_id": "3", "status": status}))
        };
        let piece = json!({
            "execution_id": "3", "output_type": "stdout", "data": "hello\n", "task": "inner.one",
        });
        let expected = [
            Told::Task(inner),
            task("running"),
            Told::Piece(piece),
            task("failed"),
        ];
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn what_ended_before_is_told_first_and_once() {
        let events = [
            output("2", "stdout", "early\n"),
            update("2", "1", "one", "running"),
            update("2", "1", "one", "succeeded"),
            update("3", "1", "two", "running"),
            update("1", "", "", "succeeded"),
        ];
        let known = json!([{
            "id": "2", "parent": "1", "status": "succeeded",
            "context": {"parent": {"execution_id": "1"}, "orquesta": {"task_name": "one"}},
        }]);
        let one = || async { Json(json!({"id": "2", "status": "succeeded"})) };
        let router = server_knowing(known, events.concat())
            .route("/v1/executions/2", get(one))
            .route("/v1/executions/2/output", get(|| async { "early\n" }));
        let client = client_of(router).await;
        let (mut printer, mut text) = (Printer::default(), String::new());

        let sink = |told: Told| {
            text.push_str(&printer.text(&told));
            Ok(())
        };
        follow(&client, "1", None, sink).await.unwrap();

        assert_eq!(
            text,
            "-- one\nearly\n-- one succeeded (2)\n-- two running (3)\n"
        );
    }

    #[tokio::test]
    async fn what_has_ended_is_told_task_by_task() {
        let text = |data: &'static str| get(move || async move { data });
        let ended = |id: &'static str| {
            get(move || async move { Json(json!({"id": id, "status": "succeeded"})) })
        };
        let child = |id: &str, parent: &str, task: &str| {
            json!({
                "id": id, "parent": parent, "status": "succeeded",
                "context": {"parent": {"execution_id": parent}, "orquesta": {"task_name": task}},
            })
        };
        let children = json!([
            child("2", "1", "inner"),
            child("3", "2", "one"),
            child("4", "1", "two")
        ]);
        let router = Router::new()
            .route(
                "/v1/executions/1/children",
                get(|| async move { Json(children) }),
            )
            .route("/v1/executions/3/output", text("a"))
            .route("/v1/executions/3", ended("3"))
            .route("/v1/executions/4/output", text("b\n"))
            .route("/v1/executions/4", ended("4"));
        let client = client_of(router).await;
        let execution = json!({"id": "1", "liveaction": {"action_is_workflow": true}});
        let (mut printer, mut text) = (Printer::default(), String::new());

        let mut sink = |told: Told| {
            text.push_str(&printer.text(&told));
            Ok(())
        };
        replay(&client, &execution, None, &mut sink).await.unwrap();

        assert_eq!(
            text,
            "-- inner succeeded (2)\n-- inner.one\na\n-- inner.one succeeded (3)\n-- two\nb\n-- two succeeded (4)\n"
        );
    }

    #[tokio::test]
    async fn a_server_without_a_stream_says_so() {
        let client = client_of(Router::new()).await;

        let followed = follow(&client, "1", None, |_| Ok(())).await.unwrap();

        assert_eq!(followed, None);
    }
}
