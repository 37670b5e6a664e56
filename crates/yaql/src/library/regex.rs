//! Regular expressions: Python's `re`.

mod replace;
mod search;

use pyvalue::regex::{Flags, Regex, escape};
use pyvalue::{Object, Value, write_quoted};

use crate::function::{Call, Fault, Function, Outcome, Param, Type};

const STRING: Param = Param::new("string", Type::Str);
const REGEXP: Param = Param::new("regexp", Type::Regex);
const PATTERN: Param = Param::new("pattern", Type::Str);

const fn flag(name: &'static str) -> Param {
    Param::new(name, Type::Bool).nullable().or_bool(false)
}

/// A table for each file.
pub(crate) const TABLES: &[&[Function]] = &[FUNCTIONS, replace::FUNCTIONS, search::FUNCTIONS];

const FUNCTIONS: &[Function] = &[
    Function::function(
        "regex",
        &[
            PATTERN,
            flag("ignoreCase"),
            flag("multiLine"),
            flag("dotAll"),
        ],
        regex,
    ),
    Function::function("escapeRegex", &[STRING], escape_regex),
    Function::function("isRegex", &[Param::any("value")], |call| {
        Ok(Value::Bool(call.arg(0).as_object::<Pattern>().is_some()))
    }),
    Function::method("matches", &[REGEXP, STRING], |call| {
        matches(call, pattern(call, 0)?, call.text(1)?).map(Value::Bool)
    }),
    Function::method(
        "matches",
        &[STRING, Param::new("regexp", Type::Str)],
        |call| text_matches(call).map(Value::Bool),
    ),
    Function::function("#operator_=~", &[STRING, PATTERN], |call| {
        text_matches(call).map(Value::Bool)
    }),
    Function::function("#operator_=~", &[STRING, REGEXP], |call| {
        matches(call, pattern(call, 1)?, call.text(0)?).map(Value::Bool)
    }),
    Function::function("#operator_!~", &[STRING, PATTERN], |call| {
        text_matches(call).map(|does| Value::Bool(!does))
    }),
    Function::function("#operator_!~", &[STRING, REGEXP], |call| {
        matches(call, pattern(call, 1)?, call.text(0)?).map(|does| Value::Bool(!does))
    }),
];

/// A compiled pattern as a value.
#[derive(Debug)]
struct Pattern(Regex);

impl Object for Pattern {
    fn type_name(&self) -> &'static str {
        "Pattern"
    }

    /// `re.compile('a', re.IGNORECASE)`; of a long pattern the beginning.
    fn repr(&self) -> String {
        const SHOWN: usize = 200;
        let mut quoted = String::new();
        write_quoted(self.0.pattern(), &mut quoted);
        let mut text: String = "re.compile("
            .chars()
            .chain(quoted.chars().take(SHOWN))
            .collect();
        let flags = self.0.flags();
        let names = [
            (flags.ignore_case, "re.IGNORECASE"),
            (flags.multi_line, "re.MULTILINE"),
            (flags.dot_all, "re.DOTALL"),
        ];
        let names: Vec<&str> = names
            .into_iter()
            .filter_map(|(is_set, name)| is_set.then_some(name))
            .collect();
        if !names.is_empty() {
            text.push_str(", ");
            text.push_str(&names.join("|"));
        }
        text.push(')');
        text
    }

    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Self>().is_some_and(|other| {
            self.0.pattern() == other.0.pattern() && self.0.flags() == other.0.flags()
        })
    }
}

/// A pattern of this expression, compiled once an evaluation.
///
/// How large a compiled pattern is can only be guessed. Counted repetitions are written out, so such a pattern may
/// become as large as patterns are allowed to.
fn compiled(call: &Call<'_>, pattern: &str, flags: Flags) -> Outcome<Regex> {
    const LARGEST: usize = 1 << 20;
    const CHARACTER: usize = 1 << 10;
    call.run().pattern(pattern, flags, || {
        let size = if pattern.contains('{') {
            LARGEST
        } else {
            LARGEST.min((pattern.len() + 2) * CHARACTER)
        };
        call.budget().charge(size)?;
        call.budget().steps((size / 256) as u64)?;
        Ok(Regex::cached(pattern, flags)?)
    })
}

fn pattern<'c>(call: &Call<'c>, index: usize) -> Outcome<&'c Regex> {
    match call.arg(index).as_object::<Pattern>() {
        Some(pattern) => Ok(&pattern.0),
        None => Err(Fault::wrong_type("this is no regular expression")),
    }
}

fn regex(call: &Call<'_>) -> Outcome {
    let flags = Flags {
        ignore_case: call.is_true(1),
        multi_line: call.is_true(2),
        dot_all: call.is_true(3),
        ..Flags::default()
    };
    Ok(Value::object(Pattern(compiled(
        call,
        call.text(0)?,
        flags,
    )?)))
}

fn escape_regex(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    call.budget().charge(text.len() * 2)?;
    Ok(escape(text).into())
}

/// Anywhere in the text.
fn matches(call: &Call<'_>, regex: &Regex, text: &str) -> Outcome<bool> {
    Ok(call.run().timed(|| regex.is_match(text))??)
}

fn text_matches(call: &Call<'_>) -> Outcome<bool> {
    let regex = compiled(call, call.text(1)?, Flags::default())?;
    matches(call, &regex, call.text(0)?)
}
