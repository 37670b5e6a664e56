//! Expressions that functions evaluate themselves.

use std::fmt;
use std::sync::Arc;

use pyvalue::Value;

use crate::ast::Node;
use crate::dispatch::{self, Given};
use crate::evaluate::Run;
use crate::function::Outcome;
use crate::scope::Scope;

/// An expression and the scope that it stands in. Cheap to clone; owns what it needs.
#[derive(Clone)]
pub struct Lambda(Code);

#[derive(Clone)]
enum Code {
    Node { node: Arc<Node>, scope: Arc<Scope> },
    Constant(Value),
}

impl Lambda {
    pub(crate) fn new(node: &Arc<Node>, scope: &Arc<Scope>) -> Self {
        Self(Code::Node {
            node: Arc::clone(node),
            scope: Arc::clone(scope),
        })
    }

    /// A value where an expression is expected: evaluates to itself.
    pub(crate) fn constant(value: Value) -> Self {
        Self(Code::Constant(value))
    }

    /// Evaluates it, with `$1` (which is `$`), `$2`, ... bound; with no values `$` stays what it is around.
    pub fn invoke(&self, run: &Run<'_>, values: &[Value]) -> Outcome {
        match &self.0 {
            Code::Constant(value) => Ok(value.clone()),
            Code::Node { node, scope } if values.is_empty() => run.evaluate(node, scope),
            Code::Node { node, scope } => {
                run.evaluate(node, &Arc::new(Scope::with_values(scope, values)))
            }
        }
    }

    /// The same, with names bound too.
    pub(crate) fn invoke_named(
        &self,
        run: &Run<'_>,
        values: &[Value],
        named: &[(Arc<str>, Value)],
    ) -> Outcome {
        match &self.0 {
            Code::Node { node, scope } if !named.is_empty() => {
                let mut inner = Scope::with_values(scope, values);
                for (name, value) in named {
                    inner.bind(name, value.clone());
                }
                run.evaluate(node, &Arc::new(inner))
            }
            _ => self.invoke(run, values),
        }
    }

    /// The same expression in another scope.
    pub(crate) fn moved_to(&self, scope: &Arc<Scope>) -> Self {
        match &self.0 {
            Code::Constant(_) => self.clone(),
            Code::Node { node, .. } => Self::new(node, scope),
        }
    }

    /// Evaluates it in another scope.
    pub(crate) fn invoke_in(&self, run: &Run<'_>, scope: &Arc<Scope>) -> Outcome {
        match &self.0 {
            Code::Constant(value) => Ok(value.clone()),
            Code::Node { node, .. } => run.evaluate(node, scope),
        }
    }

    /// Evaluates it as a method of a receiver.
    pub(crate) fn invoke_method(&self, run: &Run<'_>, receiver: &Value) -> Outcome {
        match &self.0 {
            Code::Constant(value) => Ok(value.clone()),
            Code::Node { node, scope } => run.evaluate_method(node, receiver.clone(), scope),
        }
    }

    /// What `receiver.expression` gives; null for null.
    pub(crate) fn invoke_behind_dot(
        &self,
        run: &Run<'_>,
        receiver: &Value,
        scope: &Arc<Scope>,
    ) -> Outcome {
        if receiver.is_none() {
            return Ok(Value::None);
        }
        let expression = match &self.0 {
            Code::Constant(value) => Given::Value(value.clone()),
            Code::Node { node, .. } => Given::Node(node),
        };
        let given = vec![Given::Value(receiver.clone()), expression];
        dispatch::call(run, scope, "#operator_.", None, given, Vec::new())
    }

    /// Evaluates it and asks for its truth.
    pub fn test(&self, run: &Run<'_>, values: &[Value]) -> Outcome<bool> {
        Ok(self.invoke(run, values)?.is_true())
    }

    pub(crate) fn depth(&self) -> u32 {
        match &self.0 {
            Code::Node { scope, .. } => scope.depth(),
            Code::Constant(value) => value.depth(),
        }
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lambda")
    }
}
