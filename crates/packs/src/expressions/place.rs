//! Where in a file a place of a text stands: through quotes, escapes, folded lines and indentation.

use yaml::{Node, Position};

/// The place in `source` of the character at `offset` in the text of `node`; the node's own where that cannot be told.
pub(crate) fn position(source: &str, node: &Node, text: &str, offset: usize) -> Position {
    let start = node.span.start;
    walk(source, start, text, offset).unwrap_or(start)
}

/// Blanks differ between a text and how it is written; everything else comes in the same order. So the place is
/// behind as many other characters.
fn walk(source: &str, start: Position, text: &str, offset: usize) -> Option<Position> {
    let (before, rest) = text.split_at_checked(offset)?;
    let is_ink = |character: &char| !character.is_whitespace();
    let mut to_pass = before.chars().filter(is_ink).count();
    let wanted = rest.chars().find(is_ink)?;
    let mut writing = Writing::at(source, start)?;
    loop {
        let (at, character) = writing.next()?;
        if character.is_whitespace() {
            continue;
        }
        if to_pass == 0 {
            return (character == wanted).then_some(at);
        }
        to_pass -= 1;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// As it is: plain, literal, folded.
    Bare,
    SingleQuoted,
    DoubleQuoted,
}

/// The characters of a scalar as they are written, with their places.
struct Writing<'s> {
    characters: std::iter::Peekable<std::str::Chars<'s>>,
    at: Position,
    style: Style,
}

impl<'s> Writing<'s> {
    fn at(source: &'s str, start: Position) -> Option<Self> {
        let mut writing = Self {
            characters: source.chars().peekable(),
            at: Position { line: 1, column: 1 },
            style: Style::Bare,
        };
        while (writing.at.line, writing.at.column) < (start.line, start.column) {
            writing.step()?;
        }
        writing.skip_properties();
        match writing.characters.peek()? {
            '\'' => writing.style = Style::SingleQuoted,
            '"' => writing.style = Style::DoubleQuoted,
            '|' | '>' => while writing.step()?.1 != '\n' {},
            _ => return Some(writing),
        }
        if writing.style != Style::Bare {
            writing.step();
        }
        Some(writing)
    }

    fn step(&mut self) -> Option<(Position, char)> {
        let at = self.at;
        let character = self.characters.next()?;
        if character == '\n' {
            self.at.line += 1;
            self.at.column = 1;
        } else {
            self.at.column += 1;
        }
        Some((at, character))
    }

    /// Anchors and tags before the scalar.
    fn skip_properties(&mut self) {
        while matches!(self.characters.peek(), Some('&' | '!')) {
            while self.characters.peek().is_some_and(|c| !c.is_whitespace()) {
                self.step();
            }
            while self.characters.peek().is_some_and(|c| c.is_whitespace()) {
                self.step();
            }
        }
    }

    /// The next character of the scalar's text, so far as it is written.
    fn next(&mut self) -> Option<(Position, char)> {
        let (at, character) = self.step()?;
        match (self.style, character) {
            (Style::SingleQuoted, '\'') => {
                // Written twice it is one; otherwise it is the end.
                self.characters.next_if_eq(&'\'')?;
                self.at.column += 1;
                Some((at, character))
            }
            (Style::DoubleQuoted, '"') => None,
            (Style::DoubleQuoted, '\\') => Some((at, self.escaped()?)),
            _ => Some((at, character)),
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let (_, letter) = self.step()?;
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'n' | 't' | 'r' | 'v' | 'f' | '_' | 'N' | 'L' | 'P' | ' ' | '\t' | '\n' => {
                return Some(' ');
            }
            'a' | 'b' | 'e' | '0' => return Some('\0'),
            other => return Some(other),
        };
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.step()?.1.to_digit(16)?;
        }
        char::from_u32(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line and column of `MARK` in the value of `k`.
    fn found(source: &str) -> (usize, usize) {
        let document = yaml::parse(source).unwrap();
        let node = document.root.get("k").unwrap();
        let text = node.as_text().unwrap();
        let at = position(source, node, text, text.find("MARK").unwrap());
        (at.line, at.column)
    }

    #[test]
    fn finds_a_place_however_the_text_is_written() {
        for (source, expected) in [
            ("k: a MARK b", (1, 6)),
            ("k: a\n   b MARK", (2, 6)),
            ("k: 'it''s MARK'", (1, 11)),
            (r#"k: "\"\u00e9\n\tMARK""#, (1, 17)),
            ("k: \"a\n\n  b \\\n  MARK\"", (4, 3)),
            ("k: |\n  a\n\n    MARK\n", (4, 5)),
            ("k: >- # why\n  a\n  b é MARK\n", (3, 7)),
            ("k: &x !!str MARK", (1, 13)),
            ("é: 1\nk: MARK", (2, 4)),
        ] {
            assert_eq!(found(source), expected, "{source}");
        }
    }

    #[test]
    fn says_where_the_text_is_if_it_cannot_say_more() {
        let source = "k: abc";
        let document = yaml::parse(source).unwrap();
        let node = document.root.get("k").unwrap();

        for offset in [3, 4, usize::MAX] {
            assert_eq!(position(source, node, "other", offset), node.span.start);
        }
    }
}
