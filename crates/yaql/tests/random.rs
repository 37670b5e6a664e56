//! No text, however odd, panics, hangs or takes more than it may.

use proptest::prelude::*;
use yaql::Expression;

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

proptest! {
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
