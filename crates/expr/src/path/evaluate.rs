//! Follows parsed paths, with jsonpath-rw's quirks.

use std::borrow::Cow;
use std::rc::Rc;

use pyvalue::{Class, Error};

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
    /// It is what stands above the root: null for the next step, but nothing that is found.
    is_above: bool,
}

type Found<'v, D> = Result<Vec<Rc<Datum<'v, D>>>, Error>;

/// One search.
struct Search {
    is_frozen: bool,
    left: usize,
}

/// All matches, in order; the error is of the class that Python's objects raise. In frozen data (YAQL's) `..` goes no level down.
pub(super) fn find<'v, D: Document>(
    node: &Node,
    document: &'v D,
    is_frozen: bool,
) -> Result<Vec<Cow<'v, D>>, Error> {
    let root = Rc::new(Datum {
        value: Cow::Borrowed(document),
        context: None,
        is_above: false,
    });
    let mut search = Search {
        is_frozen,
        left: MOST,
    };
    let found = search.follow(node, &root)?;
    found.iter().map(|datum| datum.found()).collect()
}

impl<'v, D: Document> Datum<'v, D> {
    /// The value as a match.
    fn found(&self) -> Result<Cow<'v, D>, Error> {
        if self.is_above {
            return Err(Error::new(Class::Attribute, "the root has no parent"));
        }
        Ok(self.value.clone())
    }

    /// What it was found in. Upstream fails only where the root's parent is a match, or where `..` goes on from it.
    fn parent(&self) -> Rc<Self> {
        let above = || {
            Rc::new(Self {
                value: Cow::Owned(D::null()),
                context: None,
                is_above: true,
            })
        };
        self.context.clone().unwrap_or_else(above)
    }

    /// Itself, where it is a value; null above the root.
    fn this(self: &Rc<Self>) -> Rc<Self> {
        if !self.is_above {
            return Rc::clone(self);
        }
        Rc::new(Self {
            value: self.value.clone(),
            context: None,
            is_above: false,
        })
    }
}

impl Search {
    fn follow<'v, D: Document>(&mut self, node: &Node, datum: &Rc<Datum<'v, D>>) -> Found<'v, D> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let message = format!("it looks at more than {MOST} values");
            Error::new(Class::Limit, message)
        })?;
        match node {
            Node::Root => Ok(vec![root(datum)]),
            Node::This => Ok(vec![datum.this()]),
            Node::Parent => Ok(vec![datum.parent()]),
            Node::Fields(names) => fields(names, datum),
            Node::AllFields => match datum.value.shape() {
                Shape::Object(_) => Ok(children(datum)),
                Shape::Undefined(message) => Err(Error::new(Class::Undefined, message)),
                _ => Ok(Vec::new()),
            },
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
            Node::Intersection => Err(Error::value_error("`&` cannot be followed")),
        }
    }

    fn descend<'v, D: Document>(
        &mut self,
        node: &Node,
        datum: &Rc<Datum<'v, D>>,
        depth: usize,
        all: &mut Vec<Rc<Datum<'v, D>>>,
    ) -> Result<(), Error> {
        if depth > DEEPEST {
            let message = format!("the value is nested more than {DEEPEST} levels deep");
            return Err(Error::new(Class::Limit, message));
        }
        all.extend(self.follow(node, datum)?);
        datum.found()?;
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
    root.this()
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
        is_above: false,
    })
}

fn fields<'v, D: Document>(names: &[String], datum: &Rc<Datum<'v, D>>) -> Found<'v, D> {
    let Cow::Borrowed(value) = datum.value else {
        return Ok(Vec::new());
    };
    if let Shape::Undefined(message) = value.shape() {
        return Err(Error::new(Class::Undefined, message));
    }
    let found = names.iter().filter_map(|name| value.member(name));
    Ok(found.map(|value| child(datum, value)).collect())
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
            let message = format!("an object has no item {index}");
            Err(Error::new(Class::Key, message))
        }
        (_, Shape::Object(_)) => Ok(Vec::new()),
        (_, Shape::Text(text)) => character(text, index, datum),
        (_, Shape::Undefined(message)) => Err(Error::new(Class::Undefined, message)),
        (_, Shape::Other(kind)) => Err(no_items(kind)),
        (_, Shape::Whole | Shape::List(_)) => Err(no_items("a number")),
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
        is_above: false,
    })])
}

fn no_items(kind: &str) -> Error {
    Error::type_error(format!("{kind} has no items"))
}

/// Where an index points; none behind the end. Before the beginning is an error, as in Python.
fn place(index: i64, length: usize) -> Result<Option<usize>, Error> {
    let length = whole(length);
    if index >= length {
        return Ok(None);
    }
    let place = if index < 0 { index + length } else { index };
    usize::try_from(place)
        .map(Some)
        .map_err(|_| Error::new(Class::Index, format!("index {index} is out of range")))
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
        Shape::Undefined(message) => Err(Error::new(Class::Undefined, message)),
        Shape::Other(kind) => Err(no_items(kind)),
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
