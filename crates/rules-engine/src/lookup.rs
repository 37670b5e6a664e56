//! Where a criterion looks: its key, compiled.
//!
//! Nearly all keys only name members (`trigger.body.x`, `trigger.headers['X-Foo']`); those are followed in the payload
//! itself. For any other the document that the path language is defined on is made, once for an event.

use std::borrow::Cow;

use expr::Scope;
use expr::path::{Path, PathError};
use serde_json::Value;

use crate::subject::Subject;

/// A compiled key.
#[derive(Debug, Clone)]
pub(crate) enum Lookup {
    /// Members of the payload, one below the other; none is the payload itself.
    Members(Vec<String>),
    /// An item of the datastore.
    Datastore(String),
    /// Anything else.
    Path(Box<Path>),
    /// A key that is no path.
    Broken(PathError),
}

impl Lookup {
    /// Compiles a key. `root` is the name of the payload: `trigger`, or `item` in a search. What follows a `#` is
    /// there to tell apart keys that look at the same place, and does not count.
    pub(crate) fn new(key: &str, root: &str) -> Self {
        let text = key.split('#').next().unwrap_or(key);
        let path = match Path::parse(text) {
            Ok(path) => path,
            Err(error) => return Self::Broken(error),
        };
        match plain_members(text) {
            Some(mut members) if members.first().is_some_and(|first| first == root) => {
                members.remove(0);
                Self::Members(members)
            }
            Some(members) => match <[String; 2]>::try_from(members) {
                Ok([first, name]) if first == "system" => Self::Datastore(name),
                _ => Self::Path(Box::new(path)),
            },
            None => Self::Path(Box::new(path)),
        }
    }

    /// The first value found there; null where there is none.
    pub(crate) fn find<'s>(&self, subject: &'s Subject<'_>) -> Result<Cow<'s, Value>, PathError> {
        match self {
            Self::Members(members) => Ok(Cow::Borrowed(follow(members, subject.payload()))),
            Self::Datastore(name) => Ok(Cow::Owned(
                subject.item(name).map_or(Value::Null, Value::String),
            )),
            Self::Path(path) => Ok(path
                .first(subject.document())?
                .unwrap_or(Cow::Borrowed(&Value::Null))),
            Self::Broken(error) => Err(error.clone()),
        }
    }

    /// Which item of the datastore it reads.
    pub(crate) fn datastore(&self) -> Option<(Scope, String)> {
        match self {
            Self::Datastore(name) => Some((Scope::System, name.clone())),
            Self::Members(_) | Self::Path(_) | Self::Broken(_) => None,
        }
    }
}

/// The value that `members` lead to, or null.
pub(crate) fn follow<'v>(members: &[String], value: &'v Value) -> &'v Value {
    members
        .iter()
        .try_fold(value, |value, member| value.as_object()?.get(member))
        .unwrap_or(&Value::Null)
}

/// The names of a key that consists of names and quoted names in brackets only. Whatever else is written, the path
/// parser has to understand.
fn plain_members(text: &str) -> Option<Vec<String>> {
    let mut members = Vec::new();
    let mut rest = text;
    loop {
        let name = if let Some(quoted) = rest.strip_prefix("['") {
            let (name, after) = quoted.split_once('\'')?;
            rest = after.strip_prefix(']')?;
            name
        } else {
            if !members.is_empty() {
                rest = rest.strip_prefix('.')?;
            }
            let end = rest
                .find(|character: char| !is_name(character))
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() || name == "where" {
                return None;
            }
            rest = after;
            name
        };
        if name.contains('\\') || name == "*" {
            return None;
        }
        members.push(name.to_owned());
        if rest.is_empty() {
            return Some(members);
        }
    }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_names_need_no_path() {
        assert_eq!(
            plain_members("trigger.body.x-y").unwrap(),
            ["trigger", "body", "x-y"]
        );
        assert_eq!(
            plain_members("trigger.headers['X-Foo'].a").unwrap(),
            ["trigger", "headers", "X-Foo", "a"]
        );
        for other in [
            "trigger..x",
            "trigger.*",
            "trigger.list[0]",
            "trigger.a | trigger.b",
            " trigger.a",
            "trigger.",
            "",
        ] {
            assert_eq!(plain_members(other), None, "{other}");
        }
    }

    #[test]
    fn a_comment_in_a_key_does_not_count() {
        assert!(
            matches!(Lookup::new("trigger.a#2", "trigger"), Lookup::Members(members) if members == ["a"])
        );
        assert!(matches!(
            Lookup::new("trigger[", "trigger"),
            Lookup::Broken(_)
        ));
        assert!(
            matches!(Lookup::new("system.limit", "trigger"), Lookup::Datastore(name) if name == "limit")
        );
    }
}
