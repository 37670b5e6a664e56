//! No template panics or takes more than it may, whatever is in it.

use std::time::{Duration, Instant};

use jinja::{Environment, Expression, Input, Template};
use proptest::prelude::{ProptestConfig, Strategy, prop, proptest};
use pyvalue::{Dict, Limits, Value};

/// What templates are made of, mistakes included.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "+",
    "\n",
    " ",
    "for",
    "endfor",
    "in",
    "if",
    "else",
    "elif",
    "endif",
    "set",
    "endset",
    "macro",
    "endmacro",
    "call",
    "endcall",
    "filter",
    "endfilter",
    "with",
    "endwith",
    "block",
    "endblock",
    "raw",
    "endraw",
    "autoescape",
    "endautoescape",
    "recursive",
    "scoped",
    "l",
    "d",
    "s",
    "n",
    "x",
    "loop",
    "caller",
    "namespace",
    "ns",
    "range",
    "self",
    "super",
    "varargs",
    "kwargs",
    ".",
    ",",
    ":",
    "|",
    "~",
    "*",
    "**",
    "/",
    "//",
    "%",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    "=",
    "is",
    "not",
    "and",
    "or",
    "1",
    "0",
    "-1",
    "2.5",
    "1e400",
    "99999999999999999999",
    "'a'",
    "\"%s\"",
    "'{0}'",
    "true",
    "none",
    "upper",
    "join",
    "map",
    "select",
    "sort",
    "list",
    "append",
    "update",
    "format",
    "length",
    "default",
    "batch",
    "indent",
    "replace",
    "defined",
    "cycle",
    "changed",
    "items",
    "pop",
    "\u{e9}",
    "\u{1f600}",
    "\\",
    "'",
    "__class__",
];

fn limits() -> Limits {
    Limits {
        steps: 20_000,
        bytes: 1 << 20,
        depth: 50,
    }
}

fn run(text: &str) {
    let context: Dict = [
        (
            "l",
            Value::list(vec![Value::Int(1), Value::from("b"), Value::None]),
        ),
        (
            "d",
            Value::Dict([("a", 1_i64), ("items", 2)].into_iter().collect()),
        ),
        ("s", Value::from("h\u{e9}llo <b>")),
        ("n", Value::Int(7)),
    ]
    .into_iter()
    .collect();
    let input = Input {
        names: &context,
        host: None,
        limits: limits(),
        seed: 1,
    };
    let environment = Environment::standard();
    let start = Instant::now();

    for environment in [environment.clone(), environment.lenient()] {
        if let Ok(template) = Template::parse(text, &environment) {
            let _rendered = template.render(&environment, &input);
        }
        if let Ok(expression) = Expression::parse(text, &environment) {
            let _value = expression.evaluate(&environment, &input);
        }
    }

    assert!(
        start.elapsed() < Duration::from_mins(1),
        "{text:?} takes too long"
    );
}

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.join(" "))
}

/// Expressions in templates that are closed properly, so that more of them get past the parser.
fn closed() -> impl Strategy<Value = String> {
    (pieces(), prop::collection::vec(prop::sample::select(PIECES), 0..8)).prop_map(
        |(body, expression)| {
            let expression = expression.join(" ");
            format!(
                "{{% for x in l recursive %}}{{{{ {expression} }}}}{{% endfor %}}{{% set ns = namespace() %}}{body}"
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn random_pieces_do_no_harm(text in pieces()) {
        run(&text);
    }

    #[test]
    fn random_expressions_do_no_harm(text in closed()) {
        run(&text);
    }

    #[test]
    fn random_characters_do_no_harm(text in "\\PC{0,60}") {
        run(&text);
        run(&format!("{{{{ {text} }}}}"));
    }
}
