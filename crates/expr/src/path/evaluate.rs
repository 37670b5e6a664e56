//! Follows parsed paths, with jsonpath-rw's quirks.

use std::borrow::Cow;
use std::rc::Rc;

use super::document::Shape;
use super::{Document, Node};

/// Values looked at in one go, at most: `..` below `..` multiplies.
const MOST: usize = 1_000_000;

/// Levels that `..` goes down, at most.
const DEEPEST: usize = 200;

/// A value, and what it was found in.
struct Datum<'v, D: Document> {
    value: Cow<'v, D>,
    context: Option<Rc<Self>>,
}

type Found<'v, D> = Result<Vec<Rc<Datum<'v, D>>>, String>;

/// One search.
struct Search {
    is_frozen: bool,
    left: usize,
}

/// All matches, in order; the error is the reason. In frozen data (YAQL's) `..` goes no level down.
pub(super) fn find<'v, D: Document>(
    node: &Node,
    document: &'v D,
    is_frozen: bool,
) -> Result<Vec<Cow<'v, D>>, String> {
    let root = Rc::new(Datum {
        value: Cow::Borrowed(document),
        context: None,
    });
    let mut search = Search {
        is_frozen,
        left: MOST,
    };
    Ok(search
        .follow(node, &root)?
        .into_iter()
        .map(|datum| datum.value.clone())
        .collect())
}

impl Search {
    fn follow<'v, D: Document>(&mut self, node: &Node, datum: &Rc<Datum<'v, D>>) -> Found<'v, D> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| format!("it looks at more than {MOST} values"))?;
        match node {
            Node::Root => Ok(vec![root(datum)]),
            Node::This => Ok(vec![Rc::clone(datum)]),
            Node::Parent => datum
                .context
                .clone()
                .map(|parent| vec![parent])
                .ok_or_else(|| "the root has no parent".to_owned()),
            Node::Fields(names) => Ok(fields(names, datum)),
            Node::AllFields => Ok(match datum.value.shape() {
                Shape::Object(_) => children(datum),
                _ => Vec::new(),
            }),
            Node::Index(index) => at_index(*index, datum),
            Node::Slice(start, end) => slice(*start, *end, datum),
            Node::Child(left, right) => {
                let mut all = Vec::new();
                for found in self.follow(left, datum)? {
                    all.extend(self.follow(right, &found)?);
                }
                Ok(all)
            }
            Node::Descendants(left, right) => {
                let mut all = Vec::new();
                for found in self.follow(left, datum)? {
                    self.descend(right, &found, 0, &mut all)?;
                }
                Ok(all)
            }
            Node::Where(left, right) => {
                let mut kept = Vec::new();
                for found in self.follow(left, datum)? {
                    if !self.follow(right, &found)?.is_empty() {
                        kept.push(found);
                    }
                }
                Ok(kept)
            }
            Node::Union(left, right) => {
                let mut found = self.follow(left, datum)?;
                found.extend(self.follow(right, datum)?);
                Ok(found)
            }
            Node::Intersection => Err("`&` cannot be followed".to_owned()),
        }
    }

    fn descend<'v, D: Document>(
        &mut self,
        node: &Node,
        datum: &Rc<Datum<'v, D>>,
        depth: usize,
        all: &mut Vec<Rc<Datum<'v, D>>>,
    ) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!(
                "the value is nested more than {DEEPEST} levels deep"
            ));
        }
        all.extend(self.follow(node, datum)?);
        if self.is_frozen {
            return Ok(());
        }
        for child in children(datum) {
            self.descend(node, &child, depth + 1, all)?;
        }
        Ok(())
    }
}

fn root<'v, D: Document>(datum: &Rc<Datum<'v, D>>) -> Rc<Datum<'v, D>> {
    let mut root = Rc::clone(datum);
    while let Some(parent) = root.context.clone() {
        root = parent;
    }
    root
}

fn children<'v, D: Document>(parent: &Rc<Datum<'v, D>>) -> Vec<Rc<Datum<'v, D>>> {
    match &parent.value {
        Cow::Borrowed(value) => value
            .children()
            .into_iter()
            .map(|value| child(parent, value))
            .collect(),
        // Only characters of texts are owned, and those hold nothing.
        Cow::Owned(_) => Vec::new(),
    }
}

fn child<'v, D: Document>(parent: &Rc<Datum<'v, D>>, value: &'v D) -> Rc<Datum<'v, D>> {
    Rc::new(Datum {
        value: Cow::Borrowed(value),
        context: Some(Rc::clone(parent)),
    })
}

fn fields<'v, D: Document>(names: &[String], datum: &Rc<Datum<'v, D>>) -> Vec<Rc<Datum<'v, D>>> {
    let Cow::Borrowed(value) = datum.value else {
        return Vec::new();
    };
    names
        .iter()
        .filter_map(|name| value.member(name))
        .map(|value| child(datum, value))
        .collect()
}

fn at_index<'v, D: Document>(index: i64, datum: &Rc<Datum<'v, D>>) -> Found<'v, D> {
    match (&datum.value, datum.value.shape()) {
        (Cow::Borrowed(value), Shape::List(_)) => {
            let items = value.children();
            Ok(match place(index, items.len())? {
                Some(at) => vec![child(datum, items[at])],
                None => Vec::new(),
            })
        }
        (_, Shape::Object(length)) if index < whole(length) => {
            Err(format!("an object has no item {index}"))
        }
        (_, Shape::Object(_)) => Ok(Vec::new()),
        (_, Shape::Text(text)) => character(text, index, datum),
        (_, Shape::Other(kind)) => Err(format!("{kind} has no items")),
        (_, Shape::Whole | Shape::List(_)) => Err("a number has no items".to_owned()),
    }
}

fn character<'v, D: Document>(text: &str, index: i64, datum: &Rc<Datum<'v, D>>) -> Found<'v, D> {
    let Some(at) = place(index, text.chars().count())? else {
        return Ok(Vec::new());
    };
    let character: String = text.chars().skip(at).take(1).collect();
    Ok(vec![Rc::new(Datum {
        value: Cow::Owned(D::text(&character)),
        context: Some(Rc::clone(datum)),
    })])
}

/// Where an index points; none behind the end. Before the beginning is an error, as in Python.
fn place(index: i64, length: usize) -> Result<Option<usize>, String> {
    let length = whole(length);
    if index >= length {
        return Ok(None);
    }
    let place = if index < 0 { index + length } else { index };
    usize::try_from(place)
        .map(Some)
        .map_err(|_| format!("index {index} is out of range"))
}

/// Objects, texts and whole numbers count as a list of themselves.
fn slice<'v, D: Document>(
    start: Option<i64>,
    end: Option<i64>,
    datum: &Rc<Datum<'v, D>>,
) -> Found<'v, D> {
    match datum.value.shape() {
        Shape::List(items) => {
            let range = bounds(start, end, items.len());
            Ok(children(datum).drain(range).collect())
        }
        Shape::Object(_) | Shape::Text(_) | Shape::Whole => {
            Ok(if bounds(start, end, 1).is_empty() {
                Vec::new()
            } else {
                vec![Rc::clone(datum)]
            })
        }
        Shape::Other(kind) => Err(format!("{kind} has no items")),
    }
}

fn whole(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn bounds(start: Option<i64>, end: Option<i64>, length: usize) -> std::ops::Range<usize> {
    let whole = whole(length);
    let place = |index: i64| {
        let index = if index < 0 {
            index.saturating_add(whole)
        } else {
            index
        };
        usize::try_from(index.clamp(0, whole)).unwrap_or(0)
    };
    let start = start.map_or(0, place);
    start..end.map_or(length, place).max(start)
}
