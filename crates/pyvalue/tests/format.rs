//! Formatting; what is expected here was printed by Python 3.11.

use proptest::prelude::*;
use pyvalue::format::{Lookup, format_spec, percent, round_half_even, str_format};
use pyvalue::{Budget, Class, Dict, Error, Limits, Value};

fn budget() -> Budget {
    Budget::new(Limits::default())
}

fn show(outcome: Result<String, Error>) -> String {
    outcome.unwrap_or_else(|error| format!("{:?}: {error}", error.class))
}

fn tuple<const N: usize>(items: [Value; N]) -> Value {
    Value::tuple(Vec::from(items))
}

#[test]
fn percent_formats_as_python_does() {
    let dict: Dict = [("k", 5), ("x(y)", 1)].into_iter().collect();
    for (template, arguments, expected) in [
        ("%d %s", tuple([3.into(), "a".into()]), "3 a"),
        (
            "%5.1f|%-5d|%05d",
            tuple([2.25.into(), 3.into(), (-3).into()]),
            "  2.2|3    |-0003",
        ),
        (
            "%+d % d %#x %#o %X",
            tuple([1.into(), 1.into(), 255.into(), 8.into(), 255.into()]),
            "+1  1 0xff 0o10 FF",
        ),
        ("%*.*f", tuple([8.into(), 2.into(), 1.5.into()]), "    1.50"),
        ("%(k)03d%%", Value::Dict(dict.clone()), "005%"),
        ("%(x(y))s", Value::Dict(dict), "1"),
        (
            "%r %a %c%c",
            tuple(["é".into(), "é".into(), "x".into(), 65.into()]),
            "'é' '\\xe9' xA",
        ),
        ("%.2s", "abc".into(), "ab"),
        (
            "%e %G %g",
            tuple([12345.678.into(), 1e-10.into(), 100_000.0.into()]),
            "1.234568e+04 1E-10 100000",
        ),
        ("%d", tuple([1.9.into()]), "1"),
        ("x", Value::list(vec![]), "x"),
        (
            "x",
            1.into(),
            "Type: not all arguments converted during string formatting",
        ),
        (
            "%s %s",
            "a".into(),
            "Type: not enough arguments for format string",
        ),
        (
            "%d",
            "a".into(),
            "Type: %d format: a real number is required, not str",
        ),
        (
            "%x",
            1.5.into(),
            "Type: %x format: an integer is required, not float",
        ),
        (
            "%y",
            1.into(),
            "Value: unsupported format character 'y' (0x79) at index 1",
        ),
        ("%(k)s", 1.into(), "Type: format requires a mapping"),
        ("%", 1.into(), "Value: incomplete format"),
    ] {
        assert_eq!(
            show(percent(template, &arguments, &budget())),
            expected,
            "{template}"
        );
    }
}

#[test]
fn specifications_format_as_python_does() {
    for (value, spec, expected) in [
        (Value::from(1_234_567), ",", "1,234,567"),
        (Value::from(1234), "010,", "00,001,234"),
        (Value::from(255), "#_x", "0xff"),
        (Value::from(true), "", "True"),
        (Value::from(true), "d", "1"),
        (Value::from(65), "c", "A"),
        (Value::from("é"), "*^5", "**é**"),
        (Value::from("abc"), ".2", "ab"),
        (Value::from(3.0), "", "3.0"),
        (Value::from(1_234_567.0), ".3", "1.23e+06"),
        (Value::from(0.125), ".2f", "0.12"),
        (Value::from(2.675), ".2f", "2.67"),
        (Value::from(0.256), ".1%", "25.6%"),
        (Value::from(-1.5), "+08.2f", "-0001.50"),
        (Value::from(-0.04), "z.1f", "0.0"),
        (Value::from(1234.5), "012,.1f", "00,001,234.5"),
        (Value::from(f64::INFINITY), "06", "000inf"),
        (
            Value::from(1),
            ".2d",
            "Value: Precision not allowed in integer format specifier",
        ),
        (
            Value::from("a"),
            "d",
            "Value: Unknown format code 'd' for object of type 'str'",
        ),
        (
            Value::from("a"),
            "=5",
            "Value: '=' alignment not allowed in string format specifier",
        ),
        (
            Value::None,
            "5",
            "Type: unsupported format string passed to NoneType.__format__",
        ),
    ] {
        assert_eq!(
            show(format_spec(&value, spec, &budget())),
            expected,
            "{value:?} {spec}"
        );
    }
}

struct Items;

impl Lookup for Items {
    fn attribute(&self, value: &Value, name: &str) -> Result<Value, Error> {
        Ok(Value::from(format!("{}.{name}", value.to_text()?)))
    }

    fn item(&self, value: &Value, key: &Value) -> Result<Value, Error> {
        Ok(Value::from(format!("{}[{}]", value.to_text()?, key.repr())))
    }
}

#[test]
fn fields_format_as_python_does() {
    let named: Dict = [("n", "x")].into_iter().collect();
    let positional = [Value::from("a"), Value::from(7)];
    for (template, expected) in [
        ("{} {}", "a 7"),
        ("{1}{0}{{}}", "7a{}"),
        ("{n!r:>5}", "  'x'"),
        ("{0:>{1}}", "      a"),
        ("{0.b[0][k].c}", "a.b[0]['k'].c"),
        (
            "{} {0}",
            "Value: cannot switch from automatic field numbering to manual field specification",
        ),
        (
            "{2}",
            "Index: Replacement index 2 out of range for positional args tuple",
        ),
        ("{q}", "Key: 'q'"),
        ("}", "Value: Single '}' encountered in format string"),
        ("{", "Value: Single '{' encountered in format string"),
        ("{0", "Value: expected '}' before end of string"),
        ("{0!x}", "Value: Unknown conversion specifier x"),
        ("{0:{1:{n}}}", "Value: Max string recursion exceeded"),
    ] {
        let outcome = str_format(template, &positional, &named, &Items, &budget());
        assert_eq!(show(outcome), expected, "{template}");
    }
}

#[test]
fn rounding_is_exact() {
    for (number, digits, expected) in [
        (0.5, 0, 0.0),
        (2.5, 0, 2.0),
        (2.675, 2, 2.67),
        (25.0, -1, 20.0),
        (35.0, -1, 40.0),
        (-1234.5, -2, -1200.0),
        (1e300, -299, 1e300),
    ] {
        assert!(
            (round_half_even(number, digits) - expected).abs() <= 0.0,
            "{number} {digits}"
        );
    }
}

#[test]
fn widths_ask_the_budget_before_memory() {
    for outcome in [
        percent("%999999999999d", &1.into(), &budget()),
        percent("%.2000000000f", &1.5.into(), &budget()),
        format_spec(&1.into(), "999999999999,", &budget()),
        format_spec(&"a".into(), "999999999999", &budget()),
    ] {
        assert_eq!(outcome.unwrap_err().class, Class::Limit);
    }
}

proptest! {
    #[test]
    fn no_template_makes_it_panic(
        template in r"[%(){}\[\]!:.#0-9 +,_<>=^diouxXeEfFgGcrsanké*-]{0,20}",
        number in any::<f64>(),
        whole in any::<i64>(),
    ) {
        let budget = budget();
        let named: Dict = [("n", whole)].into_iter().collect();
        let positional = [Value::from(number), Value::from(whole), Value::from("é")];
        for value in &positional {
            let _ = percent(&template, value, &budget);
            let _ = format_spec(value, &template, &budget);
        }
        let _ = percent(&template, &Value::tuple(positional.to_vec()), &budget);
        let _ = percent(&template, &Value::Dict(named.clone()), &budget);
        let _ = str_format(&template, &positional, &named, &Items, &budget);
    }

    #[test]
    fn a_fixed_number_reads_back_within_half_a_unit(number in -1e6..1e6, digits in 0..8_i64) {
        let rounded = round_half_even(number, digits);
        let unit = 10_f64.powi(-i32::try_from(digits).unwrap());
        // The rounded decimal is itself told by the nearest float.
        let spacing = number.abs().next_up() - number.abs();
        prop_assert!((rounded - number).abs() <= unit / 2.0 + spacing);
    }
}
