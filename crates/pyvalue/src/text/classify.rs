//! What kinds of characters a text consists of, as Python decides it.

/// Python's whitespace: Unicode's, and the four separators of ASCII.
#[must_use]
pub fn is_whitespace(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

fn all(text: &str, test: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(test)
}

/// `text.isspace()`.
#[must_use]
pub fn is_space(text: &str) -> bool {
    all(text, is_whitespace)
}

/// `text.isascii()`.
#[must_use]
pub fn is_ascii(text: &str) -> bool {
    text.is_ascii()
}

/// `text.isalpha()`.
#[must_use]
pub fn is_alpha(text: &str) -> bool {
    all(text, char::is_alphabetic)
}

/// `text.isalnum()`.
#[must_use]
pub fn is_alnum(text: &str) -> bool {
    all(text, char::is_alphanumeric)
}

/// `text.isdecimal()`.
#[must_use]
pub fn is_decimal(text: &str) -> bool {
    all(text, |character| character.is_ascii_digit())
}

/// `text.isdigit()`.
#[must_use]
pub fn is_digit(text: &str) -> bool {
    is_decimal(text)
}

/// `text.isnumeric()`.
#[must_use]
pub fn is_numeric(text: &str) -> bool {
    all(text, char::is_numeric)
}

/// `text.isidentifier()`.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    all(text, |character| {
        character == '_' || character.is_alphanumeric()
    })
}

/// `text.isprintable()`; true for the empty text.
#[must_use]
pub fn is_printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// `text.islower()`.
#[must_use]
pub fn is_lower(text: &str) -> bool {
    text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)
}

/// `text.isupper()`.
#[must_use]
pub fn is_upper(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// `text.istitle()`.
#[must_use]
pub fn is_title(text: &str) -> bool {
    super::title(text) == text && text.chars().any(char::is_uppercase)
}
