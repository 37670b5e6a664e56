//! What names mean at a place of an expression: variables, and functions that the expression itself defines.

use std::fmt;
use std::sync::Arc;

use pyvalue::{Object, Value};

use crate::lambda::Lambda;

/// Variables and functions of a place, and those around it. Never changes once made.
#[derive(Default)]
pub struct Scope {
    parent: Option<Arc<Self>>,
    /// `$1`, which is `$`.
    first: Option<Value>,
    /// `$2`, `$3`, ...
    others: Vec<Value>,
    named: Vec<(Arc<str>, Value)>,
    functions: Vec<(Arc<str>, Lambda)>,
    /// Whether it or one around it defines functions.
    defines: bool,
    /// Whether one of those has the name of an operator.
    defines_operators: bool,
    depth: u32,
    /// Names that are bound in it and around it: looking one up may pass all of them.
    names: u32,
}

/// A scope as a value: what `let`, `with`, `unpack` and `def` give, and `->` takes.
#[derive(Debug)]
pub(crate) struct Context(Arc<Scope>);

impl Scope {
    /// One with a value for `$` and nothing around it.
    pub(crate) fn root(data: Value) -> Arc<Self> {
        Arc::new(Self {
            first: Some(data),
            ..Self::default()
        })
    }

    /// One inside of another, still empty.
    pub(crate) fn inside(parent: &Arc<Self>) -> Self {
        Self {
            depth: parent.depth + 1,
            names: parent.names,
            defines: parent.defines,
            defines_operators: parent.defines_operators,
            parent: Some(Arc::clone(parent)),
            ..Self::default()
        }
    }

    /// One inside of another where `$1`, `$2`, ... are these values.
    pub(crate) fn with_values(parent: &Arc<Self>, values: &[Value]) -> Self {
        let mut scope = Self::inside(parent);
        if let Some((first, others)) = values.split_first() {
            scope.note_depth(first);
            scope.first = Some(first.clone());
            for other in others {
                scope.note_depth(other);
                scope.others.push(other.clone());
            }
        }
        scope
    }

    fn note_depth(&mut self, value: &Value) {
        self.depth = self.depth.max(value.depth().saturating_add(1));
    }

    /// Binds a name, written with or without its dollar.
    pub(crate) fn bind(&mut self, name: &str, value: Value) {
        self.note_depth(&value);
        let name = name.strip_prefix('$').unwrap_or(name);
        match position(name) {
            Some(1) => self.first = Some(value),
            Some(number) if self.first.is_some() && number <= self.others.len() + 2 => {
                if number == self.others.len() + 2 {
                    self.others.push(value);
                } else {
                    self.others[number - 2] = value;
                }
            }
            _ => {
                if let Some((_, bound)) = self.named.iter_mut().find(|(known, _)| **known == *name)
                {
                    *bound = value;
                    return;
                }
                self.names = self.names.saturating_add(1);
                self.named.push((Arc::from(name), value));
            }
        }
    }

    /// Defines a function.
    pub(crate) fn define(&mut self, name: &str, body: Lambda) {
        self.defines = true;
        self.defines_operators |= name.starts_with(['#', '*']);
        self.depth = self.depth.max(body.depth().saturating_add(1));
        self.functions.push((Arc::from(name), body));
    }

    /// What a variable is bound to; the name with or without its dollar.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let name = name.strip_prefix('$').unwrap_or(name);
        let position = position(name);
        let mut scope = self;
        loop {
            if let Some(value) = scope.own(name, position) {
                return Some(value);
            }
            scope = scope.parent.as_deref()?;
        }
    }

    fn own(&self, name: &str, position: Option<usize>) -> Option<&Value> {
        let by_position = match position {
            Some(1) => return self.first.as_ref(),
            Some(number) => self.others.get(number - 2),
            None => None,
        };
        by_position.or_else(|| {
            self.named
                .iter()
                .find(|(known, _)| **known == *name)
                .map(|(_, value)| value)
        })
    }

    /// Whether the expression defines a function of this name that is seen here.
    pub(crate) fn defines(&self, name: &str) -> bool {
        let mut scope = Some(self);
        while let Some(here) = scope.filter(|scope| scope.defines) {
            if here.functions.iter().any(|(known, _)| **known == *name) {
                return true;
            }
            scope = here.parent.as_deref();
        }
        false
    }

    /// Whether the expression gives an operator another meaning here.
    pub(crate) fn defines_operators(&self) -> bool {
        self.defines_operators
    }

    /// Functions of a name, the innermost first. Each sees the scope that it is defined in, so it can call itself.
    pub(crate) fn functions(self: &Arc<Self>, name: &str) -> Vec<Lambda> {
        let mut found = Vec::new();
        let mut scope = Some(self);
        while let Some(here) = scope {
            if !here.defines {
                break;
            }
            let own = here
                .functions
                .iter()
                .rev()
                .find(|(known, _)| **known == *name);
            found.extend(own.map(|(_, body)| body.moved_to(here)));
            scope = here.parent.as_ref();
        }
        found
    }

    /// How many names are bound in it and around it.
    pub(crate) fn names(&self) -> u32 {
        self.names
    }

    /// How deep values, scopes and lambdas are nested in it.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }
}

/// 1 for `1` and for the empty name, which are the same variable.
fn position(name: &str) -> Option<usize> {
    if name.is_empty() {
        return Some(1);
    }
    if name.starts_with('0') || name.len() > 4 || !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    name.parse().ok()
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope")
    }
}

impl Object for Context {
    fn type_name(&self) -> &'static str {
        "Context"
    }

    fn depth(&self) -> u32 {
        self.0.depth()
    }
}

impl Context {
    pub(crate) fn value(scope: Scope) -> Value {
        Value::object(Self(Arc::new(scope)))
    }

    /// The scope inside a value, if it is a context.
    pub(crate) fn of(value: &Value) -> Option<&Arc<Scope>> {
        Some(&value.as_object::<Self>()?.0)
    }
}
