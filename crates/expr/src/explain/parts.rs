//! The parts of a text's expressions that mean something by themselves, and their values.

use std::collections::HashSet;

use super::{Given, Reading, Step, evaluate};
use crate::orquesta::{Body, Compiled, Expression, engine, environment, find};
use crate::template::strict;

/// More parts than these are not looked at.
const MOST: usize = 100;

/// Parts with their values in the order of evaluation, each once, and how many more there are.
pub(super) fn steps(reading: Reading, text: &str, given: &Given) -> (Vec<Step>, usize) {
    let (bare, mut parts) = parts(reading, text);
    let mut known = HashSet::new();
    parts.retain(|part| known.insert(part.clone()));
    let left_out = parts.len().saturating_sub(MOST);
    parts.truncate(MOST);
    let step = |text: String| Step {
        outcome: evaluate::expression(bare, &text, given),
        text,
    };
    (parts.into_iter().map(step).collect(), left_out)
}

/// The parts of a text, and how each is read.
fn parts(reading: Reading, text: &str) -> (Reading, Vec<String>) {
    match reading {
        Reading::Workflow => of_workflow(text),
        Reading::Template => {
            let template = jinja::Template::parse(text, strict());
            (
                reading,
                template.map_or_else(|_| Vec::new(), |t| of_template(&t)),
            )
        }
        Reading::Yaql => {
            let parsed = yaql::Expression::parse(text);
            (reading, parsed.map_or_else(|_| Vec::new(), |e| of_yaql(&e)))
        }
        Reading::WorkflowJinja => (reading, of_jinja(text, environment())),
        Reading::TemplateJinja => (reading, of_jinja(text, strict())),
    }
}

fn of_workflow(text: &str) -> (Reading, Vec<String>) {
    let mut reading = Reading::Workflow;
    let Some(compiled) = Compiled::new(text) else {
        return (reading, Vec::new());
    };
    let expressions = match &compiled.body {
        Body::Inline(expressions) => expressions,
        Body::Template(template) => {
            let parts = template.as_ref().map_or_else(|_| Vec::new(), of_template);
            return (Reading::WorkflowJinja, parts);
        }
    };
    let is_whole = compiled.whole().is_some();
    let mut parts = Vec::new();
    for inline in expressions {
        match &inline.expression {
            Expression::Yaql(Ok(expression)) => parts.extend(of_yaql(expression)),
            Expression::Jinja(Ok(expression)) => {
                reading = Reading::WorkflowJinja;
                parts.extend(cut(expression.source(), expression.parts()));
            }
            Expression::Yaql(Err(_)) | Expression::Jinja(Err(_)) => continue,
        }
        if !is_whole {
            parts.push(find::inside(compiled.source(inline), compiled.language).to_owned());
        }
    }
    (reading, parts)
}

fn of_yaql(expression: &yaql::Expression) -> Vec<String> {
    cut(expression.source(), engine().parts(expression))
}

fn of_jinja(text: &str, environment: &jinja::Environment) -> Vec<String> {
    jinja::Expression::parse(text, environment).map_or_else(
        |_| Vec::new(),
        |parsed| cut(parsed.source(), parsed.parts()),
    )
}

fn of_template(template: &jinja::Template) -> Vec<String> {
    cut(template.source(), template.parts())
}

fn cut(text: &str, parts: Vec<std::ops::Range<usize>>) -> Vec<String> {
    let parts = parts.into_iter().filter_map(|part| text.get(part));
    parts.map(str::to_owned).collect()
}
