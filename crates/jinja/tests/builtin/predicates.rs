//! Tests: texts and kinds of failure as Jinja2 3.1 gives them.

use crate::table::{check, check_failures};
use jinja::Kind;

#[test]
fn kinds_work_as_in_jinja() {
    check(&[
        (
            "{{ 1 is integer }}{{ true is integer }}{{ 1.0 is float }}{{ true is number }}{{ none is none }}{{ \"a\" is string }}{{ d is mapping }}{{ false is false }}{{ 0 is boolean }}",
            "TrueFalseTrueTrueTrueTrueTrueTrueFalse",
        ),
        (
            "{{ \"a\" is sequence }}{{ d is sequence }}{{ 1 is sequence }}{{ missing is sequence }}{{ range(2) is sequence }}{{ (l|map(\"int\")) is sequence }}",
            "TrueTrueFalseFalseTrueFalse",
        ),
        (
            "{{ l is iterable }}{{ 1 is iterable }}{{ (l|map(\"int\")) is iterable }}",
            "TrueFalseTrue",
        ),
        (
            "{{ dict is callable }}{{ s.upper is callable }}{{ s is callable }}{{ missing is callable }}{{ joiner() is callable }}",
            "TrueTrueFalseTrueTrue",
        ),
        (
            "{{ (\"a\"|e) is escaped }}{{ \"a\" is escaped }}{{ \"upper\" is filter }}{{ \"x\" is filter }}{{ \"odd\" is test }}{{ \"AB1\" is upper }}{{ 1 is lower }}",
            "TrueFalseTrueFalseTrueTrueFalse",
        ),
    ]);
    check_failures(&[
        ("{{ missing is iterable }}", Kind::Undefined),
        ("{{ [] is filter }}", Kind::Type),
        ("{{ missing is lower }}", Kind::Undefined),
    ]);
}

#[test]
fn comparing_works_as_in_jinja() {
    check(&[
        (
            "{{ 3 is odd }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ true is odd }}{{ 3.0 is odd }}",
            "TrueTrueTrueTrueTrue",
        ),
        (
            "{{ 1 is eq 1.0 }}{{ 1 is ne 2 }}{{ 2 is gt 1 }}{{ \"a\" is lessthan \"b\" }}{{ 1 is ge 1 }}{{ 2 is in [1, 2] }}{{ \"a\" is in \"abc\" }}",
            "TrueTrueTrueTrueTrueTrueTrue",
        ),
        (
            "{{ none is sameas none }}{{ 1 is sameas true }}{{ l is sameas l }}",
            "TrueFalseTrue",
        ),
    ]);
    check_failures(&[
        ("{{ \"a\" is odd }}", Kind::Type),
        ("{{ 1 is divisibleby 0 }}", Kind::Other),
        ("{{ missing is odd }}", Kind::Undefined),
        ("{{ 1 is lt \"a\" }}", Kind::Type),
        ("{{ 1 is in 5 }}", Kind::Type),
        ("{{ 1 is in \"abc\" }}", Kind::Type),
    ]);
}
