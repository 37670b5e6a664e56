//! Python's `re`: its syntax, its meaning, its messages, on `fancy-regex`.

use std::ops::Range;
use std::sync::Arc;

use crate::{Budget, Class, Dict, Error, Value};

/// How a pattern is read, beside the flags it sets itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of `re`, each on its own"
)]
pub struct Flags {
    /// `re.IGNORECASE`.
    pub ignore_case: bool,
    /// `re.MULTILINE`.
    pub multi_line: bool,
    /// `re.DOTALL`.
    pub dot_all: bool,
    /// `re.VERBOSE`.
    pub verbose: bool,
}

/// A compiled pattern. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Regex(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    pattern: String,
    flags: Flags,
    names: Vec<(Arc<str>, usize)>,
    groups: usize,
}

/// Where a pattern matched. Groups are counted from 1; 0 is the whole match.
#[derive(Debug, Clone)]
pub struct Match<'t> {
    regex: Regex,
    text: &'t str,
    spans: Vec<Option<(usize, usize)>>,
}

/// Matches one after the other, as `re.finditer` yields them; stops after an error.
#[derive(Debug)]
pub struct Matches<'t> {
    regex: Regex,
    text: &'t str,
}

fn pending() -> Error {
    Error::new(Class::Regex, "not yet")
}

impl Regex {
    /// Compiles a pattern; the error (class [`Class::Regex`]) is worded as Python words it.
    pub fn new(pattern: &str, flags: Flags) -> Result<Self, Error> {
        let _ = (pattern, flags);
        Err(pending())
    }

    /// As [`Regex::new`], remembering the last patterns.
    pub fn cached(pattern: &str, flags: Flags) -> Result<Self, Error> {
        Self::new(pattern, flags)
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.0.pattern
    }

    /// The flags given beside the pattern.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.0.flags
    }

    /// How many groups there are, the whole match not counted.
    #[must_use]
    pub fn group_count(&self) -> usize {
        self.0.groups
    }

    /// Named groups, in the order of the pattern.
    pub fn group_names(&self) -> impl Iterator<Item = (&Arc<str>, usize)> {
        self.0.names.iter().map(|(name, group)| (name, *group))
    }

    /// The number of a named group.
    #[must_use]
    pub fn group_index(&self, name: &str) -> Option<usize> {
        self.group_names()
            .find_map(|(known, group)| (**known == *name).then_some(group))
    }

    /// The first match at or after a byte offset (`pattern.search(text, pos)`).
    pub fn find_at<'t>(&self, _text: &'t str, _start: usize) -> Result<Option<Match<'t>>, Error> {
        Err(pending())
    }

    /// `re.search`: the first match anywhere.
    pub fn search<'t>(&self, text: &'t str) -> Result<Option<Match<'t>>, Error> {
        self.find_at(text, 0)
    }

    /// `re.match`: a match at the start.
    pub fn match_start<'t>(&self, _text: &'t str) -> Result<Option<Match<'t>>, Error> {
        Err(pending())
    }

    /// `re.fullmatch`: a match of the whole text.
    pub fn full_match<'t>(&self, _text: &'t str) -> Result<Option<Match<'t>>, Error> {
        Err(pending())
    }

    /// `re.finditer`: matches that do not overlap, empty ones too.
    #[must_use]
    pub fn iter<'t>(&self, text: &'t str) -> Matches<'t> {
        Matches {
            regex: self.clone(),
            text,
        }
    }

    /// `re.findall`: texts of the matches, of the only group, or tuples of all groups.
    pub fn find_all(&self, _text: &str, _budget: &Budget) -> Result<Vec<Value>, Error> {
        Err(pending())
    }

    /// `re.split`: texts between matches, and the groups' texts between those (`None` where one did not take part).
    /// At most `max` splits; all where it is 0, none where it is negative.
    pub fn split(&self, _text: &str, _max: i64, _budget: &Budget) -> Result<Vec<Value>, Error> {
        Err(pending())
    }

    /// `re.sub` with a template (`\1`, `\g<name>`). At most `count` replacements; all where it is 0, none where it is
    /// negative.
    pub fn replace(
        &self,
        _text: &str,
        _template: &str,
        _count: i64,
        _budget: &Budget,
    ) -> Result<String, Error> {
        Err(pending())
    }

    /// `re.sub` with a function.
    pub fn replace_with<E: From<Error>>(
        &self,
        _text: &str,
        _count: i64,
        _budget: &Budget,
        _by: impl FnMut(&Match<'_>) -> Result<String, E>,
    ) -> Result<String, E> {
        Err(pending().into())
    }
}

impl<'t> Match<'t> {
    /// Bytes of the text that a group took; none where it took no part, or does not exist.
    #[must_use]
    pub fn span(&self, group: usize) -> Option<Range<usize>> {
        let (start, end) = (*self.spans.get(group)?)?;
        Some(start..end)
    }

    /// As [`Match::span`], in characters.
    #[must_use]
    pub fn character_span(&self, group: usize) -> Option<Range<usize>> {
        let span = self.span(group)?;
        let start = self.text[..span.start].chars().count();
        Some(start..start + self.text[span].chars().count())
    }

    /// Text of a group.
    #[must_use]
    pub fn group(&self, group: usize) -> Option<&'t str> {
        Some(&self.text[self.span(group)?])
    }

    /// Text of the whole match.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.group(0).unwrap_or_default()
    }

    /// Text of a named group.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'t str> {
        self.group(self.regex.group_index(name)?)
    }

    /// `match.groups()`: texts of all groups from 1 on, `None` for those without.
    #[must_use]
    pub fn groups(&self) -> Vec<Value> {
        (1..self.spans.len())
            .map(|group| self.group(group).into())
            .collect()
    }

    /// `match.groupdict()`.
    #[must_use]
    pub fn group_dict(&self) -> Dict {
        self.regex
            .group_names()
            .map(|(name, group)| (Value::Str(name.clone()), Value::from(self.group(group))))
            .collect()
    }

    /// The pattern that matched.
    #[must_use]
    pub fn regex(&self) -> &Regex {
        &self.regex
    }
}

impl<'t> Iterator for Matches<'t> {
    type Item = Result<Match<'t>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.regex.search(self.text).transpose()
    }
}

/// `re.escape`.
#[must_use]
pub fn escape(text: &str) -> String {
    text.to_owned()
}
