//! Numbers and texts.

use diagnostic::Diagnostic;
use pyvalue::{Value, number};

use super::{Lexer, Span, TokenKind};

impl Lexer<'_> {
    /// A number: `1_000`, `0x1f`, `0o17`, `0b11`, `1.5`, `1e-3`.
    pub(super) fn number(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let follows_dot = start > 0 && self.bytes[start - 1] == b'.';
        let length = if follows_dot {
            0
        } else {
            float_length(self.rest())
        };
        if length > 0 {
            let text = self.rest()[..length].replace('_', "");
            let span = Span::new(start, start + length);
            let float =
                number::parse_float(&text).map_err(|error| self.error(span, error.message))?;
            self.at += length;
            self.push(TokenKind::Literal(Value::Float(float)), start, self.at);
            return Ok(());
        }
        let (base, skip, length) = integer_length(self.rest());
        let text = self.rest()[skip..length].replace('_', "");
        let integer = number::parse_int(&text, base)
            .map_err(|error| self.error(Span::new(start, start + length), error.message))?;
        self.at += length;
        self.push(TokenKind::Literal(integer), start, self.at);
        Ok(())
    }

    /// A text in quotes, with Python's escapes.
    pub(super) fn quoted(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let quote = self.bytes[start];
        let mut end = start + 1;
        let mut has_escapes = false;
        loop {
            match self.bytes.get(end) {
                None => {
                    return Err(self
                        .error(
                            Span::new(start, start + 1),
                            "the text that begins here is not closed",
                        )
                        .note(format!("add `{}` where it ends", char::from(quote))));
                }
                Some(b'\\') => {
                    has_escapes = true;
                    end += 2;
                }
                Some(byte) if *byte == quote => break,
                Some(_) => end += 1,
            }
        }
        let inner = &self.text[start + 1..end];
        let value = if has_escapes {
            let text = unescape(inner).map_err(|(at, message)| {
                let at = start + 1 + at;
                self.error(Span::new(at, at + 1), message)
            })?;
            Value::from(text)
        } else {
            Value::from(inner)
        };
        self.at = end + 1;
        self.push(TokenKind::Literal(value), start, self.at);
        Ok(())
    }
}

/// The length of digits with single underscores between them.
fn digits(text: &str, is_digit: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(byte) if is_digit(*byte) => at += 1,
            Some(b'_') if at > 0 && bytes.get(at + 1).is_some_and(|next| is_digit(*next)) => {
                at += 1;
            }
            _ => return at,
        }
    }
}

fn decimal(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// The length of a float, 0 where there is none.
fn float_length(text: &str) -> usize {
    let whole = digits(text, decimal);
    let mut end = whole;
    let mut is_float = false;
    if let Some(fraction) = text[end..].strip_prefix('.') {
        let length = digits(fraction, decimal);
        if length > 0 {
            end += 1 + length;
            is_float = true;
        }
    }
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let length = digits(unsigned, decimal);
        if length > 0 {
            end += 1 + (exponent.len() - unsigned.len()) + length;
            is_float = true;
        }
    }
    if is_float { end } else { 0 }
}

/// An integer's base, the length of its prefix, and of all of it.
fn integer_length(text: &str) -> (u32, usize, usize) {
    let prefixed = |base: u32, is_digit: fn(u8) -> bool| {
        // An underscore may follow the prefix.
        let rest = &text[2..];
        let rest = rest.strip_prefix('_').unwrap_or(rest);
        let length = digits(rest, is_digit);
        (length > 0).then(|| (base, 2, text.len() - rest.len() + length))
    };
    let by_prefix = match text.get(..2) {
        Some("0x" | "0X") => prefixed(16, |byte| byte.is_ascii_hexdigit()),
        Some("0o" | "0O") => prefixed(8, |byte| (b'0'..=b'7').contains(&byte)),
        Some("0b" | "0B") => prefixed(2, |byte| matches!(byte, b'0' | b'1')),
        _ => None,
    };
    by_prefix.unwrap_or_else(|| {
        let length = if text.starts_with('0') {
            digits(text, |byte| byte == b'0')
        } else {
            digits(text, decimal)
        };
        (10, 0, length)
    })
}

/// Python's escapes. An error comes with its place.
fn unescape(text: &str) -> Result<String, (usize, String)> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let place = text.len() - rest.len() + at;
        rest = &rest[at + 1..];
        let Some(escaped) = rest.chars().next() else {
            break;
        };
        rest = &rest[escaped.len_utf8()..];
        let simple = match escaped {
            '\n' => continue,
            '\\' | '\'' | '"' => escaped,
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            '0'..='7' => {
                let length = rest
                    .bytes()
                    .take(2)
                    .take_while(|byte| (b'0'..=b'7').contains(byte))
                    .count();
                let digits = format!("{escaped}{}", &rest[..length]);
                rest = &rest[length..];
                coded(&digits, 8, place)?
            }
            'x' | 'u' | 'U' => {
                let length = match escaped {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let digits = rest
                    .get(..length)
                    .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
                    .ok_or_else(|| {
                        (
                            place,
                            format!("`\\{escaped}` needs {length} hexadecimal digits"),
                        )
                    })?;
                rest = &rest[length..];
                coded(digits, 16, place)?
            }
            'N' => {
                return Err((
                    place,
                    "characters by their name are not supported".to_owned(),
                ));
            }
            other if other.is_ascii() => {
                out.push('\\');
                other
            }
            other => {
                // Jinja2 writes what is not ASCII as an escape first, which the backslash then takes apart.
                out.push_str(&beyond_ascii(other));
                continue;
            }
        };
        out.push(simple);
    }
    out.push_str(rest);
    Ok(out)
}

fn beyond_ascii(character: char) -> String {
    let code = u32::from(character);
    match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

fn coded(digits: &str, base: u32, place: usize) -> Result<char, (usize, String)> {
    u32::from_str_radix(digits, base)
        .ok()
        .and_then(char::from_u32)
        .ok_or_else(|| (place, "this is no character of Unicode".to_owned()))
}
