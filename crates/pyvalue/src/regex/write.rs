//! Writes a pattern in the syntax of `fancy-regex`.
//!
//! The text that is searched decides how: what is costly or impossible in general (Python's `\w`, a `$` that matches
//! before the last line end) is written the short way where it makes no difference for this text.

use super::syntax::{Category, Fold, Greed, Item, Node};

/// What is known of the text, as bits.
pub(super) mod trait_bits {
    /// It has characters beyond ASCII.
    pub(in crate::regex) const UNICODE: u8 = 1;
    /// Its last character is a line end.
    pub(in crate::regex) const LINE_END: u8 = 2;
    /// It is empty.
    pub(in crate::regex) const EMPTY: u8 = 4;
}
use trait_bits::{EMPTY, LINE_END, UNICODE};

/// A node that matches nothing.
const NEVER: &str = r"[^\x00-\x{10ffff}]";
/// What Python's `str.isspace` calls space.
const SPACE: &str =
    r"\t-\r\x1c-\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}";
const ASCII_SPACE: &str = r"\t-\r\x20";
const ASCII_WORD: &str = "0-9A-Za-z_";
const WORD: &str = r"\p{L}\p{N}_";
/// Python folds these four into one.
const LETTERS_I: [char; 4] = ['i', 'I', '\u{130}', '\u{131}'];

struct Writer {
    traits: u8,
    /// Which of the traits made a difference.
    asked: u8,
    output: String,
}

/// The pattern for texts of these traits, and which of them it depends on.
pub(super) fn write(node: &Node, traits: u8) -> (String, u8) {
    let mut writer = Writer {
        traits,
        asked: 0,
        output: String::new(),
    };
    writer.node(node);
    (writer.output, writer.asked)
}

impl Writer {
    fn has(&mut self, asked: u8) -> bool {
        self.asked |= asked;
        self.traits & asked != 0
    }

    fn push(&mut self, text: &str) {
        self.output.push_str(text);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Never => self.push(NEVER),
            Node::Literal { character, fold } => self.literal(*character, *fold),
            Node::Any { line_ends: true } => self.push("(?s:.)"),
            Node::Any { line_ends: false } => self.push("."),
            Node::Start { lines: true } => self.push("(?m:^)"),
            Node::Start { lines: false } => self.push(r"\A"),
            Node::End { lines: true } => self.push("(?m:$)"),
            Node::End { lines: false } => {
                let end = if self.has(LINE_END) {
                    r"(?=\n?\z)"
                } else {
                    r"\z"
                };
                self.push(end);
            }
            Node::VeryEnd => self.push(r"\z"),
            Node::Boundary { negated, ascii } => self.boundary(*negated, *ascii),
            Node::Set {
                negated,
                items,
                fold,
            } => self.set(*negated, items, *fold),
            Node::Repeat {
                node,
                min,
                max,
                greed,
            } => self.repeat(node, *min, *max, *greed),
            Node::Sequence(nodes) => self.sequence(nodes),
            Node::Branch(nodes) => {
                self.push("(?:");
                for (index, node) in nodes.iter().enumerate() {
                    if index > 0 {
                        self.push("|");
                    }
                    self.node(node);
                }
                self.push(")");
            }
            Node::Group(node) => self.wrapped("(", node),
            Node::Atomic(node) => self.wrapped("(?>", node),
            Node::Reference { group, fold } => {
                let open = if *fold == Fold::No { "(?:" } else { "(?i:" };
                self.push(&format!("{open}\\{group})"));
            }
            Node::Look {
                ahead,
                negated,
                node,
            } => {
                let open = match (ahead, negated) {
                    (true, false) => "(?=",
                    (true, true) => "(?!",
                    (false, false) => "(?<=",
                    (false, true) => "(?<!",
                };
                self.wrapped(open, node);
            }
            Node::Conditional { group, yes, no } => {
                self.push(&format!("(?({group})"));
                self.node(yes);
                if let Some(no) = no {
                    self.push("|");
                    self.node(no);
                }
                self.push(")");
            }
        }
    }

    fn wrapped(&mut self, open: &str, node: &Node) {
        self.push(open);
        // A group holds alternatives together by itself.
        if let Node::Branch(nodes) = node {
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 {
                    self.push("|");
                }
                self.node(node);
            }
        } else {
            self.node(node);
        }
        self.push(")");
    }

    /// Neighbours without case share one flag.
    fn sequence(&mut self, nodes: &[Node]) {
        let mut is_folding = false;
        for node in nodes {
            let folds = matches!(
                node,
                Node::Literal { fold: Fold::Unicode, character } if has_case(*character)
            );
            if folds && !is_folding {
                self.push("(?i:");
            } else if is_folding && !folds {
                self.push(")");
            }
            is_folding = folds;
            match node {
                Node::Literal { character, .. } if folds => self.folded(*character),
                node => self.node(node),
            }
        }
        if is_folding {
            self.push(")");
        }
    }

    fn literal(&mut self, character: char, fold: Fold) {
        match fold {
            Fold::Unicode if has_case(character) => {
                self.push("(?i:");
                self.folded(character);
                self.push(")");
            }
            Fold::Ascii if character.is_ascii_alphabetic() => {
                let (lower, upper) = (
                    character.to_ascii_lowercase(),
                    character.to_ascii_uppercase(),
                );
                self.output.extend(['[', lower, upper, ']']);
            }
            _ => self.character(character),
        }
    }

    /// A letter where case is ignored already.
    fn folded(&mut self, character: char) {
        if LETTERS_I.contains(&character) && (self.has(UNICODE) || !character.is_ascii()) {
            self.push(r"[iI\x{130}\x{131}]");
        } else {
            self.character(character);
        }
    }

    fn character(&mut self, character: char) {
        self.code_point(character.into());
    }

    fn code_point(&mut self, code: u32) {
        match char::from_u32(code) {
            Some(plain) if plain.is_ascii_alphanumeric() || plain.is_alphabetic() => {
                self.output.push(plain);
            }
            _ => self.push(&format!("\\x{{{code:x}}}")),
        }
    }

    fn boundary(&mut self, negated: bool, ascii: bool) {
        if negated && self.has(EMPTY) {
            return self.push(NEVER);
        }
        if !self.has(UNICODE) {
            return self.push(if negated { r"\B" } else { r"\b" });
        }
        let word = if ascii { ASCII_WORD } else { WORD };
        let text = if negated {
            format!("(?:(?<=[{word}])(?=[{word}])|(?<![{word}])(?![{word}]))")
        } else {
            format!("(?:(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}]))")
        };
        self.push(&text);
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, greed: Greed) {
        if takes_nothing(node) && max != Some(0) {
            return self.position(node, min, greed);
        }
        if greed == Greed::Possessive {
            self.push("(?>");
        }
        let stands_alone = match node {
            Node::Literal { fold, character } => *fold != Fold::Unicode || !has_case(*character),
            Node::Any { .. }
            | Node::Group(_)
            | Node::Branch(_)
            | Node::Set { .. }
            | Node::Atomic(_) => true,
            _ => false,
        };
        if stands_alone {
            self.node(node);
        } else {
            self.wrapped("(?:", node);
        }
        let quantifier = match (min, max) {
            (0, None) => "*".to_owned(),
            (1, None) => "+".to_owned(),
            (0, Some(1)) => "?".to_owned(),
            (min, None) => format!("{{{min},}}"),
            (min, Some(max)) if min == max => format!("{{{min}}}"),
            (min, Some(max)) => format!("{{{min},{max}}}"),
        };
        self.push(&quantifier);
        match greed {
            Greed::Greedy => {}
            Greed::Lazy => self.push("?"),
            Greed::Possessive => self.push(")"),
        }
    }

    /// What takes nothing needs no second time, and `fancy-regex` refuses to repeat it.
    fn position(&mut self, node: &Node, min: u32, greed: Greed) {
        match (min, greed) {
            (1.., _) => self.node(node),
            (0, Greed::Greedy) => {
                self.push("(?:");
                self.node(node);
                self.push("|)");
            }
            (0, Greed::Lazy) => self.wrapped("(?:|", node),
            (0, Greed::Possessive) => {
                self.push("(?>");
                self.node(node);
                self.push("|)");
            }
        }
    }

    fn set(&mut self, negated: bool, items: &[Item], fold: Fold) {
        let open = if negated { "[^" } else { "[" };
        if let (false, [Item::Category { .. }]) = (negated, items) {
            return self.item(&items[0], true);
        }
        let items = fold_items(items, fold);
        if items.is_empty() {
            return self.push(if negated { "(?s:.)" } else { NEVER });
        }
        if fold == Fold::Unicode {
            self.push("(?i:");
        }
        self.push(open);
        for item in &items {
            self.item(item, false);
        }
        self.push("]");
        if fold == Fold::Unicode {
            self.push(")");
        }
    }

    fn item(&mut self, item: &Item, alone: bool) {
        match item {
            Item::Range(low, high) => {
                self.code_point(*low);
                if low != high {
                    self.push("-");
                    self.code_point(*high);
                }
            }
            Item::Category {
                category,
                negated,
                ascii,
            } => {
                let members = self.category(*category, *ascii);
                let text = match (negated, alone) {
                    (true, _) => format!("[^{members}]"),
                    (false, true) => format!("[{members}]"),
                    (false, false) => members.to_owned(),
                };
                self.push(&text);
            }
        }
    }

    fn category(&mut self, category: Category, ascii: bool) -> &'static str {
        // ASCII's separators are space in Unicode's sense only.
        if category == Category::Space {
            return if ascii { ASCII_SPACE } else { SPACE };
        }
        let ascii = ascii || !self.has(UNICODE);
        match category {
            Category::Digit if ascii => "0-9",
            Category::Digit => r"\p{Nd}",
            _ if ascii => ASCII_WORD,
            _ => WORD,
        }
    }
}

fn takes_nothing(node: &Node) -> bool {
    match node {
        Node::Look { .. }
        | Node::Start { .. }
        | Node::End { .. }
        | Node::VeryEnd
        | Node::Boundary { .. } => true,
        Node::Sequence(nodes) => nodes.iter().all(takes_nothing),
        _ => false,
    }
}

fn has_case(character: char) -> bool {
    !character.is_ascii() || character.is_ascii_alphabetic()
}

/// Members without surrogates, which no text holds, and with what belongs to them where case is ignored.
fn fold_items(items: &[Item], fold: Fold) -> Vec<Item> {
    let mut folded = Vec::with_capacity(items.len());
    for item in items {
        let Item::Range(low, high) = *item else {
            folded.push(*item);
            continue;
        };
        folded.extend(
            [(low, high.min(0xd7ff)), (low.max(0xe000), high)]
                .into_iter()
                .filter(|(low, high)| low <= high)
                .map(|(low, high)| Item::Range(low, high)),
        );
        match fold {
            Fold::No => {}
            Fold::Ascii => {
                folded.extend(shifted(low, high, 'a', 'A'));
                folded.extend(shifted(low, high, 'A', 'a'));
            }
            Fold::Unicode => {
                let has_i = LETTERS_I
                    .into_iter()
                    .any(|letter| (low..=high).contains(&u32::from(letter)));
                if has_i {
                    folded
                        .extend(LETTERS_I.map(|letter| Item::Range(letter.into(), letter.into())));
                }
            }
        }
    }
    folded
}

/// The ASCII letters of a range, in the other case.
fn shifted(low: u32, high: u32, from: char, to: char) -> Option<Item> {
    let (from, to) = (u32::from(from), u32::from(to));
    let (low, high) = (low.max(from), high.min(from + 25));
    (low <= high).then(|| Item::Range(low - from + to, high - from + to))
}
