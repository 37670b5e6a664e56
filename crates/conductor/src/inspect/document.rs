//! The text of a definition: read, brought into the form that the passes look at, and searched for where things stand.

use yaml::{Entry, Node, Position, Span, Value};

use super::place::Step;
use super::{Category, Finding, Found};

/// A definition that is a mapping.
#[derive(Debug)]
pub(super) struct Document<'t> {
    /// Its value. A `with` that is a text is there as the mapping that it is short for.
    pub(super) root: Node,
    lines: Vec<&'t str>,
}

impl<'t> Document<'t> {
    /// Reads a text. What is no YAML, has keys twice, merges mappings or is no mapping is refused, since Orquesta does.
    pub(super) fn read(text: &'t str) -> Result<Self, Vec<Finding>> {
        let document = yaml::parse(text).map_err(|error| {
            let at = Position {
                line: error.line,
                column: error.column,
            };
            vec![refusal(at, error.message)]
        })?;
        let twice = document.warnings.into_iter().map(|warning| {
            let at = Position {
                line: warning.line,
                column: warning.column,
            };
            refusal(at, warning.message)
        });
        let merged = document.merges.iter().map(|at| {
            refusal(
                *at,
                "a workflow cannot merge mappings with `<<`; write the keys out".to_owned(),
            )
        });
        let refused: Vec<Finding> = twice.chain(merged).collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let mut root = document.root;
        if !matches!(root.value, Value::Mapping(_)) {
            let message = "a workflow is a mapping with `version` and `tasks`".to_owned();
            return Err(vec![refusal(root.span.start, message)]);
        }
        expand_with(&mut root);
        Ok(Self {
            root,
            lines: text.lines().collect(),
        })
    }

    /// The finding, with its position.
    pub(super) fn locate(&self, found: Found) -> Finding {
        let position = self.position(&found);
        Finding {
            category: found.category,
            message: found.message,
            spec_path: found.place.spec_path(),
            schema_path: Some(found.place.schema).filter(|path| !path.is_empty()),
            language: found.language,
            expression: found.expression,
            position: Some(position),
        }
    }

    fn position(&self, found: &Found) -> Position {
        let place = &found.place;
        if let (true, Some((Step::Key(key), parents))) = (place.is_key, place.steps.split_last())
            && let Some(entry) = nearest(&self.root, parents).entry(key)
        {
            return entry.key_span.start;
        }
        let node = nearest(&self.root, &place.steps);
        if let Some(entry) = place.key.as_ref().and_then(|key| node.entry(key)) {
            return entry.key_span.start;
        }
        let Some(expression) = &found.expression else {
            return node.span.start;
        };
        let Some(span) = holder(node, expression) else {
            return node.span.start;
        };
        // A text over several lines, or one with escapes, is not written as it is.
        let in_parts = || {
            let name = found.variable.as_ref()?;
            ["ctx().", "ctx(", "ctx('", "ctx(\""]
                .into_iter()
                .find_map(|open| self.within(span, &format!("{open}{name}")))
        };
        self.within(span, expression)
            .or_else(in_parts)
            .unwrap_or(span.start)
    }

    /// Where an expression stands within a text, if it is written there as it is.
    fn within(&self, span: Span, expression: &str) -> Option<Position> {
        (span.start.line..=span.end.line).find_map(|line| {
            let text = self.lines.get(line.checked_sub(1)?)?;
            let skipped = if line == span.start.line {
                span.start.column - 1
            } else {
                0
            };
            let (from, _) = text.char_indices().nth(skipped)?;
            let at = from + text[from..].find(expression)?;
            Some(Position {
                line,
                column: text[..at].chars().count() + 1,
            })
        })
    }
}

fn refusal(position: Position, message: String) -> Finding {
    Finding {
        category: Category::Syntax,
        message,
        spec_path: None,
        schema_path: None,
        language: None,
        expression: None,
        position: Some(position),
    }
}

/// `with: ITEMS` is short for `with: {items: ITEMS}`.
fn expand_with(root: &mut Node) {
    let Some(tasks) = entry_mut(root, "tasks") else {
        return;
    };
    let Value::Mapping(tasks) = &mut tasks.value.value else {
        return;
    };
    for task in tasks {
        let Some(with) = entry_mut(&mut task.value, "with") else {
            continue;
        };
        if matches!(with.value.value, Value::Text(_)) {
            let items = Entry {
                key: "items".to_owned(),
                is_text_key: true,
                key_span: with.value.span,
                value: with.value.clone(),
            };
            with.value.value = Value::Mapping(vec![items]);
        }
    }
}

fn entry_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Entry> {
    match &mut node.value {
        Value::Mapping(entries) => entries.iter_mut().find(|entry| entry.key == key),
        _ => None,
    }
}

/// The node at a place, or the deepest on the way. Inline parameters stand in the action's text.
fn nearest<'n>(root: &'n Node, steps: &[Step]) -> &'n Node {
    let mut node = root;
    for step in steps {
        let child = match (step, &node.value) {
            (Step::Index(at), Value::List(items)) => items.get(*at),
            (Step::Key(name), Value::Mapping(_)) => match (name.as_str(), node.get("action")) {
                ("input", Some(action)) => Some(node.get("input").unwrap_or(action)),
                (name, _) => node.get(name),
            },
            _ => None,
        };
        match child {
            Some(child) => node = child,
            None => break,
        }
    }
    node
}

/// Where the text stands that holds an expression: the node itself, or a key or value below it.
fn holder(node: &Node, expression: &str) -> Option<Span> {
    match &node.value {
        Value::Text(text) => text.contains(expression).then_some(node.span),
        Value::List(items) => items.iter().find_map(|item| holder(item, expression)),
        Value::Mapping(entries) => entries.iter().find_map(|entry| {
            if entry.key.contains(expression) {
                return Some(entry.key_span);
            }
            holder(&entry.value, expression)
        }),
        _ => None,
    }
}
