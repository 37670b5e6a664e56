//! Expressions of strangers: whatever they ask for, evaluation ends soon and takes little.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use diagnostic::Kind;
use pyvalue::{Limits, Value};
use yaql::{Engine, Expression, Input};

fn evaluate(text: &str, limits: Limits) -> Result<Value, yaql::Error> {
    let expression = Expression::parse(text).unwrap();
    Engine::standard().evaluate(
        &expression,
        &Input {
            limits,
            ..Input::default()
        },
    )
}

fn small() -> Limits {
    Limits {
        steps: 100_000,
        bytes: 1 << 20,
        ..Limits::default()
    }
}

#[test]
fn a_million_items_cost_no_memory_when_nobody_keeps_them() {
    let limits = Limits {
        steps: 20_000_000,
        bytes: 1 << 16,
        ..Limits::default()
    };

    let answer = evaluate(
        "range(1000000).select($ * 2).where($ mod 3 = 0).select($ + 1).sum()",
        limits,
    );

    assert_eq!(answer.unwrap().repr(), "333334000000");
}

#[test]
fn what_grows_without_end_is_stopped() {
    for text in [
        "sequence().toList()",
        "sequence().where(false).first()",
        "sequence()",
        "[1].cycle().sum()",
        "repeat(1).toList()",
        "generate(0, true, $ + 1)",
        "'a' * 100000000",
        "[0] * 100000000",
        "range(30).aggregate($1 + $1, 'abcdefgh')",
        "range(100).aggregate([$1, $1].flatten().toList(), [1, 2])",
        "range(64).aggregate($1 * $1, 3)",
        "range(100000).aggregate([$1], 0)",
        "range(100000).aggregate({a => $1}, 0)",
        "range(100000).aggregate($1.select($), [1])",
        "range(100000).aggregate([$1.select($)], [1])",
        "range(100000).aggregate(let($1), 0)",
        "range(100000).aggregate(let(a => [$1]), 0)",
        "def(f, f($)) -> f(1)",
        "def(f, [1].select(f($)).first()) -> f(1)",
        "def(f, f($) + 1) -> f(1)",
        "def(f, not not not not not f($)) -> f(1)",
        "def(f, [f($)]) -> f(1)",
        "def(f, g($)) -> def(g, f($)) -> g(1)",
    ] {
        let error = evaluate(text, small()).expect_err(text);

        assert!(
            matches!(error.kind, Kind::Limit | Kind::UnknownFunction),
            "{text}: {error}"
        );
    }
}

#[test]
fn deep_recursion_that_the_limit_allows_fits_a_small_stack() {
    let deep = format!(
        "def(f, {}switch($ > 0 => f($ - 1), true => 0){}) -> f(20)",
        "(".repeat(40),
        ")".repeat(40)
    );
    let nested = format!("{}1{}", "[".repeat(90), "]".repeat(90));
    let sums = vec!["1"; 140].join(" + ");
    let expressions = [deep, nested, sums];

    let stack = std::thread::Builder::new().stack_size(2 << 20);
    let outcomes = stack
        .spawn(move || expressions.map(|text| evaluate(&text, Limits::default()).is_ok()))
        .unwrap()
        .join()
        .unwrap();

    assert_eq!(outcomes, [true; 3]);
}
