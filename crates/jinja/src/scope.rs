//! Which value a name means: Jinja2's rules of scope, settled once.
//!
//! Jinja2 compiles templates to Python functions, and its scopes are what falls out of that: a scope knows the names it
//! reads and sets before it runs; setting a name that an outer scope knows makes a copy at entry; macros see the
//! variables around them as they are when they run. The steps here follow its `idtracking` module.

mod read;
mod resolve;
mod undeclared;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};

use crate::ast::{Body, Code, Entry, Expr, Load, Place};
use crate::lexer::Span;

pub(crate) use undeclared::each_expression;

/// Settles the names of a template.
pub(crate) fn settle(mut body: Body, text: &Arc<str>) -> Result<Code, Diagnostic> {
    let mut scopes = Scopes::new(text, undeclared::changed_names(&body));
    let top = scopes.enter_function(None);
    let own = undeclared::reads(&body, "self").then(|| scopes.parameter(top, "self"));
    scopes.read_body(top, &body);
    scopes.resolve_body(top, &mut body)?;
    let entry = scopes.entry(top);
    let names = scopes.frames[top].stores.clone();
    let top_names = names
        .into_iter()
        .map(|name| {
            let slot = scopes.slot(top, &name);
            (name, slot)
        })
        .collect();
    let slots = scopes.leave_function();
    let mut code = Code {
        body,
        entry,
        slots,
        own,
        top: top_names,
        blocks: Vec::new(),
    };
    undeclared::collect_blocks(&code.body, &mut code.blocks);
    check_blocks(&code, text)?;
    Ok(code)
}

/// Settles the names of an expression that stands alone.
pub(crate) fn settle_expression(expression: &mut Expr, text: &Arc<str>) {
    let mut scopes = Scopes::new(text, undeclared::changed_names_of(expression));
    let top = scopes.enter_function(None);
    scopes.read_expression(top, expression);
    scopes.resolve_expression(top, expression);
}

fn check_blocks(code: &Code, text: &Arc<str>) -> Result<(), Diagnostic> {
    for (at, block) in code.blocks.iter().enumerate() {
        if code.blocks[..at]
            .iter()
            .any(|other| other.name == block.name)
        {
            return Err(refused(
                text,
                block.span,
                format!("the block `{}` is there twice", block.name),
            ));
        }
    }
    Ok(())
}

/// What Jinja2 refuses when it compiles, not when it parses. Its class of exception is the one of unknown filters.
fn refused(text: &Arc<str>, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(Kind::UnknownFunction, message).at(text, span.range())
}

/// The scopes of a template, and the functions they are in.
struct Scopes<'t> {
    text: &'t Arc<str>,
    frames: Vec<Frame>,
    /// How many slots each function around takes so far.
    functions: Vec<u32>,
    /// Variables whose values the template changes.
    changed: Vec<Arc<str>>,
    /// Whether this is the body of a block.
    is_block: bool,
}

/// A scope.
struct Frame {
    parent: Option<usize>,
    /// How many functions are around the one it is in.
    level: u32,
    refs: HashMap<Arc<str>, Binding>,
    stores: BTreeSet<Arc<str>>,
}

#[derive(Clone, Copy)]
struct Binding {
    /// Given when it is first asked for: what is only read from the input needs none.
    slot: Option<u32>,
    origin: Origin,
}

/// What a name holds when its scope is entered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// What is passed.
    Parameter,
    /// The input's variable.
    Input,
    /// What the scope around has under that name.
    Outer,
    /// Nothing.
    Missing,
}

impl<'t> Scopes<'t> {
    fn new(text: &'t Arc<str>, changed: Vec<Arc<str>>) -> Self {
        Self {
            text,
            frames: Vec::new(),
            functions: Vec::new(),
            changed,
            is_block: false,
        }
    }

    /// A new scope in a function of its own.
    fn enter_function(&mut self, parent: Option<usize>) -> usize {
        self.functions.push(0);
        self.enter(parent)
    }

    /// Leaves the innermost function: how many slots it takes.
    fn leave_function(&mut self) -> u32 {
        self.functions.pop().unwrap_or(0)
    }

    /// A new scope in the innermost function.
    fn enter(&mut self, parent: Option<usize>) -> usize {
        self.frames.push(Frame {
            parent,
            level: u32::try_from(self.functions.len()).unwrap_or(u32::MAX) - 1,
            refs: HashMap::new(),
            stores: BTreeSet::new(),
        });
        self.frames.len() - 1
    }

    /// The nearest scope that knows a name.
    fn find(&self, frame: usize, name: &str) -> Option<usize> {
        let mut at = Some(frame);
        while let Some(frame) = at {
            if self.frames[frame].refs.contains_key(name) {
                return Some(frame);
            }
            at = self.frames[frame].parent;
        }
        None
    }

    fn bind(&mut self, frame: usize, name: &Arc<str>, origin: Origin) {
        let slot = None;
        let refs = &mut self.frames[frame].refs;
        let binding = refs.entry(Arc::clone(name));
        binding.or_insert(Binding { slot, origin }).origin = origin;
    }

    /// The slot of a name that the scope knows.
    fn slot(&mut self, frame: usize, name: &str) -> u32 {
        let scope = &mut self.frames[frame];
        let next = &mut self.functions[scope.level as usize];
        let mut give = || {
            *next += 1;
            *next - 1
        };
        match scope.refs.get_mut(name) {
            Some(binding) => *binding.slot.get_or_insert_with(give),
            None => give(),
        }
    }

    /// A name is read.
    fn load(&mut self, frame: usize, name: &Arc<str>) {
        if self.find(frame, name).is_none() {
            self.bind(frame, name, Origin::Input);
        }
    }

    /// A name is set.
    fn store(&mut self, frame: usize, name: &Arc<str>) {
        self.frames[frame].stores.insert(Arc::clone(name));
        if self.frames[frame].refs.contains_key(name) {
            return;
        }
        let outer = self.frames[frame].parent;
        let is_known = outer.is_some_and(|outer| self.find(outer, name).is_some());
        let origin = if is_known {
            Origin::Outer
        } else {
            Origin::Missing
        };
        self.bind(frame, name, origin);
    }

    /// A name is passed.
    fn parameter(&mut self, frame: usize, name: &str) -> u32 {
        let name = Arc::from(name);
        self.frames[frame].stores.insert(Arc::clone(&name));
        self.bind(frame, &name, Origin::Parameter);
        self.slot(frame, &name)
    }

    /// Where the innermost function finds the value of a name.
    fn place(&mut self, frame: usize, name: &str) -> Place {
        let Some(found) = self.find(frame, name) else {
            return self.input_place(name);
        };
        let scope = &self.frames[found];
        let binding = scope.refs[name];
        if binding.origin == Origin::Input && !scope.stores.contains(name) {
            return self.input_place(name);
        }
        let inner = u32::try_from(self.functions.len()).unwrap_or(u32::MAX) - 1;
        Place::Slot {
            outward: inner - scope.level,
            index: self.slot(found, name),
        }
    }

    fn input_place(&self, name: &str) -> Place {
        let changed = self.changed.iter().position(|other| **other == *name);
        match changed.and_then(|at| u32::try_from(at).ok()) {
            Some(index) => Place::Shared(index),
            None if self.is_block => Place::Context,
            None => Place::Input,
        }
    }

    /// What happens when a scope is entered.
    fn entry(&mut self, frame: usize) -> Entry {
        let scope = &self.frames[frame];
        let parent = scope.parent;
        let known = scope.refs.iter();
        let known: Vec<(Arc<str>, Origin)> = known
            .map(|(name, binding)| (Arc::clone(name), binding.origin))
            .collect();
        let mut loads = Vec::new();
        for (name, origin) in known {
            let from = match origin {
                Origin::Missing => Load::Missing,
                Origin::Input if self.frames[frame].stores.contains(&name) => {
                    Load::Input(Arc::clone(&name), self.input_place(&name))
                }
                Origin::Input | Origin::Parameter => continue,
                Origin::Outer => match parent.map(|parent| self.place(parent, &name)) {
                    Some(place @ Place::Slot { .. }) => Load::Alias(place),
                    Some(place) => Load::Input(Arc::clone(&name), place),
                    None => Load::Missing,
                },
            };
            loads.push((self.slot(frame, &name), from));
        }
        Entry { loads }
    }
}
