//! Which parts of an expression mean something by themselves.

use std::ops::Range;

use super::Engine;
use crate::Expression;
use crate::ast::{Argument, Node, NodeKind, Operator};
use crate::function::Type;

impl Engine {
    /// Where those parts of an expression stand that can be evaluated on their own against the same data, innermost
    /// first. The whole is not among them, nor are constants and variables.
    ///
    /// What sees another `$` than the whole expression does is left out: what stands right of `->` or of a dot, and what
    /// a function takes unevaluated if variables are in it.
    #[must_use]
    pub fn parts(&self, expression: &Expression) -> Vec<Range<usize>> {
        let mut parts = Parts {
            engine: self,
            found: Vec::new(),
        };
        let mut root = expression.root();
        while let NodeKind::Group(inner) = &root.kind {
            root = inner;
        }
        parts.below(root);
        parts.found
    }

    /// Whether some function of this name takes an argument unevaluated.
    fn takes_unevaluated(&self, name: &str) -> bool {
        let is_unevaluated = |kind| {
            matches!(
                kind,
                Type::Lambda | Type::MethodLambda | Type::Expression | Type::Mapping
            )
        };
        let overloads = self.overloads(name);
        let params = overloads.iter().flat_map(|(_, known)| known.params());
        overloads.is_empty() || params.into_iter().any(|param| is_unevaluated(param.kind))
    }
}

struct Parts<'e> {
    engine: &'e Engine,
    found: Vec<Range<usize>>,
}

impl Parts<'_> {
    fn add(&mut self, node: &Node) {
        self.below(node);
        let is_group = matches!(node.kind, NodeKind::Group(_));
        if !is_group && !is_plain(node) && !matches!(node.kind, NodeKind::Variable(_)) {
            self.found.push(node.span.clone());
        }
    }

    fn below(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Constant(_) | NodeKind::Keyword(_) | NodeKind::Variable(_) => {}
            NodeKind::Group(inner) => self.add(inner),
            NodeKind::Call {
                name, arguments, ..
            } => self.call(name, arguments),
            NodeKind::Operator {
                operator,
                arguments,
                ..
            } => self.operator(*operator, arguments),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Argument]) {
        let takes_unevaluated = self.engine.takes_unevaluated(name);
        for argument in arguments {
            for node in argument.parts() {
                if !(takes_unevaluated && has_variable(node)) {
                    self.add(node);
                }
            }
        }
    }

    fn operator(&mut self, operator: Operator, arguments: &[Argument]) {
        let nodes = || arguments.iter().flat_map(Argument::parts);
        match operator {
            Operator::Dot | Operator::SafeDot => {
                let mut sides = nodes();
                sides.next().into_iter().for_each(|left| self.add(left));
                if let Some(NodeKind::Call {
                    name, arguments, ..
                }) = sides.next().map(|right| &right.kind)
                {
                    self.call(name, arguments);
                }
            }
            // The left is a context, which is no value to look at.
            Operator::Arrow => nodes().take(1).for_each(|left| self.below(left)),
            // In brackets there may be a condition on each item.
            Operator::Index => {
                for (at, node) in nodes().enumerate() {
                    if at == 0 || !has_variable(node) {
                        self.add(node);
                    }
                }
            }
            _ => nodes().for_each(|node| self.add(node)),
        }
    }
}

/// Whether it is its own value, as it is written.
fn is_plain(node: &Node) -> bool {
    let is_literal = match &node.kind {
        NodeKind::Constant(_) | NodeKind::Keyword(_) | NodeKind::Group(_) => true,
        NodeKind::Operator { operator, .. } => matches!(
            operator,
            Operator::List | Operator::Map | Operator::Positive | Operator::Negative
        ),
        NodeKind::Variable(_) | NodeKind::Call { .. } => false,
    };
    is_literal && node.parts().all(|part| is_plain(part))
}

fn has_variable(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Variable(_)) || node.parts().any(|part| has_variable(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_innermost_first_and_mean_the_same_alone() {
        for (text, expected) in [
            ("1", &[] as &[&str]),
            ("$.a", &[]),
            ("$.a.b", &["$.a"]),
            ("$.a.len() + 1", &["$.a", "$.a.len()"]),
            ("(1 + 2) * 3", &["1 + 2"]),
            (
                "$.hosts.where($.up).len()",
                &["$.hosts", "$.hosts.where($.up)"],
            ),
            ("$.hosts.where($.n > len([1]))", &["$.hosts"]),
            ("len($.a.b)", &["$.a", "$.a.b"]),
            ("$.a[$.b > 1][0]", &["$.a", "$.a[$.b > 1]"]),
            ("[1, -2] + [len('a')]", &["len('a')", "[len('a')]"]),
            ("let(x => $.a.b) -> $x + len('a')", &["$.a", "$.a.b"]),
            ("$.a and not $.b", &["$.a", "$.b", "not $.b"]),
            (
                "dict(a => len('b')).keys()",
                &["len('b')", "dict(a => len('b'))"],
            ),
            ("unheard($.a, len('b'))", &["len('b')"]),
        ] {
            let expression = Expression::parse(text).unwrap();

            let parts = Engine::standard().parts(&expression);

            let texts: Vec<&str> = parts.into_iter().map(|part| &text[part]).collect();
            assert_eq!(texts, expected, "{text}");
        }
    }
}
