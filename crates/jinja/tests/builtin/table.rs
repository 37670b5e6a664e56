//! Tables of templates, rendered with a few variables.

use jinja::{Environment, Input, Kind, Template};
use pyvalue::{Limits, Value};

const VARIABLES: &str = r#"{"l": [3, 1, 2], "s": "a b", "html": "<b>\"&'</b>", "d": {"b": 1, "A": 2}, "dl": [{"n": "b", "v": 1}, {"n": "A", "v": 2}, {"n": "a", "v": 2.5}], "el": [], "nl": "a\nb\n\nc", "none": null}"#;

fn render(template: &str, limits: Limits) -> Result<String, jinja::Diagnostic> {
    let budget = pyvalue::Budget::new(Limits::default());
    let variables = pyvalue::json::parse(VARIABLES, &budget).unwrap();
    let Value::Dict(names) = variables else {
        unreachable!("the variables are an object");
    };
    let environment = Environment::standard();
    let input = Input {
        names: &names,
        host: None,
        limits,
        seed: 1,
    };
    Template::parse(template, &environment)?.render(&environment, &input)
}

/// Templates and what they render to.
pub(crate) fn check(table: &[(&str, &str)]) {
    for (template, expected) in table {
        assert_eq!(
            render(template, Limits::default()).as_deref(),
            Ok(*expected),
            "{template}"
        );
    }
}

/// Templates and how they fail.
pub(crate) fn check_failures(table: &[(&str, Kind)]) {
    for (template, kind) in table {
        let failure = render(template, Limits::default()).map_err(|failure| failure.kind);

        assert_eq!(failure, Err(*kind), "{template}");
    }
}

/// Templates that take more than is allowed.
pub(crate) fn check_limits(limits: Limits, templates: &[&str]) {
    for template in templates {
        let failure = render(template, limits).map_err(|failure| failure.kind);

        assert_eq!(failure, Err(Kind::Limit), "{template}");
    }
}
