//! Failed expressions in Orquesta's words, which users of the API know, with our own explanation behind.

use diagnostic::Kind;
use expr::orquesta::{ExpressionError, Language};

/// What the expression that failed belongs to.
pub(super) enum Field<'a> {
    /// A key of a task or of a transition.
    Key(&'static str),
    /// One of the variables under a key.
    Name(&'static str, &'a str),
}

/// What stands before the field.
const IN: &str = " (in ";

/// The message of an error with the field behind it; where the words are Orquesta's or YAQL's alone, they stay as they
/// are.
pub(super) fn with_field(error: &ExpressionError, field: &Field<'_>) -> String {
    let message = of(error);
    let is_theirs = missing_key(error).is_some() || in_words_of_yaql(error).is_some();
    if error.language == Language::Yaql && is_theirs {
        return message;
    }
    match field {
        Field::Key(key) => format!("{message}{IN}`{key}`)"),
        Field::Name(key, name) => format!("{message}{IN}`{key}`, `{name}`)"),
    }
}

/// The message without the field.
pub(super) fn without_field(message: &str) -> &str {
    let field = message.strip_suffix("`)").and_then(|rest| rest.rfind(IN));
    field.map_or(message, |at| &message[..at])
}

/// `YaqlEvaluationException: Unable to evaluate expression '<% ... %>'. ...`.
pub(super) fn of(error: &ExpressionError) -> String {
    let class = match error.language {
        Language::Yaql => "YaqlEvaluationException",
        Language::Jinja => "JinjaEvaluationException",
    };
    format!("{class}: {}", text(error))
}

/// The same without the class.
pub(super) fn text(error: &ExpressionError) -> String {
    let expression = &error.expression;
    if let (Language::Yaql, Some(key)) = (error.language, missing_key(error)) {
        return format!("Unable to resolve key '{key}' in expression '{expression}' from context.");
    }
    let cause = in_words_of_yaql(error).unwrap_or_else(|| error.diagnostic.line());
    format!("Unable to evaluate expression '{expression}'. {cause}")
}

/// What YAQL itself says of a function that cannot be called so, since scripts look for these words.
fn in_words_of_yaql(error: &ExpressionError) -> Option<String> {
    if error.language != Language::Yaql {
        return None;
    }
    let (_, rest) = error.message().split_once('`')?;
    let (name, rest) = rest.split_once('`')?;
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    match error.kind() {
        Kind::Type if is_plain && rest.starts_with(" cannot take ") => Some(format!(
            "NoMatchingFunctionException: No function \"{name}\" matches supplied arguments"
        )),
        _ => None,
    }
}

/// The key that a dictionary does not have, where that is what failed.
fn missing_key(error: &ExpressionError) -> Option<&str> {
    if error.kind() != Kind::Undefined {
        return None;
    }
    error
        .message()
        .strip_prefix("the dictionary has no key `")?
        .strip_suffix('`')
}
