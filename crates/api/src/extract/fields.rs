//! Reading the members of a body, each by the type it must have, with the words of Python's `jsonschema`.

use std::fmt::Display;
use std::str::FromStr;

use model::Object;
use serde_json::Value;

use crate::ApiError;

/// The members of an object. `null` counts as absent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Object);

impl<'a> Fields<'a> {
    pub(crate) fn value(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, ApiError> {
        self.typed(name, "string", Value::as_str)
    }

    pub(crate) fn required_text(self, name: &str) -> Result<&'a str, ApiError> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn integer(self, name: &str) -> Result<Option<i64>, ApiError> {
        self.typed(name, "integer", Value::as_i64)
    }

    pub(crate) fn boolean(self, name: &str) -> Result<Option<bool>, ApiError> {
        self.typed(name, "boolean", Value::as_bool)
    }

    pub(crate) fn object(self, name: &str) -> Result<Option<&'a Object>, ApiError> {
        self.typed(name, "object", Value::as_object)
    }

    pub(crate) fn list(self, name: &str) -> Result<Option<&'a [Value]>, ApiError> {
        self.typed(name, "array", |value| value.as_array().map(Vec::as_slice))
    }

    /// 400 where there is a member beside these.
    pub(crate) fn only(self, names: &[&str]) -> Result<Self, ApiError> {
        match self.0.keys().find(|name| !names.contains(&name.as_str())) {
            Some(name) => Err(ApiError::BadRequest(format!(
                "Additional properties are not allowed ('{name}' was unexpected)"
            ))),
            None => Ok(self),
        }
    }

    /// One of these words.
    pub(crate) fn word_of<T: FromStr + Display>(
        self,
        name: &str,
        known: &[T],
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            let known: Vec<String> = known.iter().map(|word| format!("'{word}'")).collect();
            ApiError::BadRequest(format!("'{text}' is not one of [{}]", known.join(", ")))
        })
    }

    fn typed<T>(
        self,
        name: &str,
        kind: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| {
            ApiError::BadRequest(format!(
                "{} is not of type '{kind}'",
                expr::python::repr(value)
            ))
        })
    }
}

/// The fault of a member that must be there.
pub(crate) fn missing(name: &str) -> ApiError {
    ApiError::BadRequest(format!("'{name}' is a required property"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn says_what_is_wrong_in_the_words_of_jsonschema() {
        let body = json!({"delay": "soon", "value": {"a": 1}, "none": null});
        let fields = Fields(body.as_object().unwrap());

        assert_eq!(
            fields.integer("delay").unwrap_err().to_string(),
            "'soon' is not of type 'integer'"
        );
        assert_eq!(
            fields.text("value").unwrap_err().to_string(),
            "{'a': 1} is not of type 'string'"
        );
        assert_eq!(
            fields.required_text("none").unwrap_err().to_string(),
            "'none' is a required property"
        );
        assert_eq!(fields.text("absent").unwrap(), None);
        assert!(fields.only(&["delay", "value", "none"]).is_ok());
        assert_eq!(
            fields.only(&["value", "none"]).unwrap_err().to_string(),
            "Additional properties are not allowed ('delay' was unexpected)"
        );
    }
}
