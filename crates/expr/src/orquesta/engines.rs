//! Both languages with the functions of workflows.

use std::any::Any;
use std::borrow::Cow;
use std::sync::LazyLock;

use diagnostic::Diagnostic;
use pyvalue::Value;

use super::{Options, State};
use crate::{frozen, functions};

static YAQL: LazyLock<yaql::Engine> =
    LazyLock::new(|| functions::of_yaql().fold(yaql::Engine::standard(), yaql::Engine::with));

static JINJA: LazyLock<jinja::Environment> = LazyLock::new(|| {
    let environment = functions::of_workflows()
        .fold(jinja::Environment::standard(), |environment, function| {
            environment.with_global(function.name().to_owned(), function)
        });
    functions::filters_of_workflows().fold(environment, jinja::Environment::with_filter)
});

pub(crate) fn environment() -> &'static jinja::Environment {
    &JINJA
}

pub(crate) fn engine() -> &'static yaql::Engine {
    &YAQL
}

/// Evaluates a bare YAQL expression (no delimiters) with the functions of workflows. Lists are lists in the value,
/// not YAQL's tuples.
pub fn evaluate_yaql(
    expression: &yaql::Expression,
    data: &Value,
    state: &State,
    options: &Options,
) -> Result<Value, Diagnostic> {
    let input = yaql::Input {
        data: data.clone(),
        host: Some(state as &(dyn Any + Sync)),
        limits: options.limits,
        now: options.now,
        seed: options.seed,
    };
    YAQL.evaluate(expression, &input).map(frozen::thaw)
}

/// Evaluates a bare Jinja expression (no delimiters) with the functions of workflows. An undefined value is no error
/// here: see [`jinja::is_undefined`].
pub fn evaluate_jinja(
    expression: &jinja::Expression,
    state: &State,
    options: &Options,
) -> Result<Value, Diagnostic> {
    expression.evaluate(&JINJA, &input(state, options))
}

pub(super) fn render(
    template: &jinja::Template,
    state: &State,
    options: &Options,
) -> Result<String, Diagnostic> {
    template.render(&JINJA, &input(state, options))
}

fn input<'s>(state: &'s State, options: &Options) -> jinja::Input<'s> {
    jinja::Input {
        names: state,
        host: Some(state as &dyn Any),
        limits: options.limits,
        seed: options.seed,
    }
}

/// Orquesta's own variables; everything else is asked for with `ctx()`.
impl jinja::Names for State {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        if name.starts_with("__") {
            self.internal(name).map(Cow::Owned)
        } else {
            None
        }
    }

    fn all(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Names of the functions that workflows have in YAQL, beside those of the language.
#[must_use]
pub fn functions() -> Vec<String> {
    functions::of_yaql()
        .map(|function| function.name().to_owned())
        .collect()
}

/// Names of the filters that workflows have in Jinja, those of the language included.
#[must_use]
pub fn filters() -> Vec<String> {
    JINJA.filter_names().map(str::to_owned).collect()
}
