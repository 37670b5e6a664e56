//! The environments that templates are compiled in: made once, shared by all.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::{Undefined, filters, python_text};

/// Steps of one rendering: far more than a template that people write needs, few enough for a fraction of a second.
const FUEL: u64 = 2_000_000;
/// Filters and functions of minijinja that Jinja2 does not have.
const FOREIGN_FILTERS: [&str; 5] = ["split", "lines", "bool", "chain", "zip"];
/// As above, for tests.
const FOREIGN_TESTS: [&str; 4] = ["int", "startingwith", "endingwith", "safe"];

static STRICT: LazyLock<Environment<'static>> = LazyLock::new(|| build(UndefinedBehavior::Strict));
static LENIENT: LazyLock<Environment<'static>> =
    LazyLock::new(|| build(UndefinedBehavior::Lenient));

/// The environment to clone for a template.
pub(super) fn base(undefined: Undefined) -> &'static Environment<'static> {
    match undefined {
        Undefined::Fails => &STRICT,
        Undefined::IsEmpty => &LENIENT,
    }
}

fn build(undefined: UndefinedBehavior) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    // Errors then name the expression that is undefined.
    environment.set_debug(true);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.expect("the standard delimiters are valid"));
    environment.set_formatter(|out, state, value| {
        let text = python_text::checked_text(state, value)?;
        out.write_str(&text).map_err(minijinja::Error::from)
    });
    environment.set_unknown_method_callback(filters::method);
    environment.remove_global("debug");
    for name in FOREIGN_FILTERS {
        environment.remove_filter(name);
    }
    for name in FOREIGN_TESTS {
        environment.remove_test(name);
    }
    environment.add_function("cycler", minijinja_contrib::globals::cycler);
    environment.add_function("joiner", minijinja_contrib::globals::joiner);
    filters::add_to(&mut environment);
    environment
}
