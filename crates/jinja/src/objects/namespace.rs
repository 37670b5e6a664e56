//! `namespace(...)`: the one thing a template may change from within a loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use parking_lot::Mutex;
use pyvalue::{Dict, Object, Value};

/// A namespace: attributes that `{% set ns.name = ... %}` changes.
#[derive(Default)]
pub(crate) struct Namespace {
    members: Mutex<Dict>,
    depth: AtomicU32,
    /// Whether it is being printed: one may hold itself.
    is_shown: AtomicBool,
    /// How many of the evaluation are being printed, within each other.
    shown: Arc<AtomicU32>,
}

/// So many are printed within each other: what they hold may have grown since they were put there, so their depth does
/// not tell.
const MOST_SHOWN: u32 = 8;

impl Namespace {
    /// A new one; `beside` is another one of the evaluation.
    pub(crate) fn new(members: Dict, beside: Option<&Self>) -> Self {
        Self {
            shown: beside
                .map(|other| Arc::clone(&other.shown))
                .unwrap_or_default(),
            depth: AtomicU32::new(members.depth()),
            members: Mutex::new(members),
            is_shown: AtomicBool::new(false),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.members.lock().get(name).cloned()
    }

    /// Sets an attribute. What is nested too deep is for the caller to refuse.
    pub(crate) fn set(&self, name: &str, value: Value) {
        let mut members = self.members.lock();
        members.insert(name, value);
        self.depth.fetch_max(members.depth(), Ordering::Relaxed);
    }

    /// Takes an attribute out to change it, without others holding it; [`Namespace::set`] puts it back.
    pub(crate) fn take(&self, name: &str) -> Option<Value> {
        self.members
            .lock()
            .update_value(&Value::from(name), std::mem::take)
    }

    pub(crate) fn clear(&self) {
        let members = std::mem::take(&mut *self.members.lock());
        drop(members);
    }

    /// What it holds now.
    fn members(&self) -> Dict {
        self.members.lock().clone()
    }
}

impl Namespace {
    /// Shows it, unless it is being shown already, or too many are.
    pub(crate) fn shown<T>(&self, show: impl FnOnce(Dict) -> T) -> Option<T> {
        if self.shown.load(Ordering::Relaxed) >= MOST_SHOWN
            || self.is_shown.swap(true, Ordering::Relaxed)
        {
            return None;
        }
        self.shown.fetch_add(1, Ordering::Relaxed);
        let shown = show(self.members());
        self.shown.fetch_sub(1, Ordering::Relaxed);
        self.is_shown.store(false, Ordering::Relaxed);
        Some(shown)
    }
}

impl Object for Namespace {
    fn type_name(&self) -> &'static str {
        "Namespace"
    }

    fn repr(&self) -> String {
        let members = self.shown(|members| Value::Dict(members).repr());
        format!("<Namespace {}>", members.as_deref().unwrap_or("{...}"))
    }

    fn depth(&self) -> u32 {
        self.depth.load(Ordering::Relaxed)
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        self.get(name)
    }
}

impl std::fmt::Debug for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.repr())
    }
}
