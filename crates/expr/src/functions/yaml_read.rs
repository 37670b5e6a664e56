//! YAML to Python's values, as PyYAML's safe loader makes them.

use std::fmt;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use pyvalue::{Budget, Dict, Error, Object, Value};

/// The value of a text.
pub(super) fn value(text: &str, budget: &Budget) -> Result<Value, Error> {
    budget.charge(text.len())?;
    let document = yaml::parse(text)
        .map_err(|error| Error::value_error(format!("the text is not YAML: {error}")))?;
    let value = convert(document.root, budget)?;
    budget.charge_container(&value)?;
    Ok(value)
}

fn convert(node: yaml::Node, budget: &Budget) -> Result<Value, Error> {
    budget.step()?;
    Ok(match node.value {
        yaml::Value::Null => Value::None,
        yaml::Value::Bool(truth) => Value::Bool(truth),
        yaml::Value::Integer(number) => Value::Int(number),
        yaml::Value::Unsigned(number) => Value::from_big(number.into()),
        yaml::Value::Float(number) => Value::Float(number),
        yaml::Value::Text(text) => Value::from(text),
        yaml::Value::Timestamp(text) => moment(&text),
        yaml::Value::List(items) => {
            budget.charge(items.len() * size_of::<Value>())?;
            let items: Result<Vec<Value>, Error> = items
                .into_iter()
                .map(|item| convert(item, budget))
                .collect();
            Value::list(items?)
        }
        yaml::Value::Mapping(entries) => {
            budget.charge(entries.len() * 3 * size_of::<Value>())?;
            let mut dict = Dict::with_capacity(entries.len());
            for entry in entries {
                let key = if entry.is_text_key {
                    Value::from(entry.key)
                } else {
                    other_key(&entry.key)
                };
                dict.insert(key, convert(entry.value, budget)?);
            }
            Value::Dict(dict)
        }
    })
}

/// A key that was no text; the reader writes it as JSON would.
fn other_key(key: &str) -> Value {
    match serde_json::from_str(key) {
        Ok(json) => Value::from_json(&json),
        Err(_) => moment(key),
    }
}

/// A date, a moment with an offset, or one without.
fn moment(text: &str) -> Value {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Value::DateTime(moment);
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Value::object(Naive::Day(day));
    }
    match text.parse::<NaiveDateTime>() {
        Ok(moment) => Value::object(Naive::Moment(moment)),
        Err(_) => Value::from(text),
    }
}

/// A `date`, or a `datetime` that knows no offset.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naive {
    Day(NaiveDate),
    Moment(NaiveDateTime),
}

impl fmt::Debug for Naive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr())
    }
}

impl Naive {
    /// ISO 8601, which is what a date is in JSON.
    pub(crate) fn iso(self) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Moment(moment) => format!("{moment:?}"),
        }
    }
}

impl Object for Naive {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Day(_) => "datetime.date",
            Self::Moment(_) => "datetime.datetime",
        }
    }

    fn text(&self) -> Result<String, Error> {
        Ok(match self {
            Self::Day(day) => day.to_string(),
            Self::Moment(moment) => moment.to_string(),
        })
    }

    fn repr(&self) -> String {
        match self {
            Self::Day(day) => format!(
                "datetime.date({}, {}, {})",
                day.year(),
                day.month(),
                day.day()
            ),
            Self::Moment(moment) => {
                let (second, micros) = (moment.second(), moment.nanosecond() / 1000);
                let rest = match (second, micros) {
                    (0, 0) => String::new(),
                    (second, 0) => format!(", {second}"),
                    (second, micros) => format!(", {second}, {micros}"),
                };
                format!(
                    "datetime.datetime({}, {}, {}, {}, {}{rest})",
                    moment.year(),
                    moment.month(),
                    moment.day(),
                    moment.hour(),
                    moment.minute()
                )
            }
        }
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        let day = match self {
            Self::Day(day) => *day,
            Self::Moment(moment) => moment.date(),
        };
        let number = match (name, self) {
            ("year", _) => i64::from(day.year()),
            ("month", _) => i64::from(day.month()),
            ("day", _) => i64::from(day.day()),
            ("hour", Self::Moment(moment)) => i64::from(moment.hour()),
            ("minute", Self::Moment(moment)) => i64::from(moment.minute()),
            ("second", Self::Moment(moment)) => i64::from(moment.second()),
            _ => return None,
        };
        Some(Value::Int(number))
    }
}
