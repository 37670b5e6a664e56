//! Globals: texts and kinds of failure as Jinja2 3.1 gives them.

use crate::table::{check, check_failures};
use jinja::Kind;

#[test]
fn range_works_as_in_jinja() {
    check(&[(
        "{{ range(3) }}{{ range(1, 9, 3)|list }}{{ range(5, 0, -2)|list }}{{ range(9)[2:5] }}{{ range(3)[-1] }}{{ 2 in range(3) }}{{ range(3)|length }}{{ range(0) or \"e\" }}",
        "range(0, 3)[1, 4, 7][5, 3, 1]range(2, 5)2True3e",
    )]);
    check_failures(&[
        ("{{ range(1.5) }}", Kind::Type),
        ("{{ range(1, 2, 0) }}", Kind::Other),
        ("{{ range(100001) }}", Kind::Other),
        ("{{ range() }}", Kind::Type),
        ("{{ range(3)[5] }}", Kind::Undefined),
    ]);
}

#[test]
fn dict_works_as_in_jinja() {
    check(&[(
        "{{ dict(a=1) }}{{ dict([[\"a\", 1]], b=2) }}{{ dict([\"ab\"]) }}{{ dict.fromkeys(\"ab\", 0) }}",
        "{'a': 1}{'a': 1, 'b': 2}{'a': 'b'}{'a': 0, 'b': 0}",
    )]);
    check_failures(&[
        ("{{ dict(1) }}", Kind::Type),
        ("{{ dict([1]) }}", Kind::Type),
        ("{{ dict([\"abc\"]) }}", Kind::Other),
        ("{{ dict({}, {}) }}", Kind::Type),
    ]);
}

#[test]
fn cycler_and_joiner_work_as_in_jinja() {
    check(&[
        (
            "{% set c = cycler(\"a\", \"b\") %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{{ c.reset() }}{{ c.current }}",
            "abbaNonea",
        ),
        (
            "{% set j = joiner(\"; \") %}{{ j() }}{{ j() }}{{ j() }}",
            "; ; ",
        ),
    ]);
    check_failures(&[("{{ cycler() }}", Kind::Other)]);
}

#[test]
fn namespace_works_as_in_jinja() {
    check(&[(
        "{% set n = namespace(a=1) %}{% set n.b = 2 %}{{ n }}{{ n.a + n.b }}",
        "<Namespace {'a': 1, 'b': 2}>3",
    )]);
    check_failures(&[("{{ namespace().x }}", Kind::Undefined)]);
}

#[test]
fn lipsum_works_as_in_jinja() {
    check(&[(
        "{{ lipsum(n=2, html=false, min=3, max=4).split(\"\\n\\n\")|length }}{{ lipsum() is escaped }}{{ lipsum(1, false) is escaped }}[{{ lipsum(0) }}]",
        "2TrueFalse[]",
    )]);
    check_failures(&[
        ("{{ lipsum(1, min=5, max=5) }}", Kind::Other),
        ("{{ lipsum(\"a\") }}", Kind::Type),
    ]);
}
