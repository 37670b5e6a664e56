//! A graph in Graphviz's language.

use std::fmt::Write as _;

use super::chart::{Chart, Node};
use super::live::Progress;

pub(super) fn draw(chart: &Chart) -> String {
    let mut text = format!(
        "digraph {} {{\n  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"];\n  \
         edge [fontname=\"sans-serif\", fontsize=10];\n",
        quoted(&chart.title)
    );
    for (at, node) in chart.nodes.iter().enumerate() {
        let mut attributes = format!("label={}", quoted(&label(node)));
        if node.is_command {
            attributes.push_str(", shape=plaintext, style=\"\"");
        }
        if let Some(progress) = &node.progress {
            let _infallible = write!(attributes, ", fillcolor=\"{}\"", progress.colour());
        }
        let _infallible = writeln!(text, "  n{at} [{attributes}];");
    }
    for edge in &chart.edges {
        let label = edge.when.as_deref().unwrap_or_default();
        let label = if label.is_empty() {
            String::new()
        } else {
            format!(" [label={}]", quoted(label))
        };
        let _infallible = writeln!(text, "  n{} -> n{}{label};", edge.from, edge.to);
    }
    text.push('}');
    text
}

fn label(node: &Node) -> String {
    let mut lines = vec![node.name.clone()];
    lines.extend(node.action.clone());
    lines.extend(node.traits.iter().cloned());
    lines.extend(node.progress.as_ref().map(Progress::summary));
    lines.join("\n")
}

/// A text in quotes; line breaks are Graphviz's own.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
