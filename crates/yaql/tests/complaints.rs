//! What an author reads whose expression cannot be parsed: where it is wrong, and what to write.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use yaql::{Error, Expression};

fn error(text: &str) -> Error {
    match Expression::parse(text) {
        Ok(_) => panic!("`{text}` is no error"),
        Err(error) => error,
    }
}

/// Each text with the part of it that is blamed, what is said, and what is advised.
fn check(table: &[(&str, &str, &str, &str)]) {
    for (text, blamed, message, advice) in table {
        let error = error(text);
        let span = error.span.clone().unwrap();
        assert_eq!(error.message, *message, "{text}");
        assert_eq!(&text[span], *blamed, "{text}");
        assert!(error.notes.join("; ").contains(advice), "{text}: {error}");
    }
}

#[test]
fn what_is_not_closed_is_shown_where_it_opens() {
    check(&[
        (
            "f('abc)",
            "'",
            "the text that begins here never ends",
            "close it with `'`",
        ),
        (
            r"'C:\'",
            "'",
            "the text that begins here never ends",
            r"`\'` is a quote within",
        ),
        (
            "f(1, [2, 3)",
            "[",
            "the `[` here is never closed",
            "`]` is missing",
        ),
        ("f(1", "(", "the `(` here is never closed", "`)` is missing"),
        ("f(", "(", "the `(` here is never closed", "`)` is missing"),
        (
            "(1 + 2",
            "(",
            "the `(` here is never closed",
            "`)` is missing",
        ),
        (
            "{a => 1",
            "{",
            "the `{` here is never closed",
            "`}` is missing",
        ),
        (
            "{a => 1,",
            "{",
            "the `{` here is never closed",
            "`}` is missing",
        ),
        ("a)", ")", "`)` closes nothing", "open it before with `(`"),
    ]);
}

#[test]
fn habits_of_other_languages_are_answered() {
    check(&[
        (
            "a == b",
            "==",
            "`==` is not part of the language",
            "write `=`",
        ),
        (
            "a <> b",
            "<>",
            "`<>` is not part of the language",
            "write `!=`",
        ),
        (
            "a && b",
            "&&",
            "`&&` is not part of the language",
            "write `and`",
        ),
        (
            "a || b",
            "||",
            "`||` is not part of the language",
            "write `or`",
        ),
        ("!a", "!", "`!` is not part of the language", "write `not`"),
        (
            "a % 2",
            "%",
            "`%` is not part of the language",
            "write `mod`",
        ),
        (
            "a // 2",
            "//",
            "`//` is not part of the language",
            "rounds down",
        ),
        ("a ** 2", "**", "`**` is not part of the language", "pow("),
        (
            "a | upper",
            "|",
            "`|` is not part of the language",
            "no filters",
        ),
        (
            "a ? b : c",
            "?",
            "`?` is not part of the language",
            "switch(",
        ),
        ("a if b else c", "if", "there is no `if`", "switch("),
        (
            "a not in b",
            "not",
            "`not` cannot stand behind a value",
            "not a in b",
        ),
        (
            "{a: 1}",
            ":",
            "`:` is not part of the language",
            "key => value",
        ),
    ]);
}

#[test]
fn delimiters_within_an_expression_are_answered() {
    check(&[
        (
            "<% a %>",
            "<%",
            "`<%` is not part of the language",
            "stand around",
        ),
        (
            "a %>",
            "%>",
            "`%>` is not part of the language",
            "stand around",
        ),
        (
            "{% if a %}",
            "{%",
            "`{%` is not part of the language",
            "Jinja",
        ),
        (
            "a {{ b }}",
            "{{",
            "`{{` is not part of the language",
            "Jinja",
        ),
        (
            r#"task(\"a\")"#,
            "\\",
            "`\\` is not part of the language",
            "no backslash",
        ),
    ]);
}

#[test]
fn characters_and_numbers_of_other_languages_are_answered() {
    check(&[
        ("f(“a”)", "“", "`“` means nothing here", "straight quotes"),
        (
            "a\u{a0}+ b",
            "\u{a0}",
            "the character `\\u00a0` means nothing here",
            "blanks",
        ),
        (
            "1e3",
            "1e3",
            "`1e3` is neither a number nor a word",
            "no exponent",
        ),
        (
            "1.5e-3",
            "1.5e",
            "`1.5e` is neither a number nor a word",
            "no exponent",
        ),
        (
            "1_000",
            "1_000",
            "`1_000` is neither a number nor a word",
            "without `_`",
        ),
        (
            "0xff",
            "0xff",
            "`0xff` is neither a number nor a word",
            "decimal",
        ),
        (
            "2nd",
            "2nd",
            "`2nd` is neither a number nor a word",
            "`'2nd'`",
        ),
        (".5", ".", "a number cannot begin with a point", "write `0`"),
    ]);
}

#[test]
fn what_is_missing_is_named() {
    check(&[
        ("", "", "the expression is empty", ""),
        ("1 +", "+", "a value is missing behind `+`", "ends there"),
        (
            "not",
            "not",
            "a value is missing behind `not`",
            "ends there",
        ),
        ("$.", ".", "a value is missing behind `.`", "ends there"),
        ("1 + * 2", "*", "a value is missing between `+` and `*`", ""),
        ("* 1", "*", "a value is missing before `*`", ""),
        (
            "[1, 2,]",
            ",",
            "a value is missing behind `,`",
            "take the comma",
        ),
        ("()", ")", "a value is missing between the parentheses", ""),
        (
            "1 2",
            "2",
            "an operator or a comma is missing before `2`",
            "",
        ),
        (
            "how are you",
            "are",
            "an operator or a comma is missing before `are`",
            "quotes",
        ),
    ]);
}

#[test]
fn rules_of_the_grammar_are_told() {
    check(&[
        (
            "__x",
            "__x",
            "`__x` begins with two underscores, which a word cannot",
            "`'__x'`",
        ),
        (
            "f (1)",
            "(",
            "`(` cannot stand behind a value",
            "no blank between",
        ),
        (
            "a and(b)",
            "and(",
            "`and(` is read as a call of a function",
            "`and (`",
        ),
        (
            "(1, 2)",
            ",",
            "`,` cannot stand in parentheses around a value",
            "a list",
        ),
        (
            "1, 2",
            ",",
            "`,` cannot stand behind the whole expression",
            "a list",
        ),
        (
            "{mod => 5}",
            "mod",
            "`mod` is an operator, and cannot be a key",
            "`'mod'`",
        ),
        (
            "{not => 5}",
            "not",
            "`not` is an operator, and cannot be a key",
            "`'not'`",
        ),
        (
            "$.in",
            "in",
            "`in` is an operator, and cannot be a name behind a dot",
            "`['in']`",
        ),
        (
            "g(f(a => 1, 2))",
            "2",
            "a value without `=>` stands behind one with `=>` in the call of `f`",
            "first",
        ),
        (
            "f(,a => 1)",
            "=>",
            "`=>` cannot stand here, behind arguments that are left out",
            "name the other arguments",
        ),
        ("a => 1", "=>", "`=>` cannot stand here", "in `{}`"),
        (
            r"'\x4g'",
            r"\x4g",
            r"`\x` is followed by 2 hexadecimal digits of a character's number",
            r"`\\`",
        ),
    ]);
}

#[test]
fn an_error_shows_its_line() {
    let error = error("ctx(hosts)\n  .where($.name == 'a')");

    assert_eq!(
        error.render(),
        "`==` is not part of the language\n    \
         2 |   .where($.name == 'a')\n      \
         |                 ^^\n  \
         = write `=` to compare"
    );
}
