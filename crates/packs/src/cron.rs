//! Whether cron fields are ones that `StackStorm`'s timers (`APScheduler`) would take. Evaluation is not done here.

use model::Object;
use serde_json::Value;

use crate::suggestion::did_you_mean;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const POSITIONS: [&str; 6] = ["1st", "2nd", "3rd", "4th", "5th", "last"];

/// A field and the numbers that it takes.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
}

const FIELDS: [Field; 8] = [
    Field {
        name: "year",
        least: 1970,
        most: 9999,
    },
    Field {
        name: "month",
        least: 1,
        most: 12,
    },
    Field {
        name: "day",
        least: 1,
        most: 31,
    },
    Field {
        name: "week",
        least: 1,
        most: 53,
    },
    Field {
        name: "day_of_week",
        least: 0,
        most: 6,
    },
    Field {
        name: "hour",
        least: 0,
        most: 23,
    },
    Field {
        name: "minute",
        least: 0,
        most: 59,
    },
    Field {
        name: "second",
        least: 0,
        most: 59,
    },
];

/// What is wrong with a cron timer's parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{field}\": {message}")]
pub struct CronComplaint {
    /// The parameter.
    pub field: &'static str,
    /// What is wrong with it.
    pub message: String,
}

/// Checks the fields and the time zone of `core.st2.CronTimer`. What is absent or null stands for its default.
pub fn check_cron(parameters: &Object) -> Result<(), CronComplaint> {
    for field in &FIELDS {
        let complaint = |message| CronComplaint {
            field: field.name,
            message,
        };
        match parameters.get(field.name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => check_field(field, text).map_err(complaint)?,
            Some(value) => check_field(field, &value.to_string()).map_err(complaint)?,
        }
    }
    match parameters.get("timezone").and_then(Value::as_str) {
        Some(name) => check_time_zone(name).map_err(|message| CronComplaint {
            field: "timezone",
            message,
        }),
        None => Ok(()),
    }
}

fn check_time_zone(name: &str) -> Result<(), String> {
    let zones = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    if zones().any(|zone| zone.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(format!(
        "the time zone \"{name}\" is unknown{}",
        did_you_mean(name, zones())
    ))
}

fn check_field(field: &Field, text: &str) -> Result<(), String> {
    text.trim()
        .split(',')
        .try_for_each(|part| check_expression(field, part.trim_matches(' ')))
}

fn check_expression(field: &Field, text: &str) -> Result<(), String> {
    if let Some(rest) = text.strip_prefix('*') {
        return match rest.strip_prefix('/') {
            None if rest.is_empty() => Ok(()),
            Some(step) if is_number(step) => check_step(step, field.most - field.least),
            _ => Err(unknown(field, text)),
        };
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) && is_range(text) {
        return check_range(field, text);
    }
    match field.name {
        "month" => check_names(text, &MONTHS, "month"),
        "day_of_week" => check_names(text, &WEEKDAYS, "weekday"),
        "day" => check_day(text).ok_or_else(|| unknown(field, text))?,
        _ => Err(unknown(field, text)),
    }
}

fn unknown(field: &Field, text: &str) -> String {
    let Field { name, least, most } = field;
    format!(
        "\"{text}\" is no expression for {name}; `*`, `*/2`, {least} to {most}, ranges and lists are"
    )
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `1`, `1-5`, `1-5/2`, `1/2`.
fn is_range(text: &str) -> bool {
    let (range, step) = text
        .split_once('/')
        .map_or((text, None), |(range, step)| (range, Some(step)));
    let (first, last) = range
        .split_once('-')
        .map_or((range, None), |(first, last)| (first, Some(last)));
    is_number(first) && last.is_none_or(is_number) && step.is_none_or(is_number)
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or(u32::MAX)
}

fn check_range(field: &Field, text: &str) -> Result<(), String> {
    let (range, step) = text
        .split_once('/')
        .map_or((text, None), |(range, step)| (range, Some(step)));
    let (first, last) = range
        .split_once('-')
        .map_or((range, None), |(first, last)| (first, Some(last)));
    let first = number(first);
    let last = last
        .map(number)
        .or(if step.is_none() { Some(first) } else { None });
    let Field { least, most, .. } = field;
    if first < *least {
        return Err(format!("{first} is less than {least}"));
    }
    if let Some(last) = last {
        if first > last {
            return Err(format!("the range \"{text}\" starts after its end"));
        }
        if last > *most {
            return Err(format!("{last} is more than {most}"));
        }
    }
    let width = last
        .unwrap_or(*most)
        .checked_sub(first)
        .ok_or_else(|| format!("{first} is more than {most}"))?;
    step.map_or(Ok(()), |step| check_step(step, width))
}

fn check_step(step: &str, width: u32) -> Result<(), String> {
    match number(step) {
        0 => Err("a step must be more than 0".to_owned()),
        step if step > width => Err(format!(
            "the step {step} is wider than the range it walks through"
        )),
        _ => Ok(()),
    }
}

/// `jan`, `jan-mar`; what follows the names is not looked at, as there.
fn check_names(text: &str, names: &[&str], what: &str) -> Result<(), String> {
    let position = |name: &str| {
        let found = names
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("\"{name}\" is no {what}: {} are", names.join(", ")))
    };
    let word = |text: &str| {
        text.chars()
            .take_while(char::is_ascii_alphabetic)
            .collect::<String>()
    };
    let first = word(text);
    if first.is_empty() {
        return Err(format!("\"{text}\" is no {what}"));
    }
    let last = text[first.len()..]
        .strip_prefix('-')
        .map(word)
        .filter(|last| !last.is_empty());
    let start = position(&first)?;
    match last {
        Some(last) if position(&last)? < start => {
            Err(format!("the range \"{text}\" starts after its end"))
        }
        _ => Ok(()),
    }
}

/// `last`, `2nd tue`, `last fri`; nothing where it is neither.
fn check_day(text: &str) -> Option<Result<(), String>> {
    let lower = text.to_lowercase();
    let position = POSITIONS
        .iter()
        .find(|position| lower.starts_with(*position))?;
    let rest = &lower[position.len()..];
    let weekday = rest.trim_start_matches(' ');
    if weekday.len() == rest.len() || weekday.is_empty() {
        return (*position == "last").then_some(Ok(()));
    }
    Some(check_names(weekday, &WEEKDAYS, "weekday"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(parameters: &Value) -> Result<(), String> {
        check_cron(parameters.as_object().unwrap()).map_err(|complaint| complaint.to_string())
    }

    #[test]
    fn takes_what_the_timers_understand() {
        let cases = [
            json!({}),
            json!({ "hour": "*/2", "minute": 30, "second": "0" }),
            json!({ "day_of_week": "mon-fri", "month": "jan,mar-may" }),
            json!({ "day": "last" }),
            json!({ "day": "2nd tue, last FRI" }),
            json!({ "minute": "5/10", "timezone": "europe/berlin", "year": null }),
        ];
        for parameters in cases {
            assert_eq!(check(&parameters), Ok(()), "{parameters}");
        }
    }

    #[test]
    fn says_what_it_does_not_understand() {
        let cases = [
            (
                json!({ "day_of_week": "funday" }),
                r#""day_of_week": "funday" is no weekday: mon, tue, wed, thu, fri, sat, sun are"#,
            ),
            (json!({ "hour": "25" }), r#""hour": 25 is more than 23"#),
            (
                json!({ "minute": "50-10" }),
                r#""minute": the range "50-10" starts after its end"#,
            ),
            (
                json!({ "minute": "*/0" }),
                r#""minute": a step must be more than 0"#,
            ),
            (
                json!({ "hour": "*/30" }),
                r#""hour": the step 30 is wider than the range it walks through"#,
            ),
            (
                json!({ "timezone": "Europe/Berlim" }),
                r#""timezone": the time zone "Europe/Berlim" is unknown (did you mean "Europe/Berlin"?)"#,
            ),
            (
                json!({ "day": "6th mon" }),
                r#""day": "6th mon" is no expression for day; `*`, `*/2`, 1 to 31, ranges and lists are"#,
            ),
        ];
        for (parameters, message) in cases {
            assert_eq!(check(&parameters), Err(message.to_owned()), "{parameters}");
        }
    }
}
