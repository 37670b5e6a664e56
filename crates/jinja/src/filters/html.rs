//! Text that stands in HTML: escaping, character references, tags.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use pyvalue::{Budget, Error, text};

/// HTML 5's named character references: a name and its code points a line; a star for one that needs no semicolon.
static NAMED: LazyLock<HashMap<&str, Named>> = LazyLock::new(|| {
    include_str!("entities.txt")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, points)| {
            let points = points
                .split(' ')
                .filter_map(|point| char::from_u32(u32::from_str_radix(point, 16).ok()?))
                .collect();
            let bare = name.strip_prefix('*');
            let named = Named {
                text: points,
                is_bare: bare.is_some(),
            };
            (bare.unwrap_or(name), named)
        })
        .collect()
});

struct Named {
    text: String,
    is_bare: bool,
}

/// What 0x80 to 0x9F stand for in numeric references: those of code page 1252.
const C1: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

/// The longest a name without its semicolon is looked for.
const LONGEST_NAME: usize = 32;

/// Replaces what HTML would read as its own by references.
pub(crate) fn escape(source: &str, budget: &Budget) -> Result<String, Error> {
    let is_special = |c: char| matches!(c, '&' | '<' | '>' | '\'' | '"');
    let special = source
        .bytes()
        .filter(|byte| is_special(char::from(*byte)))
        .count();
    budget.charge(source.len() + special * 4)?;
    let mut out = String::with_capacity(source.len() + special * 4);
    for c in source.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            other => out.push(other),
        }
    }
    Ok(out)
}

/// Takes tags and comments out, makes one blank of any white space, and resolves references.
pub(crate) fn strip_tags(source: &str, budget: &Budget) -> Result<String, Error> {
    budget.charge(source.len())?;
    let mut kept = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start..];
        let end = if let Some(comment) = tag.strip_prefix("<!--") {
            comment.find("-->").map(|end| end + 7)
        } else {
            tag.find('>').map(|end| end + 1)
        };
        let Some(end) = end else { break };
        kept.push_str(&rest[..start]);
        rest = &tag[end..];
    }
    kept.push_str(rest);
    let words: Vec<&str> = kept
        .split(text::is_whitespace)
        .filter(|word| !word.is_empty())
        .collect();
    unescape(&words.join(" "), budget)
}

/// Resolves character references as HTML 5 does.
pub(crate) fn unescape(source: &str, budget: &Budget) -> Result<String, Error> {
    budget.charge(source.len())?;
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let (text, length) = if let Some(digits) = after.strip_prefix('#') {
            numeric(digits)
        } else {
            named(after)
        };
        out.push_str(&text);
        rest = &after[length..];
    }
    out.push_str(rest);
    Ok(out)
}

/// What the reference behind `&#` stands for, and how many bytes behind the `&` it takes.
fn numeric(digits: &str) -> (Cow<'_, str>, usize) {
    let (radix, mark) = match digits.as_bytes().first() {
        Some(b'x' | b'X') => (16, 1),
        _ => (10, 0),
    };
    let number = &digits[mark..];
    let length = number
        .find(|c: char| !c.is_digit(radix))
        .unwrap_or(number.len());
    if length == 0 {
        return (Cow::Borrowed("&"), 0);
    }
    let semicolon = usize::from(number[length..].starts_with(';'));
    let point = number[..length]
        .trim_start_matches('0')
        .get(..8)
        .map_or_else(
            || u32::from_str_radix(&number[..length], radix).unwrap_or(u32::MAX),
            |_| u32::MAX,
        );
    let text = match character(point) {
        Some(c) => Cow::Owned(String::from(c)),
        None => Cow::Borrowed(""),
    };
    (text, 1 + mark + length + semicolon)
}

/// The character of a number; none for those that HTML forbids.
fn character(point: u32) -> Option<char> {
    match point {
        0 => Some('\u{fffd}'),
        0x0d => Some('\r'),
        0x80..=0x9f => Some(C1[point as usize - 0x80]),
        0x01..=0x08 | 0x0b | 0x0e..=0x1f | 0x7f | 0xfdd0..=0xfdef => None,
        _ if point <= 0x0010_ffff && point & 0xfffe == 0xfffe => None,
        _ => Some(char::from_u32(point).unwrap_or('\u{fffd}')),
    }
}

/// What the name behind a `&` stands for, and how many bytes it takes.
fn named(after: &str) -> (Cow<'_, str>, usize) {
    let end = after
        .char_indices()
        .take(LONGEST_NAME)
        .take_while(|(_, c)| !matches!(c, '\t' | '\n' | '\u{c}' | ' ' | '<' | '&' | '#' | ';'))
        .last()
        .map_or(0, |(at, c)| at + c.len_utf8());
    let name = &after[..end];
    if after[end..].starts_with(';')
        && let Some(named) = NAMED.get(name)
    {
        return (Cow::Borrowed(&named.text), end + 1);
    }
    let prefix = name
        .char_indices()
        .map(|(at, c)| &name[..at + c.len_utf8()])
        .rev()
        .filter(|prefix| prefix.len() > 1)
        .find_map(|prefix| {
            let named = NAMED.get(prefix).filter(|named| named.is_bare)?;
            Some((Cow::Borrowed(named.text.as_str()), prefix.len()))
        });
    prefix.unwrap_or((Cow::Borrowed("&"), 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyvalue::Limits;

    #[test]
    fn resolves_references_as_html_does() {
        let cases = [
            ("&amp;&lt &copy;2", "&<\u{20} ©2".replace("\u{20} ", " ")),
            ("&notit;", "¬it;".to_owned()),
            ("&notin;", "∉".to_owned()),
            ("&nosuch; & &#; &#x;", "&nosuch; & &#; &#x;".to_owned()),
            (
                "&#65;&#x41&#0;&#128;&#xd800;&#99999999999999;",
                "AA\u{fffd}€\u{fffd}\u{fffd}".to_owned(),
            ),
            ("&#1;&#xfffe;|", "|".to_owned()),
            ("&acE;", "\u{223e}\u{333}".to_owned()),
        ];

        for (source, expected) in cases {
            let budget = Budget::new(Limits::default());

            assert_eq!(unescape(source, &budget).unwrap(), expected, "{source}");
        }
    }

    #[test]
    fn takes_tags_out() {
        let cases = [
            ("<p>a <b>b</b>\n\n c</p>", "a b c"),
            ("a<!-- <b> -->b", "ab"),
            ("a <b", "a <b"),
            ("a<!-- b", "a<!-- b"),
            ("&lt;b&gt; x", "<b> x"),
        ];

        for (source, expected) in cases {
            let budget = Budget::new(Limits::default());

            assert_eq!(strip_tags(source, &budget).unwrap(), expected, "{source}");
        }
    }
}
