//! Python's `re`: its syntax, its meaning, its messages, on `fancy-regex`.

mod cache;
mod parse;
mod program;
mod source;
mod syntax;
mod template;
mod write;

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use program::{Anchor, Programs, Spans, Subject};
use template::Template;

use crate::{Budget, Dict, Error, Value};

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
    programs: Programs,
}

/// Where a pattern matched. Groups are counted from 1; 0 is the whole match.
#[derive(Debug, Clone)]
pub struct Match<'t> {
    regex: Regex,
    text: &'t str,
    spans: Spans,
}

/// Matches one after the other, as `re.finditer` yields them; stops after an error.
#[derive(Debug)]
pub struct Matches<'t> {
    regex: Regex,
    subject: Subject<'t>,
    /// Where to go on; none at the end.
    next: Option<usize>,
    /// Whether the last match was empty: another one at the same place must not be.
    was_empty: bool,
}

impl Regex {
    /// Compiles a pattern; the error (class [`Class::Regex`](crate::Class::Regex)) is worded as Python words it.
    pub fn new(pattern: &str, flags: Flags) -> Result<Self, Error> {
        let parsed = parse::parse(pattern, flags)?;
        Ok(Self(Arc::new(Compiled {
            pattern: pattern.to_owned(),
            flags,
            names: parsed.names,
            groups: parsed.groups,
            programs: Programs::new(parsed.node, parsed.groups)?,
        })))
    }

    /// As [`Regex::new`], remembering the last patterns of the process.
    pub fn cached(pattern: &str, flags: Flags) -> Result<Self, Error> {
        cache::get(pattern, flags)
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
    pub fn find_at<'t>(&self, text: &'t str, start: usize) -> Result<Option<Match<'t>>, Error> {
        self.run(Subject::new(text), start, Anchor::None)
    }

    /// `re.search`: the first match anywhere.
    pub fn search<'t>(&self, text: &'t str) -> Result<Option<Match<'t>>, Error> {
        self.find_at(text, 0)
    }

    /// `re.match`: a match at the start.
    pub fn match_start<'t>(&self, text: &'t str) -> Result<Option<Match<'t>>, Error> {
        self.run(Subject::new(text), 0, Anchor::Start)
    }

    /// `re.fullmatch`: a match of the whole text.
    pub fn full_match<'t>(&self, text: &'t str) -> Result<Option<Match<'t>>, Error> {
        self.run(Subject::new(text), 0, Anchor::Full)
    }

    /// Whether `re.search` finds something; cheaper than [`Regex::search`].
    pub fn is_match(&self, text: &str) -> Result<bool, Error> {
        self.0.programs.matches(Subject::new(text), Anchor::None)
    }

    /// Whether `re.match` finds something; cheaper than [`Regex::match_start`].
    pub fn is_match_at_start(&self, text: &str) -> Result<bool, Error> {
        self.0.programs.matches(Subject::new(text), Anchor::Start)
    }

    /// `re.finditer`: matches that do not overlap, empty ones too.
    #[must_use]
    pub fn iter<'t>(&self, text: &'t str) -> Matches<'t> {
        Matches {
            regex: self.clone(),
            subject: Subject::new(text),
            next: Some(0),
            was_empty: false,
        }
    }

    /// `re.findall`: texts of the matches, of the only group, or tuples of all groups; empty texts for groups that
    /// took no part.
    pub fn find_all(&self, text: &str, budget: &Budget) -> Result<Vec<Value>, Error> {
        let mut all = Vec::new();
        self.each(text, 0, budget, |found| {
            let text_of = |group| Value::from(found.group(group).unwrap_or_default());
            all.push(match self.group_count() {
                0 => text_of(0),
                1 => text_of(1),
                groups => Value::tuple((1..=groups).map(text_of).collect()),
            });
            budget.charge((1 + self.group_count()) * size_of::<Value>() + found.text().len())
        })?;
        Ok(all)
    }

    /// `re.split`: texts between matches, and the groups' texts between those (`None` where one did not take part).
    /// At most `max` splits; all where it is 0, none where it is negative.
    pub fn split(&self, text: &str, max: i64, budget: &Budget) -> Result<Vec<Value>, Error> {
        let mut parts = Vec::new();
        let mut last = 0;
        self.each(text, max, budget, |found| {
            let span = found.span(0).unwrap_or_default();
            parts.push(text[last..span.start].into());
            parts.extend(found.groups());
            budget.charge((1 + self.group_count()) * size_of::<Value>() + span.end - last)?;
            last = span.end;
            Ok::<_, Error>(())
        })?;
        parts.push(text[last..].into());
        Ok(parts)
    }

    /// `re.sub` with a template (`\1`, `\g<name>`). At most `count` replacements; all where it is 0, none where it is
    /// negative.
    pub fn replace(
        &self,
        text: &str,
        template: &str,
        count: i64,
        budget: &Budget,
    ) -> Result<String, Error> {
        let template = Template::parse(template, self)?;
        self.replace_with(text, count, budget, |found| Ok(template.expand(found)))
    }

    /// `re.sub` with a function.
    pub fn replace_with<E: From<Error>>(
        &self,
        text: &str,
        count: i64,
        budget: &Budget,
        mut by: impl FnMut(&Match<'_>) -> Result<String, E>,
    ) -> Result<String, E> {
        budget.charge(text.len())?;
        let mut output = String::with_capacity(text.len());
        let mut last = 0;
        self.each(text, count, budget, |found| {
            let span = found.span(0).unwrap_or_default();
            let replacement = by(found)?;
            budget.charge(replacement.len())?;
            output.push_str(&text[last..span.start]);
            output.push_str(&replacement);
            last = span.end;
            Ok::<_, E>(())
        })?;
        output.push_str(&text[last..]);
        Ok(output)
    }

    /// Calls `with` for each match, at most `count` of them (all for 0, none for less). Slow searches cost more steps.
    fn each<E: From<Error>>(
        &self,
        text: &str,
        count: i64,
        budget: &Budget,
        mut with: impl FnMut(&Match<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut matches = self.iter(text);
        let mut done = 0;
        while count == 0 || done < count {
            let started = Instant::now();
            let Some(found) = matches.next().transpose()? else {
                break;
            };
            let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            budget.steps(took.saturating_add(1))?;
            with(&found)?;
            done += 1;
        }
        Ok(())
    }

    fn run<'t>(
        &self,
        subject: Subject<'t>,
        start: usize,
        anchor: Anchor,
    ) -> Result<Option<Match<'t>>, Error> {
        let start = subject.text.floor_char_boundary(start);
        let spans = self.0.programs.find(subject, start, anchor)?;
        Ok(spans.map(|spans| Match {
            regex: self.clone(),
            text: subject.text,
            spans,
        }))
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

    /// `match.expand(template)`.
    pub fn expand(&self, template: &str) -> Result<String, Error> {
        Ok(Template::parse(template, &self.regex)?.expand(self))
    }

    /// The pattern that matched.
    #[must_use]
    pub fn regex(&self) -> &Regex {
        &self.regex
    }
}

impl<'t> Matches<'t> {
    fn find_from(&self, start: usize) -> Result<Option<Match<'t>>, Error> {
        if !self.was_empty {
            return self.regex.run(self.subject, start, Anchor::None);
        }
        if let Some(found) = self.regex.run(self.subject, start, Anchor::NotEmpty)? {
            return Ok(Some(found));
        }
        let Some(character) = self.subject.text[start..].chars().next() else {
            return Ok(None);
        };
        self.regex
            .run(self.subject, start + character.len_utf8(), Anchor::None)
    }
}

impl<'t> Iterator for Matches<'t> {
    type Item = Result<Match<'t>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.find_from(self.next?);
        self.next = None;
        if let Ok(Some(found)) = &found
            && let Some(span) = found.span(0)
        {
            self.next = Some(span.end);
            self.was_empty = span.is_empty();
        }
        found.transpose()
    }
}

/// `re.escape`.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(
            character,
            '\t' | '\n'
                | '\x0b'
                | '\x0c'
                | '\r'
                | ' '
                | '#'
                | '$'
                | '&'
                | '('
                | ')'
                | '*'
                | '+'
                | '-'
                | '.'
                | '?'
                | '['
                | '\\'
                | ']'
                | '^'
                | '{'
                | '|'
                | '}'
                | '~'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
