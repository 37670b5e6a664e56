//! What a pattern consists of.

/// A part of a pattern. Flags are resolved: each node says what it means by itself.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Matches nothing at all: a code point that no text can hold.
    Never,
    /// One character.
    Literal { character: char, fold: Fold },
    /// `.`
    Any { line_ends: bool },
    /// `^`, or `\A` where lines do not count.
    Start { lines: bool },
    /// `$`: without lines, at the end or before a line end that is the last character.
    End { lines: bool },
    /// `\Z`
    VeryEnd,
    /// `\b`, `\B`
    Boundary { negated: bool, ascii: bool },
    /// `[...]`, and categories outside brackets.
    Set {
        negated: bool,
        items: Vec<Item>,
        fold: Fold,
    },
    /// What a quantifier stands behind.
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        greed: Greed,
    },
    /// One after the other.
    Sequence(Vec<Node>),
    /// One of them, the first that fits.
    Branch(Vec<Node>),
    /// `(...)`
    Group(Box<Node>),
    /// `(?>...)`
    Atomic(Box<Node>),
    /// `\1`, `(?P=name)`
    Reference { group: usize, fold: Fold },
    /// `(?=...)` and its like.
    Look {
        ahead: bool,
        negated: bool,
        node: Box<Node>,
    },
    /// `(?(1)yes|no)`
    Conditional {
        group: usize,
        yes: Box<Node>,
        no: Option<Box<Node>>,
    },
}

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// It does.
    No,
    /// Not that of ASCII letters.
    Ascii,
    /// It does not.
    Unicode,
}

/// How much a quantifier takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// A member of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// Code points from one to another, both included. Surrogates may be among them.
    Range(u32, u32),
    /// `\d` and its like.
    Category {
        category: Category,
        negated: bool,
        ascii: bool,
    },
}

/// Kinds of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Digit,
    Space,
    Word,
}

/// How many characters a node takes: at least, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Width {
    pub(super) const NONE: Self = Self { min: 0, max: 0 };
    pub(super) const ONE: Self = Self { min: 1, max: 1 };

    pub(super) fn then(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_add(other.min),
            max: self.max.saturating_add(other.max),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    pub(super) fn times(self, min: u32, max: Option<u32>) -> Self {
        Self {
            min: self.min.saturating_mul(min.into()),
            max: match max {
                None if self.max > 0 => u64::MAX,
                None => 0,
                Some(max) => self.max.saturating_mul(max.into()),
            },
        }
    }

    pub(super) fn is_fixed(self) -> bool {
        self.min == self.max
    }
}
