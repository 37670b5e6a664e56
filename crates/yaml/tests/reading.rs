//! Documents as a whole: structure, places, warnings, refusals, and no panic on any text.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn read(text: &str) -> Json {
    yaml::parse(text).unwrap().root.to_json()
}

fn refusal(text: &str) -> String {
    yaml::parse(text).unwrap_err().to_string()
}

#[test]
fn merges_mappings_and_lets_own_keys_win() {
    let text = "base: &b {a: 1, b: 2}\nx:\n  <<: *b\n  b: 3\ny:\n  <<: [{a: 1}, {a: 2, c: 3}]\nz:\n  '<<': kept\n";

    assert_eq!(
        read(text),
        json!({
            "base": { "a": 1, "b": 2 },
            "x": { "a": 1, "b": 3 },
            "y": { "a": 1, "c": 3 },
            "z": { "<<": "kept" },
        })
    );
}

#[test]
fn takes_the_last_of_duplicate_keys_and_names_both_lines() {
    let document = yaml::parse("a: 1\nb: 2\na: 3\n").unwrap();

    assert_eq!(document.root.to_json().to_string(), r#"{"a":3,"b":2}"#);
    let warning = &document.warnings[0];
    assert_eq!((warning.line, warning.column), (3, 1));
    assert_eq!(
        warning.message,
        "the key `a` stands in line 1 already; the value in line 3 is the one that counts"
    );
}

#[test]
fn overriding_a_merged_key_is_no_duplicate() {
    let document = yaml::parse("b: &b {a: 1}\nx: {<<: *b, a: 2}\n").unwrap();

    assert_eq!(document.warnings, []);
}

#[test]
fn writes_keys_that_are_not_text_as_json_does() {
    assert_eq!(
        read("1: a\ntrue: b\n~: c\n2020-01-01: d\n"),
        json!({ "1": "a", "true": "b", "null": "c", "2020-01-01": "d" })
    );
}

#[test]
fn honours_the_tags_of_a_safe_loader() {
    let text = "a: !!str 12\nb: !!int '7'\nc: !!float 1\nd: !!set {x, y}\ne: !!omap [{k: 1}]\nf: ! 12\ng: !!null ''\n";

    assert_eq!(
        read(text),
        json!({ "a": "12", "b": 7, "c": 1.0, "d": ["x", "y"], "e": [["k", 1]], "f": 12, "g": null })
    );
}

#[test]
fn reads_block_scalars_that_end_the_text_as_libyaml_does() {
    let cases = [
        ("a: |\n  x", "x"),
        ("a: |\n  x\n", "x\n"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |+\n  x\n  ", "x\n"),
        ("a: |-\n  x", "x"),
        ("a: >\n  x\n   ", "x\n "),
        ("a: >\n  x\n  y", "x y"),
        ("a: |\n  ", ""),
        ("a: |+\n  x\n\n", "x\n\n"),
    ];
    for (text, value) in cases {
        assert_eq!(read(text), json!({ "a": value }), "{text:?}");
    }
}

#[test]
fn an_empty_text_is_null() {
    for text in ["", "# only words\n", "---\n", "\u{feff}"] {
        assert_eq!(read(text), Json::Null, "{text:?}");
    }
}

#[test]
fn knows_where_keys_and_values_stand() {
    let document =
        yaml::parse("name: x\nparameters:\n  host:\n    type: string\nlist:\n  - a\n  - bé: 1\n")
            .unwrap();
    let root = &document.root;

    let key = root.key_position(&["parameters", "host", "type"]).unwrap();
    let value = root.locate(&["parameters", "host", "type"]).unwrap().span;
    let item = root.locate(&["list", "1", "bé"]).unwrap().span.start;

    assert_eq!((key.line, key.column), (4, 5));
    assert_eq!(
        (value.start.line, value.start.column, value.end.column),
        (4, 11, 17)
    );
    assert_eq!((item.line, item.column), (7, 9));
    assert_eq!(root.nearest(&["parameters", "nobody"]).span.start.line, 3);
}

#[test]
fn says_what_is_wrong_and_where() {
    let cases = [
        (
            "a: 1\nb: c: d\n",
            "line 2, column 5: a `:` cannot stand here",
        ),
        (
            "a:\n\tb: 1\n",
            "line 2, column 1: a value cannot start with this character",
        ),
        (
            "a: 'x\nb: 1\n",
            "line 1, column 4: the text ends before the quoted value that starts here is closed",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "line 2, column 1: a second document starts here",
        ),
        (
            "a: *b\n",
            "line 1, column 4: the alias `*b` has no anchor `&b` before it",
        ),
        (
            "a: &b [*b]\n",
            "line 1, column 8: the alias `*b` stands inside of what it refers to",
        ),
        ("a: !foo 1\n", "line 1, column 4: the tag `!foo` is unknown"),
        (
            "a: {{ name }}\n",
            "line 1, column 5: a list or mapping cannot be a key",
        ),
        (
            "a: 2020-13-01\n",
            "line 1, column 4: `2020-13-01` is not a date that exists",
        ),
        ("a: =\n", "line 1, column 4: a bare `=` has no meaning"),
        (
            "a: 1\nb: \u{1}\n",
            "line 2, column 4: control characters are not allowed",
        ),
        ("<<: 5\n", "line 1, column 5: `<<` merges a mapping"),
        (
            "a: &x 1\nb: &x 2\n",
            "line 2, column 4: the anchor `&x` is defined already in line 1",
        ),
    ];
    for (text, start) in cases {
        let refusal = refusal(text);
        assert!(refusal.starts_with(start), "{text:?}: {refusal}");
    }
}

#[test]
fn bounds_what_aliases_and_nesting_can_do() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        let aliases = vec![alias; 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }

    assert!(refusal(&bomb).contains("aliases stand for more than"));
    assert!(refusal(&"[".repeat(100_000)).contains("nest deeper"));
    assert!(refusal(&"- ".repeat(10_000)).contains("nest deeper"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _either_way = yaml::parse(&text);
    }

    #[test]
    fn never_panics_on_yaml_like_text(text in "([a-c]|[-:?|>&*!%@#,{}\\[\\]'\"~<=.+0-9]| |\n|\t){0,60}") {
        if let Err(error) = yaml::parse(&text) {
            prop_assert!(error.message != "this text cannot be read as YAML", "panicked on {:?}", text);
            prop_assert!(error.line >= 1 && error.column >= 1);
        }
    }

    #[test]
    fn reads_back_the_json_it_is_given(numbers in proptest::collection::vec(any::<i64>(), 0..20), text in "[ -~é☃]{0,40}") {
        let value = json!({ "numbers": numbers, "text": text });

        prop_assert_eq!(read(&value.to_string()), value);
    }
}
