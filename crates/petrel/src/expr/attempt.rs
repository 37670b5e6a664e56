//! An expression, and what came of it.

use ::expr::explain::{Explanation, Form, Given, Reading};
use ::expr::lint;
use diagnostic::{Diagnostic, Kind};
use pyvalue::Value;

use super::ExprArgs;

/// What is printed, one way or the other.
pub(super) struct Attempt {
    pub(super) reading: Reading,
    /// Nothing but the look of the text said in which language it is.
    pub(super) is_guess: bool,
    pub(super) outcome: Result<Value, Diagnostic>,
    /// What the author most likely did not mean, beside the outcome.
    pub(super) warnings: Vec<Diagnostic>,
    /// Where it was asked for.
    pub(super) explanation: Option<Explanation>,
}

impl Attempt {
    pub(super) fn of(
        reading: Reading,
        text: &str,
        is_guess: bool,
        args: &ExprArgs,
        given: &Given,
    ) -> Self {
        let explanation = args.explain.then(|| reading.explain(text, given));
        let outcome = match &explanation {
            Some(explanation) => explanation.outcome.clone(),
            None => reading.evaluate(text, given),
        };
        let mut warnings = if reading == Reading::Workflow && outcome.is_ok() {
            lint::workflow(text)
        } else {
            Vec::new()
        };
        let is_plain = reading == Reading::Workflow && reading.form(text).1 == Form::Plain;
        let outcome = match outcome {
            // Such a text runs as it stands, which nobody means who opened a delimiter.
            Ok(_) if is_plain && !warnings.is_empty() => Err(warnings.remove(0)),
            Err(error) => Err(hinted(error, reading, is_guess, args)),
            outcome => outcome,
        };
        Self {
            reading,
            is_guess,
            outcome,
            warnings,
            explanation,
        }
    }
}

/// The error with what may be wrong on the command line.
fn hinted(error: Diagnostic, reading: Reading, is_guess: bool, args: &ExprArgs) -> Diagnostic {
    let error = if error.kind == Kind::Undefined && args.data.is_none() {
        error.note("no data is given: add `--data FILE` or `--data JSON`")
    } else {
        error
    };
    let error = if reading == Reading::Workflow && is_about_dollar(&error) {
        error.note(
            "outside of a function's argument `$` is null in a workflow: its variables are in `ctx()`, as `ctx().host`",
        )
    } else {
        error
    };
    match reading {
        _ if !is_guess => error,
        Reading::Yaql => error.note(
            "without `<% %>` or `{{ }}` this was read as YAQL: `--lang jinja` reads it as Jinja",
        ),
        _ => error.note(
            "without `<% %>` or `{{ }}` this was read as Jinja: `--lang yaql` reads it as YAQL",
        ),
    }
}

/// Whether a member of `$` is missing because that is null.
fn is_about_dollar(error: &Diagnostic) -> bool {
    let before = error
        .span
        .as_ref()
        .and_then(|span| error.source_text.get(..span.start));
    error.message.starts_with("a value of type null")
        && before.is_some_and(|before| before.ends_with("$."))
}
