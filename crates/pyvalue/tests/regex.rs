//! Patterns as Python's `re` reads them; what is expected here was printed by Python 3.11.

use proptest::prelude::*;
use pyvalue::regex::{Flags, Regex, escape};
use pyvalue::{Budget, Class, Limits, Value};

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern, Flags::default()).expect("Python takes this pattern")
}

fn budget() -> Budget {
    Budget::new(Limits::default())
}

fn found(pattern: &str, text: &str) -> String {
    let all = regex(pattern)
        .find_all(text, &budget())
        .expect("it is quickly found");
    Value::list(all).repr()
}

#[test]
fn finds_what_python_finds() {
    for (pattern, text, expected) in [
        ("c$", "abc\n", "['c']"),
        (r"c\Z", "abc\n", "[]"),
        ("(?m)^.", "ab\ncd", "['a', 'c']"),
        ("|a", "a", "['', 'a', '']"),
        ("a*", "baac", "['', 'aa', '', '']"),
        (r"(\w)(\d)?", "a1b", "[('a', '1'), ('b', '')]"),
        ("x{,2}", "xxx", "['xx', 'x', '']"),
        ("{a}", "{a}", "['{a}']"),
        ("[[:alpha:]]", "a:]", "[':]']"),
        ("[]a]+", "]a[", "[']a']"),
        ("[a&&b-]+", "a&-b", "['a&-b']"),
        (r"\w+", "e\u{301}a", "['e', 'a']"),
        (r"\bé", "é aé", "['é']"),
        (r"\s", "\x1c \u{85}", "['\\x1c', ' ', '\\x85']"),
        (r"(?a)\w+", "aé", "['a']"),
        ("(?i)i+", "İıIi", "['İıIi']"),
        (r"(?P<q>['\x22]).*?(?P=q)", "'a' \"b\"", "[\"'\", '\"']"),
        ("(a)?b(?(1)c|d)", "abc bd bc", "['a', '']"),
        ("(?>a+)b|a++c", "aab aac", "['aab', 'aac']"),
        (r"\101\x42\u0043\N{DIGIT ONE}", "ABC1", "['ABC1']"),
        ("(?x) a b # two\n c", "abc", "['abc']"),
        (r"\B", "", "[]"),
        ("(?<=é)a", "éa", "['a']"),
        ("(?=a){0,2}a(?!b)*", "aa", "['a', 'a']"),
    ] {
        assert_eq!(found(pattern, text), expected, "{pattern} in {text:?}");
    }
}

#[test]
fn refuses_with_the_words_of_python() {
    for (pattern, message) in [
        ("(ab", "missing ), unterminated subpattern at position 0"),
        ("ab)", "unbalanced parenthesis at position 2"),
        ("*a", "nothing to repeat at position 0"),
        ("a**", "multiple repeat at position 2"),
        ("^*", "nothing to repeat at position 1"),
        ("[ab", "unterminated character set at position 0"),
        ("[b-a]", "bad character range b-a at position 1"),
        (r"\q", r"bad escape \q at position 0"),
        ("a\\", "bad escape (end of pattern) at position 1"),
        (r"\2(a)", "invalid group reference 2 at position 1"),
        (r"(a\1)", "cannot refer to an open group at position 2"),
        ("a{3,1}", "min repeat greater than max repeat at position 2"),
        ("(?<=a+)b", "look-behind requires fixed-width pattern"),
        (
            "a(?i)",
            "global flags not at the start of the expression at position 1",
        ),
        (
            "(?P<n>a)(?P<n>b)",
            "redefinition of group name 'n' as group 2; was group 1 at position 12",
        ),
        ("(?P<1>a)", "bad character in group name '1' at position 4"),
        ("(?P=n)", "unknown group name 'n' at position 4"),
        ("(?P>n)", "unknown extension ?P> at position 1"),
        ("(?q)", "unknown extension ?q at position 1"),
        (
            "a\n(",
            "missing ), unterminated subpattern at position 2 (line 2, column 1)",
        ),
        (
            r"\777",
            r"octal escape value \777 outside of range 0-0o377 at position 0",
        ),
    ] {
        let error = Regex::new(pattern, Flags::default()).unwrap_err();
        assert_eq!(
            (error.class, &*error.message),
            (Class::Regex, message),
            "{pattern}"
        );
    }
}

#[test]
fn replaces_and_splits() {
    let budget = budget();
    let replaced = |pattern, text, template| {
        regex(pattern)
            .replace(text, template, 0, &budget)
            .unwrap_or_else(|error| error.message)
    };
    let split =
        |pattern, text, max| Value::list(regex(pattern).split(text, max, &budget).unwrap()).repr();

    assert_eq!(replaced("(a)(.)", "abcadc", r"\2\1"), "bacdac");
    assert_eq!(replaced("(?P<x>b)", "abc", r"<\g<x>\g<0>\n>"), "a<bb\n>c");
    assert_eq!(replaced("x*", "abxd", "-"), "-a-b--d-");
    assert_eq!(
        replaced("a", "a", r"\9"),
        "invalid group reference 9 at position 1"
    );
    assert_eq!(replaced("a", "a", r"\q"), r"bad escape \q at position 0");
    assert_eq!(replaced("(a)|b", "b", r"[\1]"), "[]");
    assert_eq!(split(r"(\d)", "a1b2c", 0), "['a', '1', 'b', '2', 'c']");
    assert_eq!(split("(x)?,", "a,b", 0), "['a', None, 'b']");
    assert_eq!(split("", "ab", 0), "['', 'a', 'b', '']");
    assert_eq!(split(",", "a,b,c", 1), "['a', 'b,c']");
    assert_eq!(split(",", "a,b", -1), "['a,b']");
    assert_eq!(escape("a.b é{"), r"a\.b\ é\{");
}

#[test]
fn matches_count_in_characters_and_know_their_groups() {
    let regex = regex("(?P<first>b)(z)?");

    let found = regex.search("éab").unwrap().unwrap();

    assert_eq!(found.span(0), Some(3..4));
    assert_eq!(found.character_span(0), Some(2..3));
    assert_eq!(found.named("first"), Some("b"));
    assert_eq!(Value::list(found.groups()).repr(), "['b', None]");
    assert!(regex.match_start("ab").unwrap().is_none());
    assert!(regex.full_match("bzz").unwrap().is_none());
    assert!(regex.full_match("bz").unwrap().is_some());
}

#[test]
fn a_runaway_pattern_is_stopped() {
    let text = format!("{}z", "a".repeat(40));

    let error = regex(r"^(a|a)*(?<!a)\1z").search(&text).unwrap_err();

    assert_eq!(error.class, Class::Limit);
}

proptest! {
    #[test]
    fn no_pattern_makes_it_panic(
        pattern in r"[ab\\dwsBZ\[\](){}^$.|?*+,\-=!<>:P0-3éxuUN#&~ \n]{0,24}",
        text in "[ab1 é\n]{0,12}",
        template in r"[a\\g<>0-3n]{0,8}",
    ) {
        let budget = budget();
        if let Ok(regex) = Regex::new(&pattern, Flags::default()) {
            for found in regex.iter(&text).take(50) {
                let Ok(found) = found else { break };
                prop_assert!(found.span(0).is_some());
            }
            let _ = regex.split(&text, 0, &budget);
            let _ = regex.replace(&text, &template, 0, &budget);
            let _ = regex.full_match(&text);
        }
    }

    #[test]
    fn an_escaped_text_matches_itself(text in any::<String>()) {
        prop_assert!(regex(&escape(&text)).full_match(&text).unwrap().is_some());
    }
}
