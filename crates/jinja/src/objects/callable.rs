//! A function as a value: globals, methods that are not called at once.

use pyvalue::{Object, Value};

use crate::{Error, Function};

/// A function as a value. What calls it inside an evaluation gives it that evaluation; nobody else can call it.
pub(crate) struct Callable {
    pub(crate) function: Function,
    /// What `print` shows of it.
    repr: String,
    attributes: Vec<(&'static str, Value)>,
    depth: u32,
}

impl Callable {
    pub(crate) fn new(function: Function) -> Self {
        let repr = format!("<function {}>", function.name());
        Self {
            function,
            repr,
            attributes: Vec::new(),
            depth: 0,
        }
    }

    /// With an attribute, as `dict.fromkeys`.
    pub(crate) fn with_attribute(mut self, name: &'static str, value: Value) -> Self {
        self.attributes.push((name, value));
        self
    }

    /// With what Python prints of it, `<class 'range'>`.
    pub(crate) fn shown_as(mut self, repr: &str) -> Self {
        repr.clone_into(&mut self.repr);
        self
    }
}

impl Callable {
    /// With a value it holds: a method's receiver.
    pub(crate) fn holding(self, value: &Value) -> Self {
        self.nested(value.depth() + 1)
    }

    /// With how deep values are nested in what it holds.
    pub(crate) fn nested(mut self, depth: u32) -> Self {
        self.depth = depth;
        self
    }
}

impl From<Function> for Value {
    fn from(function: Function) -> Self {
        Self::object(Callable::new(function))
    }
}

impl std::fmt::Debug for Callable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.repr)
    }
}

impl Object for Callable {
    fn type_name(&self) -> &'static str {
        "function"
    }

    fn depth(&self) -> u32 {
        self.depth
    }

    fn repr(&self) -> String {
        self.repr.clone()
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        let (_, value) = self.attributes.iter().find(|(known, _)| *known == name)?;
        Some(value.clone())
    }

    fn call(
        &self,
        _positional: &[Value],
        _named: &[(std::sync::Arc<str>, Value)],
    ) -> Result<Value, pyvalue::Error> {
        Err(pyvalue::Error::type_error(format!(
            "`{}` can be called by a template only",
            self.function.name()
        )))
    }
}

impl Callable {
    /// Calls it within an evaluation.
    pub(crate) fn call_in(
        &self,
        run: &crate::Run<'_>,
        positional: &[Value],
        named: &[(std::sync::Arc<str>, Value)],
    ) -> Result<Value, Error> {
        self.function.call(run, positional, named)
    }
}
