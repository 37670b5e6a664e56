//! The names that expressions may use in a place, and what to say about others.

use std::collections::BTreeSet;

use diagnostic::{Diagnostic, Kind, nearest};
use expr::Template;

use super::{ExpressionFinding, Search};
use crate::Place;

/// What `st2kv` holds.
const SCOPES: [&str; 2] = ["system", "user"];

/// How sure it is that no other name has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Only these have one.
    Known,
    /// Others may: one is odd only if it looks like one of these.
    Likely,
    /// Nothing is known.
    Unknown,
}

/// Names that expressions may use.
#[derive(Debug)]
pub(super) struct Names<'n> {
    known: BTreeSet<&'n str>,
    certainty: Certainty,
    /// What to write instead of an unknown name.
    advice: &'static str,
    /// The trigger type, and the members of its payload that it describes.
    payload: Option<(&'n str, &'n [String])>,
}

impl<'n> Names<'n> {
    pub(super) fn new(
        names: impl IntoIterator<Item = &'n str>,
        certainty: Certainty,
        advice: &'static str,
    ) -> Self {
        Self {
            known: names.into_iter().collect(),
            certainty,
            advice,
            payload: None,
        }
    }

    /// Any name may have a value.
    pub(super) fn any() -> Self {
        Self::new([], Certainty::Unknown, "")
    }

    /// The same, where `trigger` is the payload of this type.
    pub(super) fn payload(self, type_ref: &'n str, members: Option<&'n [String]>) -> Self {
        Self {
            payload: members.map(|members| (type_ref, members)),
            ..self
        }
    }

    /// What is said about names in a template that have no value here.
    pub(super) fn unknown_in(&self, text: &str) -> Vec<Diagnostic> {
        if !Template::is_template(text) {
            return Vec::new();
        }
        let Ok(template) = Template::compile(text) else {
            return Vec::new();
        };
        let names = template.names();
        let mut found: Vec<Diagnostic> = names
            .iter()
            .filter_map(|name| self.unknown(text, name))
            .collect();
        if names.iter().any(|name| name == "st2kv") {
            found.extend(unknown_scope(text));
        }
        if names.iter().any(|name| name == "trigger") {
            found.extend(members(text, "trigger").find_map(|(at, name)| {
                let problem = self.unlikely_member(name)?;
                Some(problem.at(&text.into(), at..at + name.len()))
            }));
        }
        found
    }

    fn unknown(&self, text: &str, name: &str) -> Option<Diagnostic> {
        // The whole context; only who knows the engine well uses it.
        if self.known.contains(name) || name == "__context" {
            return None;
        }
        let near = nearest(name, self.known.iter().copied());
        let note = match (near, self.certainty) {
            (_, Certainty::Unknown) | (None, Certainty::Likely) => return None,
            (None, Certainty::Known) if name == "system" || name == "user" => {
                format!("the datastore is `st2kv`: write `st2kv.{name}`")
            }
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Certainty::Known) => self.advice.to_owned(),
        };
        let problem = Diagnostic::new(Kind::Undefined, format!("`{name}` has no value here"));
        let problem = match words(text).find(|(_, word)| *word == name) {
            Some((at, word)) => problem.at(&text.into(), at..at + word.len()),
            None => problem,
        };
        Some(problem.note(note))
    }

    /// A member of the payload that is not described, and looks like one that is.
    fn unlikely_member(&self, name: &str) -> Option<Diagnostic> {
        let (type_ref, members) = self.payload?;
        if members.iter().any(|known| known == name) {
            return None;
        }
        let near = nearest(name, members.iter().map(String::as_str))?;
        let problem = format!("the payload of `{type_ref}` is described without `{name}`");
        Some(Diagnostic::new(Kind::Undefined, problem).note(format!("did you mean `{near}`?")))
    }
}

impl Search {
    /// A criterion's key, which leads into the payload.
    pub(super) fn payload_path(&mut self, key: &str, names: &Names<'_>) {
        let Some((at, name)) = members(key, "trigger").next().filter(|(at, _)| *at == 8) else {
            return;
        };
        if let Some(problem) = names.unlikely_member(name) {
            self.findings.push(ExpressionFinding {
                path: self.path.clone(),
                place: Place::Key,
                diagnostic: problem.at(&key.into(), at..at + name.len()),
            });
        }
    }
}

/// A scope of the datastore that does not exist; most often it was left out.
fn unknown_scope(text: &str) -> Option<Diagnostic> {
    let (at, scope) = members(text, "st2kv").find(|(_, scope)| !SCOPES.contains(scope))?;
    let rest = &text[at + scope.len()..];
    let note = match nearest(scope, SCOPES) {
        Some(near) => format!("did you mean `st2kv.{near}`?"),
        // A call (`st2kv.items()`) is something else.
        None if rest.starts_with('(') => return None,
        None => format!("write `st2kv.system.{scope}`, or `st2kv.user.{scope}` for the user's own"),
    };
    let problem = format!("`st2kv` has no `{scope}`, only `system` and `user`");
    Some(
        Diagnostic::new(Kind::Undefined, problem)
            .at(&text.into(), at..at + scope.len())
            .note(note),
    )
}

/// The names that follow `of` and a dot, with their places.
fn members<'t>(text: &'t str, of: &'static str) -> impl Iterator<Item = (usize, &'t str)> {
    words(text)
        .filter(move |(_, word)| *word == of)
        .filter_map(|(at, word)| {
            let start = at + word.len() + 1;
            let follows = text[at + word.len()..].starts_with('.');
            let member = words(text.get(start..)?).next()?.1;
            (follows && text[start..].starts_with(member)).then_some((start, member))
        })
}

/// Words that stand by themselves: not behind a dot, not in a longer name.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find(is_name)?;
            let rest = &text[start..];
            let end = start + rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            at = end;
            if !text[..start].ends_with('.') {
                return Some((start, &text[start..end]));
            }
        }
    })
}
