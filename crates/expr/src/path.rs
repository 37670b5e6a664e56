//! The path dialect of rule keys and of `jsonpath_query`: jsonpath-rw 1.4.0 as st2 uses it.
//!
//! Dots, `..`, `*`, `[n]`, `[a:b]`, quoted names, field lists, `|`, `where`, `` `this` `` and `` `parent` ``. There are
//! no filters, scripts or index lists. Keys that only name members (`trigger.body.x`) take a short cut.

use std::borrow::Cow;

use pyvalue::{Class, Error};

mod document;
mod evaluate;
mod parse;

pub use document::{Document, Shape};

/// A parsed path.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    text: String,
    plan: Plan,
}

/// How a path is followed.
#[derive(Debug, Clone, PartialEq)]
enum Plan {
    /// Member names only.
    Members(Vec<String>),
    /// Anything else.
    Tree(Node),
}

/// A step, or a combination of steps. Negative indices count from the end.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Root,
    This,
    Parent,
    Fields(Vec<String>),
    AllFields,
    Index(i64),
    Slice(Option<i64>, Option<i64>),
    Child(Box<Node>, Box<Node>),
    Descendants(Box<Node>, Box<Node>),
    Where(Box<Node>, Box<Node>),
    Union(Box<Node>, Box<Node>),
    /// `&` parses, and fails when it is followed, as upstream.
    Intersection,
}

/// Why a path did not parse or could not be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path `{path}`: {reason}")]
pub struct PathError {
    /// The path.
    pub path: String,
    /// What is wrong with it, and where.
    pub reason: String,
    /// Which of Python's exceptions it would be; `Value` where the path does not parse.
    pub class: Class,
}

impl Path {
    /// Parses a path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let tree = parse::parse(text)
            .map_err(|reason| PathError::new(text, Error::value_error(reason)))?;
        let mut names = Vec::new();
        let plan = if members(&tree, &mut names) {
            Plan::Members(names)
        } else {
            Plan::Tree(tree)
        };
        Ok(Self {
            text: text.to_owned(),
            plan,
        })
    }

    /// The text it was parsed from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All matches, in order.
    ///
    /// Fails where Python's objects would: `[0]` on a number or on an object, a negative index out of range.
    pub fn find<'v, D: Document>(&self, document: &'v D) -> Result<Vec<Cow<'v, D>>, PathError> {
        self.find_in(document, false)
    }

    /// As [`Path::find`], in YAQL's frozen data: jsonpath-rw does not know YAQL's types, so `..` goes no level down.
    pub(crate) fn find_in<'v, D: Document>(
        &self,
        document: &'v D,
        is_frozen: bool,
    ) -> Result<Vec<Cow<'v, D>>, PathError> {
        match &self.plan {
            Plan::Members(names) => {
                follow(names, document).map(|found| found.into_iter().collect())
            }
            Plan::Tree(tree) => evaluate::find(tree, document, is_frozen),
        }
        .map_err(|error| PathError::new(&self.text, error))
    }

    /// The first match, which is all that rule criteria look at; no match is `None`.
    pub fn first<'v, D: Document>(&self, document: &'v D) -> Result<Option<Cow<'v, D>>, PathError> {
        match &self.plan {
            Plan::Members(names) => {
                follow(names, document).map_err(|error| PathError::new(&self.text, error))
            }
            Plan::Tree(_) => Ok(self.find(document)?.into_iter().next()),
        }
    }
}

impl PathError {
    fn new(path: &str, error: Error) -> Self {
        Self {
            path: path.to_owned(),
            reason: error.message,
            class: error.class,
        }
    }
}

impl From<PathError> for Error {
    fn from(error: PathError) -> Self {
        Self::new(error.class, error.to_string())
    }
}

fn follow<'v, D: Document>(names: &[String], document: &'v D) -> Result<Option<Cow<'v, D>>, Error> {
    let mut value = document;
    for name in names {
        match (value.member(name), value.shape()) {
            (Some(member), _) => value = member,
            (None, Shape::Undefined(message)) => return Err(Error::new(Class::Undefined, message)),
            (None, _) => return Ok(None),
        }
    }
    Ok(Some(Cow::Borrowed(value)))
}

/// Collects the names of a chain of single members; false where the tree is anything else.
fn members(node: &Node, names: &mut Vec<String>) -> bool {
    match node {
        Node::Child(left, right) => members(left, names) && members(right, names),
        Node::Fields(fields) if fields.len() == 1 => {
            names.push(fields[0].clone());
            true
        }
        Node::Root => names.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn find(path: &str, document: &Value) -> Result<Vec<Value>, PathError> {
        Path::parse(path)?
            .find(document)
            .map(|found| found.into_iter().map(Cow::into_owned).collect())
    }

    #[test]
    fn a_chain_of_names_needs_no_tree() {
        let path = Path::parse("trigger.headers['X-Foo']").unwrap();

        assert!(matches!(path.plan, Plan::Members(_)));
        let document = json!({"trigger": {"headers": {"X-Foo": "1"}}});
        assert_eq!(path.first(&document).unwrap().as_deref(), Some(&json!("1")));
        assert_eq!(path.first(&json!({"trigger": []})).unwrap(), None);
    }

    #[test]
    fn a_bracket_takes_all_that_stands_before_it() {
        let document = json!({"a": [{"b": [1, 2]}, {"b": [3]}]});

        assert_eq!(find("$..b[0]", &document).unwrap(), [json!(1), json!(3)]);
        assert_eq!(find("a[-1].b", &document).unwrap(), [json!([3])]);
    }

    #[test]
    fn an_index_of_a_text_is_a_character() {
        let document = json!({"s": "hé"});

        assert_eq!(find("s[1]", &document).unwrap(), [json!("é")]);
        assert!(find("s[2]", &document).unwrap().is_empty());
        assert!(find("s[-3]", &document).is_err());
    }

    #[test]
    fn above_the_root_is_nothing() {
        let document = json!({"a": 1});

        for path in ["`parent`.a", "a.`parent`.`parent`.*", "`parent`.`parent`.a"] {
            assert!(find(path, &document).unwrap().is_empty(), "{path}");
        }
        for (path, class) in [
            ("`parent`", Class::Attribute),
            ("`parent`..a", Class::Attribute),
            ("`parent`[0]", Class::Type),
        ] {
            assert_eq!(find(path, &document).unwrap_err().class, class, "{path}");
        }
        assert_eq!(find("`parent`.$", &document).unwrap(), [Value::Null]);
    }

    #[test]
    fn both_kinds_of_documents_are_followed_alike() {
        let document = json!({"a": [{"b": [1, 2.5, "x", null, true]}, {"b": {}}], "s": "é"});
        let value = pyvalue::Value::from_json(&document);

        for path in [
            "a[*].b[*]",
            "$..b",
            "a[0].b[1:3]",
            "s[0]",
            "*",
            "a[-1].*",
            "a[0].b[1][0]",
            "a[1].b[0]",
            "a[0].b[4][0]",
            "a[0].b[3][0]",
            "s[-2]",
        ] {
            let path = Path::parse(path).unwrap();

            let in_json = path.find(&document).map(|found| json!(found));
            let in_value = path.find(&value).map(|found| {
                let found = found.iter().map(|value| value.to_json().unwrap());
                Value::Array(found.collect())
            });
            assert_eq!(in_json, in_value, "{path:?}");
        }
    }

    #[test]
    fn a_path_that_multiplies_is_stopped() {
        let mut document = json!(1);
        for _ in 0..60 {
            document = json!({ "a": document });
        }

        let error = find("$..*..*..*..*..*", &document).unwrap_err();

        assert_eq!(error.reason, "it looks at more than 1000000 values");
    }

    #[test]
    fn errors_say_what_and_where() {
        assert_eq!(
            find("a.?b", &json!({})).unwrap_err().to_string(),
            "path `a.?b`: unexpected `?` at column 3"
        );
        assert_eq!(
            find("a b", &json!({})).unwrap_err().to_string(),
            "path `a b`: unexpected `b` at column 3"
        );
        assert_eq!(
            find("a['b", &json!({})).unwrap_err().to_string(),
            "path `a['b`: the text that begins at column 3 has no closing `'`"
        );
        assert_eq!(
            find("", &json!({})).unwrap_err().to_string(),
            "path ``: it ends where a name, `*`, `[` or `$` is expected"
        );
        assert_eq!(
            find("n[0]", &json!({"n": 7})).unwrap_err().to_string(),
            "path `n[0]`: a number has no items"
        );
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in [
            "[",
            "[[",
            "a[1:",
            "`",
            "``",
            "'\\",
            "(((",
            "..",
            "a..",
            "a where",
            "[-]",
            "[99999999999999999999]",
        ] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
