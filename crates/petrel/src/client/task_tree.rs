//! The executions of a workflow's tasks, and of their tasks in turn, as a tree. Pure but for [`of`], which asks for them.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::execution::duration_of;
use super::http::{Client, ClientError, Query, add, segment};
use super::output::{Style, at, inline, text_at};

/// What is asked of each execution, so that results stay where they are.
const ASKED: &str = "id,action.ref,status,start_timestamp,end_timestamp,parent,context";

/// The execution of a task, with those that it asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    execution: Value,
    children: Vec<Node>,
}

impl Node {
    /// As the API shows it.
    pub(crate) fn execution(&self) -> &Value {
        &self.execution
    }

    /// The tasks beneath, where it is a workflow itself.
    pub(crate) fn children(&self) -> &[Node] {
        &self.children
    }
}

/// The tasks of an execution, if it is a workflow; nothing for anything else.
pub(crate) async fn of(client: &Client, execution: &Value) -> Result<Vec<Node>, ClientError> {
    if !is_workflow(execution) {
        return Ok(Vec::new());
    }
    let mut query = Query::new();
    add(&mut query, "include_attributes", Some(ASKED));
    let path = format!(
        "/v1/executions/{}/children",
        segment(text_at(execution, "id"))
    );
    let found = client.get(&path, &query).await?;
    let found = found.as_array().cloned().unwrap_or_default();
    Ok(grow(text_at(execution, "id"), found))
}

pub(crate) fn is_workflow(execution: &Value) -> bool {
    at(execution, "liveaction.action_is_workflow") == Some(&Value::Bool(true))
}

/// Brothers stay in their order.
fn grow(root: &str, found: Vec<Value>) -> Vec<Node> {
    let mut by_parent: HashMap<String, Vec<Value>> = HashMap::new();
    for execution in found {
        let parent = text_at(&execution, "parent").to_owned();
        by_parent.entry(parent).or_default().push(execution);
    }
    take(root, &mut by_parent)
}

fn take(parent: &str, by_parent: &mut HashMap<String, Vec<Value>>) -> Vec<Node> {
    let children = by_parent.remove(parent).unwrap_or_default();
    let node = |execution: Value| Node {
        children: take(text_at(&execution, "id"), by_parent),
        execution,
    };
    children.into_iter().map(node).collect()
}

/// What a task is called: `each[2]` for the third item of `each`.
pub(crate) fn task_name(execution: &Value) -> String {
    let name = ["context.orquesta.task_name", "context.chain.name"]
        .into_iter()
        .map(|path| text_at(execution, path))
        .find(|name| !name.is_empty())
        .unwrap_or("?");
    match at(execution, "context.orquesta.item_id") {
        Some(Value::Number(item)) => format!("{name}[{item}]"),
        _ => name.to_owned(),
    }
}

/// A line for each task, those of a sub-workflow beneath it; `None` where there are none.
pub(crate) fn shown(nodes: &[Node], style: Style) -> Option<String> {
    let mut rows = Vec::new();
    collect(nodes, 1, &mut rows);
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max()
    };
    let widths = [width(0)?, width(1)?, width(2)?, width(3)?];
    let mut text = format!("{}:", style.strong("tasks"));
    for [name, status, took, action, id] in &rows {
        let [names, statuses, times, actions] = widths;
        // Colours have no width on the screen: what is missing is filled up after them.
        let gap = " ".repeat(statuses - status.chars().count());
        let status = style.status(status);
        let line = format!("{name:names$}  {status}{gap}  {took:>times$}  {action:actions$}  {id}");
        text.push('\n');
        text.push_str(&line);
    }
    Some(text)
}

fn collect(nodes: &[Node], depth: usize, rows: &mut Vec<[String; 5]>) {
    for Node {
        execution,
        children,
    } in nodes
    {
        let indent = "  ".repeat(depth);
        rows.push([
            format!("{indent}{}", inline(Some(&task_name(execution).into()))),
            inline(at(execution, "status")),
            duration_of(execution).unwrap_or_else(|| "-".to_owned()),
            inline(at(execution, "action.ref")),
            inline(at(execution, "id")),
        ]);
        collect(children, depth + 1, rows);
    }
}

/// The same for programs: a list of objects, each with its `tasks` where it has some.
pub(crate) fn as_json(nodes: &[Node]) -> Value {
    let one = |node: &Node| {
        let member = |path| at(&node.execution, path).cloned().unwrap_or_default();
        let mut task = json!({
            "task": task_name(&node.execution),
            "id": member("id"),
            "action": member("action.ref"),
            "status": member("status"),
            "start_timestamp": member("start_timestamp"),
            "end_timestamp": member("end_timestamp"),
        });
        if !node.children.is_empty() {
            task["tasks"] = as_json(&node.children);
        }
        task
    };
    nodes.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use axum::{Json, Router, routing::get};

    use super::*;
    use crate::client::test_server::client_of;

    fn child(id: &str, parent: &str, context: &Value, status: &str, end: &str) -> Value {
        json!({
            "id": id, "parent": parent, "context": context, "status": status, "action": {"ref": "core.echo"},
            "start_timestamp": "2026-11-21T20:00:00.000000Z", "end_timestamp": end,
        })
    }

    fn children() -> Vec<Value> {
        let task = |name: &str| json!({"orquesta": {"task_name": name}});
        let end = "2026-11-21T20:00:01.500000Z";
        vec![
            child("2", "1", &task("inner"), "succeeded", end),
            child("4", "2", &task("one"), "failed", end),
            child("5", "2", &json!({"chain": {"name": "two"}}), "running", ""),
            child(
                "3",
                "1",
                &json!({"orquesta": {"task_name": "each", "item_id": 2}}),
                "succeeded",
                end,
            ),
        ]
    }

    #[test]
    fn tasks_of_a_sub_workflow_stand_beneath_it() {
        let nodes = grow("1", children());

        assert_eq!(
            shown(&nodes, Style::Plain).unwrap(),
            "tasks:\n  \
             inner    succeeded  1.500 s  core.echo  2\n    \
             one    failed     1.500 s  core.echo  4\n    \
             two    running          -  core.echo  5\n  \
             each[2]  succeeded  1.500 s  core.echo  3"
        );
        let json = as_json(&nodes);
        assert_eq!(json[0]["tasks"][1]["task"], "two");
        assert_eq!(json[1].get("tasks"), None);
        assert_eq!(shown(&[], Style::Plain), None);
    }

    #[tokio::test]
    async fn only_workflows_are_asked_for_tasks() {
        let answer = || async { Json(children()) };
        let client = client_of(Router::new().route("/v1/executions/1/children", get(answer))).await;
        let execution = |is_workflow: bool| json!({"id": "1", "liveaction": {"action_is_workflow": is_workflow}});

        let tasks = of(&client, &execution(true)).await.unwrap();
        let none = of(&client, &execution(false)).await.unwrap();

        assert_eq!(tasks.len(), 2);
        assert_eq!(none, []);
    }
}
