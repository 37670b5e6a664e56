//! What an expression is made of.
//!
//! The tree keeps what the language tells apart when it chooses a function: a bare word from a quoted text, a value in
//! parentheses from one without, an argument left out from one that is null. It holds no more levels than the parser
//! allows, so walking or dropping it by recursion is safe.

use std::ops::Range;
use std::sync::Arc;

use pyvalue::Value;

/// A part of an expression and where it stands.
#[derive(Debug)]
pub struct Node {
    /// The bytes of the source that it was read from.
    pub span: Range<usize>,
    /// What it is.
    pub kind: NodeKind,
}

/// What a part of an expression is.
#[derive(Debug)]
pub enum NodeKind {
    /// A number, a quoted text, `true`, `false`, `null`.
    Constant(Value),
    /// A bare word: a text, and the only thing that parameters of type `keyword` take.
    Keyword(Arc<str>),
    /// `$`, `$1`, `$name`, with the dollar.
    Variable(Arc<str>),
    /// A value in parentheses. It never sees the receiver: `x.(f())` calls the function `f`, not the method.
    Group(Arc<Node>),
    /// `f(...)`. On the right of a dot it is a method's call.
    Call {
        /// The name of the function.
        name: Arc<str>,
        /// Where the name stands.
        name_span: Range<usize>,
        /// What it is called with.
        arguments: Box<[Argument]>,
    },
    /// An operator, an index, a list or a map: each a call of a function whose name no author can write.
    Operator {
        /// Which.
        operator: Operator,
        /// Where the sign (or the opening bracket) stands.
        sign: Range<usize>,
        /// The operands; for an index the value and then what is in the brackets.
        arguments: Box<[Argument]>,
    },
}

/// What stands between the commas of a call, an index, a list or a map.
///
/// Rules come last: the grammar takes no other argument after one.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A value.
    Value(Arc<Node>),
    /// `key => value`: a named argument where the function takes such, else a value of its own (a pair).
    Rule(Arc<Node>, Arc<Node>),
    /// Nothing, as the second of `f(a,,b)`: the parameter's default, and never null.
    Omitted,
}

/// Operators, and the brackets that work like them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `.`
    Dot,
    /// `?.`
    SafeDot,
    /// `value[...]`
    Index,
    /// `[...]`
    List,
    /// `{...}`
    Map,
    /// `+value`
    Positive,
    /// `-value`
    Negative,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `mod`
    Modulo,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `>`
    Greater,
    /// `<`
    Less,
    /// `>=`
    GreaterOrEqual,
    /// `<=`
    LessOrEqual,
    /// `!=`
    NotEqual,
    /// `=`
    Equal,
    /// `in`
    In,
    /// `not`
    Not,
    /// `and`
    And,
    /// `or`
    Or,
    /// `->`
    Arrow,
}

impl Operator {
    /// How it is written; the brackets in both halves.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Dot => ".",
            Self::SafeDot => "?.",
            Self::Index | Self::List => "[]",
            Self::Map => "{}",
            Self::Positive | Self::Add => "+",
            Self::Negative | Self::Subtract => "-",
            Self::Matches => "=~",
            Self::MatchesNot => "!~",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "mod",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
            Self::NotEqual => "!=",
            Self::Equal => "=",
            Self::In => "in",
            Self::Not => "not",
            Self::And => "and",
            Self::Or => "or",
            Self::Arrow => "->",
        }
    }

    /// The name of the function that carries it out, as the Python original registers it.
    #[must_use]
    pub const fn function(self) -> &'static str {
        match self {
            Self::Dot => "#operator_.",
            Self::SafeDot => "#operator_?.",
            Self::Index => "#indexer",
            Self::List => "#list",
            Self::Map => "#map",
            Self::Positive => "#unary_operator_+",
            Self::Negative => "#unary_operator_-",
            Self::Matches => "#operator_=~",
            Self::MatchesNot => "#operator_!~",
            Self::Multiply => "#operator_*",
            Self::Divide => "#operator_/",
            Self::Modulo => "#operator_mod",
            Self::Add => "#operator_+",
            Self::Subtract => "#operator_-",
            Self::Greater => "#operator_>",
            Self::Less => "#operator_<",
            Self::GreaterOrEqual => "#operator_>=",
            Self::LessOrEqual => "#operator_<=",
            Self::NotEqual => "*not_equal",
            Self::Equal => "*equal",
            Self::In => "#operator_in",
            Self::Not => "#unary_operator_not",
            Self::And => "#operator_and",
            Self::Or => "#operator_or",
            Self::Arrow => "#operator_->",
        }
    }
}

impl Node {
    /// The function it calls (an operator's too) and with what; nothing for constants, variables and groups.
    #[must_use]
    pub fn as_call(&self) -> Option<(&str, &[Argument])> {
        match &self.kind {
            NodeKind::Call {
                name, arguments, ..
            } => Some((name, arguments)),
            NodeKind::Operator {
                operator,
                arguments,
                ..
            } => Some((operator.function(), arguments)),
            NodeKind::Constant(_)
            | NodeKind::Keyword(_)
            | NodeKind::Variable(_)
            | NodeKind::Group(_) => None,
        }
    }

    /// The value of a constant or of a bare word.
    #[must_use]
    pub fn as_constant(&self) -> Option<Value> {
        match &self.kind {
            NodeKind::Constant(value) => Some(value.clone()),
            NodeKind::Keyword(word) => Some(Value::Str(Arc::clone(word))),
            NodeKind::Variable(_)
            | NodeKind::Group(_)
            | NodeKind::Call { .. }
            | NodeKind::Operator { .. } => None,
        }
    }

    /// The parts it is made of, in order of writing.
    pub fn parts(&self) -> impl Iterator<Item = &Arc<Self>> {
        let (group, arguments): (Option<&Arc<Self>>, &[Argument]) = match &self.kind {
            NodeKind::Group(inner) => (Some(inner), &[]),
            NodeKind::Call { arguments, .. } | NodeKind::Operator { arguments, .. } => {
                (None, arguments)
            }
            NodeKind::Constant(_) | NodeKind::Keyword(_) | NodeKind::Variable(_) => (None, &[]),
        };
        group
            .into_iter()
            .chain(arguments.iter().flat_map(Argument::parts))
    }
}

impl Argument {
    /// The value, if it is neither a rule nor left out.
    #[must_use]
    pub fn as_value(&self) -> Option<&Arc<Node>> {
        match self {
            Self::Value(node) => Some(node),
            Self::Rule(..) | Self::Omitted => None,
        }
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = &Arc<Node>> {
        let (one, other) = match self {
            Self::Value(node) => (Some(node), None),
            Self::Rule(key, value) => (Some(key), Some(value)),
            Self::Omitted => (None, None),
        };
        one.into_iter().chain(other)
    }
}
