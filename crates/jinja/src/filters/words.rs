//! Words in a text: `title`, `wordcount`, and what counts as a word's character.

use pyvalue::text;

/// Whether `\w` of Python's regular expressions matches.
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    text::is_alnum(c.encode_utf8(&mut [0; 4]))
}

/// How many words there are.
pub(super) fn count(source: &str) -> usize {
    source
        .split(|c| !is_word(c))
        .filter(|word| !word.is_empty())
        .count()
}

/// Each word's first letter in upper case, the rest in lower case; words begin behind white space, hyphens and
/// opening brackets.
pub(super) fn title(source: &str) -> String {
    let begins = |c: char| text::is_whitespace(c) || matches!(c, '-' | '(' | '{' | '[' | '<');
    let mut out = String::with_capacity(source.len());
    for part in source.split_inclusive(begins) {
        let mut rest = part.chars();
        if let Some(first) = rest.next() {
            out.push_str(&text::upper(first.encode_utf8(&mut [0; 4])));
            out.push_str(&text::lower(rest.as_str()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_words_as_jinja_does() {
        let cases = [
            ("hello world-foo (bar) it's", "Hello World-Foo (Bar) It's"),
            ("FOO\tBAR  [baz <qux {a", "Foo\tBar  [Baz <Qux {A"),
            ("\u{df}a \u{1c6}b", "SSa \u{1c4}b"),
            ("1a .b", "1a .b"),
            ("", ""),
        ];

        for (source, expected) in cases {
            assert_eq!(title(source), expected, "{source}");
        }
    }

    #[test]
    fn counts_words() {
        assert_eq!(count("it's a_b \u{fc}n\u{ef} 1-2"), 6);
        assert_eq!(count(" .,"), 0);
    }
}
