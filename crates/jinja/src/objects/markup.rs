//! A text that is marked as safe in HTML.

use std::sync::Arc;

use pyvalue::{Object, Value};

/// What `safe` and `escape` give: a text that escapes what is added to it.
#[derive(Debug)]
pub(crate) struct Markup(pub(crate) Arc<str>);

impl Markup {
    /// A marked text as a value.
    pub(crate) fn value(text: impl Into<Arc<str>>) -> Value {
        Value::object(Self(text.into()))
    }

    /// The marked text, if `value` is one.
    pub(crate) fn of(value: &Value) -> Option<&Arc<str>> {
        value.as_object::<Self>().map(|markup| &markup.0)
    }
}

impl Object for Markup {
    fn type_name(&self) -> &'static str {
        "Markup"
    }

    fn text(&self) -> Result<String, pyvalue::Error> {
        Ok(self.0.to_string())
    }

    fn repr(&self) -> String {
        format!("Markup({})", Value::Str(Arc::clone(&self.0)).repr())
    }

    fn weight(&self) -> u64 {
        self.0.len() as u64
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }
}
