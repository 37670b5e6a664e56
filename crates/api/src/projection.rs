//! `include_attributes` and `exclude_attributes`: which members of a view are answered.

use model::Object;
use serde_json::Value;

use crate::ApiError;
use crate::extract::Params;

/// What a resource's view consists of.
#[derive(Debug)]
pub(crate) struct Attributes {
    /// Every member.
    pub(crate) names: &'static [&'static str],
    /// The members that may be left out; all where `None`.
    pub(crate) excludable: Option<&'static [&'static str]>,
    /// Members that are answered whole or not at all: no dots into them.
    pub(crate) whole: &'static [&'static str],
}

/// Which members a request wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Projection {
    /// All.
    All,
    /// These paths, and the id (and the reference of what comes in packs).
    Only(Vec<String>),
    /// All but these paths.
    Without(Vec<String>),
}

impl Projection {
    pub(crate) fn read(params: &Params, attributes: &Attributes) -> Result<Self, ApiError> {
        let (included, excluded) = (
            params.words("include_attributes"),
            params.words("exclude_attributes"),
        );
        if !included.is_empty() && !excluded.is_empty() {
            return Err(ApiError::bad_request(
                "exclude_attributes and include_attributes arguments are mutually exclusive. You need to provide \
                 either one or another, but not both.",
            ));
        }
        if let Some(path) = included.iter().find(|path| !attributes.has(path)) {
            return Err(unsupported("include", path));
        }
        if let Some(path) = excluded.iter().find(|path| !attributes.lets_go(path)) {
            return Err(unsupported("exclude", path));
        }
        let owned = |paths: Vec<&str>| paths.into_iter().map(str::to_owned).collect::<Vec<_>>();
        Ok(match (included.is_empty(), excluded.is_empty()) {
            (true, true) => Self::All,
            (false, _) => {
                let mut paths = owned(included.into_iter().map(answered).collect());
                paths.extend(attributes.identity().map(str::to_owned));
                Self::Only(paths)
            }
            (true, false) => Self::Without(owned(excluded)),
        })
    }

    /// Whether anything of this member is wanted: what is not need not be looked up.
    pub(crate) fn wants(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(paths) => paths.iter().any(|path| top(path) == name),
            Self::Without(paths) => !paths.iter().any(|path| path == name),
        }
    }

    /// The members of `view` that are wanted.
    pub(crate) fn apply(&self, mut view: Value) -> Value {
        match self {
            Self::All => view,
            Self::Only(paths) => {
                let mut kept = Object::new();
                for path in paths.iter().map(String::as_str).chain(["id"]) {
                    copy(&view, &mut kept, path);
                }
                Value::Object(kept)
            }
            Self::Without(paths) => {
                for path in paths {
                    remove(&mut view, path);
                }
                view
            }
        }
    }
}

impl Attributes {
    fn has(&self, path: &str) -> bool {
        self.names.contains(&top(path)) && (top(path) == path || !self.whole.contains(&top(path)))
    }

    /// What names a thing that comes in a pack is always answered, as in StackStorm.
    fn identity(&self) -> Option<&'static str> {
        let comes_in_packs = self.names.contains(&"ref") && self.names.contains(&"pack");
        comes_in_packs.then_some("ref")
    }

    fn lets_go(&self, path: &str) -> bool {
        match self.excludable {
            Some(names) => names.contains(&path),
            None => path != "id" && self.has(path),
        }
    }
}

/// The part that is answered where this one is asked for: of a context, as in StackStorm, all of it.
fn answered(path: &str) -> &str {
    match top(path) {
        "context" => "context",
        _ => path,
    }
}

fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

fn unsupported(what: &str, path: &str) -> ApiError {
    ApiError::BadRequest(format!(
        "Invalid or unsupported {what} attribute specified: {path}"
    ))
}

fn copy(from: &Value, to: &mut Object, path: &str) {
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(value) = from.get(name) else { return };
    let Some(rest) = rest else {
        to.insert(name.to_owned(), value.clone());
        return;
    };
    let inner = to
        .entry(name)
        .or_insert_with(|| Value::Object(Object::new()));
    if let Value::Object(inner) = inner {
        copy(value, inner, rest);
    }
}

fn remove(view: &mut Value, path: &str) {
    let Value::Object(members) = view else { return };
    match path.split_once('.') {
        Some((name, rest)) => {
            if let Some(inner) = members.get_mut(name) {
                remove(inner, rest);
            }
        }
        None => {
            members.remove(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ATTRIBUTES: Attributes = Attributes {
        names: &["id", "name", "action", "result"],
        excludable: None,
        whole: &["result"],
    };

    fn read(query: &str) -> Result<Projection, String> {
        Projection::read(&Params::parse(query), &ATTRIBUTES).map_err(|error| error.to_string())
    }

    #[test]
    fn keeps_what_is_included_by_its_path_and_the_id() {
        let view = json!({"id": "1", "name": "x", "action": {"ref": "a.b", "pack": "a"}, "result": {"ok": true}});

        let kept = read("include_attributes=name,action.ref")
            .unwrap()
            .apply(view);

        assert_eq!(
            kept,
            json!({"name": "x", "action": {"ref": "a.b"}, "id": "1"})
        );
    }

    #[test]
    fn a_context_is_answered_as_a_whole() {
        let attributes = Attributes {
            names: &["id", "context"],
            excludable: None,
            whole: &[],
        };
        let view = json!({"id": "1", "context": {"user": "me", "orquesta": {"task_name": "a"}}});

        let wanted = Projection::read(
            &Params::parse("include_attributes=context.orquesta"),
            &attributes,
        );

        assert_eq!(wanted.unwrap().apply(view.clone()), view);
    }

    #[test]
    fn what_comes_in_packs_keeps_its_reference() {
        let attributes = Attributes {
            names: &["id", "ref", "pack", "name"],
            excludable: None,
            whole: &[],
        };

        let wanted = Projection::read(&Params::parse("include_attributes=name"), &attributes);

        assert_eq!(
            wanted
                .unwrap()
                .apply(json!({"id": "1", "ref": "a.b", "pack": "a", "name": "b"})),
            json!({"id": "1", "ref": "a.b", "name": "b"})
        );
    }

    #[test]
    fn drops_what_is_excluded() {
        let view = json!({"id": "1", "name": "x", "action": {"ref": "a.b", "pack": "a"}});

        let kept = read("exclude_attributes=name,action.pack")
            .unwrap()
            .apply(view);

        assert_eq!(kept, json!({"id": "1", "action": {"ref": "a.b"}}));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(
            read("include_attributes=nonsense").unwrap_err(),
            "Invalid or unsupported include attribute specified: nonsense"
        );
        assert_eq!(
            read("exclude_attributes=name,nonsense").unwrap_err(),
            "Invalid or unsupported exclude attribute specified: nonsense"
        );
        assert!(read("include_attributes=result.ok").is_err());
        assert!(read("exclude_attributes=id").is_err());
        assert!(read("include_attributes=name&exclude_attributes=result").is_err());
    }

    #[test]
    fn tells_what_need_not_be_looked_up() {
        assert!(
            read("include_attributes=action.ref")
                .unwrap()
                .wants("action")
        );
        assert!(
            !read("include_attributes=action.ref")
                .unwrap()
                .wants("result")
        );
        assert!(!read("exclude_attributes=result").unwrap().wants("result"));
        assert!(read("").unwrap().wants("result"));
    }
}
