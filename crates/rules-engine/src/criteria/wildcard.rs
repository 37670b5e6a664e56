//! Shell wildcards as Python's `fnmatch` has them: `*`, `?`, `[seq]`, `[!seq]`, over the whole text.

/// A wildcard pattern, ready to be matched in time linear in text times pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wildcard(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    AnyText,
    AnyCharacter,
    Character(char),
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Wildcard {
    pub(crate) fn new(pattern: &str) -> Self {
        let characters: Vec<char> = pattern.chars().collect();
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(&character) = characters.get(at) {
            at += 1;
            pieces.push(match character {
                '*' => Piece::AnyText,
                '?' => Piece::AnyCharacter,
                '[' => match class_end(&characters, at) {
                    Some(end) => {
                        let class = class(&characters[at..end]);
                        at = end + 1;
                        class
                    }
                    None => Piece::Character('['),
                },
                other => Piece::Character(other),
            });
        }
        Self(pieces)
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut piece) = (0, 0);
        // Where to go on if the last `*` has to take one character more.
        let mut retry = None;
        loop {
            match self.0.get(piece) {
                Some(Piece::AnyText) => {
                    retry = Some((at, piece));
                    piece += 1;
                    continue;
                }
                Some(single)
                    if text
                        .get(at)
                        .is_some_and(|character| single.takes(*character)) =>
                {
                    (at, piece) = (at + 1, piece + 1);
                    continue;
                }
                None if at == text.len() => return true,
                _ => {}
            }
            match retry {
                Some((start, star)) if start < text.len() => {
                    retry = Some((start + 1, star));
                    (at, piece) = (start + 1, star + 1);
                }
                _ => return false,
            }
        }
    }
}

impl Piece {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::AnyText => false,
            Self::AnyCharacter => true,
            Self::Character(own) => *own == character,
            Self::Class { negated, ranges } => {
                ranges
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&character))
                    != *negated
            }
        }
    }
}

/// Where the class that starts at `start` ends; a `]` in first place belongs to it.
fn class_end(characters: &[char], start: usize) -> Option<usize> {
    let mut at = start;
    if characters.get(at) == Some(&'!') {
        at += 1;
    }
    if characters.get(at) == Some(&']') {
        at += 1;
    }
    characters
        .iter()
        .skip(at)
        .position(|character| *character == ']')
        .map(|offset| at + offset)
}

fn class(content: &[char]) -> Piece {
    let (negated, mut rest) = match content {
        ['!', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut ranges = Vec::new();
    loop {
        match rest {
            [from, '-', to, after @ ..] => {
                ranges.push((*from, *to));
                rest = after;
            }
            [single, after @ ..] => {
                ranges.push((*single, *single));
                rest = after;
            }
            [] => return Piece::Class { negated, ranges },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Wildcard::new(pattern).matches(text)
    }

    #[test]
    fn covers_the_whole_text_across_dots_slashes_and_lines() {
        assert!(matches("a*", "a/b.c\nd"));
        assert!(matches("*b*d", "abcbd"));
        assert!(matches("", ""));
        assert!(!matches("", "a"));
        assert!(!matches("a?c", "ac"));
    }

    #[test]
    fn reads_classes_as_fnmatch_does() {
        assert!(matches("[a-c]x", "bx"));
        assert!(matches("[!a-c]x", "dx"));
        assert!(matches("[]]", "]"));
        assert!(matches("[!]]", "a"));
        assert!(matches("a[b", "a[b"));
        assert!(!matches("[b-a]", "a"));
    }

    #[test]
    fn takes_no_exponential_time() {
        assert!(matches(
            &"a*".repeat(50),
            &format!("{}b", "a".repeat(5_000))
        ));
        assert!(!matches(
            &format!("{}b", "*a".repeat(30)),
            &"a".repeat(2_000)
        ));
    }
}
