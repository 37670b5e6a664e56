//! The escapes of quoted texts, as Python's `unicode-escape` decodes them.

use std::ops::Range;

use pyvalue::text::named_character;

/// What is wrong with an escape, and where in the text between the quotes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadEscape {
    /// What is wrong.
    pub(super) message: String,
    /// The bytes of the escape.
    pub(super) span: Range<usize>,
}

/// An escape: what it stands for and how long it is.
type Escape = Result<(u32, usize), BadEscape>;

/// The text that stands between quotes, escapes decoded. An unknown escape stays as it is.
pub(super) fn unescape(text: &str) -> Result<String, BadEscape> {
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(backslash) = text[at..].find('\\') {
        let start = at + backslash;
        plain.push_str(&text[at..start]);
        let Some(escape) = escape(text, start) else {
            plain.push('\\');
            at = start + 1;
            continue;
        };
        let (mut code, mut length) = escape?;
        // Python keeps the halves of a pair apart until the text is encoded, which joins them.
        if let Some((low, more)) = low_half(text, start + length, code) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            length += more;
        }
        at = start + length;
        plain.push(char::from_u32(code).ok_or_else(|| BadEscape {
            message: "half of a surrogate pair is no character".to_owned(),
            span: start..at,
        })?);
    }
    plain.push_str(&text[at..]);
    Ok(plain)
}

/// The escape that a backslash begins, if it begins one.
fn escape(text: &str, start: usize) -> Option<Escape> {
    let rest = &text[start + 1..];
    let letter = rest.chars().next()?;
    let simple = |code: char| Some(Ok((u32::from(code), 2)));
    match letter {
        '\\' | '\'' | '"' => simple(letter),
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '0'..='7' => Some(Ok(octal(rest))),
        'x' => hexadecimal(rest, start, 2),
        'u' => hexadecimal(rest, start, 4),
        'U' => hexadecimal(rest, start, 8),
        'N' => named(rest, start),
        _ => None,
    }
}

fn octal(rest: &str) -> (u32, usize) {
    rest.chars()
        .take(3)
        .map_while(|digit| digit.to_digit(8))
        .fold((0, 1), |(code, length), digit| {
            (code * 8 + digit, length + 1)
        })
}

/// `\x41`, `\u0041`, `\U00000041`. With fewer characters behind it, it is no escape; with others than digits, an error.
fn hexadecimal(rest: &str, start: usize, count: usize) -> Option<Escape> {
    let digits = rest.chars().skip(1).take(count);
    if digits.clone().filter(|digit| *digit != '\n').count() < count {
        return None;
    }
    let length = 2 + digits.clone().map(char::len_utf8).sum::<usize>();
    let code = digits
        .map(|digit| digit.to_digit(16))
        .try_fold(0_u32, |code, digit| {
            code.checked_mul(16)?.checked_add(digit?)
        });
    Some(
        code.filter(|code| *code <= u32::from(char::MAX))
            .map(|code| (code, length))
            .ok_or_else(|| BadEscape {
                message: format!(
                    "`\\{}` is followed by {count} hexadecimal digits of a character's number",
                    &rest[..1]
                ),
                span: start..start + length,
            }),
    )
}

/// `\N{...}`: not followed by a name in braces it is no escape.
fn named(rest: &str, start: usize) -> Option<Escape> {
    let name = rest.strip_prefix("N{")?;
    let end = name.find('}').filter(|end| *end > 0)?;
    let length = end + 4;
    let name = &name[..end];
    Some(
        named_character(name)
            .map(|character| (u32::from(character), length))
            .ok_or_else(|| BadEscape {
                message: format!("no character is called `{name}`"),
                span: start..start + length,
            }),
    )
}

/// The low half of a surrogate pair that follows a high one, and the length of its escape.
fn low_half(text: &str, at: usize, high: u32) -> Option<(u32, usize)> {
    if !(0xd800..0xdc00).contains(&high) || !text[at..].starts_with('\\') {
        return None;
    }
    let escape = escape(text, at)?.ok()?;
    (0xdc00..0xe000).contains(&escape.0).then_some(escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_python() {
        for (text, plain) in [
            (r"a\nb\t\\n", "a\nb\t\\n"),
            (r"\x41\u00e9\U0001F600", "Aé😀"),
            (r"\101\7\0008\777", "A\u{7}\u{0}8\u{1ff}"),
            (r"\ud83d\ude00", "😀"),
            (r"\N{GREEK SMALL LETTER ALPHA}", "α"),
            (r"\d\w\N\N{}\N{x", r"\d\w\N\N{}\N{x"),
            (r"\x4", r"\x4"),
            (r"\U1234567", r"\U1234567"),
            (r#"\'\""#, r#"'""#),
        ] {
            assert_eq!(unescape(text).as_deref(), Ok(plain), "{text}");
        }
    }

    #[test]
    fn a_bad_escape_says_where() {
        for (text, span) in [
            (r"ab\xZZ", 2..6),
            (r"\U00110000", 0..10),
            (r"\ud83d", 0..6),
            (r"é\N{no such}", 2..13),
            (r"\N{EMDASH}", 0..10),
        ] {
            assert_eq!(unescape(text).map_err(|bad| bad.span), Err(span), "{text}");
        }
    }
}
