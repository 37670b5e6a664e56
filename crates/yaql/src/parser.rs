//! Reads an expression: operators by their precedence, brackets and arguments by descent.
//!
//! It accepts exactly what the Python original accepts, as long as the tree has no more than [`MAX_DEPTH`] levels.

pub(crate) mod complaint;

use std::ops::Range;
use std::sync::Arc;

use diagnostic::Diagnostic;

use crate::ast::{Argument, Node, NodeKind, Operator};
use crate::lexer::{Bracket, Lexer, Token};

/// More levels than this a tree may not have. The Python original evaluates about 140.
pub(crate) const MAX_DEPTH: usize = 150;

/// The precedence of a whole value; 1 binds tightest.
const WHOLE: u8 = 11;
const INDEX: u8 = 2;
const SIGNED: u8 = 3;
const NOT: u8 = 8;

/// Reads a whole expression.
pub(crate) fn parse(source: &Arc<str>) -> Result<Arc<Node>, Diagnostic> {
    let mut parser = Parser::new(source)?;
    let tree = parser.value(WHOLE)?;
    match parser.token {
        Token::End => Ok(tree.node),
        _ => Err(complaint::no_operator(&parser)),
    }
}

/// A part of the tree and how many levels it has.
struct Tree {
    node: Arc<Node>,
    levels: usize,
}

/// Arguments, how many levels the deepest has, and where they end.
struct Arguments {
    list: Vec<Argument>,
    levels: usize,
    end: usize,
}

/// An opening bracket that is not closed yet.
#[derive(Debug, Clone)]
struct Opening {
    bracket: Bracket,
    span: Range<usize>,
    /// Whether arguments stand in it, rather than one value.
    takes_arguments: bool,
}

struct Parser<'s> {
    source: &'s Arc<str>,
    lexer: Lexer<'s>,
    /// The token to be read next, and where it stands.
    token: Token,
    span: Range<usize>,
    /// Where the token before it stands.
    previous: Range<usize>,
    open: Vec<Opening>,
    depth: usize,
}

impl<'s> Parser<'s> {
    fn new(source: &'s Arc<str>) -> Result<Self, Diagnostic> {
        let mut lexer = Lexer::new(source);
        let (token, span) = lexer.next()?;
        Ok(Self {
            source,
            lexer,
            token,
            span,
            previous: 0..0,
            open: Vec::new(),
            depth: 0,
        })
    }

    /// Takes the token and where it stands, and reads the next.
    fn advance(&mut self) -> Result<(Token, Range<usize>), Diagnostic> {
        let (token, span) = self.lexer.next()?;
        let token = std::mem::replace(&mut self.token, token);
        let span = std::mem::replace(&mut self.span, span);
        self.previous = span.clone();
        Ok((token, span))
    }

    /// A value with all operators that bind at least as tight as `loosest`.
    fn value(&mut self, loosest: u8) -> Result<Tree, Diagnostic> {
        if self.depth >= MAX_DEPTH {
            return Err(complaint::too_deep(self.source, self.span.clone()));
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
    ) -> Result<Tree, Diagnostic> {
        let (_, sign) = self.advance()?;
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

    fn index(&mut self, of: Tree) -> Result<Tree, Diagnostic> {
        let (_, sign) = self.advance()?;
        let start = of.node.span.start;
        let mut inside = self.arguments(Bracket::Square, sign.clone())?;
        inside.list.insert(0, Argument::Value(of.node));
        let kind = NodeKind::Operator {
            operator: Operator::Index,
            sign,
            arguments: inside.list.into_boxed_slice(),
        };
        self.grow(start..inside.end, kind, inside.levels.max(of.levels))
    }

    /// A value without the operators behind it.
    fn operand(&mut self) -> Result<Tree, Diagnostic> {
        match self.token {
            Token::Operator(Operator::Add) => self.prefix(Operator::Positive, SIGNED),
            Token::Operator(Operator::Subtract) => self.prefix(Operator::Negative, SIGNED),
            Token::Operator(Operator::Not) => self.prefix(Operator::Not, NOT),
            Token::Open(Bracket::Round) => self.group(),
            Token::Open(Bracket::Square) => self.container(Operator::List, Bracket::Square),
            Token::Open(Bracket::Curly) => self.container(Operator::Map, Bracket::Curly),
            Token::Function(_) => self.call(),
            Token::Constant(_) | Token::Word(_) | Token::Variable(_) => self.leaf(),
            Token::Operator(_) | Token::Rule | Token::Comma | Token::Close(_) | Token::End => {
                Err(complaint::no_value(self))
            }
        }
    }

    fn leaf(&mut self) -> Result<Tree, Diagnostic> {
        let (token, span) = self.advance()?;
        let kind = match token {
            Token::Constant(value) => NodeKind::Constant(value),
            Token::Word(word) => NodeKind::Keyword(word),
            Token::Variable(name) => NodeKind::Variable(name),
            _ => return Err(complaint::no_value(self)),
        };
        self.grow(span, kind, 0)
    }

    /// An operator before its operand, which takes all that binds tighter.
    fn prefix(&mut self, operator: Operator, precedence: u8) -> Result<Tree, Diagnostic> {
        let (_, sign) = self.advance()?;
        let operand = self.value(precedence - 1)?;
        let span = sign.start..operand.node.span.end;
        let kind = NodeKind::Operator {
            operator,
            sign,
            arguments: Box::from([Argument::Value(operand.node)]),
        };
        self.grow(span, kind, operand.levels)
    }

    fn group(&mut self) -> Result<Tree, Diagnostic> {
        let (_, sign) = self.advance()?;
        self.open.push(Opening {
            bracket: Bracket::Round,
            span: sign.clone(),
            takes_arguments: false,
        });
        let inner = self.value(WHOLE)?;
        let end = self.close(Bracket::Round)?;
        self.grow(sign.start..end, NodeKind::Group(inner.node), inner.levels)
    }

    /// A list or a map.
    fn container(&mut self, operator: Operator, bracket: Bracket) -> Result<Tree, Diagnostic> {
        let (_, sign) = self.advance()?;
        let inside = self.arguments(bracket, sign.clone())?;
        let span = sign.start..inside.end;
        let kind = NodeKind::Operator {
            operator,
            sign,
            arguments: inside.list.into_boxed_slice(),
        };
        self.grow(span, kind, inside.levels)
    }

    fn call(&mut self) -> Result<Tree, Diagnostic> {
        let (token, span) = self.advance()?;
        let Token::Function(name) = token else {
            return Err(complaint::no_value(self));
        };
        let parenthesis = span.end - 1..span.end;
        let name_span = span.start..parenthesis.start;
        let inside = self.arguments(Bracket::Round, parenthesis)?;
        let kind = NodeKind::Call {
            name,
            name_span,
            arguments: inside.list.into_boxed_slice(),
        };
        self.grow(span.start..inside.end, kind, inside.levels)
    }

    /// What stands in brackets, up to and with the closing one: values, then rules. Commas with nothing between
    /// them leave an argument out; the last argument cannot be left out, nor the one in front of the first rule if it
    /// is the first.
    fn arguments(&mut self, bracket: Bracket, span: Range<usize>) -> Result<Arguments, Diagnostic> {
        self.open.push(Opening {
            bracket,
            span,
            takes_arguments: true,
        });
        let mut list = Vec::new();
        let mut levels = 0;
        if !matches!(&self.token, Token::Close(found) if *found == bracket) {
            loop {
                let commas = self.commas()?;
                let (argument, deep) = self.argument(&list, commas)?;
                let left_out = commas - usize::from(!list.is_empty());
                list.extend(std::iter::repeat_n(Argument::Omitted, left_out));
                list.push(argument);
                levels = levels.max(deep);
                if !matches!(self.token, Token::Comma) {
                    break;
                }
            }
        }
        let end = self.close(bracket)?;
        Ok(Arguments { list, levels, end })
    }

    fn commas(&mut self) -> Result<usize, Diagnostic> {
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
    ) -> Result<(Argument, usize), Diagnostic> {
        let key = self.value(WHOLE)?;
        let most_commas = match before.last() {
            None => 0,
            Some(Argument::Rule(..)) => 1,
            Some(Argument::Value(_) | Argument::Omitted) => 2,
        };
        if !matches!(self.token, Token::Rule) {
            return match before.last() {
                Some(Argument::Rule(..)) => Err(complaint::value_behind_rule(self, &key.node)),
                _ => Ok((Argument::Value(key.node), key.levels)),
            };
        }
        if commas > most_commas {
            return Err(complaint::rule_behind_gap(self));
        }
        self.advance()?;
        let value = self.value(WHOLE)?;
        let levels = key.levels.max(value.levels);
        Ok((Argument::Rule(key.node, value.node), levels))
    }

    /// Reads the closing bracket; gives where it ends.
    fn close(&mut self, bracket: Bracket) -> Result<usize, Diagnostic> {
        if !matches!(&self.token, Token::Close(found) if *found == bracket) {
            return Err(complaint::no_operator(self));
        }
        self.open.pop();
        Ok(self.advance()?.1.end)
    }

    /// A node over parts that have `levels`.
    fn grow(&self, span: Range<usize>, kind: NodeKind, levels: usize) -> Result<Tree, Diagnostic> {
        if levels >= MAX_DEPTH {
            return Err(complaint::too_deep(self.source, span));
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
