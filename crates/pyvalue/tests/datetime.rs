//! Dates and spans; what is expected here was printed by Python 3.11 and dateutil.

use proptest::prelude::*;
use pyvalue::datetime::{self, Fields, Unit};
use pyvalue::{Budget, Class, DateTime, Limits, Value};

fn moment(text: &str) -> DateTime {
    text.parse().expect("the test gives a moment")
}

fn read(text: &str) -> String {
    match datetime::parse(text, &moment("2026-03-31T00:00:00Z")) {
        Ok(moment) => datetime::iso_format(&moment),
        Err(error) => error.message,
    }
}

#[test]
fn reads_what_dateutil_reads() {
    for (text, expected) in [
        ("2020-01-02T03:04:05+02:00", "2020-01-02T03:04:05+02:00"),
        ("20240615T115950Z", "2024-06-15T11:59:50+00:00"),
        ("2024-06-15 11:59:50,25", "2024-06-15T11:59:50.250000+00:00"),
        ("Sat, 15 Jun 2024 11:59:50 GMT", "2024-06-15T11:59:50+00:00"),
        ("15/06/2024", "2024-06-15T00:00:00+00:00"),
        ("06/07/24", "2024-06-07T00:00:00+00:00"),
        ("15.06.24 11h 30m", "2024-06-15T11:30:00+00:00"),
        ("June 15th, 2024 at 11:59 pm", "2024-06-15T23:59:00+00:00"),
        ("11:59 GMT+3", "2026-03-31T11:59:00-03:00"),
        ("10:00 EST", "2026-03-31T10:00:00+00:00"),
        ("Feb 2023", "2023-02-28T00:00:00+00:00"),
        ("Monday", "2026-04-06T00:00:00+00:00"),
        ("10h 36.5", "2026-03-31T10:36:30+00:00"),
        ("not a date", "Unknown string format: not a date"),
        ("", "String does not contain a date: "),
        ("2024-02-30", "day is out of range for month: 2024-02-30"),
        ("2024-13-01", "month must be in 1..12: 2024-13-01"),
        ("1 2 3 4 5", "Unknown string format: 1 2 3 4 5"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn builds_only_what_there_is() {
    let fields = |year, month, day, hour| Fields {
        year,
        month,
        day,
        hour,
        minute: 0,
        second: 0,
        microsecond: 0,
        offset: 0,
    };
    for (fields, message) in [
        (fields(0, 1, 1, 0), "year 0 is out of range"),
        (fields(2020, 13, 1, 0), "month must be in 1..12"),
        (fields(2020, 2, 30, 24), "day is out of range for month"),
        (fields(2020, 2, 29, 24), "hour must be in 0..23"),
    ] {
        assert_eq!(fields.build().unwrap_err().message, message);
    }
    let last = fields(9999, 12, 31, 0).build().unwrap();
    let error = datetime::add(&last, 86_400_000_000).unwrap_err();
    assert_eq!(
        (error.class, &*error.message),
        (Class::Overflow, "date value out of range")
    );
}

#[test]
fn prints_by_directives() {
    let budget = Budget::new(Limits::default());
    let moment = moment("2024-06-05T03:04:05.000006+02:00");
    for (format, expected) in [
        (
            "%Y-%m-%d %H:%M:%S.%f %z",
            "2024-06-05 03:04:05.000006 +0200",
        ),
        ("%a %A %b %B %p %I %j", "Wed Wednesday Jun June AM 03 157"),
        (
            "%c|%x|%X|%D|%T",
            "Wed Jun  5 03:04:05 2024|06/05/24|03:04:05|06/05/24|03:04:05",
        ),
        ("%U %W %V %G %u %w", "22 23 23 2024 3 3"),
        ("%-d %_d %e %^a %%", "5  5  5 WED %"),
        ("%Q %", "%Q %"),
    ] {
        assert_eq!(
            datetime::strftime(&moment, format, &budget).unwrap(),
            expected
        );
    }
}

#[test]
fn reads_by_directives() {
    for (text, format, expected) in [
        ("02/01/2020", "%d/%m/%Y", "2020-01-02T00:00:00+00:00"),
        ("3:05 pm", "%I:%M %p", "1900-01-01T15:05:00+00:00"),
        (
            "2020-01-02T03:04:05-0130",
            "%Y-%m-%dT%H:%M:%S%z",
            "2020-01-02T03:04:05-01:30",
        ),
        ("2024 157", "%Y %j", "2024-06-05T00:00:00+00:00"),
        ("2024-W23-3", "%G-W%V-%u", "2024-06-05T00:00:00+00:00"),
        ("69 .5", "%y .%f", "1969-01-01T00:00:00.500000+00:00"),
        ("x", "%d", "time data 'x' does not match format '%d'"),
        ("01x", "%d", "unconverted data remains: x"),
        ("1", "%Q", "'Q' is a bad directive in format '%Q'"),
        ("1", "%", "stray % in format '%'"),
    ] {
        let read = datetime::strptime(text, format).map_or_else(
            |error| error.message,
            |moment| datetime::iso_format(&moment),
        );
        assert_eq!(read, expected, "{text} {format}");
    }
}

#[test]
fn spans_are_rounded_once_and_printed() {
    let span = |parts: &[(Unit, Value)]| {
        let parts: Vec<_> = parts.iter().map(|(unit, value)| (*unit, value)).collect();
        datetime::span(&parts)
    };

    let long = span(&[
        (Unit::Days, 1.into()),
        (Unit::Seconds, 7_384.000_005.into()),
    ])
    .unwrap();
    assert_eq!(datetime::span_text(long), "1 day, 2:03:04.000005");
    assert_eq!(
        datetime::span_repr(long),
        "datetime.timedelta(days=1, seconds=7384, microseconds=5)"
    );
    assert_eq!(datetime::span_text(-1), "-1 day, 23:59:59.999999");
    assert_eq!(span(&[(Unit::Microseconds, 0.5.into())]).unwrap(), 0);
    assert_eq!(span(&[(Unit::Microseconds, 1.5.into())]).unwrap(), 2);
    assert_eq!(
        span(&[(Unit::Weeks, i64::MAX.into())]).unwrap_err().class,
        Class::Overflow
    );
}

#[test]
fn timestamps_are_exact_to_the_microsecond() {
    let read = |seconds: Value| match datetime::from_timestamp(&seconds, 0) {
        Ok(moment) => datetime::text(&moment),
        Err(error) => error.message,
    };

    assert_eq!(
        read(1_600_000_000.5.into()),
        "2020-09-13 12:26:40.500000+00:00"
    );
    assert_eq!(read((-1).into()), "1969-12-31 23:59:59+00:00");
    assert_eq!(read(f64::NAN.into()), "Invalid value NaN (not a number)");
    assert_eq!(
        read(1e300.into()),
        "timestamp out of range for platform time_t"
    );
    let moment = moment("2020-09-13T12:26:40.25Z");
    assert!((datetime::timestamp(&moment) - 1_600_000_000.25).abs() <= 0.0);
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(micros in -62_000_000_000_000_000..250_000_000_000_000_000_i64) {
        let moment: DateTime = chrono::DateTime::from_timestamp_micros(micros).unwrap().into();
        let printed = datetime::iso_format(&moment);
        if Fields::of(&moment).year >= 1000 {
            prop_assert_eq!(datetime::parse(&printed, &moment).unwrap(), moment);
        }
        let padded = printed.replace("+00:00", "+0000");
        let format = if printed.contains('.') { "%Y-%m-%dT%H:%M:%S.%f%z" } else { "%Y-%m-%dT%H:%M:%S%z" };
        prop_assert_eq!(datetime::strptime(&padded, format).unwrap(), moment);
    }

    #[test]
    fn no_text_makes_it_panic(
        text in r"[0-9a-zA-Z :./,+\-()é]{0,24}",
        format in "[%a-zA-Z0-9 #_^-]{0,12}",
    ) {
        let now = moment("2024-02-29T00:00:00Z");
        let _ = datetime::parse(&text, &now);
        let _ = datetime::strptime(&text, &format);
        let _ = datetime::strftime(&now, &format, &Budget::new(Limits::default()));
    }
}
