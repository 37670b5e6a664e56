//! Which parts of a template or an expression mean something by themselves.

use std::ops::Range;

use crate::ast::{Body, Expr, ExprKind, Place, Statement};
use crate::{Expression, Template};

impl Template {
    /// Where those expressions stand in [`Template::source`], and parts of them, that can be evaluated on their own,
    /// innermost first. Loops, macros, blocks and what reads variables that the template sets are left out.
    #[must_use]
    pub fn parts(&self) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        add_body(&self.code().body, &mut parts);
        parts
    }
}

impl Expression {
    /// Where those parts of it stand that can be evaluated on their own, innermost first. The whole is not among them,
    /// nor are constants.
    #[must_use]
    pub fn parts(&self) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        add_below(self.tree(), &mut parts);
        parts
    }
}

fn add_body(body: &Body, parts: &mut Vec<Range<usize>>) {
    for statement in body {
        match statement {
            Statement::Print(value) | Statement::Set { value, .. } => add(value, parts),
            Statement::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    add(test, parts);
                    add_body(body, parts);
                }
                add_body(otherwise, parts);
            }
            Statement::For(repeated) => add(&repeated.iterated, parts),
            Statement::With(with) => {
                with.targets.iter().for_each(|(_, value)| add(value, parts));
                add_body(&with.body, parts);
            }
            Statement::SetBlock(set) => add_body(&set.body, parts),
            Statement::FilterBlock(block) => add_body(&block.body, parts),
            Statement::Text(_)
            | Statement::Macro(_)
            | Statement::CallBlock(_)
            | Statement::Autoescape(_)
            | Statement::Block(_)
            | Statement::Load { .. } => {}
        }
    }
}

fn add(expression: &Expr, parts: &mut Vec<Range<usize>>) {
    add_below(expression, parts);
    if !is_plain(expression) && stands_alone(expression) {
        parts.push(expression.span.range());
    }
}

fn add_below(expression: &Expr, parts: &mut Vec<Range<usize>>) {
    expression
        .kind
        .each_child(&mut |child| match &expression.kind {
            // What is called is no value to look at: a function's name, or a method of something.
            ExprKind::Call(call) if std::ptr::eq(child, &raw const call.0) => match &child.kind {
                ExprKind::Attribute(subject, _) => add(subject, parts),
                _ => add_below(child, parts),
            },
            _ => add(child, parts),
        });
}

/// Whether it is its own value, as it is written.
fn is_plain(expression: &Expr) -> bool {
    let is_literal = matches!(
        expression.kind,
        ExprKind::Constant(_)
            | ExprKind::List(_)
            | ExprKind::Tuple(_)
            | ExprKind::Dict(_)
            | ExprKind::Negative(_)
            | ExprKind::Positive(_)
    );
    is_literal && all_children(expression, is_plain)
}

/// Whether all its names are those of the input.
fn stands_alone(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Name(name) => matches!(name.place, Place::Input | Place::Shared(_)),
        _ => all_children(expression, stands_alone),
    }
}

fn all_children(expression: &Expr, test: fn(&Expr) -> bool) -> bool {
    let mut all = true;
    expression
        .kind
        .each_child(&mut |child| all = all && test(child));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;

    #[test]
    fn parts_of_an_expression_come_innermost_first() {
        for (text, expected) in [
            ("1", &[] as &[&str]),
            ("host", &[]),
            ("host | upper", &["host"]),
            ("a.b['c'] + 1", &["a", "a.b", "a.b['c']"]),
            ("name.upper().strip()", &["name", "name.upper()"]),
            ("ctx('a').b", &["ctx('a')"]),
            (
                "x | default([1, -2]) | length",
                &["x", "x | default([1, -2])"],
            ),
            ("a if b is defined else 'c'", &["b", "b is defined", "a"]),
            ("(1 + 2) * 3", &["(1 + 2)"]),
        ] {
            let expression = Expression::parse(text, &Environment::standard()).unwrap();

            let parts = expression.parts();

            let texts: Vec<&str> = parts.into_iter().map(|part| &text[part]).collect();
            assert_eq!(texts, expected, "{text}");
        }
    }

    #[test]
    fn parts_of_a_template_are_those_that_need_nothing_of_it() {
        let text = "{% set n = host | upper %}{{ n ~ port }}{% for x in list | sort %}{{ x }}{{ y }}{% endfor %}\
                    {% if up %}{{ host }}{% endif %}{% macro m(a) %}{{ host }}{% endmacro %}";
        let template = Template::parse(text, &Environment::standard()).unwrap();

        let parts = template.parts();

        let texts: Vec<&str> = parts.into_iter().map(|part| &text[part]).collect();
        assert_eq!(
            texts,
            [
                "host",
                "host | upper",
                "port",
                "list",
                "list | sort",
                "up",
                "host"
            ]
        );
    }
}
