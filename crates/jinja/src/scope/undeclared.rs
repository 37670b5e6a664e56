//! Questions about what stands in a template, asked before names are settled.

use std::sync::Arc;

use crate::ast::{Block, Body, Expr, ExprKind, For, Statement, Target};

/// Methods that change what they are called on.
const CHANGING: &[&str] = &[
    "add",
    "append",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "insert",
    "intersection_update",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "symmetric_difference_update",
    "update",
];

/// Whether a method of that name may change what it is called on.
pub(crate) fn may_change(method: &str) -> bool {
    CHANGING.contains(&method)
}

/// Whether the first mention of a name reads it. Blocks are not looked into.
pub(super) fn reads(body: &Body, name: &str) -> bool {
    let mut mention = None;
    mentions(body, &mut |mentioned, is_read| {
        if mentioned == name && mention.is_none() {
            mention = Some(is_read);
        }
    });
    mention == Some(true)
}

/// Whether a loop, or anything in it, sets a name.
pub(super) fn sets(inner: &For, name: &str) -> bool {
    let mut is_set = false;
    let mut see = |mentioned: &str, is_read: bool| is_set |= mentioned == name && !is_read;
    target_mentions(&inner.target, &mut see);
    mentions(&inner.body, &mut see);
    mentions(&inner.otherwise, &mut see);
    is_set
}

/// Calls `see` with each name in a body, in the order Jinja2 visits them, and whether it is read.
pub(crate) fn mentions(body: &Body, see: &mut impl FnMut(&str, bool)) {
    for statement in body {
        statement_mentions(statement, see);
    }
}

fn statement_mentions(statement: &Statement, see: &mut impl FnMut(&str, bool)) {
    match statement {
        Statement::Text(_) | Statement::Block(_) => {}
        Statement::Print(expression) => expression_mentions(expression, see),
        Statement::If {
            branches,
            otherwise,
        } => {
            for (test, body) in branches {
                expression_mentions(test, see);
                mentions(body, see);
            }
            mentions(otherwise, see);
        }
        Statement::For(inner) => {
            target_mentions(&inner.target, see);
            expression_mentions(&inner.iterated, see);
            mentions(&inner.body, see);
            mentions(&inner.otherwise, see);
            if let Some(filter) = &inner.filter {
                expression_mentions(&filter.test, see);
            }
        }
        Statement::Set { target, value } => {
            target_mentions(target, see);
            expression_mentions(value, see);
        }
        Statement::SetBlock(inner) => {
            target_mentions(&inner.target, see);
            if let Some(filter) = &inner.filter {
                expression_mentions(filter, see);
            }
            mentions(&inner.body, see);
        }
        Statement::With(inner) => {
            for (target, _) in &inner.targets {
                target_mentions(target, see);
            }
            for (_, value) in &inner.targets {
                expression_mentions(value, see);
            }
            mentions(&inner.body, see);
        }
        Statement::Macro(inner) => macro_mentions(&inner.code, see),
        Statement::CallBlock(inner) => {
            expression_mentions(&inner.call, see);
            macro_mentions(&inner.caller, see);
        }
        Statement::FilterBlock(inner) => {
            mentions(&inner.body, see);
            expression_mentions(&inner.filter, see);
        }
        Statement::Autoescape(inner) => {
            expression_mentions(&inner.value, see);
            mentions(&inner.body, see);
        }
        Statement::Load { source, .. } => expression_mentions(source, see),
    }
}

fn macro_mentions(code: &crate::ast::MacroCode, see: &mut impl FnMut(&str, bool)) {
    for parameter in &code.parameters {
        see(&parameter.name.text, false);
    }
    for parameter in &code.parameters {
        if let Some(default) = &parameter.default {
            expression_mentions(default, see);
        }
    }
    mentions(&code.body, see);
}

fn target_mentions(target: &Target, see: &mut impl FnMut(&str, bool)) {
    match target {
        Target::Name(name) => see(&name.text, false),
        Target::Tuple(targets, _) => {
            for target in targets {
                target_mentions(target, see);
            }
        }
        Target::Member(..) => {}
    }
}

fn expression_mentions(expression: &Expr, see: &mut impl FnMut(&str, bool)) {
    if let ExprKind::Name(name) = &expression.kind {
        see(&name.text, true);
    }
    expression
        .kind
        .each_child(&mut |child| expression_mentions(child, see));
}

/// Every expression of a body, in it, and in the blocks and macros within.
pub(crate) fn each_expression<'b>(body: &'b Body, see: &mut dyn FnMut(&'b Expr)) {
    for statement in body {
        match statement {
            Statement::Text(_) => {}
            Statement::Print(expression)
            | Statement::Set {
                value: expression, ..
            } => {
                see(expression);
            }
            Statement::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    see(test);
                    each_expression(body, see);
                }
                each_expression(otherwise, see);
            }
            Statement::For(inner) => {
                see(&inner.iterated);
                if let Some(filter) = &inner.filter {
                    see(&filter.test);
                }
                each_expression(&inner.body, see);
                each_expression(&inner.otherwise, see);
            }
            Statement::SetBlock(inner) => {
                inner.filter.iter().for_each(&mut *see);
                each_expression(&inner.body, see);
            }
            Statement::With(inner) => {
                inner.targets.iter().for_each(|(_, value)| see(value));
                each_expression(&inner.body, see);
            }
            Statement::Macro(inner) => each_of_macro(&inner.code, see),
            Statement::CallBlock(inner) => {
                see(&inner.call);
                each_of_macro(&inner.caller, see);
            }
            Statement::FilterBlock(inner) => {
                see(&inner.filter);
                each_expression(&inner.body, see);
            }
            Statement::Autoescape(inner) => {
                see(&inner.value);
                each_expression(&inner.body, see);
            }
            Statement::Block(inner) => each_expression(&inner.body, see),
            Statement::Load { source, .. } => see(source),
        }
    }
}

fn each_of_macro<'b>(code: &'b crate::ast::MacroCode, see: &mut dyn FnMut(&'b Expr)) {
    for parameter in &code.parameters {
        parameter.default.iter().for_each(&mut *see);
    }
    each_expression(&code.body, see);
}

/// Bodies directly inside of a statement.
fn inner_bodies(statement: &Statement) -> Vec<&Body> {
    match statement {
        Statement::Text(_)
        | Statement::Print(_)
        | Statement::Set { .. }
        | Statement::Load { .. } => Vec::new(),
        Statement::If {
            branches,
            otherwise,
        } => {
            let bodies = branches.iter().map(|(_, body)| body);
            bodies.chain([otherwise]).collect()
        }
        Statement::For(inner) => vec![&inner.body, &inner.otherwise],
        Statement::SetBlock(inner) => vec![&inner.body],
        Statement::With(inner) => vec![&inner.body],
        Statement::Macro(inner) => vec![&inner.code.body],
        Statement::CallBlock(inner) => vec![&inner.caller.body],
        Statement::FilterBlock(inner) => vec![&inner.body],
        Statement::Autoescape(inner) => vec![&inner.body],
        Statement::Block(inner) => vec![&inner.body],
    }
}

pub(super) fn has_scoped_block(body: &Body) -> bool {
    body.iter().any(|statement| {
        matches!(statement, Statement::Block(block) if block.is_scoped)
            || inner_bodies(statement).into_iter().any(has_scoped_block)
    })
}

/// All blocks, those in blocks too.
pub(super) fn collect_blocks(body: &Body, blocks: &mut Vec<Arc<Block>>) {
    for statement in body {
        if let Statement::Block(block) = statement {
            blocks.push(Arc::clone(block));
        }
        for inner in inner_bodies(statement) {
            collect_blocks(inner, blocks);
        }
    }
}

/// Names whose values are changed by methods: `name.append(...)`, `name.a[0].update(...)`.
pub(super) fn changed_names(body: &Body) -> Vec<Arc<str>> {
    let mut names = Vec::new();
    each_expression(body, &mut |expression| add_changed(expression, &mut names));
    names
}

pub(super) fn changed_names_of(expression: &Expr) -> Vec<Arc<str>> {
    let mut names = Vec::new();
    add_changed(expression, &mut names);
    names
}

fn add_changed(expression: &Expr, names: &mut Vec<Arc<str>>) {
    if let ExprKind::Call(call) = &expression.kind
        && let ExprKind::Attribute(receiver, method) = &call.0.kind
        && may_change(method)
        && let Some(name) = root(receiver)
        && !names.contains(name)
    {
        names.push(Arc::clone(name));
    }
    expression
        .kind
        .each_child(&mut |child| add_changed(child, names));
}

/// The name a path of attributes and items begins with.
fn root(expression: &Expr) -> Option<&Arc<str>> {
    match &expression.kind {
        ExprKind::Name(name) => Some(&name.text),
        ExprKind::Attribute(inner, _) => root(inner),
        ExprKind::Item(pair) => root(&pair.0),
        _ => None,
    }
}
