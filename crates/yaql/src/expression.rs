//! An expression, parsed once and evaluated as often as wanted.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use diagnostic::Diagnostic;

use crate::ast::{Node, NodeKind, Operator};
use crate::parser;

/// A parsed expression. Cheap to clone, and shared between threads.
///
/// ```
/// let expression = yaql::Expression::parse("ctx(hosts).where($.up).select($.name)")?;
///
/// let calls: Vec<&str> = expression.calls().iter().map(|call| call.name).collect();
/// assert_eq!(calls, ["ctx", "where", "select"]);
/// # Ok::<(), yaql::Error>(())
/// ```
#[derive(Clone)]
pub struct Expression {
    source: Arc<str>,
    root: Arc<Node>,
}

/// A function or method that an expression calls by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSite<'e> {
    /// The name.
    pub name: &'e str,
    /// Where the name stands.
    pub span: Range<usize>,
    /// Whether it is called on a value: `x.name()`, not `name()`.
    pub is_method: bool,
}

impl Expression {
    /// Parses the text of an expression, without the delimiters that it may have stood in.
    ///
    /// The error says where the text is wrong and what to write.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, Diagnostic> {
        let source = text.into();
        let root = parser::parse(&source).map_err(|complaint| *complaint)?;
        Ok(Self { source, root })
    }

    /// The text that it was parsed from.
    #[must_use]
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// The tree.
    #[must_use]
    pub fn root(&self) -> &Arc<Node> {
        &self.root
    }

    /// The functions and methods it calls by name, in order of writing; none of the operators.
    ///
    /// What a name means may change while the expression runs (`def` makes functions), so one that is unknown now is
    /// not always an error.
    #[must_use]
    pub fn calls(&self) -> Vec<CallSite<'_>> {
        let mut calls = Vec::new();
        walk(self.root(), false, &mut |node, is_method| {
            if let NodeKind::Call {
                name, name_span, ..
            } = &node.kind
            {
                calls.push(CallSite {
                    name,
                    span: name_span.clone(),
                    is_method,
                });
            }
        });
        calls.sort_by_key(|call| call.span.start);
        calls
    }

    /// The variables it reads (`$x` as `x`, `$` as the empty name), each once, in order of writing.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        walk(self.root(), false, &mut |node, _| {
            if let NodeKind::Variable(name) = &node.kind {
                let name = name.strip_prefix('$').unwrap_or(name);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        });
        names
    }
}

/// Visits a node and all below it, each with whether it stands on the right of a dot.
fn walk<'e>(node: &'e Node, behind_dot: bool, visit: &mut impl FnMut(&'e Node, bool)) {
    visit(node, behind_dot);
    let is_dot = matches!(
        node.kind,
        NodeKind::Operator {
            operator: Operator::Dot | Operator::SafeDot,
            ..
        }
    );
    for (index, part) in node.parts().enumerate() {
        walk(part, is_dot && index == 1, visit);
    }
}

/// As it was written.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source())
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(self.source()).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Expression {}

impl FromStr for Expression {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self, Diagnostic> {
        Self::parse(text)
    }
}
