//! Functions by name, and evaluation.

mod check;
mod parts;

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use diagnostic::Diagnostic;
use foldhash::fast::RandomState;
use pyvalue::{Budget, DateTime, Limits, Value};

use crate::Expression;
use crate::evaluate::{self, Run};
use crate::freeze;
use crate::function::{Fault, Function};
use crate::library;
use crate::scope::Scope;

/// Functions, methods and operators. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Table>);

/// Overloads of each name, the nearest level first.
#[derive(Clone, Default)]
struct Table {
    overloads: HashMap<&'static str, Vec<(u8, Function)>, RandomState>,
}

/// Functions of the program that embeds us hide those of the library that take the same arguments.
const HOST: u8 = 0;
const LIBRARY: u8 = 1;
const FALLBACK: u8 = 2;

/// What an evaluation works on.
#[derive(Clone, Default)]
pub struct Input<'i> {
    /// What `$` is. Lists in it count as tuples: [`freeze`].
    pub data: Value,
    /// What functions of the program that embeds us may ask for.
    pub host: Option<&'i dyn Any>,
    /// What the evaluation may take.
    pub limits: Limits,
    /// What `now()` gives; without it, `now()` fails.
    pub now: Option<DateTime>,
    /// Decides what `random()` gives.
    pub seed: u64,
}

impl Engine {
    /// The functions that Orquesta's engine enables, without those that Orquesta and StackStorm add.
    #[must_use]
    pub fn standard() -> Self {
        static STANDARD: OnceLock<Engine> = OnceLock::new();
        STANDARD.get_or_init(Self::build).clone()
    }

    fn build() -> Self {
        let mut table = Table::default();
        for function in library::SUBJECTS
            .iter()
            .copied()
            .flatten()
            .copied()
            .flatten()
        {
            table.add(LIBRARY, function.clone());
        }
        for function in library::FALLBACKS {
            table.add(FALLBACK, function.clone());
        }
        Self(Arc::new(table))
    }

    /// The same, with a function more.
    #[must_use]
    pub fn with(mut self, function: Function) -> Self {
        Arc::make_mut(&mut self.0).add(HOST, function);
        self
    }

    /// Evaluates an expression. The result is final: no generators are left in it.
    pub fn evaluate(
        &self,
        expression: &Expression,
        input: &Input<'_>,
    ) -> Result<Value, Diagnostic> {
        let budget = Budget::new(input.limits);
        let run = Run::new(self, input, expression.source(), &budget);
        let root = expression.root();
        let outcome = budget
            .walk(&input.data)
            .map_err(Fault::from)
            .and_then(|()| run.evaluate(root, &Scope::root(freeze(&input.data))))
            .and_then(|value| evaluate::finish(&run, value))
            .map_err(|fault| run.at(fault, &root.span));
        outcome.map_err(|fault| shortened(fault.into()))
    }

    /// All functions, methods and operators, overloads one by one, in no order. Operators' names begin with `#` or `*`.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        let overloads = self.0.overloads.values().flatten();
        overloads.map(|(_, function)| function)
    }

    /// Overloads of a name with their levels, the nearest first.
    pub(crate) fn overloads(&self, name: &str) -> &[(u8, Function)] {
        self.0.overloads.get(name).map_or(&[], Vec::as_slice)
    }

    /// Names of functions, or of methods, that an author can write.
    pub(crate) fn names(&self, is_method: bool) -> impl Iterator<Item = &'static str> {
        self.0
            .overloads
            .iter()
            .filter_map(move |(name, overloads)| {
                let fits = overloads.iter().any(|(_, function)| {
                    if is_method {
                        function.is_method()
                    } else {
                        function.is_function()
                    }
                });
                (fits && !name.starts_with(['#', '*'])).then_some(*name)
            })
    }
}

/// Texts of the expression may stand in a message, and be of any length.
fn shortened(mut diagnostic: Diagnostic) -> Diagnostic {
    const LONGEST: usize = 1000;
    if diagnostic.message.len() > LONGEST {
        let end = diagnostic.message.floor_char_boundary(LONGEST);
        diagnostic.message.truncate(end);
        diagnostic.message.push_str("...");
    }
    diagnostic
}

impl Table {
    fn add(&mut self, level: u8, function: Function) {
        let overloads = self.overloads.entry(function.name).or_default();
        let at = overloads.partition_point(|(known, _)| *known <= level);
        overloads.insert(at, (level, function));
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::standard()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
