//! Attribute paths of filters: `address.city`, `items.0`, `age,name`.

use pyvalue::{Value, number, text};

use super::grouping::Group;
use crate::objects::Markup;
use crate::{Error, Run, is_undefined};

/// Where in an item to look: a key, index or attribute after the other.
pub(super) struct Path(Vec<Value>);

impl Path {
    /// Reads a filter's `attribute`: a text with dots, or a single key. `None` means the item itself.
    pub(super) fn of(attribute: &Value) -> Result<Self, Error> {
        let parts = match attribute {
            Value::None => Vec::new(),
            Value::Str(path) => parts(path)?,
            other => match Markup::of(other) {
                Some(path) => parts(path)?,
                None => vec![other.clone()],
            },
        };
        Ok(Self(parts))
    }

    /// Reads several, separated by commas.
    pub(super) fn several(attribute: &Value) -> Result<Vec<Self>, Error> {
        match attribute {
            Value::Str(paths) => paths.split(',').map(|path| parts(path).map(Self)).collect(),
            other => Ok(vec![Self::of(other)?]),
        }
    }

    /// What stands there in an item; `default`, unless it is `None`, where something is missing on the way.
    pub(super) fn get(&self, item: &Value, default: &Value, run: &Run<'_>) -> Result<Value, Error> {
        let mut found = item.clone();
        for part in &self.0 {
            found = run.item(&found, part)?;
            if !default.is_none() && is_undefined(&found) {
                found = default.clone();
            }
        }
        Ok(found)
    }

    /// As [`Path::get`] without a default; texts in lower case unless case counts.
    pub(super) fn key(
        &self,
        item: &Value,
        is_case_sensitive: bool,
        run: &Run<'_>,
    ) -> Result<Value, Error> {
        let found = self.get(item, &Value::None, run)?;
        if let Some(group) = found.as_object::<Group>() {
            return Ok(group.tuple());
        }
        Ok(if is_case_sensitive {
            found
        } else {
            lower(found)
        })
    }
}

/// Parts that consist of digits are indices.
fn parts(path: &str) -> Result<Vec<Value>, Error> {
    path.split('.')
        .map(|part| {
            if text::is_digit(part) {
                Ok(number::parse_int(part, 10)?)
            } else {
                Ok(Value::from(part))
            }
        })
        .collect()
}

/// A text in lower case, anything else as it is.
pub(super) fn lower(value: Value) -> Value {
    match Markup::of(&value) {
        Some(marked) => Markup::value(text::lower(marked)),
        None => match value {
            Value::Str(text) => text::lower(&text).into(),
            other => other,
        },
    }
}
