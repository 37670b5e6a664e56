//! What is wrong with an expression whatever it is evaluated on.

use std::sync::Arc;

use diagnostic::Diagnostic;
use pyvalue::Value;

use super::Engine;
use crate::Expression;
use crate::ast::{Argument, Node, NodeKind, Operator};
use crate::dispatch::{self, Given};

/// One check: the functions there are, those that the expression defines itself, and what was found.
struct Check<'c> {
    engine: &'c Engine,
    source: &'c Arc<str>,
    /// Names that `def` defines somewhere; nothing where it makes names up as it runs.
    defined: Option<Vec<&'c str>>,
    found: Vec<Diagnostic>,
}

impl Engine {
    /// Calls that can only fail: of functions that do not exist, or with arguments that no overload takes.
    ///
    /// Nothing is evaluated, so an expression without complaints may still fail. A complaint about a part that is never
    /// evaluated does not keep the rest from working.
    #[must_use]
    pub fn check(&self, expression: &Expression) -> Vec<Diagnostic> {
        let root = expression.root();
        let mut defined = Some(Vec::new());
        collect_defined(root, &mut defined);
        let mut check = Check {
            engine: self,
            source: expression.source(),
            defined,
            found: Vec::new(),
        };
        check.node(root, None);
        check
            .found
            .sort_by_key(|found| found.span.as_ref().map_or(0, |span| span.start));
        check.found
    }
}

/// Names of the functions that an expression defines.
fn collect_defined<'c>(node: &'c Node, defined: &mut Option<Vec<&'c str>>) {
    if let NodeKind::Call {
        name, arguments, ..
    } = &node.kind
        && matches!(&**name, "def" | "call")
    {
        let first = arguments.first().and_then(Argument::as_value);
        match (&**name, first.map(|node| &node.kind)) {
            ("def", Some(NodeKind::Keyword(name) | NodeKind::Constant(Value::Str(name)))) => {
                if let Some(defined) = defined {
                    defined.push(name);
                }
            }
            ("call", Some(NodeKind::Keyword(name) | NodeKind::Constant(Value::Str(name))))
                if **name != *"def" => {}
            _ => *defined = None,
        }
    }
    for part in node.parts() {
        collect_defined(part, defined);
    }
}

impl<'c> Check<'c> {
    fn node(&mut self, node: &'c Node, receiver: Option<&'c Arc<Node>>) {
        match &node.kind {
            NodeKind::Call {
                name,
                name_span,
                arguments,
            } => {
                let complaint = self.call(name, receiver, arguments);
                self.found.extend(
                    complaint.map(|complaint| complaint.at(self.source, name_span.clone())),
                );
            }
            NodeKind::Operator {
                operator,
                sign,
                arguments,
            } => {
                let complaint = self.call(operator.function(), None, arguments);
                self.found
                    .extend(complaint.map(|complaint| complaint.at(self.source, sign.clone())));
                if let (
                    Operator::Dot | Operator::SafeDot,
                    [Argument::Value(left), Argument::Value(right)],
                ) = (operator, &**arguments)
                {
                    self.node(left, None);
                    self.node(right, Some(left));
                    return;
                }
            }
            _ => {}
        }
        for part in node.parts() {
            self.node(part, None);
        }
    }

    fn call(
        &self,
        name: &str,
        receiver: Option<&'c Arc<Node>>,
        arguments: &'c [Argument],
    ) -> Option<Diagnostic> {
        let defined = self.defined.as_ref()?;
        if receiver.is_none() && defined.contains(&name) {
            return None;
        }
        let given = receiver
            .into_iter()
            .map(Given::Node)
            .chain(arguments.iter().map(Given::of))
            .collect();
        dispatch::complaint(self.engine, name, receiver.is_some(), given).map(Diagnostic::from)
    }
}
