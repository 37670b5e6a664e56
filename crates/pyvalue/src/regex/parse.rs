//! Reads a pattern as Python 3.11 does, with its messages.

mod class;
mod escape;
mod group;

pub(super) use escape::control;
pub(super) use group::group_number;

use std::sync::Arc;

use super::Flags;
use super::source::{Source, Token};
use super::syntax::{Fold, Greed, Node, Width};
use crate::{Class, Error};

/// Groups within groups; Python's own limit is its stack.
const MAX_DEPTH: usize = 50;

/// What reading a pattern yields.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) node: Node,
    pub(super) names: Vec<(Arc<str>, usize)>,
    pub(super) groups: usize,
}

/// Flags in force, the inline ones included.
#[derive(Debug, Clone, Copy)]
struct Mode {
    flags: Flags,
    ascii: bool,
}

/// A node, how much it takes, and what Python's reader asks of the thing before a quantifier.
struct Part {
    node: Node,
    width: Width,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A position: cannot be repeated.
    Position,
    /// Repeated already.
    Repeated,
    /// Anything else.
    Other,
}

struct Parser {
    source: Source,
    names: Vec<(Arc<str>, usize)>,
    /// Width of each group, from 0 on; none where it is still open.
    widths: Vec<Option<Width>>,
    /// How many groups there were where the outermost look-behind began.
    look_behind_groups: Option<usize>,
    /// Groups that conditions ask for, and where; they may be defined later.
    conditions: Vec<(usize, usize)>,
    has_variable_look_behind: bool,
    /// Flags of the whole pattern.
    mode: Mode,
    depth: usize,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str, flags: Flags) -> Result<Parsed, Error> {
    let mut parser = Parser {
        source: Source::new(pattern)?,
        names: Vec::new(),
        widths: vec![None],
        look_behind_groups: None,
        conditions: Vec::new(),
        has_variable_look_behind: false,
        mode: Mode {
            flags,
            ascii: false,
        },
        depth: 0,
    };
    let (node, _) = parser.branches(None)?;
    parser.finish()?;
    Ok(Parsed {
        node,
        groups: parser.widths.len() - 1,
        names: parser.names,
    })
}

impl Mode {
    fn fold(self) -> Fold {
        match (self.flags.ignore_case, self.ascii) {
            (false, _) => Fold::No,
            (true, true) => Fold::Ascii,
            (true, false) => Fold::Unicode,
        }
    }
}

impl Parser {
    fn finish(&self) -> Result<(), Error> {
        if self.source.peek().is_some() {
            return Err(self.source.error("unbalanced parenthesis", 0));
        }
        for (group, position) in &self.conditions {
            if *group >= self.widths.len() {
                return Err(self
                    .source
                    .error_at(format!("invalid group reference {group}"), *position));
            }
        }
        if self.has_variable_look_behind {
            return Err(Error::new(
                Class::Regex,
                "look-behind requires fixed-width pattern",
            ));
        }
        Ok(())
    }

    /// `a|b|c`. Without a mode it is the whole pattern, whose first branch may begin with flags for all.
    fn branches(&mut self, mode: Option<Mode>) -> Result<(Node, Width), Error> {
        let mut nodes = Vec::new();
        let mut width: Option<Width> = None;
        loop {
            let is_first = mode.is_none() && nodes.is_empty();
            let (node, branch) = self.sequence(mode.unwrap_or(self.mode), is_first)?;
            width = Some(width.map_or(branch, |width| width.or(branch)));
            nodes.push(node);
            if !self.source.skip('|')? {
                break;
            }
        }
        let node = match nodes.pop() {
            Some(node) if nodes.is_empty() => node,
            last => {
                nodes.extend(last);
                Node::Branch(nodes)
            }
        };
        Ok((node, width.unwrap_or(Width::NONE)))
    }

    /// Everything up to a `|` or `)`.
    fn sequence(&mut self, mut mode: Mode, is_first: bool) -> Result<(Node, Width), Error> {
        let mut parts: Vec<Part> = Vec::new();
        while let Some(token) = self.source.peek() {
            if matches!(token, Token::Plain('|' | ')')) {
                break;
            }
            self.source.next()?;
            if mode.flags.verbose && self.skip_filler(token)? {
                continue;
            }
            let part = match token {
                Token::Escaped(character) => Some(self.escape(character, mode)?),
                Token::Plain('[') => Some(self.class(mode)?),
                Token::Plain(quantifier @ ('*' | '+' | '?' | '{')) => {
                    self.quantify(quantifier, &mut parts, mode)?
                }
                Token::Plain('.') => Some(Part::one(Node::Any {
                    line_ends: mode.flags.dot_all,
                })),
                Token::Plain('^') => Some(Part::position(Node::Start {
                    lines: mode.flags.multi_line,
                })),
                Token::Plain('$') => Some(Part::position(Node::End {
                    lines: mode.flags.multi_line,
                })),
                Token::Plain('(') => self.group(&mut mode, is_first && parts.is_empty())?,
                Token::Plain(character) => Some(Part::literal(character, mode)),
            };
            parts.extend(part);
        }
        let width = parts
            .iter()
            .fold(Width::NONE, |width, part| width.then(part.width));
        let mut nodes: Vec<Node> = parts.into_iter().map(|part| part.node).collect();
        match nodes.pop() {
            Some(node) if nodes.is_empty() => Ok((node, width)),
            last => {
                nodes.extend(last);
                Ok((Node::Sequence(nodes), width))
            }
        }
    }

    /// Space and comments of verbose patterns.
    fn skip_filler(&mut self, token: Token) -> Result<bool, Error> {
        match token {
            Token::Plain(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') => Ok(true),
            Token::Plain('#') => {
                while !matches!(self.source.next()?, None | Some(Token::Plain('\n'))) {}
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// A quantifier, whose first character is read: repeats the last part. A brace that is none is a literal.
    fn quantify(
        &mut self,
        quantifier: char,
        parts: &mut Vec<Part>,
        mode: Mode,
    ) -> Result<Option<Part>, Error> {
        let here = self.source.tell();
        let (min, max) = match quantifier {
            '?' => (0, Some(1)),
            '*' => (0, None),
            '+' => (1, None),
            _ => match self.bounds(here)? {
                Some(bounds) => bounds,
                None => return Ok(Some(Part::literal('{', mode))),
            },
        };
        let Some(part) = parts.pop().filter(|part| part.kind != Kind::Position) else {
            return Err(self.source.error_at("nothing to repeat", here - 1));
        };
        if part.kind == Kind::Repeated {
            return Err(self.source.error_at("multiple repeat", here - 1));
        }
        let greed = if self.source.skip('?')? {
            Greed::Lazy
        } else if self.source.skip('+')? {
            Greed::Possessive
        } else {
            Greed::Greedy
        };
        Ok(Some(Part {
            width: part.width.times(min, max),
            node: Node::Repeat {
                node: Box::new(part.node),
                min,
                max,
                greed,
            },
            kind: Kind::Repeated,
        }))
    }

    /// What follows an opening brace; none, and nothing read, where it is no quantifier.
    fn bounds(&mut self, here: usize) -> Result<Option<(u32, Option<u32>)>, Error> {
        if self.source.peek() == Some(Token::Plain('}')) {
            return Ok(None);
        }
        let digits = |character: char| character.is_ascii_digit();
        let low = self.source.take_while(usize::MAX, digits)?;
        let high = if self.source.skip(',')? {
            self.source.take_while(usize::MAX, digits)?
        } else {
            low.clone()
        };
        if !self.source.skip('}')? {
            self.source.seek(here);
            return Ok(None);
        }
        let min = if low.is_empty() { 0 } else { count(&low)? };
        let max = if high.is_empty() {
            None
        } else {
            Some(count(&high)?)
        };
        if max.is_some_and(|max| max < min) {
            return Err(self
                .source
                .error_at("min repeat greater than max repeat", here));
        }
        Ok(Some((min, max)))
    }
}

impl Part {
    fn new(node: Node, width: Width) -> Self {
        Self {
            node,
            width,
            kind: Kind::Other,
        }
    }

    fn one(node: Node) -> Self {
        Self::new(node, Width::ONE)
    }

    fn literal(character: char, mode: Mode) -> Self {
        Self::one(Node::Literal {
            character,
            fold: mode.fold(),
        })
    }

    fn position(node: Node) -> Self {
        Self {
            node,
            width: Width::NONE,
            kind: Kind::Position,
        }
    }
}

fn count(digits: &str) -> Result<u32, Error> {
    digits
        .parse()
        .ok()
        .filter(|count| *count < u32::MAX)
        .ok_or_else(|| Error::new(Class::Overflow, "the repetition number is too large"))
}
