//! Texts into bytes, and back.

use std::sync::Arc;

use crate::Error;

/// How texts become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `utf-8`.
    Utf8,
    /// `ascii`.
    Ascii,
    /// `latin-1`.
    Latin1,
}

impl Encoding {
    /// By one of the names Python knows it by; an error (Python's `LookupError`) for others.
    pub fn named(name: &str) -> Result<Self, Error> {
        let plain = name.to_ascii_lowercase().replace(['-', ' '], "_");
        match plain.as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "cp65001" => Ok(Self::Utf8),
            "ascii" | "us_ascii" | "646" | "ansi_x3.4_1968" | "iso646_us" => Ok(Self::Ascii),
            "latin_1" | "latin1" | "latin" | "l1" | "iso_8859_1" | "iso8859_1" | "8859"
            | "cp819" | "iso_ir_100" => Ok(Self::Latin1),
            _ => Err(Error::value_error(format!("unknown encoding: {name}"))),
        }
    }

    /// Its name in Python's messages, and how many code points it has.
    fn describe(self) -> (&'static str, u32) {
        match self {
            Self::Utf8 => ("utf-8", 0x0011_0000),
            Self::Ascii => ("ascii", 128),
            Self::Latin1 => ("latin-1", 256),
        }
    }
}

fn unknown_handler(errors: &str) -> Error {
    Error::value_error(format!("unknown error handler name '{errors}'"))
}

/// `text.encode(encoding, errors)`; `errors` is `strict`, `ignore`, `replace`, `xmlcharrefreplace` or
/// `backslashreplace`.
pub fn encode(text: &str, encoding: Encoding, errors: &str) -> Result<Arc<[u8]>, Error> {
    let (name, range) = encoding.describe();
    if encoding == Encoding::Utf8 || text.is_ascii() {
        return Ok(text.as_bytes().into());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for (position, character) in text.chars().enumerate() {
        let code = u32::from(character);
        if let Ok(byte) = u8::try_from(code)
            && code < range
        {
            bytes.push(byte);
            continue;
        }
        match errors {
            "strict" => return Err(cannot_encode(text, position, name, range)),
            "ignore" => {}
            "replace" => bytes.push(b'?'),
            "xmlcharrefreplace" => bytes.extend_from_slice(format!("&#{code};").as_bytes()),
            "backslashreplace" => bytes.extend_from_slice(escape(code).as_bytes()),
            other => return Err(unknown_handler(other)),
        }
    }
    Ok(bytes.into())
}

fn escape(code: u32) -> String {
    match code {
        0..0x100 => format!("\\x{code:02x}"),
        0x100..0x1_0000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

/// Names all the characters in a row that cannot be encoded.
fn cannot_encode(text: &str, position: usize, name: &str, range: u32) -> Error {
    let run: Vec<char> = text
        .chars()
        .skip(position)
        .take_while(|character| u32::from(*character) >= range)
        .collect();
    let place = match run.as_slice() {
        [single] => format!(
            "character '{}' in position {position}",
            escape(u32::from(*single))
        ),
        many => format!(
            "characters in position {position}-{}",
            position + many.len().saturating_sub(1)
        ),
    };
    Error::value_error(format!(
        "'{name}' codec can't encode {place}: ordinal not in range({range})"
    ))
}

/// `bytes.decode(encoding, errors)`; `errors` is `strict`, `ignore`, `replace` or `backslashreplace`.
pub fn decode(bytes: &[u8], encoding: Encoding, errors: &str) -> Result<String, Error> {
    match encoding {
        Encoding::Latin1 => Ok(bytes.iter().copied().map(char::from).collect()),
        Encoding::Utf8 => decode_utf8(bytes, errors),
        Encoding::Ascii => {
            let mut text = String::with_capacity(bytes.len());
            for (position, byte) in bytes.iter().enumerate() {
                if byte.is_ascii() {
                    text.push(char::from(*byte));
                } else {
                    handle(&mut text, &[*byte], errors, || {
                        format!(
                            "'ascii' codec can't decode byte 0x{byte:02x} in position {position}: \
                             ordinal not in range(128)"
                        )
                    })?;
                }
            }
            Ok(text)
        }
    }
}

fn decode_utf8(bytes: &[u8], errors: &str) -> Result<String, Error> {
    let mut text = String::with_capacity(bytes.len());
    let mut position = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        position += chunk.valid().len();
        let invalid = chunk.invalid();
        if let [first, ..] = invalid {
            let is_end = position + invalid.len() == bytes.len();
            handle(&mut text, invalid, errors, || {
                let place = match invalid.len() {
                    1 => format!("byte 0x{first:02x} in position {position}"),
                    many => format!("bytes in position {position}-{}", position + many - 1),
                };
                let reason = if !matches!(first, 0xc2..=0xf4) {
                    "invalid start byte"
                } else if is_end && is_cut(invalid) {
                    "unexpected end of data"
                } else {
                    "invalid continuation byte"
                };
                format!("'utf-8' codec can't decode {place}: {reason}")
            })?;
            position += invalid.len();
        }
    }
    Ok(text)
}

/// Whether more bytes could have made it a character.
fn is_cut(invalid: &[u8]) -> bool {
    let needed = match invalid.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 1,
    };
    invalid.len() < needed
}

fn handle(
    text: &mut String,
    invalid: &[u8],
    errors: &str,
    message: impl FnOnce() -> String,
) -> Result<(), Error> {
    match errors {
        "strict" => return Err(Error::value_error(message())),
        "ignore" => {}
        "replace" => text.push(char::REPLACEMENT_CHARACTER),
        "backslashreplace" => {
            for byte in invalid {
                text.push_str(&escape(u32::from(*byte)));
            }
        }
        other => return Err(unknown_handler(other)),
    }
    Ok(())
}
