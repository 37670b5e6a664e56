//! What an author is told.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use pyvalue::{Dict, Value};
use yaql::{Engine, Expression, Input};

fn message(text: &str) -> String {
    let hosts: Dict = [("hostname", "web1"), ("address", "10.0.0.1")]
        .into_iter()
        .collect();
    let expression = Expression::parse(text).unwrap();
    let input = Input {
        data: Value::Dict(hosts),
        ..Input::default()
    };
    Engine::standard()
        .evaluate(&expression, &input)
        .expect_err(text)
        .render()
}

fn complaints(text: &str) -> Vec<String> {
    let expression = Expression::parse(text).unwrap();
    let found = Engine::standard().check(&expression);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn an_unknown_function_has_a_caret_and_the_nearest_name() {
    assert_eq!(
        message("[1, 2].slect($ + 1)"),
        "there is no method `slect`\n\
         \x20   1 | [1, 2].slect($ + 1)\n\
         \x20     |        ^^^^^\n\
         \x20 = did you mean `select`?"
    );
}

#[test]
fn a_method_that_is_called_as_a_function_is_said_to_be_one() {
    assert!(message("select([1], $)").contains("write `value.select(...)`"));
    assert!(message("[1].range()").contains("write `range(...)`"));
}

#[test]
fn arguments_that_fit_no_overload_are_shown_with_those_that_would() {
    assert_eq!(
        message("'abc'.substring(a)"),
        "`substring` of string cannot take the word `a`\n\
         \x20   1 | 'abc'.substring(a)\n\
         \x20     |       ^^^^^^^^^\n\
         \x20 = it takes `(string: string).substring(start: int, length: int = -1)`"
    );
}

#[test]
fn an_operator_names_the_types_that_it_takes() {
    let message = message("$.hostname - 1");

    assert!(
        message.starts_with("`-` cannot take string, int\n"),
        "{message}"
    );
    assert!(message.contains("it takes `number - number`"), "{message}");
}

#[test]
fn a_missing_key_names_the_one_near_it() {
    assert_eq!(
        message("$.hostnme.len()"),
        "the dictionary has no key `hostnme`\n\
         \x20   1 | $.hostnme.len()\n\
         \x20     |   ^^^^^^^\n\
         \x20 = did you mean `hostname`?"
    );
}

#[test]
fn a_receiver_that_does_not_fit_is_refused_before_arguments_are_evaluated() {
    let message = message("null.contains(1 / 0)");

    assert!(
        message.starts_with("`contains` of null cannot take an expression\n"),
        "{message}"
    );
}

#[test]
fn a_list_that_a_function_made_is_no_key() {
    for text in [
        "'a b'.split(' ') in set(1)",
        "{'a b'.split(' ') => 1}",
        "$['a b'.split(' ')]",
        "set(1).contains('a b'.split(' '))",
    ] {
        assert!(
            message(text).contains("use `toList()` first"),
            "{text}: {}",
            message(text)
        );
    }
}

#[test]
fn a_message_stays_short_whatever_text_is_wrong() {
    for text in [
        "int('a' * 1000000)",
        "call('a' * 1000000, [], {})",
        "$['a' * 1000000]",
    ] {
        assert!(message(text).len() < 1200, "{text}");
    }
}

#[test]
fn a_division_by_zero_is_at_its_operator() {
    assert!(message("1 + 1 / 0").contains("|       ^"));
}

#[test]
fn a_check_finds_what_can_only_fail() {
    for (text, expected) in [
        ("$.a.slect($)", Some("there is no method `slect`")),
        ("[1].select()", Some("`select` of")),
        ("true + 1", Some("`+` cannot take bool, int")),
        ("$ or legth($)", Some("there is no function `legth`")),
        ("len($.x) + 1", None),
        ("def(twice, $ * 2) -> twice(4)", None),
        ("call($.name, [], {})", None),
    ] {
        let found = complaints(text);

        match expected {
            Some(expected) => assert!(
                found
                    .first()
                    .is_some_and(|first| first.starts_with(expected)),
                "{text}: {found:?}"
            ),
            None => assert!(found.is_empty(), "{text}: {found:?}"),
        }
    }
}
