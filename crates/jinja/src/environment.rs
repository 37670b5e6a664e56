//! What templates can call, and what becomes of a missing value.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pyvalue::Value;

use crate::{Error, Function, filters, globals, predicates};

/// Filters, tests and globals, and how undefined values behave. Cheap to clone.
#[derive(Clone)]
pub struct Environment(Arc<Contents>);

#[derive(Clone)]
struct Contents {
    filters: HashMap<Arc<str>, Function>,
    tests: HashMap<Arc<str>, Function>,
    globals: HashMap<Arc<str>, Value>,
    is_strict: bool,
}

impl Environment {
    /// `StackStorm`'s: Jinja2's own filters, tests and globals, a sandbox, strict about what is undefined.
    #[must_use]
    pub fn standard() -> Self {
        static STANDARD: LazyLock<Environment> = LazyLock::new(|| {
            let named = |functions: Vec<Function>| {
                functions
                    .into_iter()
                    .map(|function| (Arc::from(function.name()), function))
                    .collect()
            };
            Environment(Arc::new(Contents {
                filters: named(filters::all()),
                tests: named(predicates::all()),
                globals: globals::all()
                    .into_iter()
                    .map(|(name, value)| (Arc::from(name), value))
                    .collect(),
                is_strict: true,
            }))
        });
        STANDARD.clone()
    }

    /// With undefined values that print as nothing, are false and empty.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        Arc::make_mut(&mut self.0).is_strict = false;
        self
    }

    /// With one more filter, under its name.
    #[must_use]
    pub fn with_filter(mut self, filter: Function) -> Self {
        let name = filter.name().into();
        Arc::make_mut(&mut self.0).filters.insert(name, filter);
        self
    }

    /// With one more test, under its name.
    #[must_use]
    pub fn with_test(mut self, test: Function) -> Self {
        let name = test.name().into();
        Arc::make_mut(&mut self.0).tests.insert(name, test);
        self
    }

    /// With one more global: a value, or a [`Function`] (`Value::from(function)`).
    #[must_use]
    pub fn with_global(mut self, name: impl Into<Arc<str>>, value: impl Into<Value>) -> Self {
        let global = value.into();
        Arc::make_mut(&mut self.0)
            .globals
            .insert(name.into(), global);
        self
    }

    /// Whether an undefined value fails when it is printed, compared, iterated over or asked for its truth.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.0.is_strict
    }

    /// The filter of a name.
    #[must_use]
    pub fn filter(&self, name: &str) -> Option<&Function> {
        self.0.filters.get(name)
    }

    /// The test of a name.
    #[must_use]
    pub fn test(&self, name: &str) -> Option<&Function> {
        self.0.tests.get(name)
    }

    /// The global of a name.
    #[must_use]
    pub fn global(&self, name: &str) -> Option<&Value> {
        self.0.globals.get(name)
    }

    /// The names of all filters.
    pub fn filter_names(&self) -> impl Iterator<Item = &str> {
        self.0.filters.keys().map(|name| &**name)
    }

    /// The names of all tests.
    pub fn test_names(&self) -> impl Iterator<Item = &str> {
        self.0.tests.keys().map(|name| &**name)
    }

    /// The names of all globals.
    pub fn global_names(&self) -> impl Iterator<Item = &str> {
        self.0.globals.keys().map(|name| &**name)
    }

    /// The filter of a name, or what to say where there is none.
    pub(crate) fn find_filter(&self, name: &str) -> Result<&Function, Error> {
        self.filter(name)
            .ok_or_else(|| Error::unknown("filter", name, self.filter_names()))
    }

    /// The test of a name, or what to say where there is none.
    pub(crate) fn find_test(&self, name: &str) -> Result<&Function, Error> {
        self.test(name)
            .ok_or_else(|| Error::unknown("test", name, self.test_names()))
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::standard()
    }
}
