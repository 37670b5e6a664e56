//! What is known of a value's expressions without evaluating them.

use diagnostic::Diagnostic;

use super::compile::{Body, Fault, Inline, is_syntax};
use super::{Compiled, Expression, ExpressionError, Language, Statement, find};

/// A variable of the context that a text reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The language it is read in.
    pub language: Language,
    /// The text.
    pub statement: String,
    /// The variable.
    pub variable: String,
}

impl Statement {
    /// What keeps the value's expressions from being evaluated at all, in order: syntax errors, and texts that mix the
    /// languages. Unknown functions and filters are not looked for; [`crate::lint`] does that.
    #[must_use]
    pub fn validate(&self) -> Vec<Fault> {
        self.texts().into_iter().flat_map(validate).collect()
    }
}

impl Fault {
    /// The language; none where languages are mixed.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        match self {
            Self::Expression(error) => Some(error.language),
            Self::MixedLanguages(_) => None,
        }
    }

    /// The expression at fault, or the whole text.
    #[must_use]
    pub fn expression(&self) -> &str {
        match self {
            Self::Expression(error) => &error.expression,
            Self::MixedLanguages(text) => text,
        }
    }
}

fn validate(text: &Compiled) -> Vec<Fault> {
    match text.language {
        Language::Jinja if find::any(&text.text, find::YAQL) => {
            vec![Fault::MixedLanguages(text.text.to_string())]
        }
        Language::Jinja => validate_jinja(text),
        Language::Yaql => match &text.body {
            Body::Inline(expressions) => expressions
                .iter()
                .filter_map(|inline| fault(text, inline))
                .collect(),
            Body::Template(_) => Vec::new(),
        },
    }
}

fn fault(text: &Compiled, inline: &Inline) -> Option<Fault> {
    let diagnostic = inline.expression.fault()?.clone();
    let error = ExpressionError::new(text.language, text.source(inline), diagnostic);
    Some(Fault::Expression(error))
}

/// The whole text as a template first, then each expression on its own.
fn validate_jinja(text: &Compiled) -> Vec<Fault> {
    let template = match &text.body {
        Body::Template(template) => template.as_ref().err().map(|error| (**error).clone()),
        Body::Inline(_) => jinja::Template::parse(&text.text, super::engines::environment()).err(),
    };
    let whole = |diagnostic: Diagnostic| {
        Fault::Expression(ExpressionError::new(
            Language::Jinja,
            text.text.to_string(),
            diagnostic,
        ))
    };
    let mut faults: Vec<Fault> = template.filter(is_syntax).map(whole).into_iter().collect();
    for range in find::all(&text.text, find::JINJA) {
        let source = &text.text[range];
        if faults.iter().any(|fault| fault.expression() == source) {
            continue;
        }
        if let Some(diagnostic) = Expression::parse(source, Language::Jinja).fault() {
            faults.push(Fault::Expression(ExpressionError::new(
                Language::Jinja,
                source,
                diagnostic.clone(),
            )));
        }
    }
    faults
}

/// Variables of the context that the expressions of a value read, sorted, each once.
///
/// As upstream this goes by the look of the text (`ctx(x)`, `ctx('x')`, `ctx().x`) and misses nested and spaced forms.
#[must_use]
pub fn extract_vars(value: &serde_json::Value) -> Vec<Reference> {
    let mut found = Vec::new();
    extract(value, &mut found);
    found.sort();
    found.dedup();
    found
}

fn extract(value: &serde_json::Value, found: &mut Vec<Reference>) {
    use serde_json::Value as Json;
    match value {
        Json::String(text) => extract_text(text, found),
        Json::Array(items) => items.iter().for_each(|item| extract(item, found)),
        Json::Object(members) => {
            for (key, value) in members {
                extract_text(key, found);
                extract(value, found);
            }
        }
        _ => {}
    }
}

fn extract_text(text: &str, found: &mut Vec<Reference>) {
    for (language, delimiters) in [(Language::Jinja, find::JINJA), (Language::Yaql, find::YAQL)] {
        for range in find::all(text, delimiters) {
            let inside = find::inside(&text[range], language);
            for chain in chains(inside) {
                for variable in variables(chain) {
                    found.push(Reference {
                        language,
                        statement: text.to_owned(),
                        variable: variable.to_owned(),
                    });
                }
            }
        }
    }
}

/// Characters that a chain goes on with.
fn is_chained(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"[]_'\".()".contains(&byte)
}

/// What looks like `ctx(...)` and what hangs on it: from `ctx(` to the last of the characters that may follow, if a `)`
/// is among them.
fn chains(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut chains = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("ctx(").map(|start| at + start) {
        at = start + 1;
        if !is_word_start(text, start) {
            continue;
        }
        let inner = start + "ctx(".len();
        let end = inner
            + bytes[inner..]
                .iter()
                .take_while(|byte| is_chained(**byte))
                .count();
        if text[inner..end].contains(')') {
            chains.push(text[start..end].trim());
            at = end;
        }
    }
    chains
}

fn is_word_start(text: &str, at: usize) -> bool {
    text[..at]
        .chars()
        .next_back()
        .is_none_or(|before| !is_word(before))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn is_variable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The variables of a chain: the first of each way to write one.
fn variables(chain: &str) -> Vec<&str> {
    let dotted = each_ctx(chain).find_map(|rest| dotted(rest.strip_prefix("().")?));
    let quoted = |open: &'static str, close: &'static str| {
        each_ctx(chain).find_map(|rest| {
            let name = rest.strip_prefix(open)?;
            let length = length(name);
            (length > 0 && name[length..].starts_with(close)).then(|| &name[..length])
        })
    };
    [
        dotted,
        quoted("(", ")"),
        quoted("('", "')"),
        quoted("(\"", "\")"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn length(name: &str) -> usize {
    name.bytes().take_while(|byte| is_variable(*byte)).count()
}

/// What follows each `ctx` that begins a word.
fn each_ctx(chain: &str) -> impl Iterator<Item = &str> {
    chain
        .match_indices("ctx")
        .filter(|(at, _)| is_word_start(chain, *at))
        .map(|(at, _)| &chain[at + "ctx".len()..])
}

/// The name behind `ctx().`: as long as it ends at the end of a word and is not called.
fn dotted(name: &str) -> Option<&str> {
    let mut length = length(name);
    while length > 0 {
        let last = name[..length].chars().next_back().is_some_and(is_word);
        let next = name[length..].chars().next();
        let is_end = last != next.is_some_and(is_word);
        if is_end && next != Some('(') {
            return Some(&name[..length]);
        }
        length -= 1;
    }
    None
}
