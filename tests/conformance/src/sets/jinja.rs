//! `jinja.jsonl`: templates of rules, parameters and aliases.

use expr::{Template, TemplateError, TemplateErrorKind, ValuesTemplate, Variables};
use serde_json::Value;

use super::memory::Memory;
use crate::{Answer, Case, Failure};

pub(super) fn answer(case: &Case) -> Answer {
    let mode = case.text("mode");
    let variables = Variables {
        values: case
            .object("context")
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect(),
        datastore: (mode == "kv")
            .then(|| Memory::of_scopes(case.get("kv"), case.get("user").as_str())),
    };
    let text = case.text("template");
    let rendered = match mode {
        "lenient" => Template::compile_lenient(text).and_then(|one| one.render(&variables)),
        "render_values" => return values(case, &variables),
        _ => Template::compile(text).and_then(|one| one.render(&variables)),
    };
    rendered.map(Value::String).map_err(template_failure)
}

fn values(case: &Case, variables: &Variables) -> Answer {
    let mapping = case.object("mapping");
    let template = if case.get("allow_undefined") == true {
        ValuesTemplate::compile_lenient(&mapping)
    } else {
        ValuesTemplate::compile(&mapping)
    };
    template
        .and_then(|template| template.render(variables))
        .map(Value::Object)
        .map_err(template_failure)
}

pub(super) fn template_failure(error: TemplateError) -> Failure {
    let kinds: &[&str] = match error.kind {
        TemplateErrorKind::Parse => &["parse"],
        TemplateErrorKind::UnknownFunction => &["unknown_function"],
        TemplateErrorKind::Undefined => &["undefined"],
        TemplateErrorKind::Type => &["type"],
        TemplateErrorKind::Other => &["other"],
    };
    Failure::new(kinds, error.rendered)
}
