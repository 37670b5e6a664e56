//! A graph for programs.

use serde_json::{Value, json};

use super::chart::Chart;

pub(super) fn of(chart: &Chart) -> Value {
    let tasks: Vec<Value> = chart
        .nodes
        .iter()
        .map(|node| {
            let mut value = json!({
                "name": node.name,
                "is_command": node.is_command,
                "action": node.action,
                "traits": node.traits,
            });
            if let Some(progress) = &node.progress {
                value["progress"] = progress.to_json();
            }
            value
        })
        .collect();
    let transitions: Vec<Value> = chart
        .edges
        .iter()
        .map(|edge| {
            json!({
                "from": chart.nodes[edge.from].name,
                "to": chart.nodes[edge.to].name,
                "when": edge.when,
                "publish": edge.publish,
            })
        })
        .collect();
    json!({ "title": chart.title, "tasks": tasks, "transitions": transitions })
}
