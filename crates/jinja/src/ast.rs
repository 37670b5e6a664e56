//! The tree of a template. Names know where their values are once `scope.rs` has been over it.

use std::sync::Arc;

use pyvalue::Value;

use crate::Function;
use crate::lexer::Span;

/// An expression, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
    /// Levels of expressions, itself included.
    pub(crate) depth: u32,
}

#[derive(Debug, Clone)]
pub(crate) enum ExprKind {
    Constant(Value),
    Name(Name),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    /// `subject.name`
    Attribute(Box<Expr>, Arc<str>),
    /// `subject[key]`
    Item(Box<(Expr, Expr)>),
    /// `subject[start:stop:step]`
    Slice(Box<(Expr, [Option<Expr>; 3])>),
    Call(Box<(Expr, Arguments)>),
    Filter(Box<Applied>),
    Test(Box<Applied>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Positive(Box<Expr>),
    /// Operators of one precedence, from left to right.
    Arithmetic(Box<Expr>, Vec<(Operator, Expr)>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// `a < b <= c`
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    /// `a ~ b`
    Concat(Vec<Expr>),
    /// `then if test else otherwise`
    Conditional(Box<Conditional>),
}

#[derive(Debug, Clone)]
pub(crate) struct Conditional {
    pub(crate) test: Expr,
    pub(crate) then: Expr,
    pub(crate) otherwise: Option<Expr>,
}

/// A filter or test and what it is applied to; the block of a `{% filter %}` where there is no subject.
#[derive(Debug, Clone)]
pub(crate) struct Applied {
    pub(crate) subject: Option<Expr>,
    pub(crate) name: Arc<str>,
    /// Where the name stands.
    pub(crate) name_span: Span,
    /// Found when the template was parsed.
    pub(crate) function: Option<Function>,
    pub(crate) arguments: Arguments,
}

/// Arguments of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arguments {
    pub(crate) positional: Vec<Expr>,
    pub(crate) named: Vec<(Arc<str>, Expr)>,
    /// `*rest`
    pub(crate) rest: Option<Expr>,
    /// `**keywords`
    pub(crate) keywords: Option<Expr>,
}

/// A name, and where its value is.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) text: Arc<str>,
    pub(crate) place: Place,
}

/// Where a name's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Place {
    /// Among the input's variables, or the globals.
    #[default]
    Input,
    /// As `Input`, but what the template set at its top level comes first: in blocks.
    Context,
    /// As `Input`, but the template changes what the variable holds: kept by the run once looked up.
    Shared(u32),
    /// In a slot of this function, or of one so many functions around it.
    Slot { outward: u32, index: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
}

/// Statements in their order.
pub(crate) type Body = Vec<Statement>;

#[derive(Debug, Clone)]
pub(crate) enum Statement {
    Text(Arc<str>),
    Print(Expr),
    If {
        branches: Vec<(Expr, Body)>,
        otherwise: Body,
    },
    For(Arc<For>),
    Set {
        target: Target,
        value: Expr,
    },
    SetBlock(Box<SetBlock>),
    With(Box<With>),
    Macro(Box<MacroDefinition>),
    CallBlock(Box<CallBlock>),
    FilterBlock(Box<FilterBlock>),
    Autoescape(Box<Autoescape>),
    Block(Arc<Block>),
    /// `include`, `extends`, `import`: there is nothing to load from.
    Load {
        source: Expr,
        /// Names it would set.
        names: Vec<Name>,
    },
}

/// What is assigned to.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Name(Name),
    Tuple(Vec<Target>, Span),
    /// `namespace.attribute`
    Member(Name, Arc<str>, Span),
}

/// What happens to the slots of a scope when it is entered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    pub(crate) loads: Vec<(u32, Load)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Load {
    /// The input's variable of the name, if there is one; in blocks the template's own come first.
    Input(Arc<str>, Place),
    /// What another slot holds now.
    Alias(Place),
    /// Nothing.
    Missing,
}

#[derive(Debug, Clone)]
pub(crate) struct For {
    pub(crate) target: Target,
    pub(crate) iterated: Expr,
    /// `if` behind the sequence, with a target of its own.
    pub(crate) filter: Option<LoopFilter>,
    pub(crate) body: Body,
    pub(crate) otherwise: Body,
    pub(crate) entry: Entry,
    pub(crate) otherwise_entry: Entry,
    /// The slot of `loop`, where something asks for it.
    pub(crate) loop_slot: Option<u32>,
    /// The function of a recursive loop: how many slots it has.
    pub(crate) recursive: Option<u32>,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) struct LoopFilter {
    pub(crate) target: Target,
    pub(crate) test: Expr,
    pub(crate) entry: Entry,
}

#[derive(Debug, Clone)]
pub(crate) struct SetBlock {
    pub(crate) target: Target,
    pub(crate) filter: Option<Expr>,
    pub(crate) body: Body,
    pub(crate) entry: Entry,
}

#[derive(Debug, Clone)]
pub(crate) struct With {
    pub(crate) targets: Vec<(Target, Expr)>,
    pub(crate) body: Body,
    pub(crate) entry: Entry,
}

/// `{% macro name(...) %}`, with where its value goes.
#[derive(Debug, Clone)]
pub(crate) struct MacroDefinition {
    pub(crate) name: Name,
    pub(crate) code: Arc<MacroCode>,
}

/// A macro, or what a call block passes as `caller`.
#[derive(Debug, Clone)]
pub(crate) struct MacroCode {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) parameters: Vec<Parameter>,
    /// The slots of `caller`, `kwargs` and `varargs`, where the body asks for them and no parameter is called so.
    pub(crate) caller: Option<u32>,
    pub(crate) keywords: Option<u32>,
    pub(crate) rest: Option<u32>,
    pub(crate) body: Body,
    pub(crate) entry: Entry,
    /// How many slots a call takes.
    pub(crate) slots: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: Name,
    pub(crate) default: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(crate) struct CallBlock {
    /// Always a call.
    pub(crate) call: Expr,
    pub(crate) caller: Arc<MacroCode>,
}

#[derive(Debug, Clone)]
pub(crate) struct FilterBlock {
    pub(crate) filter: Expr,
    pub(crate) body: Body,
    pub(crate) entry: Entry,
}

#[derive(Debug, Clone)]
pub(crate) struct Autoescape {
    pub(crate) value: Expr,
    pub(crate) body: Body,
    pub(crate) entry: Entry,
}

#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) name: Arc<str>,
    pub(crate) is_scoped: bool,
    pub(crate) is_required: bool,
    pub(crate) body: Body,
    pub(crate) entry: Entry,
    pub(crate) slots: u32,
    /// The slots of `self` and `super`, where the body asks for them.
    pub(crate) own: Option<u32>,
    pub(crate) parent: Option<u32>,
    /// For a scoped one: what it sees of the scopes around it.
    pub(crate) visible: Vec<(Arc<str>, Place)>,
    pub(crate) span: Span,
}

impl Expr {
    pub(crate) fn new(kind: ExprKind, span: Span) -> Self {
        let mut depth = 0;
        kind.each_child(&mut |child| depth = depth.max(child.depth));
        Self {
            kind,
            span,
            depth: depth + 1,
        }
    }
}

impl ExprKind {
    /// Shows every expression directly inside.
    pub(crate) fn each_child<'e>(&'e self, see: &mut impl FnMut(&'e Expr)) {
        match self {
            Self::Constant(_) | Self::Name(_) => {}
            Self::List(items)
            | Self::Tuple(items)
            | Self::And(items)
            | Self::Or(items)
            | Self::Concat(items) => items.iter().for_each(see),
            Self::Dict(members) => {
                for (key, value) in members {
                    see(key);
                    see(value);
                }
            }
            Self::Attribute(inner, _)
            | Self::Not(inner)
            | Self::Negative(inner)
            | Self::Positive(inner) => see(inner),
            Self::Item(pair) => {
                see(&pair.0);
                see(&pair.1);
            }
            Self::Slice(slice) => {
                see(&slice.0);
                slice.1.iter().flatten().for_each(see);
            }
            Self::Call(call) => {
                see(&call.0);
                call.1.each(see);
            }
            Self::Filter(applied) | Self::Test(applied) => {
                applied.subject.iter().for_each(&mut *see);
                applied.arguments.each(see);
            }
            Self::Arithmetic(first, others) => {
                see(first);
                for (_, other) in others {
                    see(other);
                }
            }
            Self::Compare(first, others) => {
                see(first);
                for (_, other) in others {
                    see(other);
                }
            }
            Self::Conditional(conditional) => {
                see(&conditional.test);
                see(&conditional.then);
                conditional.otherwise.iter().for_each(see);
            }
        }
    }

    /// As [`ExprKind::each_child`], to change them.
    pub(crate) fn each_child_mut(&mut self, change: &mut impl FnMut(&mut Expr)) {
        match self {
            Self::Constant(_) | Self::Name(_) => {}
            Self::List(items)
            | Self::Tuple(items)
            | Self::And(items)
            | Self::Or(items)
            | Self::Concat(items) => items.iter_mut().for_each(change),
            Self::Dict(members) => {
                for (key, value) in members {
                    change(key);
                    change(value);
                }
            }
            Self::Attribute(inner, _)
            | Self::Not(inner)
            | Self::Negative(inner)
            | Self::Positive(inner) => change(inner),
            Self::Item(pair) => {
                change(&mut pair.0);
                change(&mut pair.1);
            }
            Self::Slice(slice) => {
                change(&mut slice.0);
                slice.1.iter_mut().flatten().for_each(change);
            }
            Self::Call(call) => {
                change(&mut call.0);
                call.1.each_mut(change);
            }
            Self::Filter(applied) | Self::Test(applied) => {
                applied.subject.iter_mut().for_each(&mut *change);
                applied.arguments.each_mut(change);
            }
            Self::Arithmetic(first, others) => {
                change(first);
                for (_, other) in others {
                    change(other);
                }
            }
            Self::Compare(first, others) => {
                change(first);
                for (_, other) in others {
                    change(other);
                }
            }
            Self::Conditional(conditional) => {
                change(&mut conditional.test);
                change(&mut conditional.then);
                conditional.otherwise.iter_mut().for_each(change);
            }
        }
    }
}

impl Arguments {
    pub(crate) fn is_empty(&self) -> bool {
        self.positional.is_empty()
            && self.named.is_empty()
            && self.rest.is_none()
            && self.keywords.is_none()
    }

    fn each<'e>(&'e self, see: &mut impl FnMut(&'e Expr)) {
        self.positional.iter().for_each(&mut *see);
        self.named.iter().for_each(|(_, value)| see(value));
        self.rest.iter().for_each(&mut *see);
        self.keywords.iter().for_each(see);
    }

    fn each_mut(&mut self, change: &mut impl FnMut(&mut Expr)) {
        self.positional.iter_mut().for_each(&mut *change);
        self.named.iter_mut().for_each(|(_, value)| change(value));
        self.rest.iter_mut().for_each(&mut *change);
        self.keywords.iter_mut().for_each(change);
    }
}

/// A template, ready to run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Code {
    pub(crate) body: Body,
    pub(crate) entry: Entry,
    pub(crate) slots: u32,
    /// The slot of `self`, where something asks for it.
    pub(crate) own: Option<u32>,
    /// What the top level sets: blocks see it.
    pub(crate) top: Vec<(Arc<str>, u32)>,
    pub(crate) blocks: Vec<Arc<Block>>,
}
