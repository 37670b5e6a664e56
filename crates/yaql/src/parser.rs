//! Reads an expression: operators by their precedence, brackets and arguments by descent.
//!
//! It accepts exactly what the Python original accepts, as long as the tree has no more than [`MAX_DEPTH`] levels.

pub(crate) mod complaint;

use std::ops::Range;
use std::sync::Arc;

use crate::ast::{Argument, Node, NodeKind, Operator};
use crate::lexer::{Bracket, Lexer, Token};
use complaint::Complaint;

/// More levels than this a tree may not have. The Python original evaluates about 140.
pub(crate) const MAX_DEPTH: usize = 150;

/// The precedence of a whole value; 1 binds tightest.
const WHOLE: u8 = 11;
const INDEX: u8 = 2;
const SIGNED: u8 = 3;
const NOT: u8 = 8;

/// Reads a whole expression.
pub(crate) fn parse(source: &Arc<str>) -> Result<Arc<Node>, Complaint> {
    let mut parser = Parser::new(source)?;
    let tree = parser.value(WHOLE)?;
    match parser.token {
        Token::End => Ok(tree.node),
        _ => Err(complaint::no_operator(&parser).into()),
    }
}

/// A part of the tree and how many levels it has.
struct Tree {
    node: Arc<Node>,
    levels: usize,
}

/// Arguments, how many levels the deepest has, and where they end.
struct Arguments {
    list: Box<[Argument]>,
    levels: usize,
    end: usize,
}

struct Parser<'s> {
    source: &'s Arc<str>,
    lexer: Lexer<'s>,
    /// The token to be read next, and where it stands.
    token: Token,
    span: Range<usize>,
    /// Where the token before it stands.
    previous: Range<usize>,
    depth: usize,
}

impl<'s> Parser<'s> {
    fn new(source: &'s Arc<str>) -> Result<Self, Complaint> {
        let mut lexer = Lexer::new(source);
        let (token, span) = lexer.next()?;
        Ok(Self {
            source,
            lexer,
            token,
            span,
            previous: 0..0,
            depth: 0,
        })
    }

    /// Goes on to the next token; gives where the one before stands.
    fn advance(&mut self) -> Result<Range<usize>, Complaint> {
        let (token, span) = self.lexer.next()?;
        self.token = token;
        self.previous = std::mem::replace(&mut self.span, span);
        Ok(self.previous.clone())
    }

    /// A value with all operators that bind at least as tight as `loosest`.
    fn value(&mut self, loosest: u8) -> Result<Tree, Complaint> {
        if self.depth >= MAX_DEPTH {
            return Err(complaint::too_deep(self.source, self.span.clone()).into());
        }
        self.depth += 1;
        let mut left = self.operand()?;
        while let Some((operator, precedence)) = follows(&self.token) {
            if precedence > loosest {
                break;
            }
            left = if operator == Operator::Index {
                self.index(left)?
            } else {
                self.binary(left, operator, precedence)?
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn binary(
        &mut self,
        left: Tree,
        operator: Operator,
        precedence: u8,
    ) -> Result<Tree, Complaint> {
        let sign = self.advance()?;
        // Only the arrow groups to the right.
        let loosest = if operator == Operator::Arrow {
            precedence
        } else {
            precedence - 1
        };
        let right = self.value(loosest)?;
        let span = left.node.span.start..right.node.span.end;
        let levels = left.levels.max(right.levels);
        let arguments = Box::from([Argument::Value(left.node), Argument::Value(right.node)]);
        let kind = NodeKind::Operator {
            operator,
            sign,
            arguments,
        };
        self.grow(span, kind, levels)
    }

    fn index(&mut self, of: Tree) -> Result<Tree, Complaint> {
        let sign = self.advance()?;
        let start = of.node.span.start;
        let mut list = Vec::with_capacity(2);
        list.push(Argument::Value(of.node));
        let inside = self.arguments(Bracket::Square, list)?;
        let kind = NodeKind::Operator {
            operator: Operator::Index,
            sign,
            arguments: inside.list,
        };
        self.grow(start..inside.end, kind, inside.levels.max(of.levels))
    }

    /// A value without the operators behind it.
    fn operand(&mut self) -> Result<Tree, Complaint> {
        match self.token {
            Token::Operator(Operator::Add) => self.prefix(Operator::Positive, SIGNED),
            Token::Operator(Operator::Subtract) => self.prefix(Operator::Negative, SIGNED),
            Token::Operator(Operator::Not) => self.prefix(Operator::Not, NOT),
            Token::Open(Bracket::Round) => self.group(),
            Token::Open(Bracket::Square) => self.container(Operator::List, Bracket::Square),
            Token::Open(Bracket::Curly) => self.container(Operator::Map, Bracket::Curly),
            Token::Function(ref name) => {
                let name = Arc::clone(name);
                self.call(name)
            }
            Token::Constant(_) | Token::Word(_) | Token::Variable(_) => self.leaf(),
            Token::Operator(_) | Token::Rule | Token::Comma | Token::Close(_) | Token::End => {
                Err(complaint::no_value(self).into())
            }
        }
    }

    fn leaf(&mut self) -> Result<Tree, Complaint> {
        let token = std::mem::replace(&mut self.token, Token::End);
        let span = self.advance()?;
        let kind = match token {
            Token::Constant(value) => NodeKind::Constant(value),
            Token::Word(word) => NodeKind::Keyword(word),
            Token::Variable(name) => NodeKind::Variable(name),
            _ => return Err(complaint::no_value(self).into()),
        };
        self.grow(span, kind, 0)
    }

    /// An operator before its operand, which takes all that binds tighter.
    fn prefix(&mut self, operator: Operator, precedence: u8) -> Result<Tree, Complaint> {
        let sign = self.advance()?;
        let operand = self.value(precedence - 1)?;
        let span = sign.start..operand.node.span.end;
        let kind = NodeKind::Operator {
            operator,
            sign,
            arguments: Box::from([Argument::Value(operand.node)]),
        };
        self.grow(span, kind, operand.levels)
    }

    fn group(&mut self) -> Result<Tree, Complaint> {
        let sign = self.advance()?;
        let inner = self.value(WHOLE)?;
        let end = self.close(Bracket::Round)?;
        self.grow(sign.start..end, NodeKind::Group(inner.node), inner.levels)
    }

    /// A list or a map.
    fn container(&mut self, operator: Operator, bracket: Bracket) -> Result<Tree, Complaint> {
        let sign = self.advance()?;
        let inside = self.arguments(bracket, Vec::new())?;
        let span = sign.start..inside.end;
        let kind = NodeKind::Operator {
            operator,
            sign,
            arguments: inside.list,
        };
        self.grow(span, kind, inside.levels)
    }

    fn call(&mut self, name: Arc<str>) -> Result<Tree, Complaint> {
        let span = self.advance()?;
        let name_span = span.start..span.end - 1;
        let inside = self.arguments(Bracket::Round, Vec::new())?;
        let kind = NodeKind::Call {
            name,
            name_span,
            arguments: inside.list,
        };
        self.grow(span.start..inside.end, kind, inside.levels)
    }

    /// What stands in brackets, up to and with the closing one: values, then rules. Commas with nothing between
    /// them leave an argument out; the last argument cannot be left out, nor the one in front of the first rule if it
    /// is the first.
    fn arguments(
        &mut self,
        bracket: Bracket,
        mut list: Vec<Argument>,
    ) -> Result<Arguments, Complaint> {
        let before = list.len();
        let mut levels = 0;
        if !self.is_at_close(bracket) {
            loop {
                let commas = self.commas()?;
                let (argument, deep) = self.argument(&list[before..], commas)?;
                let left_out = commas - usize::from(list.len() > before);
                list.extend(std::iter::repeat_n(Argument::Omitted, left_out));
                if list.is_empty() && self.is_at_close(bracket) {
                    // The usual case: one argument, and no room for more.
                    list.reserve_exact(1);
                }
                list.push(argument);
                levels = levels.max(deep);
                if !matches!(self.token, Token::Comma) {
                    break;
                }
            }
        }
        let end = self.close(bracket)?;
        Ok(Arguments {
            list: list.into_boxed_slice(),
            levels,
            end,
        })
    }

    fn commas(&mut self) -> Result<usize, Complaint> {
        let mut commas = 0;
        while matches!(self.token, Token::Comma) {
            self.advance()?;
            commas += 1;
        }
        Ok(commas)
    }

    /// An argument that stands behind others and `commas`, and its levels.
    fn argument(
        &mut self,
        before: &[Argument],
        commas: usize,
    ) -> Result<(Argument, usize), Complaint> {
        let key = self.value(WHOLE)?;
        let most_commas = match before.last() {
            None => 0,
            Some(Argument::Rule(..)) => 1,
            Some(Argument::Value(_) | Argument::Omitted) => 2,
        };
        if !matches!(self.token, Token::Rule) {
            return match before.last() {
                Some(Argument::Rule(..)) => {
                    Err(complaint::value_behind_rule(self, &key.node).into())
                }
                _ => Ok((Argument::Value(key.node), key.levels)),
            };
        }
        if commas > most_commas {
            return Err(complaint::rule_behind_gap(self).into());
        }
        self.advance()?;
        let value = self.value(WHOLE)?;
        let levels = key.levels.max(value.levels);
        Ok((Argument::Rule(key.node, value.node), levels))
    }

    fn is_at_close(&self, bracket: Bracket) -> bool {
        matches!(&self.token, Token::Close(found) if *found == bracket)
    }

    /// Reads the closing bracket; gives where it ends.
    fn close(&mut self, bracket: Bracket) -> Result<usize, Complaint> {
        if !self.is_at_close(bracket) {
            return Err(complaint::no_operator(self).into());
        }
        Ok(self.advance()?.end)
    }

    /// A node over parts that have `levels`.
    fn grow(&self, span: Range<usize>, kind: NodeKind, levels: usize) -> Result<Tree, Complaint> {
        if levels >= MAX_DEPTH {
            return Err(complaint::too_deep(self.source, span).into());
        }
        Ok(Tree {
            node: Arc::new(Node { span, kind }),
            levels: levels + 1,
        })
    }
}

/// The operator that a token is behind a value, and its precedence.
fn follows(token: &Token) -> Option<(Operator, u8)> {
    let operator = match token {
        Token::Open(Bracket::Square) => Operator::Index,
        Token::Operator(operator) => *operator,
        _ => return None,
    };
    let precedence = match operator {
        Operator::Dot | Operator::SafeDot => 1,
        Operator::Index => INDEX,
        Operator::Matches | Operator::MatchesNot => 4,
        Operator::Multiply | Operator::Divide | Operator::Modulo => 5,
        Operator::Add | Operator::Subtract => 6,
        Operator::Greater
        | Operator::Less
        | Operator::GreaterOrEqual
        | Operator::LessOrEqual
        | Operator::NotEqual
        | Operator::Equal
        | Operator::In => 7,
        Operator::And => 9,
        Operator::Or => 10,
        Operator::Arrow => WHOLE,
        Operator::Not
        | Operator::Positive
        | Operator::Negative
        | Operator::List
        | Operator::Map => return None,
    };
    Some((operator, precedence))
}
