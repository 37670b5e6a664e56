//! What an author most likely did not mean, found without evaluating: for registration and `pack lint`.
//!
//! The engine takes a text whose delimiters are not closed for plain text, as StackStorm does. Here such a text is a
//! finding. So are unknown functions, filters and tests, expressions that Orquesta never sees because they are broken
//! over lines, and texts that mix both languages.

use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};

use crate::orquesta::{Body, Compiled, Expression, Language, engine, environment, find};
use crate::template::strict;

/// Findings in a text of a rule, a parameter or an alias: Jinja that renders to text.
#[must_use]
pub fn template(text: &str) -> Vec<Diagnostic> {
    if !crate::Template::is_template(text) && !text.contains("{#") {
        return Vec::new();
    }
    match jinja::Template::parse(text, strict()) {
        Ok(template) => template.check(strict()),
        Err(error) => vec![error],
    }
}

/// Findings in a text of a workflow.
#[must_use]
pub fn workflow(text: &str) -> Vec<Diagnostic> {
    let source: Arc<str> = Arc::from(text);
    let compiled = Compiled::new(text);
    let is_template = compiled
        .as_ref()
        .is_some_and(|compiled| matches!(compiled.body, Body::Template(_)));
    let delimiters: &[find::Delimiters] = if is_template {
        // Templates may be broken over lines, and their parser finds what is not closed.
        &[find::YAQL]
    } else {
        &[find::JINJA, find::BLOCK, find::YAQL]
    };
    let mut findings: Vec<Diagnostic> = delimiters
        .iter()
        .filter_map(|delimiters| unclosed(&source, *delimiters))
        .collect();
    let Some(compiled) = compiled else {
        return findings;
    };
    if compiled.language == Language::Jinja {
        findings.extend(mixed(&source));
    }
    findings.extend(expressions(&compiled, &source));
    findings
}

/// Findings in all texts of a value of a workflow, keys included.
#[must_use]
pub fn workflow_value(value: &serde_json::Value) -> Vec<Diagnostic> {
    use serde_json::Value as Json;
    match value {
        Json::String(text) => workflow(text),
        Json::Array(items) => items.iter().flat_map(workflow_value).collect(),
        Json::Object(members) => members
            .iter()
            .flat_map(|(key, value)| {
                let mut findings = workflow(key);
                findings.extend(workflow_value(value));
                findings
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Delimiters that open and do not close, or close on another line only.
fn unclosed(source: &Arc<str>, delimiters: find::Delimiters) -> Option<Diagnostic> {
    let find::Delimiters { open, close } = delimiters;
    let found = find::all(source, delimiters);
    let is_found = |at: usize| {
        let next = found.partition_point(|range| range.end <= at);
        found.get(next).is_some_and(|range| range.start <= at)
    };
    let at = source
        .match_indices(open)
        .map(|(at, _)| at)
        .find(|at| !is_found(*at))?;
    let span = at..at + open.len();
    let rest = &source[at + open.len()..];
    let problem = match rest.find(close) {
        Some(end) if rest[..end].contains('\n') => Diagnostic::new(
            Kind::Parse,
            format!("this `{open}` is closed on another line, so it is never evaluated"),
        )
        .note("write the expression on one line; in YAML a text behind `>-` is one"),
        _ => Diagnostic::new(Kind::Parse, format!("this `{open}` is never closed"))
            .note(format!("close it with `{close}`, or it stays a plain text")),
    };
    Some(problem.at(source, span))
}

fn mixed(source: &Arc<str>) -> Option<Diagnostic> {
    let yaql = find::all(source, find::YAQL).into_iter().next()?;
    Some(
        Diagnostic::new(
            Kind::Parse,
            "a text cannot hold expressions of both languages, this one would not be evaluated",
        )
        .at(source, yaql)
        .note("write both in YAQL (`<% %>`) or both in Jinja (`{{ }}`)"),
    )
}

/// Syntax errors and unknown names.
fn expressions(compiled: &Compiled, source: &Arc<str>) -> Vec<Diagnostic> {
    let expressions = match &compiled.body {
        Body::Inline(expressions) => expressions,
        Body::Template(Ok(template)) => return template.check(environment()),
        Body::Template(Err(error)) => return vec![(**error).clone()],
    };
    let mut findings = Vec::new();
    for inline in expressions {
        let found = match &inline.expression {
            Expression::Yaql(Ok(expression)) => engine().check(expression),
            Expression::Jinja(Ok(expression)) => expression.check(environment()),
            Expression::Yaql(Err(error)) | Expression::Jinja(Err(error)) => vec![(**error).clone()],
        };
        let text = compiled.source(inline);
        let inside = find::inside(text, compiled.language);
        let offset = inline.range.start + text.find(inside).unwrap_or(0);
        findings.extend(found.into_iter().map(|found| within(found, source, offset)));
    }
    findings
}

/// A finding in an expression, placed in the text around it.
fn within(mut found: Diagnostic, source: &Arc<str>, offset: usize) -> Diagnostic {
    if let Some(span) = found.span.take() {
        found.span = Some(span.start + offset..span.end + offset);
        found.source_text = Arc::clone(source);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(findings: &[Diagnostic]) -> Vec<String> {
        findings.iter().map(Diagnostic::line).collect()
    }

    #[test]
    fn finds_what_orquesta_never_evaluates() {
        for (text, expected) in [
            ("<% ctx(x) ", "this `<%` is never closed (column 1)"),
            ("a {{ ctx().x }", "this `{{` is never closed (column 3)"),
            (
                "<% ctx(x)\n%>",
                "this `<%` is closed on another line, so it is never evaluated (line 1, column 1)",
            ),
            (
                "{{ ctx().a }} <% ctx(b) %>",
                "a text cannot hold expressions of both languages, this one would not be evaluated (column 15)",
            ),
        ] {
            let found = lines(&workflow(text));
            assert!(
                found.first().is_some_and(|line| line.starts_with(expected)),
                "{text}: {found:?}"
            );
        }
        for text in [
            "plain",
            "<% ctx(x) %>",
            "{{ ctx().x }} {{ item() }}",
            "50 % {x}",
        ] {
            assert!(workflow(text).is_empty(), "{text}: {:?}", workflow(text));
        }
    }

    #[test]
    fn places_what_it_finds_in_the_whole_text() {
        let found = workflow("ping <% ctx(x).lenght() %>");

        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].kind, Kind::UnknownFunction);
        assert_eq!(found[0].position().map(|place| place.column), Some(16));
    }

    #[test]
    fn finds_mistyped_filters_of_templates() {
        let found = template("{{ trigger.body | to_json_strng }}");

        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].line().contains("did you mean `to_json_string`?"),
            "{found:?}"
        );
        assert!(template("{{ x }").len() == 1);
        assert!(template("{ x }").is_empty());
    }
}
