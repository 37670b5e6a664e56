//! Methods of `str`; what is expected here was printed by Python 3.11.

use proptest::prelude::*;
use pyvalue::text::{self, Encoding};
use pyvalue::{Budget, Class, Limits, Value};

fn budget() -> Budget {
    Budget::new(Limits::default())
}

#[test]
fn case_changes_as_in_python() {
    for (given, titled, capitalized, folded) in [
        (
            "hello world's",
            "Hello World'S",
            "Hello world's",
            "hello world's",
        ),
        ("ΑΣ ΑΣΑ", "Ας Ασα", "Ας ασα", "ας ασα"),
        ("ßa ﬁ", "Ssa Fi", "Ssa ﬁ", "ssa fi"),
        ("ǆ", "ǅ", "ǅ", "ǆ"),
    ] {
        assert_eq!(text::title(given), titled);
        assert_eq!(text::capitalize(given), capitalized);
        assert_eq!(text::casefold(given), folded.replace('ς', "σ"));
    }
    assert_eq!(text::swapcase("aBß"), "AbSS");
    assert_eq!(text::casefold("Σς"), "σσ");
}

#[test]
fn knows_kinds_of_characters() {
    assert!(text::is_digit("٣²") && !text::is_decimal("²") && text::is_numeric("½三"));
    assert!(text::is_alpha("é漢") && !text::is_alpha("e\u{301}"));
    assert!(text::is_space(" \x1c\u{3000}") && !text::is_space(""));
    assert!(text::is_title("A Bc") && !text::is_title("AB"));
    assert!(text::is_identifier("_é1") && !text::is_identifier("1a"));
    assert!(text::is_printable("") && !text::is_printable("\n"));
    assert!(text::is_lower("a1") && !text::is_lower("aǅ") && text::is_upper("A1"));
}

#[test]
fn splits_and_strips() {
    let budget = budget();
    let show = |parts: Result<Vec<Value>, _>| Value::list(parts.unwrap()).repr();

    assert_eq!(
        show(text::split(" a  b c ", None, 1, &budget)),
        "['a', 'b c ']"
    );
    assert_eq!(
        show(text::rsplit(" a  b c ", None, 1, &budget)),
        "[' a  b', 'c']"
    );
    assert_eq!(
        show(text::split("a,b,,", Some(","), -1, &budget)),
        "['a', 'b', '', '']"
    );
    assert_eq!(show(text::split("", None, -1, &budget)), "[]");
    assert_eq!(
        show(text::split_lines("a\r\nb\x0bc\n", false, &budget)),
        "['a', 'b', 'c']"
    );
    assert_eq!(
        show(text::split_lines("a\r\nb", true, &budget)),
        "['a\\r\\n', 'b']"
    );
    assert_eq!(text::partition("a=b=c", "=").unwrap(), ["a", "=", "b=c"]);
    assert_eq!(text::rpartition("abc", "=").unwrap(), ["", "", "abc"]);
    assert_eq!(text::strip("xyaxy", Some("yx")), "a");
    assert_eq!(
        text::split("a", Some(""), -1, &budget).unwrap_err().message,
        "empty separator"
    );
}

#[test]
fn finds_and_slices_by_characters() {
    assert_eq!(text::find("éaéa", "a", Some(2), None), Some(3));
    assert_eq!(text::find("abc", "", Some(4), None), None);
    assert_eq!(text::rfind("éaéa", "é", None, Some(-1)), Some(2));
    assert_eq!(text::count("aaa", "", None, None), 4);
    assert_eq!(text::slice("éabc", None, None, Some(-2)).unwrap(), "ca");
    assert_eq!(text::slice("éabc", Some(-3), Some(9), None).unwrap(), "abc");
    assert_eq!(text::character("éa", -2).unwrap(), "é");
    assert_eq!(text::character("éa", 2).unwrap_err().class, Class::Index);
}

#[test]
fn pads_replaces_and_encodes() {
    let budget = budget();

    assert_eq!(text::center("ab", 5, '*', &budget).unwrap(), "**ab*");
    assert_eq!(text::center("a", 4, '*', &budget).unwrap(), "*a**");
    assert_eq!(text::zfill("-5", 4, &budget).unwrap(), "-005");
    assert_eq!(
        text::expand_tabs("a\tb\n\tc", 4, &budget).unwrap(),
        "a   b\n    c"
    );
    assert_eq!(text::replace("aaa", "a", "b", 2, &budget).unwrap(), "bba");
    assert_eq!(text::replace("ab", "", "-", -1, &budget).unwrap(), "-a-b-");
    let refused = text::encode("aéé", Encoding::Ascii, "strict").unwrap_err();
    assert_eq!(
        refused.message,
        "'ascii' codec can't encode characters in position 1-2: ordinal not in range(128)"
    );
    let refused = text::decode(b"a\xe2\x82", Encoding::Utf8, "strict").unwrap_err();
    assert_eq!(
        refused.message,
        "'utf-8' codec can't decode bytes in position 1-2: unexpected end of data"
    );
    assert_eq!(
        text::ljust("a", i64::MAX, ' ', &budget).unwrap_err().class,
        Class::Limit
    );
}

proptest! {
    #[test]
    fn a_slice_takes_what_its_positions_say(
        given in "[aé漢]{0,6}",
        start in prop::option::of(-9..9_i64),
        stop in prop::option::of(-9..9_i64),
        step in prop_oneof![-3..0_i64, 1..3_i64],
    ) {
        let characters: Vec<char> = given.chars().collect();
        let (first, count, step) =
            text::resolve_slice(characters.len(), start, stop, Some(step)).unwrap();
        let expected: String = (0..count)
            .map(|index| {
                let at = i64::try_from(first).unwrap() + i64::try_from(index).unwrap() * step;
                characters[usize::try_from(at).unwrap()]
            })
            .collect();
        prop_assert_eq!(text::slice(&given, start, stop, Some(step)).unwrap(), expected);
    }

    #[test]
    fn parts_join_to_the_whole(given in "[a,é]{0,9}", max in -1..4_i64) {
        let parts = text::split(&given, Some(","), max, &budget()).unwrap();
        prop_assert_eq!(text::join(",", &parts, &budget()).unwrap(), given);
    }

    #[test]
    fn no_text_makes_it_panic(given in any::<String>(), sub in any::<String>(), at in any::<i64>()) {
        let budget = budget();
        let _ = text::find(&given, &sub, Some(at), Some(at));
        let _ = text::slice(&given, Some(at), None, Some(at));
        let _ = text::rsplit(&given, None, at, &budget);
        let _ = text::title(&given);
        let _ = text::decode(given.as_bytes(), Encoding::Ascii, "replace").unwrap();
    }
}
