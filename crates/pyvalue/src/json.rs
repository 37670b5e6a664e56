//! Values to and from JSON: as data, and as the text that Python's `json.dumps` writes.

use std::fmt::Write as _;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number};

use crate::{Budget, Class, Dict, Error, Value, float_text};

impl Value {
    /// From JSON data. Integers beyond 64 bits have become floats before they get here.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::None,
            serde_json::Value::Bool(truth) => Self::Bool(*truth),
            serde_json::Value::Number(number) => from_number(number),
            serde_json::Value::String(text) => Self::from(text.as_str()),
            serde_json::Value::Array(items) => items.iter().map(Self::from_json).collect(),
            serde_json::Value::Object(members) => Self::Dict(
                members
                    .iter()
                    .map(|(key, value)| (key.as_str(), Self::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// To JSON data, as `orjson` stores it for st2: tuples and sets become arrays, NaN and infinities null.
    ///
    /// Fails on what JSON has no form for: bytes, spans, objects, keys that are no texts, integers beyond 64 bits.
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        Ok(match self {
            Self::None => serde_json::Value::Null,
            Self::Bool(truth) => serde_json::Value::Bool(*truth),
            Self::Int(number) => serde_json::Value::from(*number),
            Self::Big(number) => u64::try_from(&**number)
                .map(serde_json::Value::from)
                .map_err(|_| {
                    Error::type_error("an integer exceeds 64 bits, which JSON cannot store")
                })?,
            Self::Float(number) => {
                Number::from_f64(*number).map_or(serde_json::Value::Null, serde_json::Value::Number)
            }
            Self::Str(text) => serde_json::Value::from(&**text),
            Self::List(items) | Self::Tuple(items) => {
                serde_json::Value::Array(items.iter().map(Self::to_json).collect::<Result<_, _>>()?)
            }
            Self::Set(set) => {
                serde_json::Value::Array(set.iter().map(Self::to_json).collect::<Result<_, _>>()?)
            }
            Self::Dict(dict) => {
                let mut members = Map::with_capacity(dict.len());
                for (key, value) in dict.iter() {
                    let Self::Str(key) = key else {
                        return Err(Error::type_error(format!(
                            "the key {} is no text, which JSON cannot store",
                            key.repr()
                        )));
                    };
                    members.insert(key.to_string(), value.to_json()?);
                }
                serde_json::Value::Object(members)
            }
            Self::DateTime(_) => {
                // `2024-01-02T03:04:05+00:00`: the ISO form differs from the text in one character.
                serde_json::Value::from(self.to_text()?.replacen(' ', "T", 1))
            }
            other @ (Self::Bytes(_) | Self::TimeSpan(_) | Self::Object(_)) => {
                return Err(Error::type_error(format!(
                    "a value of type `{}` cannot be stored as JSON",
                    other.type_name()
                )));
            }
        })
    }
}

impl FromIterator<Value> for Value {
    /// A list.
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

fn from_number(number: &Number) -> Value {
    if let Some(whole) = number.as_i64() {
        return Value::Int(whole);
    }
    match number.as_u64() {
        Some(whole) => Value::from_big(whole.into()),
        None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from_big(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::with_capacity(items.size_hint().unwrap_or(0).min(4096));
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::list(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut dict = Dict::with_capacity(members.size_hint().unwrap_or(0).min(4096));
        while let Some((key, value)) = members.next_entry::<String, Value>()? {
            dict.insert(key, value);
        }
        Ok(Value::Dict(dict))
    }
}

/// How JSON is written.
#[derive(Debug, Clone)]
pub struct Style<'s> {
    /// Between items.
    pub item: &'s str,
    /// Between key and value.
    pub key: &'s str,
    /// Each item on a line of its own, indented by this.
    pub indent: Option<&'s str>,
    /// Everything beyond ASCII is escaped.
    pub ascii: bool,
    /// Members in the order of their keys.
    pub sort_keys: bool,
}

impl Default for Style<'_> {
    /// `json.dumps` with no arguments.
    fn default() -> Self {
        Self {
            item: ", ",
            key: ": ",
            indent: None,
            ascii: true,
            sort_keys: false,
        }
    }
}

/// What Python's `json.dumps` writes: `NaN` and `Infinity` included, keys that are numbers or `None` as texts.
///
/// Fails with Python's `TypeError` on what has no JSON form.
pub fn write(value: &Value, style: &Style<'_>, budget: &Budget) -> Result<String, Error> {
    let mut writer = Writer {
        style,
        budget,
        out: String::new(),
        charged: 0,
    };
    writer.value(value, 0)?;
    writer.charge()?;
    Ok(writer.out)
}

struct Writer<'w> {
    style: &'w Style<'w>,
    budget: &'w Budget,
    out: String,
    charged: usize,
}

impl Writer<'_> {
    /// Charges what was written since the last time.
    fn charge(&mut self) -> Result<(), Error> {
        self.budget.charge(self.out.len() - self.charged)?;
        self.charged = self.out.len();
        Ok(())
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        match value {
            Value::None => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(_) | Value::Big(_) => value.write_repr(&mut self.out),
            Value::Float(number) => self.out.push_str(&float(*number)),
            Value::Str(text) => write_string(text, self.style.ascii, &mut self.out),
            Value::List(items) | Value::Tuple(items) => self.items(items, depth)?,
            Value::Dict(dict) => self.members(dict, depth)?,
            other => {
                return Err(Error::type_error(format!(
                    "Object of type {} is not JSON serializable",
                    other.type_name()
                )));
            }
        }
        Ok(())
    }

    fn items(&mut self, items: &[Value], depth: usize) -> Result<(), Error> {
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            self.separate(at, depth + 1)?;
            self.value(item, depth + 1)?;
        }
        self.close(']', depth);
        Ok(())
    }

    fn members(&mut self, dict: &Dict, depth: usize) -> Result<(), Error> {
        if dict.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        let mut members: Vec<(&Value, &Value)> = dict.iter().collect();
        if self.style.sort_keys {
            sort(&mut members)?;
        }
        self.out.push('{');
        for (at, (key, value)) in members.into_iter().enumerate() {
            self.separate(at, depth + 1)?;
            write_string(&key_text(key)?, self.style.ascii, &mut self.out);
            self.out.push_str(self.style.key);
            self.value(value, depth + 1)?;
        }
        self.close('}', depth);
        Ok(())
    }

    fn separate(&mut self, at: usize, depth: usize) -> Result<(), Error> {
        if at > 0 {
            self.out.push_str(self.style.item);
        }
        self.break_line(depth);
        self.budget.step()?;
        self.charge()
    }

    fn close(&mut self, bracket: char, depth: usize) {
        self.break_line(depth);
        self.out.push(bracket);
    }

    fn break_line(&mut self, depth: usize) {
        if let Some(indent) = self.style.indent {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str(indent);
            }
        }
    }
}

/// Sorts by key; keys without an order are Python's `TypeError`.
fn sort(members: &mut [(&Value, &Value)]) -> Result<(), Error> {
    let mut failure = None;
    members.sort_by(|(one, _), (other, _)| match crate::order(one, other) {
        Ok(order) => order.unwrap_or(std::cmp::Ordering::Equal),
        Err(error) => {
            failure.get_or_insert(error);
            std::cmp::Ordering::Equal
        }
    });
    failure.map_or(Ok(()), Err)
}

fn key_text(key: &Value) -> Result<String, Error> {
    match key {
        Value::Str(text) => Ok(text.to_string()),
        Value::None => Ok("null".to_owned()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Int(_) | Value::Big(_) => Ok(key.repr()),
        Value::Float(number) => Ok(float(*number)),
        other => Err(Error::type_error(format!(
            "keys must be str, int, float, bool or None, not {}",
            other.type_name()
        ))),
    }
}

fn float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else {
        float_text(number)
    }
}

/// Appends a text in JSON's quotes, as Python escapes it.
pub fn write_string(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || (ascii && c > '~') => write_utf16(c, out),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_utf16(character: char, out: &mut String) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        let written = write!(out, "\\u{unit:04x}");
        debug_assert!(written.is_ok(), "writing to a text cannot fail");
    }
}

/// Reads JSON strictly, as `orjson.loads` does: no NaN, no single quotes, nothing behind the value.
pub fn parse(text: &str, budget: &Budget) -> Result<Value, Error> {
    // A byte of text makes at most one value.
    budget.charge(text.len().saturating_mul(2))?;
    serde_json::from_str(text)
        .map_err(|error| Error::new(Class::Value, format!("the text is not valid JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Limits;

    fn text(value: &Value, style: &Style<'_>) -> Result<String, Error> {
        write(value, style, &Budget::new(Limits::default()))
    }

    #[test]
    fn writes_json_as_python_does() {
        let value = Value::from_json(&json!({"a": [1, "é😀\n"], "b": {}}));

        assert_eq!(
            text(&value, &Style::default()).unwrap(),
            "{\"a\": [1, \"\\u00e9\\ud83d\\ude00\\n\"], \"b\": {}}"
        );
        let style = Style {
            item: ",",
            indent: Some("  "),
            ascii: false,
            ..Style::default()
        };
        assert_eq!(
            text(&value, &style).unwrap(),
            "{\n  \"a\": [\n    1,\n    \"é😀\\n\"\n  ],\n  \"b\": {}\n}"
        );
    }

    #[test]
    fn keys_become_texts_and_floats_may_be_no_numbers() {
        let mut dict = Dict::default();
        dict.insert(Value::None, f64::NAN);
        dict.insert(true, f64::NEG_INFINITY);
        dict.insert(Value::Float(1.5), 1);

        assert_eq!(
            text(&Value::Dict(dict), &Style::default()).unwrap(),
            r#"{"null": NaN, "true": -Infinity, "1.5": 1}"#
        );
        let set = Value::Set(crate::Set::default());
        assert_eq!(
            text(&set, &Style::default()).unwrap_err().to_string(),
            "Object of type set is not JSON serializable"
        );
    }

    #[test]
    fn data_goes_both_ways() {
        let json = json!({"n": [1, 2.5, u64::MAX, null, true], "t": "é", "o": {"k": []}});

        let value = Value::from_json(&json);

        assert_eq!(value.to_json().unwrap(), json);
        assert_eq!(serde_json::from_value::<Value>(json).unwrap(), value);
    }

    #[test]
    fn what_json_cannot_say_is_an_error() {
        let dict: Dict = [(Value::Int(1), Value::None)].into_iter().collect();

        assert_eq!(
            Value::Dict(dict).to_json().unwrap_err().to_string(),
            "the key 1 is no text, which JSON cannot store"
        );
        assert!(Value::TimeSpan(1).to_json().is_err());
    }
}
