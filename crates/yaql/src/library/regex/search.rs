//! Matches, and what a lambda makes of them.

use pyvalue::regex::{Match, Regex};
use pyvalue::{Dict, Value};

use super::{REGEXP, STRING, pattern};
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param};
use crate::lambda::Lambda;

const SELECTOR: Param = Param::lambda("selector").or_null();

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("search", &[REGEXP, STRING, SELECTOR], search),
    Function::method("searchAll", &[REGEXP, STRING, SELECTOR], search_all),
];

/// Counts characters on the way from one position of a text to the next.
pub(super) struct Ruler<'t> {
    text: &'t str,
    byte: usize,
    character: usize,
}

impl<'t> Ruler<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            byte: 0,
            character: 0,
        }
    }

    fn characters(&mut self, byte: usize) -> i64 {
        let count = |part: &str| part.chars().count();
        if byte >= self.byte {
            self.character += count(&self.text[self.byte..byte]);
        } else {
            self.character -= count(&self.text[byte..self.byte]);
        }
        self.byte = byte;
        i64::try_from(self.character).unwrap_or(i64::MAX)
    }

    /// What a group took: `value`, `start`, `end`; null and -1 where it took no part.
    fn record(&mut self, found: &Match<'_>, group: usize) -> Value {
        let (start, end) = match found.span(group) {
            Some(span) => (self.characters(span.start), self.characters(span.end)),
            None => (-1, -1),
        };
        let members = [
            ("value", Value::from(found.group(group))),
            ("start", Value::Int(start)),
            ("end", Value::Int(end)),
        ];
        Value::Dict(members.into_iter().collect::<Dict>())
    }
}

/// What a lambda sees of a match: `$` is the whole, `$2` the first group, `$3` the second.
pub(super) struct Published {
    values: Vec<Value>,
    named: Vec<(std::sync::Arc<str>, Value)>,
}

impl Published {
    /// Named groups fail as they do in the Python original, which takes their texts apart into a name and a value: only
    /// a text of two characters passes, the second of which names a group.
    pub(super) fn of(found: &Match<'_>, ruler: &mut Ruler<'_>, run: &Run<'_>) -> Outcome<Self> {
        let regex = found.regex();
        let groups = regex.group_count() + 1;
        run.budget().charge(groups * 10 * size_of::<Value>())?;
        let mut named = Vec::new();
        for (name, group) in regex.group_names() {
            let taken = found.group(group).ok_or_else(|| {
                Fault::wrong_type(format!(
                    "the named group `{name}` took no part, and cannot be used with a selector"
                ))
            })?;
            let mut characters = taken.chars();
            let (Some(key), Some(value), None) =
                (characters.next(), characters.next(), characters.next())
            else {
                return Err(unusable(name));
            };
            let group = regex
                .group_index(&value.to_string())
                .ok_or_else(|| unusable(name))?;
            let mut record = ruler.record(found, group);
            if let Value::Dict(members) = &mut record {
                members.insert("value", value.to_string());
            }
            named.push((key.to_string().into(), record));
        }
        Ok(Self {
            values: (0..groups)
                .map(|group| ruler.record(found, group))
                .collect(),
            named,
        })
    }

    pub(super) fn apply(&self, lambda: &Lambda, run: &Run<'_>) -> Outcome {
        lambda.invoke_named(run, &self.values, &self.named)
    }
}

fn unusable(name: &str) -> Fault {
    Fault::bad_value(format!(
        "the named group `{name}` cannot be used with a selector; leave its name out and use its number"
    ))
}

fn search(call: &Call<'_>) -> Outcome {
    let text = call.text(1)?;
    let regex = pattern(call, 0)?;
    let Some(found) = call.run().timed(|| regex.search(text))?? else {
        return Ok(Value::None);
    };
    match call.lambda_or_none(2) {
        None => Ok(found.text().into()),
        Some(selector) => {
            Published::of(&found, &mut Ruler::new(text), call.run())?.apply(selector, call.run())
        }
    }
}

/// Matches are found at once, what the selector makes of them when it is asked for.
fn search_all(call: &Call<'_>) -> Outcome {
    let (regex, text) = (pattern(call, 0)?, call.text(1)?);
    let Some(selector) = call.lambda_or_none(2).cloned() else {
        let mut texts = all(call, regex, text, |found, _| Ok(found.text().into()))?.into_iter();
        return call.lazy(move |_: &Run<'_>| Ok(texts.next()));
    };
    let found = all(call, regex, text, |found, ruler| {
        Ok(Published::of(found, ruler, call.run()))
    })?;
    let mut found = found.into_iter();
    call.lazy(move |run: &Run<'_>| match found.next() {
        Some(published) => published?.apply(&selector, run).map(Some),
        None => Ok(None),
    })
}

fn all<T>(
    call: &Call<'_>,
    regex: &Regex,
    text: &str,
    mut of: impl FnMut(&Match<'_>, &mut Ruler<'_>) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    let mut ruler = Ruler::new(text);
    let mut collected = Vec::new();
    let mut matches = regex.iter(text);
    while let Some(found) = call.run().timed(|| matches.next())? {
        let found = found?;
        call.budget().step()?;
        call.budget()
            .charge(2 * size_of::<Value>() + found.text().len())?;
        collected.push(of(&found, &mut ruler)?);
    }
    Ok(collected)
}
