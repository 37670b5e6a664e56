//! What a format's expression looks like from outside: its anchors, and the text that it has to begin with.
//!
//! StackStorm decides by the token tree of Python's own parser whether a format has an anchor; this reads as much of
//! the syntax as that takes. It judges nothing: what is no valid expression is refused where it is compiled.

/// Deeper groups are taken for opaque: no author writes them, and reading them would take the stack.
const DEPTH: usize = 60;

/// Facts about an expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// There is `^` or `\A` where StackStorm looks for it.
    pub(crate) anchored_start: bool,
    /// There is `$` or `\Z` where StackStorm looks for it.
    pub(crate) anchored_end: bool,
    /// Characters that every match begins with.
    pub(crate) head: String,
}

impl Shape {
    /// Reads an expression.
    pub(crate) fn of(pattern: &str) -> Self {
        let mut reader = Reader {
            pattern,
            position: 0,
        };
        let alternatives = reader.alternatives(0);
        let head = match alternatives.as_slice() {
            [items] => items.iter().map_while(|item| item.literal).collect(),
            _ => String::new(),
        };
        Self {
            anchored_start: contains(&alternatives, Anchor::Start),
            anchored_end: contains(&alternatives, Anchor::End),
            head,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    End,
}

/// One thing in an expression: a character, a class, a group, an anchor, with its quantifier.
#[derive(Debug, Default)]
struct Item<'p> {
    source: &'p str,
    anchor: Option<Anchor>,
    literal: Option<char>,
    /// Alternatives of a group that is neither repeated nor a look-around.
    group: Vec<Vec<Item<'p>>>,
}

/// Whether the anchor is where StackStorm looks: in a sequence, in groups of it, and of several alternatives in what
/// they all begin with and in the second one.
fn contains(alternatives: &[Vec<Item<'_>>], anchor: Anchor) -> bool {
    let has = |item: &Item<'_>| item.anchor == Some(anchor) || contains(&item.group, anchor);
    let Some((first, others)) = alternatives.split_first() else {
        return false;
    };
    if others.is_empty() {
        return first.iter().any(has);
    }
    let common = first
        .iter()
        .enumerate()
        .take_while(|(index, item)| {
            others.iter().all(|other| {
                other
                    .get(*index)
                    .is_some_and(|same| same.source == item.source)
            })
        })
        .count();
    first[..common].iter().chain(&others[0][common..]).any(has)
}

struct Reader<'p> {
    pattern: &'p str,
    position: usize,
}

impl<'p> Reader<'p> {
    fn rest(&self) -> &'p str {
        &self.pattern[self.position..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.position += character.len_utf8();
        Some(character)
    }

    fn skip(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.position += text.len();
        }
        found
    }

    /// Alternatives up to the end or the closing parenthesis, which is left there.
    fn alternatives(&mut self, depth: usize) -> Vec<Vec<Item<'p>>> {
        let mut alternatives = vec![Vec::new()];
        while let Some(character) = self.peek() {
            match character {
                ')' => break,
                '|' => {
                    self.next();
                    alternatives.push(Vec::new());
                }
                _ => {
                    let item = self.item(depth);
                    if let (Some(item), Some(sequence)) = (item, alternatives.last_mut()) {
                        sequence.push(item);
                    }
                }
            }
        }
        alternatives
    }

    /// The next item with its quantifier; nothing for comments and flags.
    fn item(&mut self, depth: usize) -> Option<Item<'p>> {
        let start = self.position;
        let mut item = Item::default();
        match self.next()? {
            '^' => item.anchor = Some(Anchor::Start),
            '$' => item.anchor = Some(Anchor::End),
            '\\' => match self.next() {
                Some('A') => item.anchor = Some(Anchor::Start),
                Some('Z') => item.anchor = Some(Anchor::End),
                _ => {}
            },
            '[' => self.class(),
            '(' => item.group = self.group(depth)?,
            '.' => {}
            character => item.literal = Some(character),
        }
        if self.quantifier() {
            item = Item::default();
        }
        item.source = &self.pattern[start..self.position];
        Some(item)
    }

    /// The rest of a character class.
    fn class(&mut self) {
        self.skip("^");
        self.skip("]");
        while let Some(character) = self.next() {
            match character {
                ']' => break,
                '\\' => {
                    self.next();
                }
                _ => {}
            }
        }
    }

    /// The rest of a group: its alternatives; none where nothing in it counts; `None` where it is no item.
    fn group(&mut self, depth: usize) -> Option<Vec<Vec<Item<'p>>>> {
        let mut counts = depth < DEPTH;
        if self.skip("?") {
            if self.skip("#") {
                self.until(')');
                return None;
            }
            if self.skip("P<") {
                self.until('>');
            } else if self.skip("P=") {
                self.until(')');
                return Some(Vec::new());
            } else if !self.skip(":") {
                let flags = self
                    .rest()
                    .chars()
                    .take_while(|c| c.is_ascii_alphabetic() || *c == '-')
                    .count();
                self.position += flags;
                if flags > 0 && self.skip(")") {
                    return None;
                }
                counts &= flags > 0 && self.skip(":");
            }
        }
        if depth >= DEPTH {
            self.until_closed();
            return Some(Vec::new());
        }
        let alternatives = self.alternatives(depth + 1);
        self.skip(")");
        Some(if counts { alternatives } else { Vec::new() })
    }

    fn until(&mut self, end: char) {
        while self.next().is_some_and(|character| character != end) {}
    }

    /// Over everything up to the parenthesis that closes the group.
    fn until_closed(&mut self) {
        let mut open = 1;
        while open > 0 {
            match self.next() {
                Some('(') => open += 1,
                Some(')') => open -= 1,
                Some('\\') => {
                    self.next();
                }
                Some('[') => self.class(),
                Some(_) => {}
                None => break,
            }
        }
    }

    /// Takes a quantifier, if one is next.
    fn quantifier(&mut self) -> bool {
        let found = self.skip("*") || self.skip("+") || self.skip("?") || self.braces();
        if found && !self.skip("?") {
            self.skip("+");
        }
        found
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`; other braces are characters.
    fn braces(&mut self) -> bool {
        let Some(inside) = self
            .rest()
            .strip_prefix('{')
            .and_then(|rest| Some(&rest[..rest.find('}')?]))
        else {
            return false;
        };
        let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
        let digits = |text: &str| text.chars().all(|character| character.is_ascii_digit());
        let found = !inside.is_empty() && digits(least) && digits(most);
        if found {
            self.position += inside.len() + 2;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_count_where_stackstorm_looks_for_them() {
        for (pattern, start, end) in [
            ("foo", false, false),
            ("^foo", true, false),
            ("foo$", false, true),
            (r"\Afoo\Z", true, true),
            ("a(b$)", false, true),
            ("(?:^a)b", true, false),
            ("(?P<x>^a)", true, false),
            ("(?i:^a)", true, false),
            // Only what alternatives share and the second of them is looked at.
            ("^a|b", false, false),
            ("a|^b", true, false),
            ("^a|^b", true, false),
            ("a|b|c$", false, false),
            ("(?:a|b$)", false, true),
            // Neither repeated nor looked around.
            ("(?:^a)?b", false, false),
            ("(?=^a)b", false, false),
            ("(?<!^)b", false, false),
            ("(?(1)a$)", false, false),
            (r"\^\$", false, false),
            ("[$^]", false, false),
            ("[]^$]", false, false),
            ("a(?#$)b", false, false),
            ("$?", false, false),
        ] {
            let shape = Shape::of(pattern);

            assert_eq!(
                (shape.anchored_start, shape.anchored_end),
                (start, end),
                "{pattern}"
            );
        }
    }

    #[test]
    fn the_head_is_what_every_match_begins_with() {
        for (pattern, head) in [
            ("foo bar", "foo bar"),
            ("foo (x)", "foo "),
            ("what? x", "wha"),
            ("c++ x", ""),
            ("ab{2}", "a"),
            ("ab{x}", "ab{x}"),
            ("a|b", ""),
            ("a.b", "a"),
            (r"a\.b", "a"),
            ("", ""),
        ] {
            assert_eq!(Shape::of(pattern).head, head, "{pattern}");
        }
    }
}
