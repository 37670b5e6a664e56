//! What a scope reads and sets, found before anything in it is resolved. Scopes inside are not looked into.

use std::collections::{BTreeSet, HashMap};
use std::mem::take;
use std::sync::Arc;

use super::{Binding, Origin, Scopes};
use crate::ast::{Body, Expr, ExprKind, For, MacroCode, Statement, Target};

/// What a scope knows once a branch has been read: names, and those that are set.
type Branch = (HashMap<Arc<str>, Binding>, BTreeSet<Arc<str>>);

impl Scopes<'_> {
    pub(super) fn read_body(&mut self, frame: usize, body: &Body) {
        for statement in body {
            self.read_statement(frame, statement);
        }
    }

    fn read_statement(&mut self, frame: usize, statement: &Statement) {
        match statement {
            Statement::Text(_) | Statement::Autoescape(_) | Statement::Block(_) => {}
            Statement::Print(expression) => self.read_expression(frame, expression),
            Statement::If {
                branches,
                otherwise,
            } => self.read_branches(frame, branches, otherwise),
            Statement::For(inner) => self.read_expression(frame, &inner.iterated),
            Statement::Set { target, value } => {
                self.read_expression(frame, value);
                self.read_target(frame, target);
            }
            Statement::SetBlock(inner) => self.read_target(frame, &inner.target),
            Statement::With(inner) => {
                for (_, value) in &inner.targets {
                    self.read_expression(frame, value);
                }
            }
            Statement::Macro(inner) => self.store(frame, &inner.name.text),
            Statement::CallBlock(inner) => self.read_expression(frame, &inner.call),
            Statement::FilterBlock(inner) => self.read_expression(frame, &inner.filter),
            Statement::Load { source, names } => {
                self.read_expression(frame, source);
                for name in names {
                    self.store(frame, &name.text);
                }
            }
        }
    }

    pub(super) fn read_expression(&mut self, frame: usize, expression: &Expr) {
        if let ExprKind::Name(name) = &expression.kind {
            self.load(frame, &name.text);
        }
        expression
            .kind
            .each_child(&mut |child| self.read_expression(frame, child));
    }

    pub(super) fn read_target(&mut self, frame: usize, target: &Target) {
        match target {
            Target::Name(name) => self.store(frame, &name.text),
            Target::Tuple(targets, _) => {
                for target in targets {
                    self.read_target(frame, target);
                }
            }
            Target::Member(name, ..) => self.load(frame, &name.text),
        }
    }

    /// The targets of loops and `with`: they hold what they are given.
    pub(super) fn read_parameters(&mut self, frame: usize, target: &Target) {
        match target {
            Target::Name(name) => {
                self.parameter(frame, &name.text);
            }
            Target::Tuple(targets, _) => {
                for target in targets {
                    self.read_parameters(frame, target);
                }
            }
            Target::Member(name, ..) => self.load(frame, &name.text),
        }
    }

    pub(super) fn read_macro(&mut self, frame: usize, code: &MacroCode) {
        for parameter in &code.parameters {
            self.parameter(frame, &parameter.name.text);
        }
        for parameter in &code.parameters {
            if let Some(default) = &parameter.default {
                self.read_expression(frame, default);
            }
        }
        self.read_body(frame, &code.body);
    }

    pub(super) fn read_loop(&mut self, frame: usize, inner: &For) {
        self.read_parameters(frame, &inner.target);
        self.read_body(frame, &inner.body);
    }

    /// A name set in some branches only holds otherwise what it held before.
    fn read_branches(&mut self, frame: usize, branches: &[(Expr, Body)], otherwise: &Body) {
        let Some(((test, body), others)) = branches.split_first() else {
            return;
        };
        self.read_expression(frame, test);
        let refs = self.frames[frame].refs.clone();
        let stores = self.frames[frame].stores.clone();
        // Each `elif` is an `if` of its own within one branch.
        let elifs = others.iter().map(|(test, body)| (Some(test), body));
        let bodies: [Vec<(Option<&Expr>, &Body)>; 3] =
            [vec![(None, body)], elifs.collect(), vec![(None, otherwise)]];
        let mut read = Vec::new();
        for branch in bodies {
            self.frames[frame].refs.clone_from(&refs);
            self.frames[frame].stores.clone_from(&stores);
            for (test, body) in branch {
                if let Some(test) = test {
                    self.read_expression(frame, test);
                }
                self.read_body(frame, body);
            }
            let scope = &mut self.frames[frame];
            read.push((take(&mut scope.refs), take(&mut scope.stores)));
        }
        self.frames[frame].refs = refs;
        self.frames[frame].stores = stores;
        self.join_branches(frame, read);
    }

    fn join_branches(&mut self, frame: usize, branches: Vec<Branch>) {
        let before = self.frames[frame].stores.clone();
        let mut set = BTreeSet::new();
        for (refs, stores) in branches {
            self.frames[frame].refs.extend(refs);
            set.extend(stores.difference(&before).cloned());
            self.frames[frame].stores.extend(stores);
        }
        let outer = self.frames[frame].parent;
        for name in set {
            let is_known = outer.is_some_and(|outer| self.find(outer, &name).is_some());
            let origin = if is_known {
                Origin::Outer
            } else {
                Origin::Input
            };
            self.bind(frame, &name, origin);
        }
    }
}
