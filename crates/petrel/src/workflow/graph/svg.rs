//! A graph as a picture, drawn by our own layout.

use std::fmt::Write as _;

use super::chart::{Chart, Edge, Node};
use super::layout::{Layers, Layout, Point, Rect, Size, as_float};
use super::live::Progress;

/// Widths of letters, by the size of their font.
const NAME_WIDTH: f64 = 7.8;
const SMALL_WIDTH: f64 = 6.4;
const LINE: f64 = 16.0;
/// Longer texts are cut; the whole stands in their tooltip.
const LONGEST: usize = 44;
const LONGEST_LABEL: usize = 32;

const STYLE: &str = "text { font: 11px system-ui, sans-serif; fill: #57606a; text-anchor: middle }
.name { font-size: 13px; font-weight: 600; fill: #1f2328 }
.box { stroke: #8c959f; fill: #ffffff }
.command { stroke: none; fill: #eaeef2 }
.edge { fill: none; stroke: #6e7781; stroke-width: 1.4 }
.back { stroke-dasharray: 5 4 }
.succeeded { stroke: #2da44e } .failed { stroke: #cf222e }
.label { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }";

pub(super) fn draw(chart: &Chart) -> String {
    let sizes: Vec<Size> = chart.nodes.iter().map(size).collect();
    let layout = Layout::of(chart, &sizes);
    let layers = Layers::of(chart);
    let Size { width, height } = layout.size;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n<style>\n{STYLE}\n</style>\n<defs><marker \
         id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#6e7781\"/></marker></defs>\n<rect width=\"100%\" \
         height=\"100%\" fill=\"#ffffff\"/>\n",
        escaped(&chart.title)
    );
    for (edge, path) in chart.edges.iter().zip(&layout.paths) {
        push_edge(&mut svg, edge, path, &layout, layers.is_back(edge));
    }
    for (node, rect) in chart.nodes.iter().zip(&layout.boxes) {
        push_node(&mut svg, node, rect);
    }
    let labels = chart.edges.iter().zip(&layout.paths).enumerate();
    for (at, (edge, path)) in labels {
        push_label(&mut svg, edge, path, &layout, at);
    }
    svg.push_str("</svg>");
    svg
}

/// The small lines below a node's name.
fn details(node: &Node) -> Vec<String> {
    let mut lines: Vec<String> = node.action.iter().cloned().collect();
    lines.extend(node.traits.iter().cloned());
    lines.extend(node.progress.as_ref().map(Progress::summary));
    lines
}

fn size(node: &Node) -> Size {
    let details = details(node);
    let length = |text: &String| as_float(text.chars().count().min(LONGEST));
    let widest = details.iter().map(|line| length(line) * SMALL_WIDTH);
    let width = widest.fold(length(&node.name) * NAME_WIDTH, f64::max);
    Size {
        width: (width + 28.0).max(if node.is_command { 48.0 } else { 96.0 }),
        height: LINE * as_float(details.len() + 1) + 14.0,
    }
}

fn push_node(svg: &mut String, node: &Node, rect: &Rect) {
    let Rect { corner, size } = rect;
    let class = if node.is_command { "command" } else { "box" };
    let fill = node.progress.as_ref().map(|progress| {
        let colour = progress.colour();
        format!(" style=\"fill:{colour}\"")
    });
    let _infallible = writeln!(
        svg,
        "<g><title>{}</title><rect class=\"{class}\"{} x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" \
         rx=\"7\"/>",
        escaped(
            &std::iter::once(node.name.clone())
                .chain(details(node))
                .collect::<Vec<_>>()
                .join("\n")
        ),
        fill.unwrap_or_default(),
        corner.x,
        corner.y,
        size.width,
        size.height,
    );
    let x = corner.x + size.width / 2.0;
    let mut y = corner.y + 19.0;
    let mut line = |class: &str, text: &str| {
        let text = escaped(&cut(text, LONGEST));
        let _infallible = writeln!(svg, "<text{class} x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>");
        y += LINE;
    };
    line(" class=\"name\"", &node.name);
    for detail in details(node) {
        line("", &detail);
    }
    svg.push_str("</g>\n");
}

fn push_edge(svg: &mut String, edge: &Edge, path: &[Point], layout: &Layout, is_back: bool) {
    let mut class = "edge".to_owned();
    if let Some(when @ ("succeeded" | "failed")) = edge.when.as_deref() {
        class.push(' ');
        class.push_str(when);
    }
    if is_back {
        class.push_str(" back");
    }
    let way = match path {
        [] => around(&layout.boxes[edge.from]),
        path => curve(path),
    };
    let _infallible = writeln!(
        svg,
        "<path class=\"{class}\" d=\"{way}\" marker-end=\"url(#head)\"/>"
    );
}

/// A smooth way that enters and leaves each point upright.
fn curve(path: &[Point]) -> String {
    let mut way = path
        .first()
        .map(|start| format!("M{:.1} {:.1}", start.x, start.y))
        .unwrap_or_default();
    for pair in path.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let middle = f64::midpoint(from.y, to.y);
        let _infallible = write!(
            way,
            " C{:.1} {middle:.1} {:.1} {middle:.1} {:.1} {:.1}",
            from.x, to.x, to.x, to.y
        );
    }
    way
}

/// From a box to itself, at its right side.
fn around(rect: &Rect) -> String {
    let x = rect.corner.x + rect.size.width;
    let (top, bottom) = (
        rect.corner.y + rect.size.height * 0.3,
        rect.corner.y + rect.size.height * 0.7,
    );
    let out = x + 24.0;
    format!("M{x:.1} {bottom:.1} C{out:.1} {bottom:.1} {out:.1} {top:.1} {x:.1} {top:.1}")
}

/// The condition beside the middle of an arrow's first part. `at` keeps neighbours apart.
fn push_label(svg: &mut String, edge: &Edge, path: &[Point], layout: &Layout, at: usize) {
    let Some(when) = &edge.when else { return };
    let stagger = if at.is_multiple_of(2) { -7.0 } else { 7.0 };
    let (x, y) = if let [from, to, ..] = path {
        let middle = f64::midpoint(from.y, to.y);
        (f64::midpoint(from.x, to.x), middle + 4.0 + stagger)
    } else {
        let Rect { corner, size } = layout.boxes[edge.from];
        (corner.x + size.width + 12.0, corner.y - 4.0)
    };
    let _infallible = writeln!(
        svg,
        "<text class=\"label\" x=\"{x:.1}\" y=\"{y:.1}\"><title>{}</title>{}</text>",
        escaped(when),
        escaped(&cut(when, LONGEST_LABEL))
    );
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most - 1).collect();
    cut.push('…');
    cut
}

/// Text that is no markup. XML has no control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push('\n'),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
