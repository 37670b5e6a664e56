//! No text, however odd, panics, hangs or takes more than it may.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use pyvalue::{Limits, Value};
use yaql::{Engine, Expression, Input};

/// Functions and methods with holes for their arguments.
const CALLS: [&str; 56] = [
    "_.select(_)",
    "_.where(_)",
    "_.selectMany(_)",
    "_.orderBy(_).thenBy(_)",
    "_.groupBy(_, _)",
    "_.toDict(_, _)",
    "_.distinct(_)",
    "_.zip(_, _)",
    "_.join(_, _, _)",
    "_.join(_)",
    "_.aggregate(_, _)",
    "_.accumulate(_, _)",
    "_.flatten()",
    "_.enumerate(_)",
    "_.skip(_).take(_)",
    "_.slice(_)",
    "_.splitAt(_)",
    "_.insert(_, _)",
    "_.replace(_, _)",
    "_.delete(_)",
    "_.first(_)",
    "_.last()",
    "_.sum(_)",
    "_.max()",
    "_.len()",
    "_.memorize()",
    "_.cycle()",
    "_.repeat(_)",
    "_.repeat()",
    "_.toSet()",
    "_.mergeWith(_)",
    "_.set(_, _)",
    "_.keys()",
    "_.get(_)",
    "_.substring(_, _)",
    "_.split(_)",
    "_.format(_)",
    "_.toUpper()",
    "_ =~ _",
    "_ * _",
    "_ + _",
    "_ - _",
    "_ = _",
    "_ < _",
    "_[_]",
    "pow(_, _)",
    "shiftBitsLeft(_, _)",
    "range(_, _, _)",
    "sequence(_, _)",
    "generate(_, _, _)",
    "generateMany(_, [_, _])",
    "let(_, a => _) -> _",
    "def(f, _) -> f(_)",
    "def(f, f(_)) -> f(_)",
    "str(_)",
    "switch(_ => _, _ => _)",
];

/// What fills the holes at last.
const LEAVES: [&str; 24] = [
    "0",
    "1",
    "-1",
    "3",
    "1000000",
    "9223372036854775807",
    "2.5",
    "''",
    "'abc'",
    "'a b'",
    "true",
    "null",
    "$",
    "$1",
    "$.list",
    "$.dict",
    "$.text",
    "$.nested",
    "[1, 2, 3]",
    "{a => 1}",
    "[]",
    "f($)",
    "'(a*)*b'",
    "datetime(2024, 2, 29)",
];

/// What expressions are made of, and some things they are not.
const PIECES: [&str; 60] = [
    "1", "2.5", "'a'", "\"b\"", "`c`", "true", "false", "null", "a", "b", "$", "$1", "$x", "(",
    ")", "[", "]", "{", "}", ",", "=>", ".", "?.", "+", "-", "*", "/", " mod ", " and ", " or ",
    "not ", " in ", "=", "!=", "<", ">", "<=", ">=", "=~", "!~", "->", "select(", "range(", "let(",
    "x.", "'", "\"", "\\", "\\x4", "__", "%", "!", "?", ":", "é", "٣", "\u{301}", "\n", " ", "1e3",
];

/// Text that looks like an expression, most of it well formed.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(&PIECES[..13]).prop_map(str::to_owned);
    leaf.prop_recursive(6, 40, 4, |inner| {
        let sign = prop::sample::select(&PIECES[21..41]);
        prop_oneof![
            (inner.clone(), sign, inner.clone())
                .prop_map(|(left, sign, right)| format!("{left}{sign}{right}")),
            inner.clone().prop_map(|value| format!("({value})")),
            inner.clone().prop_map(|value| format!("not {value}")),
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            (inner.clone(), inner.clone()).prop_map(|(key, value)| format!("{{{key} => {value}}}")),
            (inner.clone(), inner.clone()).prop_map(|(of, index)| format!("{of}[{index}]")),
            (inner.clone(), inner).prop_map(|(of, with)| format!("{of}.select({with})")),
        ]
    })
}

/// Reads it; whatever is said about it points into it.
fn parse(text: &str) {
    match Expression::parse(text) {
        Ok(expression) => {
            let root = expression.root().span.clone();
            assert_eq!(&text[root], text.trim_matches([' ', '\t', '\r', '\n']));
            for call in expression.calls() {
                assert_eq!(&text[call.span], call.name);
            }
        }
        Err(error) => {
            assert!(text.get(error.span.clone().unwrap_or_default()).is_some());
            assert!(!error.render().is_empty());
        }
    }
}

/// A call whose arguments are calls, to some depth.
fn program() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(&LEAVES[..]).prop_map(str::to_owned);
    leaf.prop_recursive(5, 30, 3, |inner| {
        let call = prop::sample::select(&CALLS[..]);
        (call, prop::collection::vec(inner, 4)).prop_map(|(call, arguments)| {
            let mut arguments = arguments.iter();
            call.split('_')
                .enumerate()
                .map(|(index, piece)| match arguments.next() {
                    Some(argument) if index > 0 => format!("({argument}){piece}"),
                    _ => piece.to_owned(),
                })
                .collect()
        })
    })
}

/// Evaluates it with little to spend; whatever comes of it comes soon.
fn evaluate(text: &str) {
    let Ok(expression) = Expression::parse(text) else {
        return;
    };
    let data = serde_json::json!({
        "list": [3, 1, 2, 1], "dict": {"a": 1, "b": [1]}, "text": "b a", "nested": [[1, 2], [3]],
    });
    let input = Input {
        data: Value::from_json(&data),
        limits: Limits {
            steps: 5_000,
            bytes: 1 << 20,
            depth: 50,
        },
        ..Input::default()
    };
    let start = Instant::now();

    if let Err(error) = Engine::standard().evaluate(&expression, &input) {
        assert!(text.get(error.span.clone().unwrap()).is_some(), "{text}");
        assert!(!error.render().is_empty());
    }
    assert!(start.elapsed() < Duration::from_mins(1), "{text}");
}

proptest! {
    #[test]
    fn what_can_be_evaluated_ends(text in program()) {
        evaluate(&text);
    }

    #[test]
    fn what_looks_like_an_expression_ends(text in expression()) {
        evaluate(&text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        parse(&text);
    }

    #[test]
    fn pieces_in_any_order_are_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)
    ) {
        parse(&pieces.concat());
    }

    #[test]
    fn what_looks_like_an_expression_is_read_or_refused(text in expression()) {
        parse(&text);
    }
}
