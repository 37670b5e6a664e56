//! What formats make of messages, and what is said where they make nothing of them.

use alias::{Aliases, ExtractError, Format, MatchError, Message};
use proptest::prelude::*;
use serde_json::{Value, json};

fn extract(format: &str, message: &str) -> Option<Value> {
    let format = Format::compile(format).expect("the format is valid");
    match format.extract(&Message::new(message)) {
        Ok(parameters) => Some(Value::Object(parameters)),
        Err(ExtractError::NoMatch { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_message_gives_the_parameters_of_a_format() {
    for (format, message, expected) in [
        ("foo {{a}}", "foo x", json!({ "a": "x" })),
        ("foo {{ a }}", "  foo x  ", json!({ "a": "x" })),
        ("foo {{a}}", "foo x y", json!({ "a": "x y" })),
        ("foo {{a}}", "foo  x", json!({ "a": " x" })),
        ("foo {{a}} {{b=2}}", "foo x", json!({ "a": "x", "b": "2" })),
        (
            "foo {{a}} {{b=2}}",
            "foo x y z",
            json!({ "a": "x", "b": "y z" }),
        ),
        ("foo {{a}}", "foo \"x y\"", json!({ "a": "x y" })),
        (
            "foo {{a}} {{b}}",
            "foo 'x y' z",
            json!({ "a": "x y", "b": "z" }),
        ),
        (
            "foo {{a}} {{b}}",
            "foo {\"k\": \"v w\"} z",
            json!({ "a": "{\"k\": \"v w\"}", "b": "z" }),
        ),
        ("foo {{a}}", "foo \"x", json!({ "a": "x" })),
        ("foo {{a}}", "foo “x y”", json!({ "a": "“x y”" })),
        ("foo {{a}}", "foo x a=1", json!({ "a": "1" })),
        (
            "foo {{a}}",
            "foo x b=1 c='2 3'",
            json!({ "a": "x", "b": "1", "c": "2 3" }),
        ),
        ("foo", "foo b=1", json!({ "b": "1" })),
        ("", "b=1", json!({ "b": "1" })),
        ("", "", json!({})),
        (
            "when {{hosts=localhost}}",
            "when",
            json!({ "hosts": "localhost" }),
        ),
        ("foo {{a=\"\"}}", "foo", json!({ "a": "" })),
        (
            "foo {{ color = {{ colors.default }} }}",
            "foo",
            json!({ "color": "{{ colors.default }}" }),
        ),
        ("what? {{a}}", "wha x", json!({ "a": "x" })),
        ("c++ {{a}}", "cc x", json!({ "a": "x" })),
        (
            "foo (?P<n>\\d+)(?: (?P<m>x))?",
            "foo 12",
            json!({ "n": "12", "m": null }),
        ),
        ("^foo {{a}} end$", " foo x end ", Value::Null),
        ("x {{a}}$", "x y", json!({ "a": "y " })),
        ("foo {{a}}", "foo", Value::Null),
        ("foo {{a}}", "FOO x", Value::Null),
        ("foo {{a}}", "say foo x", Value::Null),
        ("foo {{a}}", "foo http://h/?q=1", Value::Null),
        ("say {{text}}", "say key=value", Value::Null),
        ("foo {{a}}", "foo x\ny", json!({ "a": "x\ny" })),
    ] {
        let found = extract(format, message).unwrap_or_default();

        assert_eq!(found, expected, "`{format}` with `{message}`");
    }
}

#[test]
fn a_format_may_fit_several_places_of_a_message() {
    let format = Format::compile("(?P<key>[A-Z]+-\\d+)(?:^)?").expect("the format is valid");
    let anchored =
        Format::compile("(?:^|\\b)(?P<key>[A-Z]+-\\d+)(?:\\b|$)").expect("the format is valid");
    let message = Message::new("see ABC-1 and DEF-2");

    assert_eq!(
        format.extract_multiple(&message).expect("it can be told"),
        []
    );
    let found = anchored.extract_multiple(&message).expect("it can be told");
    // The anchor of the first group is not in its second alternative, so that it does not count.
    assert_eq!(found, []);
    let free =
        Format::compile("(?:\\b|^)(?P<key>[A-Z]+-\\d+)(?:\\b|$)").expect("the format is valid");
    let found = free.extract_multiple(&message).expect("it can be told");
    assert_eq!(
        json!(found),
        json!([{ "key": "ABC-1" }, { "key": "DEF-2" }])
    );
}

#[test]
fn a_format_that_is_no_expression_says_what_is_wrong() {
    for format in [
        "foo (bar {{a}}",
        "{{a-b}}",
        "{{1a}}",
        "{{a}} {{a}}",
        "?",
        "(?i)foo {{a}}",
    ] {
        let error = Format::compile(format).expect_err("the format is invalid");

        assert_eq!(
            error.to_string(),
            format!("format `{format}` is no valid regular expression")
        );
        assert!(!error.source.message.is_empty());
    }
}

#[test]
fn a_default_over_several_lines_is_refused_where_it_would_count() {
    let format = Format::compile("foo {{a=\"x\ny\"}}|foo").expect("the format is valid");

    let error = format
        .extract(&Message::new("foo"))
        .expect_err("there is no such parameter");

    assert!(
        matches!(error, ExtractError::StrayDefault { .. }),
        "{error}"
    );
}

fn aliases() -> Aliases<&'static str> {
    let mut aliases = Aliases::default();
    for (name, formats) in [
        ("remote", json!(["run {{cmd}} on {{hosts}}"])),
        ("local", json!(["run {{cmd}}"])),
        (
            "deploy",
            json!([{ "display": "deploy APP", "representation": ["deploy {{app}}", "ship {{app}} to {{env=prod}}"] }]),
        ),
        (
            "ticket",
            json!([{ "representation": ["(?:\\b|^)(?P<key>[A-Z]+-\\d+)(?:\\b|$)"], "match_multiple": true }]),
        ),
        ("pack", json!(["pack install {{packs}}", "pack list"])),
    ] {
        assert!(
            aliases
                .insert(name, formats.as_array().expect("a list"))
                .is_empty(),
            "{name}"
        );
    }
    aliases
}

#[test]
fn the_only_format_that_fits_decides() {
    let aliases = aliases();
    for (message, alias, parameters) in [
        ("run ls", "local", json!([{ "cmd": "ls" }])),
        (
            "ship web to",
            "deploy",
            json!([{ "app": "web", "env": "prod" }]),
        ),
        ("pack list", "pack", json!([{}])),
        (
            "see ABC-1 and DEF-2",
            "ticket",
            json!([{ "key": "ABC-1" }, { "key": "DEF-2" }]),
        ),
        // Another format fits, so that the one for several places is not looked at.
        ("deploy ABC-1", "deploy", json!([{ "app": "ABC-1" }])),
    ] {
        let found = aliases
            .match_message(&Message::new(message))
            .expect(message);

        assert_eq!(
            (*found.key, json!(found.parameters)),
            (alias, parameters),
            "{message}"
        );
    }
}

#[test]
fn what_means_nothing_or_too_much_is_explained() {
    let aliases = aliases();
    for (message, expected) in [
        (
            "run ls on h1",
            "`run ls on h1` fits more than one format: `run {{cmd}} on {{hosts}}`, `run {{cmd}}`; say more, or make the formats tell apart",
        ),
        (
            "ship",
            "`ship` fits no alias; did you mean `ship {{app}} to {{env=prod}}`?",
        ),
        (
            "depoly web",
            "`depoly web` fits no alias; did you mean `deploy {{app}}`?",
        ),
        (
            "pack instal x",
            "`pack instal x` fits no alias; did you mean `pack list`?",
        ),
        (
            "pck list",
            "`pck list` fits no alias; did you mean `pack list`?",
        ),
        ("frobnicate", "`frobnicate` fits no alias"),
        ("", "`` fits no alias"),
    ] {
        let error = aliases
            .match_message(&Message::new(message))
            .expect_err(message);

        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_format_that_cannot_be_used_is_left_out_alone() {
    let mut aliases = Aliases::default();

    let rejected = aliases.insert("x", &[json!("foo ("), json!(5), json!("foo {{a}}")]);

    let rejected: Vec<_> = rejected.iter().map(ToString::to_string).collect();
    assert_eq!(
        rejected,
        [
            "format `foo (` is no valid regular expression",
            "format `5` is neither a text nor an object with `display` and `representation`"
        ]
    );
    assert!(aliases.match_message(&Message::new("foo x")).is_ok());
}

/// Texts made of what formats and messages are made of.
fn grammar() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "foo",
        " ",
        "  ",
        "{{",
        "}}",
        "{{a}}",
        "{{ b = 2 }}",
        "a",
        "=",
        "\"",
        "'",
        "{",
        "}",
        "(",
        ")",
        "(?:",
        ")?",
        "|",
        "^",
        "$",
        "\\",
        "[",
        "]",
        "+",
        "*",
        "?",
        "é",
        "\n",
        "k=v",
        "(?P<n>x)",
        "\\b",
        ".",
        "\u{1c}",
        "(?#",
        "(?i)",
        "{2}",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_format_and_any_message_have_an_answer(format in grammar(), message in grammar()) {
        let mut aliases = Aliases::default();
        let rejected = aliases.insert("x", &[json!(format)]);
        let answer = aliases.match_message(&Message::new(&message));

        let is_no_match = matches!(answer, Err(MatchError::NoMatch { .. }));
        prop_assert!(rejected.is_empty() || is_no_match);
    }

    #[test]
    fn the_same_message_is_taken_apart_wherever_white_space_stands_around_it(message in "[a-z ='\"]{0,20}") {
        let padded = format!("{message}   ");

        prop_assert_eq!(Message::new(&message).pairs().len(), Message::new(&padded).pairs().len());
    }

    #[test]
    fn what_does_not_begin_as_a_format_does_not_fit_it(word in "[a-z]{1,5}", message in "[a-z {}=]{0,12}") {
        // The same expression, behind a group that hides how it begins.
        let format = format!("{word} {{{{a}}}}");
        let hidden = format!("(?:){format}");

        prop_assert_eq!(extract(&format, &message), extract(&hidden, &message));
    }
}
