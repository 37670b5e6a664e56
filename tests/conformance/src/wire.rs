//! Values as the recordings write them: JSON, and `{"$type": ...}` around what JSON cannot say.

use pyvalue::Value;
use serde_json::{Value as Json, json};

use crate::Failure;

/// Writes a value.
pub(crate) fn of(value: &Value) -> Result<Json, Failure> {
    Ok(match value {
        Value::None => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!(number),
        Value::Big(number) => json!({ "$type": "int", "value": number.to_string() }),
        Value::Float(number) => float(*number),
        Value::Str(text) => json!(text),
        Value::Bytes(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "$type": "bytes", "value": digits.concat() })
        }
        Value::List(items) | Value::Tuple(items) => Json::Array(all(items.iter())?),
        Value::Dict(items) => return dict(items),
        Value::Set(items) => json!({ "$type": "set", "value": all(items.iter())? }),
        Value::DateTime(_) => {
            json!({ "$type": "datetime", "value": value.to_text()?.replacen(' ', "T", 1) })
        }
        Value::TimeSpan(microseconds) => json!({ "$type": "timespan", "value": microseconds }),
        Value::Object(object) => {
            let message = format!("a value of type `{}` has no JSON form", object.type_name());
            return Err(Failure::new(&["unrepresentable"], message));
        }
    })
}

fn all<'v>(items: impl Iterator<Item = &'v Value>) -> Result<Vec<Json>, Failure> {
    items.map(of).collect()
}

fn float(number: f64) -> Json {
    let special = |name: &str| json!({ "$type": "float", "value": name });
    if number.is_nan() {
        special("nan")
    } else if number.is_infinite() {
        special(if number > 0.0 { "inf" } else { "-inf" })
    } else {
        json!(number)
    }
}

fn dict(items: &pyvalue::Dict) -> Result<Json, Failure> {
    if items.keys().all(|key| key.as_str().is_some()) {
        let members = items.iter().map(|(key, value)| {
            let name = key.as_str().unwrap_or_default().to_owned();
            of(value).map(|value| (name, value))
        });
        return Ok(Json::Object(members.collect::<Result<_, _>>()?));
    }
    let pairs = items
        .iter()
        .map(|(key, value)| Ok(json!([of(key)?, of(value)?])));
    let pairs: Vec<Json> = pairs.collect::<Result<_, Failure>>()?;
    Ok(json!({ "$type": "map", "value": pairs }))
}

impl From<pyvalue::Error> for Failure {
    fn from(error: pyvalue::Error) -> Self {
        use pyvalue::Class;
        let kinds: &[&str] = match error.class {
            Class::Type => &["type"],
            Class::Undefined => &["undefined"],
            _ => &["other"],
        };
        Self::new(kinds, error.message)
    }
}
