//! One evaluation: what it works with, and the walk over the tree.

mod fast;
mod finish;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use foldhash::fast::RandomState;
use pyvalue::regex::{Flags, Regex};
use pyvalue::{Budget, DateTime, Value};

use crate::ast::{Argument, Node, NodeKind, Operator};
use crate::dispatch::{self, Given};
use crate::engine::{Engine, Input};
use crate::function::{Fault, Outcome};
use crate::scope::Scope;

pub(crate) use fast::{item, member};
pub(crate) use finish::finish;

/// One evaluation of an expression.
pub struct Run<'r> {
    pub(crate) engine: &'r Engine,
    input: &'r Input<'r>,
    source: &'r Arc<str>,
    budget: &'r Budget,
    random: Cell<u64>,
    /// Patterns that were compiled.
    patterns: RefCell<HashMap<Flags, Patterns, RandomState>>,
    /// How deep evaluation has gone into itself, in [`OPERATOR`]s.
    depth: Cell<u32>,
}

/// Compiled patterns by their texts.
type Patterns = HashMap<Box<str>, Regex, RandomState>;

/// What an operator inside of another takes of the stack.
const OPERATOR: u32 = 1;
/// What a call inside of another takes of the stack.
pub(crate) const CALL: u32 = 8;

/// Something that evaluation is inside of; dropping it leaves.
pub(crate) struct Inside<'r> {
    depth: &'r Cell<u32>,
    weight: u32,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.depth.set(self.depth.get() - self.weight);
    }
}

impl<'r> Run<'r> {
    pub(crate) fn new(
        engine: &'r Engine,
        input: &'r Input<'r>,
        source: &'r Arc<str>,
        budget: &'r Budget,
    ) -> Self {
        Self {
            engine,
            input,
            source,
            budget,
            random: Cell::new(input.seed),
            patterns: RefCell::default(),
            depth: Cell::new(0),
        }
    }

    /// What is left to be spent.
    #[must_use]
    pub fn budget(&self) -> &'r Budget {
        self.budget
    }

    /// What the program that embeds us passed to this evaluation, if it is a `T`.
    #[must_use]
    pub fn host<T: 'static>(&self) -> Option<&'r T> {
        self.input.host?.downcast_ref()
    }

    /// The time of this evaluation.
    pub fn now(&self) -> Outcome<DateTime> {
        self.input
            .now
            .ok_or_else(|| Fault::bad_value("there is no clock here"))
    }

    /// A random number, at least 0 and below 1.
    #[must_use]
    pub fn random(&self) -> f64 {
        // The 53 bits that a float holds.
        const SCALE: f64 = 1.0 / 9_007_199_254_740_992.0;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a float")]
        let number = (self.random_bits() >> 11) as f64;
        number * SCALE
    }

    /// 64 random bits (the generator called `SplitMix64`).
    #[must_use]
    pub fn random_bits(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Calls a function by name, chosen by its arguments.
    pub fn call_function(&self, scope: &Arc<Scope>, name: &str, arguments: &[Value]) -> Outcome {
        if let [left, right] = arguments
            && !scope.defines_operators()
            && let Some(outcome) = fast::binary_named(self, name, left, right)
        {
            return outcome;
        }
        let given = arguments.iter().cloned().map(Given::Value).collect();
        dispatch::call(self, scope, name, None, given, Vec::new())
    }

    /// Calls a method by name, chosen by its arguments.
    pub fn call_method(
        &self,
        scope: &Arc<Scope>,
        name: &str,
        receiver: Value,
        arguments: &[Value],
    ) -> Outcome {
        let given = arguments.iter().cloned().map(Given::Value).collect();
        dispatch::call(self, scope, name, Some(receiver), given, Vec::new())
    }

    /// The compiled pattern; `compile` is asked for one that this evaluation has not seen.
    pub(crate) fn pattern(
        &self,
        text: &str,
        flags: Flags,
        compile: impl FnOnce() -> Outcome<Regex>,
    ) -> Outcome<Regex> {
        let known = self.patterns.borrow();
        if let Some(regex) = known.get(&flags).and_then(|known| known.get(text)) {
            return Ok(regex.clone());
        }
        drop(known);
        let regex = compile()?;
        let mut known = self.patterns.borrow_mut();
        let of_flags = known.entry(flags).or_default();
        of_flags.insert(Box::from(text), regex.clone());
        Ok(regex)
    }

    /// Takes the steps of telling so many names apart, each from all others.
    pub(crate) fn take_names(&self, count: usize) -> Outcome<()> {
        let pairs = (count as u64).saturating_mul(count as u64);
        Ok(self.budget.steps(pairs / 64)?)
    }

    /// Does something that may take long without asking the budget, and takes the steps for it afterwards.
    ///
    /// A pattern that backtracks does not tell how often it did, so its time counts: many short searches take as
    /// long as a long one. What ends within a microsecond takes none.
    pub(crate) fn timed<T>(&self, work: impl FnOnce() -> T) -> Outcome<T> {
        const STEPS_PER_MICROSECOND: u64 = 4;
        let start = Instant::now();
        let done = work();
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.budget
            .steps(micros.saturating_mul(STEPS_PER_MICROSECOND))?;
        Ok(done)
    }

    /// Goes deeper; refused where the limit of nested calls is reached.
    pub(crate) fn enter(&self, weight: u32) -> Outcome<Inside<'_>> {
        let limit = self.input.limits.depth;
        let depth = self.depth.get() + weight;
        if depth > limit.saturating_mul(CALL) {
            return Err(Fault::new(
                diagnostic::Kind::Limit,
                format!("calls are nested more than {limit} levels deep"),
            ));
        }
        self.depth.set(depth);
        Ok(Inside {
            depth: &self.depth,
            weight,
        })
    }

    /// The same container, its memory charged and its depth checked.
    pub(crate) fn checked(&self, container: Value) -> Outcome {
        self.budget.charge_container(&container)?;
        Ok(container)
    }

    /// The same container, refused if it is too deep or too heavy; what it holds is charged already.
    pub(crate) fn held(&self, container: Value) -> Outcome {
        self.budget.check_container(&container)?;
        Ok(container)
    }

    pub(crate) fn check_depth(&self, depth: u32) -> Outcome<()> {
        let limit = self.input.limits.depth;
        if depth > limit {
            return Err(Fault::new(
                diagnostic::Kind::Limit,
                format!("values are nested more than {limit} levels deep"),
            ));
        }
        Ok(())
    }

    /// Evaluates a part of an expression.
    pub(crate) fn evaluate(&self, node: &Node, scope: &Arc<Scope>) -> Outcome {
        self.budget.step()?;
        match &node.kind {
            NodeKind::Constant(value) => Ok(value.clone()),
            NodeKind::Keyword(word) => Ok(Value::Str(Arc::clone(word))),
            // One that is not bound is null.
            NodeKind::Variable(name) => {
                self.budget.steps(u64::from(scope.names()) / 16)?;
                Ok(scope.get(name).cloned().unwrap_or_default())
            }
            NodeKind::Group(inner) => self.evaluate(inner, scope),
            NodeKind::Call {
                name,
                name_span,
                arguments,
            } => {
                let _inside = self.enter(CALL)?;
                dispatch::call_nodes(self, scope, name, None, arguments)
                    .map_err(|fault| self.at(fault, name_span))
            }
            NodeKind::Operator {
                operator,
                sign,
                arguments,
            } => {
                let _inside = self.enter(OPERATOR)?;
                self.operator(*operator, arguments, scope)
                    .map_err(|fault| self.at(fault, sign))
            }
        }
    }

    /// Evaluates what stands right of a dot.
    pub(crate) fn evaluate_method(
        &self,
        node: &Node,
        receiver: Value,
        scope: &Arc<Scope>,
    ) -> Outcome {
        match &node.kind {
            NodeKind::Call {
                name,
                name_span,
                arguments,
            } => {
                self.budget.step()?;
                let _inside = self.enter(CALL)?;
                dispatch::call_nodes(self, scope, name, Some(receiver), arguments)
                    .map_err(|fault| self.at(fault, name_span))
            }
            _ => self.evaluate(node, scope),
        }
    }

    fn operator(&self, operator: Operator, arguments: &[Argument], scope: &Arc<Scope>) -> Outcome {
        if !scope.defines_operators()
            && let Some(outcome) = fast::operator(self, operator, arguments, scope)
        {
            return outcome;
        }
        dispatch::call_nodes(self, scope, operator.function(), None, arguments)
    }

    pub(crate) fn at(&self, fault: Fault, span: &Range<usize>) -> Fault {
        fault.map(|diagnostic| diagnostic.at(self.source, span.clone()))
    }
}
