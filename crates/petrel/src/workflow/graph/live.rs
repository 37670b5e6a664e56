//! How far an execution has come: the definition that it began with, its tasks from their executions.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::chart::Chart;
use crate::client::{Client, Query, segment};

/// What is asked of each execution, so that results stay where they are.
const ASKED: &str = "id,status,start_timestamp,end_timestamp,context";

/// How far a task has come.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Progress {
    /// That of its last run; of a task with items what all of them come to.
    pub(super) status: String,
    /// How often it ran.
    pub(super) runs: usize,
    /// Executions of items.
    pub(super) items: usize,
    started: Option<DateTime<Utc>>,
    ended: Option<DateTime<Utc>>,
}

impl Progress {
    /// `succeeded in 2.5 s, 3 runs`.
    pub(super) fn summary(&self) -> String {
        let mut text = self.status.clone();
        if let (Some(started), Some(ended)) = (self.started, self.ended) {
            let milliseconds = (ended - started).num_milliseconds().max(0);
            let (seconds, tenths) = (milliseconds / 1000, milliseconds % 1000 / 100);
            text = format!("{text} in {seconds}.{tenths} s");
        }
        if self.runs > 1 {
            text = format!("{text}, {} runs", self.runs);
        }
        if self.items > 0 {
            text = format!("{text}, {} items", self.items);
        }
        text
    }

    pub(super) fn sign(&self) -> &'static str {
        match self.status.as_str() {
            "succeeded" => "✓",
            "failed" | "timeout" | "abandoned" => "✗",
            "canceled" => "⊘",
            "pending" | "paused" => "‖",
            _ => "▸",
        }
    }

    /// What its box is filled with.
    pub(super) fn colour(&self) -> &'static str {
        match self.status.as_str() {
            "succeeded" => "#dafbe1",
            "failed" | "timeout" | "abandoned" => "#ffebe9",
            "canceled" => "#eaeef2",
            "pending" | "paused" => "#fff8c5",
            _ => "#ddf4ff",
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "status": self.status,
            "runs": self.runs,
            "items": self.items,
            "started": self.started,
            "ended": self.ended,
        })
    }
}

/// The graph of an execution's workflow, with what has become of its tasks.
pub(super) async fn chart(client: &Client, id: &str) -> anyhow::Result<Chart> {
    let path = format!("/v1/executions/{}", segment(id));
    let execution = client.get(&path, &Query::new()).await?;
    let action = &execution["action"];
    let name = action["ref"].as_str().unwrap_or_default();
    let (Some(pack), Some(entry_point)) = (action["pack"].as_str(), action["entry_point"].as_str())
    else {
        anyhow::bail!("execution {id} of `{name}` does not say where its workflow is");
    };
    let runner = action["runner_type"].as_str().unwrap_or_default();
    anyhow::ensure!(
        matches!(runner, "orquesta" | "action-chain"),
        "execution {id} is of `{name}`, which is no workflow"
    );
    let begun = client
        .open(&format!("{path}/definition"), &Query::new())
        .await;
    let answer = match begun {
        // It has not begun: with this file it will.
        Err(error) if error.is_not_found() => {
            let file: Vec<String> = entry_point.split('/').map(segment).collect();
            let path = format!(
                "/v1/packs/views/file/{}/actions/{}",
                segment(pack),
                file.join("/")
            );
            client.open(&path, &Query::new()).await
        }
        answer => answer,
    };
    let text = answer?.text().await?;
    let status = execution["status"].as_str().unwrap_or_default();
    let mut chart = Chart::read(&format!("{name} {id}: {status}"), &text)?;
    let query = vec![
        ("parent", id.to_owned()),
        ("include_attributes", ASKED.to_owned()),
    ];
    let children = client.list("/v1/executions", &query, None).await?.items;
    add_progress(&mut chart, children);
    Ok(chart)
}

/// Notes what has become of tasks, from their executions in any order.
fn add_progress(chart: &mut Chart, mut children: Vec<Value>) {
    // In the order of their starts.
    children.sort_by_key(|one| time(one, "start_timestamp"));
    for node in chart.nodes.iter_mut().filter(|node| !node.is_command) {
        let of_task: Vec<&Value> = children
            .iter()
            .filter(|child| task_of(child) == Some(&node.name))
            .collect();
        node.progress = progress(&of_task);
    }
}

/// The task of a workflow's execution, or of a chain's.
fn task_of(execution: &Value) -> Option<&str> {
    let context = &execution["context"];
    let names = [
        &context["orquesta"]["task_name"],
        &context["orquesta"]["task_id"],
        &context["chain"]["name"],
    ];
    names.into_iter().find_map(Value::as_str)
}

fn progress(executions: &[&Value]) -> Option<Progress> {
    let last = executions.last()?;
    let is_item = |one: &&&Value| one["context"]["orquesta"]["item_id"].is_number();
    let items = executions.iter().filter(is_item).count();
    let status = |one: &Value| one["status"].as_str().unwrap_or_default().to_owned();
    let statuses: Vec<String> = executions.iter().map(|one| status(one)).collect();
    let is_over = |status: &str| {
        matches!(
            status,
            "succeeded" | "failed" | "timeout" | "abandoned" | "canceled"
        )
    };
    let outcome = if items == 0 {
        status(last)
    } else {
        let under_way = statuses.iter().find(|one| !is_over(one));
        let bad = statuses.iter().find(|one| *one != "succeeded");
        under_way.or(bad).cloned().unwrap_or_else(|| status(last))
    };
    let ends = executions.iter().map(|one| time(one, "end_timestamp"));
    let is_under_way = statuses.iter().any(|one| !is_over(one));
    Some(Progress {
        status: outcome,
        runs: if items == 0 { executions.len() } else { 1 },
        items,
        started: executions
            .first()
            .and_then(|one| time(one, "start_timestamp")),
        ended: if is_under_way {
            None
        } else {
            ends.max().flatten()
        },
    })
}

fn time(execution: &Value, name: &str) -> Option<DateTime<Utc>> {
    execution[name].as_str()?.parse().ok()
}
