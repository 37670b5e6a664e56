//! From events to the tree: anchors and aliases, tags, merge keys, duplicate keys.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::events::{Event, Scalar, Source};
use crate::scalar::{self, Kind};
use crate::{Document, Entry, Node, Position, Span, Value, Warning, YamlError};

/// How deep lists and mappings may nest. Python's own stack ends near here.
const MAX_DEPTH: usize = 256;
/// How many nodes aliases may copy in all.
const MAX_COPIED_NODES: usize = 250_000;

/// Reads one YAML document.
///
/// An empty text is null. Errors name the place and the reason: broken syntax, an unknown tag or alias, a second
/// document, a list or mapping as key, values nested deeper than 256 levels, or aliases that stand for more than
/// 250,000 values.
pub fn parse(text: &str) -> Result<Document, YamlError> {
    catch_unwind(AssertUnwindSafe(|| read(text))).unwrap_or_else(|_| {
        let start = Position { line: 1, column: 1 };
        Err(YamlError::at(start, "this text cannot be read as YAML"))
    })
}

fn read(text: &str) -> Result<Document, YamlError> {
    let mut composer = Composer::default();
    Source::new(text).each(|event, span| composer.take(event, span))?;
    let start = Position { line: 1, column: 1 };
    let empty = Node {
        value: Value::Null,
        span: Span { start, end: start },
    };
    Ok(Document {
        root: composer.root.map_or(empty, |built| built.node),
        warnings: composer.warnings,
        merges: composer.merges,
    })
}

/// A node and whether it is a bare `<<`, which matters only where it stands as a key.
#[derive(Clone)]
struct Built {
    node: Node,
    is_merge: bool,
}

/// What a list or mapping becomes, by its tag.
#[derive(Clone, Copy)]
enum Shape {
    List,
    Mapping,
    /// `!!set`: a mapping of which the keys count.
    Set,
    /// `!!omap` and `!!pairs`: a list of mappings with one entry each.
    Pairs,
}

/// A list or mapping that is still open.
struct Open {
    anchor: Option<String>,
    shape: Shape,
    is_mapping: bool,
    start: Position,
    items: Vec<Node>,
    entries: Vec<Entry>,
    merged: Vec<Entry>,
    key: Option<Built>,
}

#[derive(Default)]
struct Composer {
    open: Vec<Open>,
    anchors: HashMap<String, Anchor>,
    root: Option<Built>,
    copied: usize,
    warnings: Vec<Warning>,
    merges: Vec<Position>,
}

struct Anchor {
    position: Position,
    /// Absent while the list or mapping is still open.
    built: Option<Built>,
}

impl Composer {
    fn take(&mut self, event: Event, span: Span) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart if self.root.is_some() => Err(YamlError::at(
                span.start,
                "a second document starts here (`---`); one file holds one document",
            )),
            Event::Start | Event::DocumentStart | Event::DocumentEnd | Event::End => Ok(()),
            Event::Alias(name) => {
                let built = self.resolve(&name, span)?;
                self.place(built)
            }
            Event::Scalar(scalar) => {
                let anchor = scalar.anchor.clone();
                self.declare(anchor.as_deref(), span)?;
                let built = scalar_node(scalar, span)?;
                self.define(anchor, &built);
                self.place(built)
            }
            Event::ListStart { anchor, tag } => {
                self.enter(anchor, list_shape(tag.as_deref(), span)?, false, span)
            }
            Event::MappingStart { anchor, tag } => {
                self.enter(anchor, mapping_shape(tag.as_deref(), span)?, true, span)
            }
            Event::ListEnd | Event::MappingEnd => self.leave(span),
        }
    }

    fn enter(
        &mut self,
        anchor: Option<String>,
        shape: Shape,
        is_mapping: bool,
        span: Span,
    ) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError::at(
                span.start,
                format!("values nest deeper than {MAX_DEPTH} levels"),
            ));
        }
        self.declare(anchor.as_deref(), span)?;
        self.open.push(Open {
            anchor,
            shape,
            is_mapping,
            start: span.start,
            items: Vec::new(),
            entries: Vec::new(),
            merged: Vec::new(),
            key: None,
        });
        Ok(())
    }

    fn leave(&mut self, span: Span) -> Result<(), YamlError> {
        let Some(mut open) = self.open.pop() else {
            return Ok(());
        };
        let span = Span {
            start: open.start,
            end: span.end,
        };
        let anchor = open.anchor.take();
        let value = if open.is_mapping {
            self.mapping(open)
        } else {
            list(open)?
        };
        let built = Built {
            node: Node { value, span },
            is_merge: false,
        };
        self.define(anchor, &built);
        self.place(built)
    }

    fn declare(&mut self, anchor: Option<&str>, span: Span) -> Result<(), YamlError> {
        let Some(name) = anchor else {
            return Ok(());
        };
        let declared = Anchor {
            position: span.start,
            built: None,
        };
        match self.anchors.insert(name.to_owned(), declared) {
            None => Ok(()),
            Some(first) => {
                let line = first.position.line;
                Err(YamlError::at(
                    span.start,
                    format!("the anchor `&{name}` is defined already in line {line}"),
                ))
            }
        }
    }

    fn define(&mut self, anchor: Option<String>, built: &Built) {
        if let Some(known) = anchor.and_then(|name| self.anchors.get_mut(&name)) {
            known.built = Some(built.clone());
        }
    }

    fn resolve(&mut self, name: &str, span: Span) -> Result<Built, YamlError> {
        let error = |message: String| Err(YamlError::at(span.start, message));
        let Some(anchor) = self.anchors.get(name) else {
            return error(format!(
                "the alias `*{name}` has no anchor `&{name}` before it"
            ));
        };
        let Some(built) = anchor.built.clone() else {
            return error(format!(
                "the alias `*{name}` stands inside of what it refers to"
            ));
        };
        self.charge(built.node.size(), span.start)?;
        Ok(built)
    }

    fn charge(&mut self, nodes: usize, position: Position) -> Result<(), YamlError> {
        self.copied += nodes;
        if self.copied > MAX_COPIED_NODES {
            let message = format!("aliases stand for more than {MAX_COPIED_NODES} values");
            return Err(YamlError::at(position, message));
        }
        Ok(())
    }

    /// Puts a finished node where it belongs: into the open list or mapping, or at the top.
    fn place(&mut self, built: Built) -> Result<(), YamlError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(built);
            return Ok(());
        };
        if !open.is_mapping {
            open.items.push(built.node);
            return Ok(());
        }
        match open.key.take() {
            None => open.key = Some(built),
            Some(key) if key.is_merge => {
                self.merges.push(key.node.span.start);
                merge_into(&mut open.merged, built.node)?;
            }
            Some(key) => open.entries.push(entry(key.node, built.node)?),
        }
        Ok(())
    }

    /// Merged entries come first, own ones override them, later ones override earlier ones.
    fn mapping(&mut self, open: Open) -> Value {
        let mut unique: Vec<Entry> = Vec::with_capacity(open.merged.len() + open.entries.len());
        let mut index: HashMap<String, (usize, bool)> = HashMap::new();
        let own = open.entries.into_iter().map(|entry| (true, entry));
        for (is_own, entry) in open
            .merged
            .into_iter()
            .map(|entry| (false, entry))
            .chain(own)
        {
            match index.get_mut(&entry.key) {
                None => {
                    index.insert(entry.key.clone(), (unique.len(), is_own));
                    unique.push(entry);
                }
                Some((at, was_own)) => {
                    // An own key over a merged one is what merging is for.
                    if is_own && *was_own {
                        self.warn_duplicate(&unique[*at], &entry);
                    }
                    *was_own = is_own;
                    unique[*at] = entry;
                }
            }
        }
        match open.shape {
            Shape::Set => Value::List(unique.into_iter().map(key_node).collect()),
            Shape::List | Shape::Mapping | Shape::Pairs => Value::Mapping(unique),
        }
    }

    fn warn_duplicate(&mut self, first: &Entry, second: &Entry) {
        let (before, now) = (first.key_span.start, second.key_span.start);
        self.warnings.push(Warning {
            line: now.line,
            column: now.column,
            message: format!(
                "the key `{}` stands in line {} already; the value in line {} is the one that counts",
                second.key, before.line, now.line
            ),
        });
    }
}

fn scalar_node(scalar: Scalar, span: Span) -> Result<Built, YamlError> {
    let kind = match scalar.tag.as_deref() {
        None if scalar.is_plain => scalar::implied(&scalar.text),
        None => Kind::Text,
        Some(tag) => tagged_kind(tag).ok_or_else(|| wrong_tag(tag, "a single value", span))?,
    };
    let value =
        scalar::construct(kind, scalar.text).map_err(|reason| YamlError::at(span.start, reason))?;
    Ok(Built {
        node: Node { value, span },
        is_merge: kind == Kind::Merge,
    })
}

fn tagged_kind(tag: &str) -> Option<Kind> {
    match tag.strip_prefix("tag:yaml.org,2002:")? {
        "null" => Some(Kind::Null),
        "bool" => Some(Kind::Bool),
        "int" => Some(Kind::Int),
        "float" => Some(Kind::Float),
        "timestamp" => Some(Kind::Timestamp),
        "str" => Some(Kind::Text),
        _ => None,
    }
}

fn list_shape(tag: Option<&str>, span: Span) -> Result<Shape, YamlError> {
    match tag {
        None | Some("tag:yaml.org,2002:seq") => Ok(Shape::List),
        Some("tag:yaml.org,2002:omap" | "tag:yaml.org,2002:pairs") => Ok(Shape::Pairs),
        Some(tag) => Err(wrong_tag(tag, "a list", span)),
    }
}

fn mapping_shape(tag: Option<&str>, span: Span) -> Result<Shape, YamlError> {
    match tag {
        None | Some("tag:yaml.org,2002:map") => Ok(Shape::Mapping),
        Some("tag:yaml.org,2002:set") => Ok(Shape::Set),
        Some(tag) => Err(wrong_tag(tag, "a mapping", span)),
    }
}

fn wrong_tag(tag: &str, what: &str, span: Span) -> YamlError {
    let message = match tag.strip_prefix("tag:yaml.org,2002:") {
        Some("binary") => "`!!binary` values are not supported; give the text itself".to_owned(),
        Some(name) => format!("the tag `!!{name}` does not fit {what}"),
        None => format!("the tag `{tag}` is unknown"),
    };
    YamlError::at(span.start, message)
}

fn list(open: Open) -> Result<Value, YamlError> {
    if !matches!(open.shape, Shape::Pairs) {
        return Ok(Value::List(open.items));
    }
    let pair = |item: Node| {
        let span = item.span;
        match item.value {
            Value::Mapping(mut entries) if entries.len() == 1 => {
                let Entry {
                    key,
                    key_span,
                    value,
                    ..
                } = entries.remove(0);
                let key = Node {
                    value: Value::Text(key),
                    span: key_span,
                };
                Ok(Node {
                    value: Value::List(vec![key, value]),
                    span,
                })
            }
            _ => Err(YamlError::at(
                span.start,
                "each item of `!!omap` and `!!pairs` is a mapping with one key",
            )),
        }
    };
    open.items
        .into_iter()
        .map(pair)
        .collect::<Result<_, _>>()
        .map(Value::List)
}

fn entry(key: Node, value: Node) -> Result<Entry, YamlError> {
    let is_text_key = matches!(key.value, Value::Text(_));
    let key_span = key.span;
    let key = match key.into_json() {
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            return Err(YamlError::at(
                key_span.start,
                "a list or mapping cannot be a key; quote it if it is a template such as `{{ name }}`",
            ));
        }
        other => other.to_string(),
    };
    Ok(Entry {
        key,
        is_text_key,
        key_span,
        value,
    })
}

fn key_node(entry: Entry) -> Node {
    Node {
        value: Value::Text(entry.key),
        span: entry.key_span,
    }
}

/// `<<: {..}` or `<<: [{..}, ..]`; of a list the first mapping that has a key counts.
fn merge_into(merged: &mut Vec<Entry>, node: Node) -> Result<(), YamlError> {
    let wrong =
        |span: Span| YamlError::at(span.start, "`<<` merges a mapping, or a list of mappings");
    match node.value {
        Value::Mapping(entries) => merged.extend(entries),
        Value::List(items) => {
            for item in items.into_iter().rev() {
                match item.value {
                    Value::Mapping(entries) => merged.extend(entries),
                    _ => return Err(wrong(item.span)),
                }
            }
        }
        _ => return Err(wrong(node.span)),
    }
    Ok(())
}
