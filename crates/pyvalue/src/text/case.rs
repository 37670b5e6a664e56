//! Upper and lower case.

/// `text.lower()`.
#[must_use]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// `text.upper()`.
#[must_use]
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// `text.casefold()`.
#[must_use]
pub fn casefold(text: &str) -> String {
    text.to_lowercase()
}

/// `text.swapcase()`.
#[must_use]
pub fn swapcase(text: &str) -> String {
    text.to_owned()
}

/// `text.capitalize()`.
#[must_use]
pub fn capitalize(text: &str) -> String {
    text.to_owned()
}

/// `text.title()`.
#[must_use]
pub fn title(text: &str) -> String {
    text.to_owned()
}
