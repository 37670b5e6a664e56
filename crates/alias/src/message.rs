//! A chat line, taken apart before any format looks at it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// White space as Python's `\s` has it: Rust's leaves out the four separators of ASCII.
pub(crate) const SPACE: &str = r"[\s\x1c-\x1f]";
pub(crate) const NO_SPACE: &str = r"[^\s\x1c-\x1f]";

/// A key, `=` and a value, after white space or at the start.
fn pair() -> String {
    format!(
        r#"(?:^|{SPACE}+){SPACE}*({NO_SPACE}+?){SPACE}*=(?:""|''|"(.+?)"|'(.+?)'|(\{{.+?\}})|({NO_SPACE}+))"#
    )
}

static PAIR: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("(?s){}", pair())));

/// The longest run of pairs at the end; it is the first group.
static ENDING: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"(?s)^.*?((?:{}{SPACE}*)*)\z", pair())));

/// A fixed expression of the grammar.
pub(crate) fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the grammar's own expressions are valid, every test compiles them")
}

/// A chat line without the `key=value` pairs at its end, and those pairs.
///
/// Made once for a line that is matched against many formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    text: String,
    pairs: Vec<(String, String)>,
    rest: String,
}

impl Message {
    /// Takes a line apart.
    ///
    /// As in StackStorm, the pairs are removed as a text: wherever the same text stands in the line, it goes too.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let ending = if text.contains('=') {
            let found = ENDING.captures(text);
            found
                .and_then(|found| found.get(1))
                .map_or("", |run| run.as_str())
        } else {
            ""
        };
        let rest = if ending.is_empty() {
            format!(" {text} ")
        } else {
            format!(" {} ", text.replace(ending, ""))
        };
        Self {
            text: text.to_owned(),
            pairs: PAIR
                .captures_iter(ending)
                .map(|pair| key_and_value(&pair))
                .collect(),
            rest,
        }
    }

    /// The whole line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The pairs that were at its end, in order; of equal keys the last one counts.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// What formats are matched with: the line without its pairs, between two blanks.
    pub(crate) fn rest(&self) -> &str {
        &self.rest
    }

    /// Whether nothing is left without the pairs.
    pub(crate) fn is_blank(&self) -> bool {
        self.rest.chars().all(is_space)
    }
}

fn key_and_value(pair: &Captures<'_>) -> (String, String) {
    let text = |group| pair.get(group).map_or("", |found| found.as_str());
    let value: String = (2..=5).map(text).collect();
    (text(1).to_owned(), value)
}

/// Python's `str.isspace` of one character.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    #[test]
    fn pairs_are_cut_off_the_end_of_a_line() {
        let cases: &[(&str, &str, Pairs)] = &[
            ("foo x", " foo x ", &[]),
            ("", "  ", &[]),
            ("foo x a=1", " foo x ", &[("a", "1")]),
            ("a=1", "  ", &[("a", "1")]),
            ("foo a=1 x", " foo a=1 x ", &[]),
            ("foo a=1 b=2", " foo ", &[("a", "1"), ("b", "2")]),
            ("foo a =1", " foo ", &[("a", "1")]),
            ("foo a= 1", " foo a= 1 ", &[]),
            (
                "foo a=\"x y\" b='z w'",
                " foo ",
                &[("a", "x y"), ("b", "z w")],
            ),
            (
                "foo a={\"k\": \"v w\"}",
                " foo ",
                &[("a", "{\"k\": \"v w\"}")],
            ),
            ("foo a=\"\"", " foo ", &[("a", "")]),
            ("foo a=\"x", " foo ", &[("a", "\"x")]),
            ("say key=value", " say ", &[("key", "value")]),
            ("foo http://h/?q=1", " foo ", &[("http://h/?q", "1")]),
            ("foo --x=1\n", " foo ", &[("--x", "1")]),
            ("foo a=1 a=2", " foo ", &[("a", "1"), ("a", "2")]),
            ("foo a=\"x\ny\"", " foo ", &[("a", "x\ny")]),
        ];

        for (text, rest, pairs) in cases {
            let message = Message::new(text);

            let found: Vec<_> = message
                .pairs()
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            assert_eq!(
                (message.rest(), found.as_slice()),
                (*rest, *pairs),
                "{text}"
            );
        }
    }
}
