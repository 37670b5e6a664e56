//! Values into texts by a template: `%`, `str.format`, and the format specifications of Python's types.

mod fields;
mod float;
mod number;
mod percent;
mod spec;

use crate::{Budget, Error, Value};

pub use fields::{Lookup, str_format};
pub use float::{exponent, fixed, general, round_half_even};
pub use percent::percent;

use spec::Spec;

/// `format(value, spec)`.
pub fn format_spec(value: &Value, spec: &str, budget: &Budget) -> Result<String, Error> {
    if spec.is_empty() {
        return value.to_text();
    }
    match value {
        Value::Str(text) => {
            let spec = Spec::parse(spec, '<', value)?;
            number::format_text(text, &spec, budget)
        }
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
            let spec = Spec::parse(spec, '>', value)?;
            number::format_integer(value, &spec, budget)
        }
        Value::Float(number) => {
            let spec = Spec::parse(spec, '>', value)?;
            number::format_float(*number, &spec, budget)
        }
        Value::DateTime(moment) => crate::datetime::strftime(moment, spec, budget),
        other => Err(Error::type_error(format!(
            "unsupported format string passed to {}.__format__",
            match other {
                Value::TimeSpan(_) => "datetime.timedelta",
                other => other.type_name(),
            }
        ))),
    }
}
