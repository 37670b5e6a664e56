//! Operators, in the order of their precedence, and what they work on.

use diagnostic::Diagnostic;
use pyvalue::Value;

use super::Parser;
use crate::ast::{Comparison, Conditional, Expr, ExprKind, Name, Operator, Place};
use crate::lexer::{Symbol, TokenKind};

type Parsed = Result<Expr, Diagnostic>;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed {
        self.nested(Self::conditional)
    }

    /// An expression, in which `if` may be left to what stands around it.
    pub(super) fn expression_with(&mut self, allows_condition: bool) -> Parsed {
        if allows_condition {
            self.expression()
        } else {
            self.nested(Self::or)
        }
    }

    fn conditional(&mut self) -> Parsed {
        let start = self.span();
        let unknown_before = self.unknown.take();
        let mut expression = self.or()?;
        if !self.is_name("if") {
            self.unknown = unknown_before.or(self.unknown.take());
            return Ok(expression);
        }
        // What stands before the `if` is under its condition, too.
        self.unknown = unknown_before;
        let was_conditional = std::mem::replace(&mut self.is_conditional, true);
        while self.skip_name("if") {
            let test = self.or()?;
            let otherwise = if self.skip_name("else") {
                Some(self.nested(Self::conditional)?)
            } else {
                None
            };
            let conditional = Conditional {
                test,
                then: expression,
                otherwise,
            };
            let kind = ExprKind::Conditional(Box::new(conditional));
            expression = self.node(kind, self.since(start))?;
        }
        self.is_conditional = was_conditional;
        Ok(expression)
    }

    fn or(&mut self) -> Parsed {
        let start = self.span();
        let first = self.and()?;
        if !self.is_name("or") {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.skip_name("or") {
            operands.push(self.and()?);
        }
        self.node(ExprKind::Or(operands), self.since(start))
    }

    fn and(&mut self) -> Parsed {
        let start = self.span();
        let first = self.not()?;
        if !self.is_name("and") {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.skip_name("and") {
            operands.push(self.not()?);
        }
        self.node(ExprKind::And(operands), self.since(start))
    }

    fn not(&mut self) -> Parsed {
        let start = self.span();
        if !self.skip_name("not") {
            return self.compare();
        }
        let negated = self.nested(Self::not)?;
        self.node(ExprKind::Not(Box::new(negated)), self.since(start))
    }

    fn compare(&mut self) -> Parsed {
        let start = self.span();
        let first = self.sum()?;
        let mut others = Vec::new();
        while let Some(comparison) = self.comparison() {
            others.push((comparison, self.sum()?));
        }
        if others.is_empty() {
            return Ok(first);
        }
        self.node(
            ExprKind::Compare(Box::new(first), others),
            self.since(start),
        )
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let comparison = match self.kind() {
            TokenKind::Symbol(Symbol::Equal) => Comparison::Equal,
            TokenKind::Symbol(Symbol::NotEqual) => Comparison::NotEqual,
            TokenKind::Symbol(Symbol::Less) => Comparison::Less,
            TokenKind::Symbol(Symbol::LessEqual) => Comparison::LessEqual,
            TokenKind::Symbol(Symbol::Greater) => Comparison::Greater,
            TokenKind::Symbol(Symbol::GreaterEqual) => Comparison::GreaterEqual,
            TokenKind::Name if self.is_name("in") => Comparison::In,
            TokenKind::Name if self.is_name("not") && self.is_next_name("in") => {
                self.advance();
                Comparison::NotIn
            }
            _ => return None,
        };
        self.advance();
        Some(comparison)
    }

    fn sum(&mut self) -> Parsed {
        self.arithmetic(Self::concat, |symbol| match symbol {
            Symbol::Add => Some(Operator::Add),
            Symbol::Subtract => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn concat(&mut self) -> Parsed {
        let start = self.span();
        let first = self.product()?;
        if !self.is_symbol(Symbol::Tilde) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.skip_symbol(Symbol::Tilde) {
            parts.push(self.product()?);
        }
        self.node(ExprKind::Concat(parts), self.since(start))
    }

    fn product(&mut self) -> Parsed {
        self.arithmetic(Self::power, |symbol| match symbol {
            Symbol::Multiply => Some(Operator::Multiply),
            Symbol::Divide => Some(Operator::Divide),
            Symbol::FloorDivide => Some(Operator::FloorDivide),
            Symbol::Modulo => Some(Operator::Modulo),
            _ => None,
        })
    }

    fn power(&mut self) -> Parsed {
        self.arithmetic(
            |parser| parser.unary(true),
            |symbol| (symbol == Symbol::Power).then_some(Operator::Power),
        )
    }

    /// Operators of one precedence; all of them group to the left.
    fn arithmetic(
        &mut self,
        operand: fn(&mut Self) -> Parsed,
        operator: fn(Symbol) -> Option<Operator>,
    ) -> Parsed {
        let start = self.span();
        let first = operand(self)?;
        let mut others = Vec::new();
        while let TokenKind::Symbol(symbol) = self.kind()
            && let Some(operator) = operator(*symbol)
        {
            self.advance();
            others.push((operator, operand(self)?));
        }
        if others.is_empty() {
            return Ok(first);
        }
        self.node(
            ExprKind::Arithmetic(Box::new(first), others),
            self.since(start),
        )
    }

    fn unary(&mut self, takes_filters: bool) -> Parsed {
        let start = self.span();
        let sign: Option<fn(Box<Expr>) -> ExprKind> = match self.kind() {
            TokenKind::Symbol(Symbol::Subtract) => Some(ExprKind::Negative),
            TokenKind::Symbol(Symbol::Add) => Some(ExprKind::Positive),
            _ => None,
        };
        let operand = match sign {
            Some(sign) => {
                self.advance();
                let operand = self.nested(|parser| parser.unary(false))?;
                self.node(sign(Box::new(operand)), self.since(start))?
            }
            None => self.primary()?,
        };
        let operand = self.postfix(operand, start)?;
        if takes_filters {
            self.filters_and_tests(operand, start)
        } else {
            Ok(operand)
        }
    }

    /// A name, a literal, or something in brackets.
    pub(super) fn primary(&mut self) -> Parsed {
        let span = self.span();
        let kind = match self.kind() {
            TokenKind::Name => {
                let name = self.name().unwrap_or_default();
                self.advance();
                named(name)
            }
            TokenKind::Literal(value) => {
                self.advance();
                ExprKind::Constant(self.joined(value))
            }
            TokenKind::Symbol(Symbol::LeftParen) => {
                self.advance();
                let mut inner = self.tuple(true, |_| false, true)?;
                self.expect_symbol(Symbol::RightParen, ")")?;
                inner.span = self.since(span);
                return Ok(inner);
            }
            TokenKind::Symbol(Symbol::LeftBracket) => self.list()?,
            TokenKind::Symbol(Symbol::LeftBrace) => self.dict()?,
            _ => return Err(self.unexpected("an expression is expected, not")),
        };
        self.node(kind, self.since(span))
    }

    /// Texts that follow each other are one.
    fn joined(&mut self, first: &Value) -> Value {
        let Value::Str(text) = first else {
            return first.clone();
        };
        let mut joined = String::new();
        while let TokenKind::Literal(Value::Str(more)) = self.kind() {
            if joined.is_empty() {
                joined.push_str(text);
            }
            joined.push_str(more);
            self.advance();
        }
        if joined.is_empty() {
            first.clone()
        } else {
            Value::from(joined)
        }
    }

    /// One expression, or several with commas between them.
    ///
    /// `ends` knows what ends it besides closing delimiters; `in_parens` allows an empty one.
    pub(super) fn tuple(
        &mut self,
        allows_condition: bool,
        ends: fn(&Self) -> bool,
        in_parens: bool,
    ) -> Parsed {
        let start = self.span();
        let mut items = Vec::new();
        let mut is_tuple = false;
        while !self.is_tuple_end(ends) {
            items.push(self.expression_with(allows_condition)?);
            if !self.skip_symbol(Symbol::Comma) {
                break;
            }
            is_tuple = true;
        }
        match items.pop() {
            Some(only) if !is_tuple => return Ok(only),
            Some(last) => items.push(last),
            None if !in_parens => {
                return Err(self.unexpected("an expression is expected, not"));
            }
            None => {}
        }
        self.node(ExprKind::Tuple(items), self.since(start))
    }

    pub(super) fn is_tuple_end(&self, ends: impl Fn(&Self) -> bool) -> bool {
        matches!(
            self.kind(),
            TokenKind::VariableEnd | TokenKind::BlockEnd | TokenKind::Symbol(Symbol::RightParen)
        ) || ends(self)
    }

    fn list(&mut self) -> Result<ExprKind, Diagnostic> {
        self.advance();
        let mut items = Vec::new();
        while !self.is_symbol(Symbol::RightBracket) {
            if !items.is_empty() {
                self.expect_symbol(Symbol::Comma, ",")?;
                if self.is_symbol(Symbol::RightBracket) {
                    break;
                }
            }
            items.push(self.expression()?);
        }
        self.advance();
        Ok(ExprKind::List(items))
    }

    fn dict(&mut self) -> Result<ExprKind, Diagnostic> {
        self.advance();
        let mut members = Vec::new();
        while !self.is_symbol(Symbol::RightBrace) {
            if !members.is_empty() {
                self.expect_symbol(Symbol::Comma, ",")?;
                if self.is_symbol(Symbol::RightBrace) {
                    break;
                }
            }
            let key = self.expression()?;
            self.expect_symbol(Symbol::Colon, ":")?;
            members.push((key, self.expression()?));
        }
        self.advance();
        Ok(ExprKind::Dict(members))
    }
}

fn named(name: &str) -> ExprKind {
    match name {
        "true" | "True" => ExprKind::Constant(Value::Bool(true)),
        "false" | "False" => ExprKind::Constant(Value::Bool(false)),
        "none" | "None" => ExprKind::Constant(Value::None),
        _ => ExprKind::Name(Name {
            text: name.into(),
            place: Place::Input,
        }),
    }
}
