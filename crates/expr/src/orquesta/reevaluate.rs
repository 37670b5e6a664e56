//! Evaluation as upstream does it: what an expression yields is evaluated again by the same language, and so on.
//!
//! Data runs as code this way. It is here for those who need workflows that count on it, and for comparison.

use diagnostic::{Diagnostic, Kind};
use pyvalue::Value;

use super::compile::Body;
use super::evaluate::{Evaluation, python};
use super::{Compiled, ExpressionError, Language, engines, find};

/// Levels of texts that yield texts to be evaluated, at most.
const DEEPEST: u32 = 60;

type Outcome = Result<Value, ExpressionError>;

/// The value of a text.
pub(super) fn text(evaluation: &Evaluation<'_>, text: &Compiled) -> Outcome {
    match text.language {
        Language::Yaql => expand(evaluation, text, 0),
        Language::Jinja => jinja(evaluation, text),
    }
}

fn jinja(evaluation: &Evaluation<'_>, text: &Compiled) -> Outcome {
    let raw = find::all(&text.text, find::RAW);
    let blocks: Vec<&str> = raw.into_iter().map(|range| &text.text[range]).collect();
    let output = if blocks.is_empty() {
        expand(evaluation, text, 0)?
    } else {
        let mut without = text.text.to_string();
        for (at, block) in blocks.iter().enumerate() {
            without = without.replace(block, &format!("{{{at}}}"));
        }
        expand(
            evaluation,
            &Compiled::in_language(&without, Language::Jinja),
            0,
        )?
    };
    let Value::Str(output) = &output else {
        return Ok(output);
    };
    let left = find::all(output, find::JINJA);
    if !left.is_empty() {
        let names: Vec<&str> = left
            .into_iter()
            .map(|range| find::inside(&output[range], Language::Jinja))
            .collect();
        let message = format!("undefined are `{}`", names.join("`, `"));
        return Err(text.error(&text.text, Diagnostic::new(Kind::Undefined, message)));
    }
    if blocks.is_empty() {
        return Ok(Value::Str(output.clone()));
    }
    let mut whole = output.to_string();
    for (at, block) in blocks.iter().enumerate() {
        whole = replace(evaluation, text, &whole, &format!("{{{at}}}"), block)?;
    }
    render(evaluation, text, &whole).map(Value::from)
}

fn render(
    evaluation: &Evaluation<'_>,
    text: &Compiled,
    template: &str,
) -> Result<String, ExpressionError> {
    jinja::Template::parse(template, engines::environment())
        .and_then(|template| engines::render(&template, evaluation.state, evaluation.options))
        .map_err(|error| text.error(template, error))
}

/// Evaluates the expressions of a text and puts their values in their place, wherever the text of the expression is.
fn expand(evaluation: &Evaluation<'_>, text: &Compiled, depth: u32) -> Outcome {
    if depth > DEEPEST {
        return Err(text.error(
            &text.text,
            Diagnostic::new(
                Kind::Other,
                "what the expression yields is an expression again, without an end",
            ),
        ));
    }
    let expressions = match &text.body {
        Body::Inline(expressions) => expressions,
        Body::Template(template) => {
            let rendered = match template {
                Ok(template) => engines::render(template, evaluation.state, evaluation.options),
                Err(error) => Err((**error).clone()),
            };
            let rendered = rendered.map_err(|error| text.error(&text.text, error))?;
            return again(evaluation, text, rendered, depth);
        }
    };
    let mut output = text.text.to_string();
    let mut whole = None;
    for inline in expressions {
        step(evaluation, text)?;
        let mut value = evaluation.expression(text, inline)?;
        if let Value::Str(yielded) = &value {
            value = again(evaluation, text, yielded.to_string(), depth)?;
        }
        if jinja::is_undefined(&value) {
            continue;
        }
        if text.whole().is_some() {
            whole = Some(value);
        } else {
            let written = evaluation.text_of(text, inline, &value)?;
            output = replace(evaluation, text, &output, text.source(inline), &written)?;
        }
    }
    Ok(whole.unwrap_or_else(|| Value::from(output)))
}

/// Evaluates what an expression yielded.
fn again(evaluation: &Evaluation<'_>, text: &Compiled, yielded: String, depth: u32) -> Outcome {
    let is_code = match text.language {
        Language::Yaql => find::any(&yielded, find::YAQL),
        Language::Jinja => find::any(&yielded, find::JINJA) || find::any(&yielded, find::BLOCK),
    };
    if !is_code {
        return Ok(Value::from(yielded));
    }
    let compiled = Compiled::in_language(&yielded, text.language);
    expand(evaluation, &compiled, depth + 1).map_err(|mut error| {
        // Upstream sees an exception of its own here, whatever the cause.
        if error.kind() != Kind::Limit {
            error.diagnostic.kind = Kind::Other;
        }
        error
    })
}

fn step(evaluation: &Evaluation<'_>, text: &Compiled) -> Result<(), ExpressionError> {
    // Parsing and evaluating costs more than a step of an expression.
    evaluation
        .budget
        .steps(1000)
        .map_err(|error| text.error(&text.text, python(error)))
}

fn replace(
    evaluation: &Evaluation<'_>,
    text: &Compiled,
    output: &str,
    from: &str,
    to: &str,
) -> Result<String, ExpressionError> {
    let replaced = output.matches(from).count().saturating_mul(to.len());
    evaluation
        .budget
        .charge(output.len().saturating_add(replaced))
        .map_err(|error| text.error(&text.text, python(error)))?;
    Ok(output.replace(from, to))
}
