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

/// Sees that each ends at a limit.
fn assert_stopped(expressions: &[&str]) {
    let limits = Limits {
        steps: 1_000_000,
        bytes: 32 << 20,
        ..Limits::default()
    };
    assert_stopped_within(limits, expressions);
}

fn assert_stopped_within(limits: Limits, expressions: &[&str]) {
    for text in expressions {
        let error = evaluate(text, limits).expect_err(text);

        assert_eq!(error.kind, Kind::Limit, "{text}: {error}");
    }
}

#[test]
fn what_is_shared_is_not_walked_through_for_ever() {
    assert_stopped(&[
        "range(40).aggregate([$1, $1], 1)",
        "str(range(40).aggregate([$1, $1], 1))",
        "{range(40).aggregate([$1, $1], 1) => 1}",
        "range(60).aggregate($1.zip($1).toList(), [1])",
        "range(60).aggregate(let(x => $1) -> [1].groupBy(1, [$x, $x]).toList(), [1])",
        "range(60).aggregate($1.repeat(2).toList(), [1])",
        "range(20).aggregate([$1, $1], 1).repeat(1000000)",
    ]);
}

#[test]
fn hashing_and_comparing_take_as_many_steps_as_there_are_values_inside() {
    let heavy = "let(range(14).aggregate([$1, $1], 1)) -> let(v => $, s => set($), d => {$ => 1}) -> range(100000)";
    for use_of_it in [
        "{$v => 1}",
        "{1 => 1}[$v, 0]",
        "$d.get($v)",
        "$d.containsKey($v)",
        "$v in $s",
        "$s.contains($v)",
        "$s.union($s)",
        "$s + $s",
        "$s - $s",
        "$s.intersect($s)",
        "$s.add($v)",
        "$s.remove(1)",
        "$s < $s",
        "$s = set($v)",
        "$d = {$v => 1}",
        "$d + $d",
        "$d.keys()",
        "$d.items()",
        "$d.delete(1)",
        "$d.mergeWith($d)",
        "[$v].toSet()",
        "[$v].toDict($)",
        "[$v].distinct().count()",
        "[$v].groupBy($).count()",
        "str($v)",
    ] {
        assert_stopped(&[&format!("{heavy}.select({use_of_it}).count()")]);
    }
}

#[test]
fn long_texts_are_not_read_for_ever() {
    let long = "let(s => 'a' * 2000000, t => 'a' * 2000000) -> range(1000000)";
    for reading in [
        "$s.len()",
        "$s = $t",
        "$s < $t",
        "'b' in $s",
        "{$s => 1}",
        "[$s] = [$t]",
        "$s in [$t]",
        "$s.startsWith($t)",
        "$s.indexOf('b')",
        "$s =~ 'b'",
        "$s.isEmpty()",
    ] {
        assert_stopped(&[&format!("{long}.select({reading}).count()")]);
    }
}

#[test]
fn large_integers_are_not_computed_with_for_ever() {
    let large = "let(b => shiftBitsLeft(1, 1000000)) -> range(1000000)";
    for computation in [
        "-$b",
        "$b > $b",
        "$b * 2 / 3",
        "bitwiseNot($b)",
        "bitwiseOr($b, 1)",
        "shiftBitsRight($b, 1)",
        "round($b, -100000)",
        "pow(3, -1, $b - 1)",
    ] {
        assert_stopped(&[&format!("{large}.select({computation}).count()")]);
    }
}

#[test]
fn many_names_are_not_looked_up_for_ever() {
    assert_stopped(&[
        "call(let, [], range(50000).toDict('n' + str($)))",
        "call(let, [], range(2000).toDict('n' + str($))) -> range(1000000).select($nope).count()",
    ]);
}

#[test]
fn an_integer_of_more_digits_than_python_writes_is_no_text() {
    for text in [
        "str(pow(10, 4300))",
        "str([pow(10, 4300)])",
        "str(-pow(10, 100000))",
    ] {
        let error = evaluate(text, Limits::default()).expect_err(text);

        assert_eq!(error.kind, Kind::Other, "{text}: {error}");
    }
    let longest = evaluate("str(-pow(10, 4299))", Limits::default());
    assert_eq!(longest.unwrap().as_str().map(str::len), Some(4301));
}

#[test]
fn a_pattern_that_goes_back_over_and_over_takes_steps_for_its_time() {
    let limits = Limits {
        steps: 2_000,
        ..Limits::default()
    };

    // The search would end at the limit of patterns as well; that it is these steps shows that time was paid for.
    let error = evaluate("('a' * 40) =~ '(a|aa)+\\\\1b'", limits).unwrap_err();

    assert_eq!(error.message, "the expression takes more than 2000 steps");
}

#[test]
fn what_holds_a_value_is_as_deep_as_it() {
    assert_stopped(&[
        "range(100000).aggregate([1].zipLongest(default => $1), 0)",
        "def(f, [1].orderBy($)) -> range(100000).aggregate(f().thenBy($1), 0)",
        "def(f, set(1)) -> range(100000).aggregate([$1].memorize(), 0)",
    ]);
}

#[test]
fn lazy_values_that_are_kept_are_charged() {
    assert_stopped(&[
        "range(1000000).select([1].select($)).toList().len()",
        "range(1000000).select(let(a => $)).toList().len()",
        "range(1000000).select([1].orderBy($)).toList().len()",
        "range(1000000).select(regex('x{9}' + str($))).toList().len()",
    ]);
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
