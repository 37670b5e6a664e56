//! A graph for terminals: each task with what leads to it, where that is more than one, and what follows.

use super::chart::{Chart, Edge, Node};
use super::layout::Layers;
use crate::client::{Style, shown};

pub(super) fn draw(chart: &Chart, style: Style) -> String {
    let layers = Layers::of(chart);
    let mut lines = vec![style.faint(&shown(&chart.title))];
    for place in layers.order() {
        let node = &chart.nodes[place];
        if node.is_command {
            continue;
        }
        lines.push(String::new());
        lines.push(head(node, style));
        let sources = sources(chart, place);
        if sources.len() > 1 {
            let names = sources.join(", ");
            lines.push(format!("│  {}", style.faint(&format!("after {names}"))));
        }
        for one in &node.traits {
            lines.push(format!("│  {}", shown(one)));
        }
        push_next(&mut lines, chart, &layers, place, style);
    }
    lines.join("\n")
}

/// `✓ build  core.local  succeeded in 2.5 s`.
fn head(node: &Node, style: Style) -> String {
    let sign = match &node.progress {
        None => "●",
        Some(progress) => progress.sign(),
    };
    let mut line = format!("{sign} {}", style.strong(&shown(&node.name)));
    if let Some(action) = &node.action {
        line = format!("{line}  {}", style.faint(&shown(action)));
    }
    if let Some(progress) = &node.progress {
        let rest = progress.summary();
        let rest = rest.strip_prefix(&progress.status).unwrap_or(&rest);
        line = format!("{line}  {}{rest}", style.status(&progress.status));
    }
    line
}

/// Tasks that lead to a task, each once.
fn sources(chart: &Chart, place: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for edge in chart.edges.iter().filter(|edge| edge.to == place) {
        let name = shown(&chart.nodes[edge.from].name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What follows a task: a line for each condition, with all tasks that it leads to.
fn push_next(lines: &mut Vec<String>, chart: &Chart, layers: &Layers, place: usize, style: Style) {
    let edges = || chart.edges.iter().filter(|edge| edge.from == place);
    let mut groups: Vec<(&Edge, Vec<String>)> = Vec::new();
    for edge in edges() {
        let target = &chart.nodes[edge.to];
        let mut name = style.strong(&shown(&target.name));
        if layers.is_back(edge) {
            name = format!("{name} ↺");
        }
        let same = |(one, _): &&mut (&Edge, Vec<String>)| {
            one.when == edge.when && one.publish == edge.publish
        };
        match groups.iter_mut().find(same) {
            Some((_, targets)) => targets.push(name),
            None => groups.push((edge, vec![name])),
        }
    }
    let count = groups.len();
    for (number, (edge, targets)) in groups.into_iter().enumerate() {
        let bend = if number + 1 == count { "└" } else { "├" };
        let when = edge.when.as_ref().map(|when| format!(" {} ─", shown(when)));
        let publish = match edge.publish.as_slice() {
            [] => String::new(),
            names => style.faint(&format!("  sets {}", shown(&names.join(", ")))),
        };
        lines.push(format!(
            "{bend}─{}▶ {}{publish}",
            when.unwrap_or_default(),
            targets.join(", ")
        ));
    }
}
